"""Which kinds of action exist. Their tables are cheap to load; their code is imported at the first touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import cast

from crashcart.actions.tools import Tools
from crashcart.errors import UsageError
from crashcart.model.spec import ActionSpec
from crashcart.ports import Hand, Place, Secrets
from crashcart.redact import Scrubber

# kind -> (module of its tables, module of its code)
_KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "config": ("crashcart.actions.config.spec", "crashcart.actions.config.hand:ConfigHand"),
        "file": ("crashcart.actions.file.spec", "crashcart.actions.file.hand:FileHand"),
        "http": ("crashcart.actions.http.spec", "crashcart.actions.http.hand:HttpHand"),
        "postgres": ("crashcart.actions.postgres.spec", "crashcart.actions.postgres.hand:PostgresHand"),
        "process": ("crashcart.actions.process.spec", "crashcart.actions.process.hand:ProcessHand"),
        "provider": ("crashcart.actions.provider.spec", "crashcart.actions.provider.hand:ProviderHand"),
        "redis": ("crashcart.actions.redis.spec", "crashcart.actions.redis.hand:RedisHand"),
        "run": ("crashcart.actions.run.spec", "crashcart.actions.run.hand:RunHand"),
        "service": ("crashcart.actions.service.spec", "crashcart.actions.service.hand:ServiceHand"),
        "sqlite": ("crashcart.actions.sqlite.spec", "crashcart.actions.sqlite.hand:SqliteHand"),
    }
)

Maker = Callable[[Tools], Hand]


@cache
def specs() -> Mapping[str, ActionSpec]:
    """Return the tables of all kinds, by name; loads no driver and no HTTP client."""
    found = {kind: cast(ActionSpec, import_module(spec).SPEC) for kind, (spec, _) in _KINDS.items()}
    return MappingProxyType(found)


def load(kind: str, place: Place, scrubber: Scrubber, secrets: Secrets, folder: Path) -> Hand:
    """Return the code of a kind. `folder` is ours: what undoing needs and the journal may not hold is kept there.

    Raises:
        UsageError: there is no such kind.
    """
    if kind not in _KINDS:
        raise UsageError(f"there is no kind of action named {kind!r}", hint=", ".join(_KINDS))
    module, name = _KINDS[kind][1].split(":")
    maker = cast(Maker, getattr(import_module(module), name))
    return maker(Tools(place, scrubber, secrets, folder))
