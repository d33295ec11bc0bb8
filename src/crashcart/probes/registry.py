"""Which kinds of look exist. Their tables are cheap to load; their code is imported at the first look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import cast

from crashcart.errors import UsageError
from crashcart.model.spec import KindSpec
from crashcart.ports import Looker, Place, Secrets
from crashcart.redact import Scrubber

# kind -> (module of its tables, module of its code)
_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "config": ("crashcart.probes.config.spec", "crashcart.probes.config.look:ConfigLook"),
        "disk": ("crashcart.probes.disk.spec", "crashcart.probes.disk.look:DiskLook"),
        "dns": ("crashcart.probes.dns.spec", "crashcart.probes.dns.look:DnsLook"),
        "changes": ("crashcart.probes.changes.spec", "crashcart.probes.changes.look:ChangesLook"),
        "cpu": ("crashcart.probes.cpu.spec", "crashcart.probes.cpu.look:CpuLook"),
        "env": ("crashcart.probes.env.spec", "crashcart.probes.env.look:EnvLook"),
        "fds": ("crashcart.probes.fds.spec", "crashcart.probes.fds.look:FdsLook"),
        "file": ("crashcart.probes.file.spec", "crashcart.probes.file.look:FileLook"),
        "http": ("crashcart.probes.http.spec", "crashcart.probes.http.look:HttpLook"),
        "log": ("crashcart.probes.log.spec", "crashcart.probes.log.look:LogLook"),
        "memory": ("crashcart.probes.memory.spec", "crashcart.probes.memory.look:MemoryLook"),
        "metric": ("crashcart.probes.metric.spec", "crashcart.probes.metric.look:MetricLook"),
        "port": ("crashcart.probes.port.spec", "crashcart.probes.port.look:PortLook"),
        "postgres": ("crashcart.probes.postgres.spec", "crashcart.probes.postgres.look:PostgresLook"),
        "process": ("crashcart.probes.process.spec", "crashcart.probes.process.look:ProcessLook"),
        "provider": ("crashcart.probes.provider.spec", "crashcart.probes.provider.look:ProviderLook"),
        "queue": ("crashcart.probes.queue.spec", "crashcart.probes.queue.look:QueueLook"),
        "service": ("crashcart.probes.service.spec", "crashcart.probes.service.look:ServiceLook"),
        "sqlite": ("crashcart.probes.sqlite.spec", "crashcart.probes.sqlite.look:SqliteLook"),
        "tcp": ("crashcart.probes.tcp.spec", "crashcart.probes.tcp.look:TcpLook"),
        "tls": ("crashcart.probes.tls.spec", "crashcart.probes.tls.look:TlsLook"),
    }
)

Maker = Callable[[Place, Scrubber, Secrets], Looker]


@cache
def specs() -> Mapping[str, KindSpec]:
    """Return the tables of all kinds, by name; loads no driver and no HTTP client."""
    found = {kind: cast(KindSpec, import_module(spec).SPEC) for kind, (spec, _) in _KINDS.items()}
    return MappingProxyType(found)


def load(kind: str, place: Place, scrubber: Scrubber, secrets: Secrets) -> Looker:
    """Return the code of a kind, standing at a place. Keep it for a whole session: it remembers what it has read.

    Raises:
        UsageError: there is no such kind.
    """
    if kind not in _KINDS:
        raise UsageError(f"there is no kind of look named {kind!r}", hint=", ".join(_KINDS))
    from crashcart.probes.watch import Watching  # late: asyncio is nothing that tables need

    module, name = _KINDS[kind][1].split(":")
    maker = cast(Maker, getattr(import_module(module), name))
    return Watching(maker(place, scrubber, secrets), cast(KindSpec, import_module(_KINDS[kind][0]).SPEC))
