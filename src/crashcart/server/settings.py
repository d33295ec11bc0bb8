"""How a receiver is set up."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crashcart.config import Loaded
from crashcart.errors import UsageError

_SHORTEST_SECRET = 16


@dataclass(frozen=True, slots=True)
class HookSettings:
    """Everything that a receiver goes by, fixed for its life. `urls` and `secret` are shown nowhere."""

    systems: Mapping[str, Loaded]
    inbox: Path
    host: str = "127.0.0.1"
    port: int = 9095
    secret: str = field(default="", repr=False)
    urls: tuple[str, ...] = field(default=(), repr=False)
    window_s: float = 3600.0
    max_waiting: int = 10_000
    budget_s: float | None = None
    diagnoses_at_once: int = 2

    def __post_init__(self) -> None:
        if self.secret and len(self.secret) < _SHORTEST_SECRET:
            raise UsageError(
                f"the secret has {len(self.secret)} characters",
                hint=f"at least {_SHORTEST_SECRET}: `openssl rand -hex 24`",
            )
        if not self.secret and not _is_loopback(self.host):
            raise UsageError(
                f"whoever reaches {self.host} could start diagnoses: there is no secret", hint="`--secret env:NAME`"
            )


def follow(reference: str, *, what: str, environ: Mapping[str, str] | None = None) -> str:
    """Return what `env:NAME` or `file:PATH` holds; anything else stands for itself.

    Raises:
        UsageError: the variable is not set, or the file cannot be read.
    """
    scheme, _, rest = reference.partition(":")
    if scheme == "env":
        found = (os.environ if environ is None else environ).get(rest, "").strip()
        if not found:
            raise UsageError(f"{rest} is not set", where=what, hint=f"`export {rest}=...`, or `file:PATH`")
        return found
    if scheme != "file":
        return reference
    try:
        return Path(rest).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{rest} cannot be read: {error}", where=what, hint="a file that holds it alone") from error


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
