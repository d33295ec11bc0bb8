"""Who listens on a port of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, ProcessInfo, Secrets
from crashcart.probes.address import address_of, port_of
from crashcart.probes.found import find_among
from crashcart.probes.plain import plain
from crashcart.probes.pool import FILES
from crashcart.redact import Scrubber

_CONNECT_S = 1.0
_SHOWN_CHARS = 300


class PortLook:
    """Sees listeners as the system's own tools do."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._scrubber = scrubber

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        address = address_of(target)
        if isinstance(address, Unseen):
            return address
        port = port_of(look.arg("port"), address.port)
        if port is None:
            return Unseen(f"no port: neither the url of {target.name} nor the guide says which (1 to 65535)")
        if not address.is_here:
            return Unseen(f"{target.name} is not on this machine by its url: its ports cannot be seen from here")
        try:
            running = await FILES.run(self._place.processes)
            # Without either, nothing but the port itself would say which processes are the target's.
            is_named = bool(target.command or target.pid_file)
            own = await find_among(self._place, target, running) if is_named else None
            if isinstance(own, Unseen):
                return own
            listeners = [process for process in running if port in process.ports]
            is_hidden = not listeners and await self._answers(address.host, port)
            own_ports = sorted({number for process in own or () for number in process.ports})
            # The right port of another interface is elsewhere too, and no list of ports tells that.
            is_elsewhere = bool(own_ports) and await self._refuses(address.host, port)
        except OSError as error:
            return Unseen(f"processes cannot be listed here: {error.strerror or error}")
        fields: dict[str, Scalar] = self._listener(listeners, moment.now) if listeners else {"is_taken": is_hidden}
        if own is not None:
            fields |= {"own_ports": ", ".join(map(str, own_ports)), "is_elsewhere": is_elsewhere}
        return Seen({**fields, **_owner(listeners, own, is_hidden=is_hidden)})

    async def _answers(self, host: str, port: int) -> bool:
        # Whose port it is may be hidden from us. If somebody answers there, "nobody" would be a lie.
        return (await self._place.connect(host, port, timeout_s=_CONNECT_S)).state in ("ok", "timeout")

    async def _refuses(self, host: str, port: int) -> bool:
        return (await self._place.connect(host, port, timeout_s=_CONNECT_S)).state == "refused"

    def _listener(self, listeners: Sequence[ProcessInfo], now: datetime) -> dict[str, Scalar]:
        oldest = min(listeners, key=lambda process: (process.started_at, process.pid))
        command = " ".join(plain(self._scrubber.text(" ".join(oldest.command))).split())
        return {
            "is_taken": True,
            "count": len(listeners),
            "pid": oldest.pid,
            "command": command[:_SHOWN_CHARS],
            "user": oldest.user,
            "age": max(0.0, (now - oldest.started_at).total_seconds()),
        }


def _owner(
    listeners: Sequence[ProcessInfo], own: Sequence[ProcessInfo] | None, *, is_hidden: bool
) -> dict[str, Scalar]:
    if is_hidden or (listeners and own is None):
        return {}
    pids = {process.pid for process in own or ()}
    # A socket that a parent has opened is listened on by its children too: one of its own is enough.
    is_own = any(process.pid in pids for process in listeners)
    return {"owner": "own" if is_own else "other" if listeners else "nobody"}
