"""What a supervisor says of the target's program."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Program, Secrets, Supervised
from crashcart.probes.plain import plain
from crashcart.probes.service.history import End, History, history_of
from crashcart.probes.service.which import Found, choose
from crashcart.redact import Scrubber

# The most troubling first: that is the one to show when several processes differ.
_TROUBLE = ("fatal", "backoff", "exited", "unknown", "stopped", "stopping", "starting", "running")
_TRIED_AGAIN = ("starting", "running", "backoff")
_ENDS_OFTEN = 2
_SHOWN_CHARS = 300
ROUND_S = 1.1  # supervisord goes round at least once a second
# What supervisord notes when a process did run; any other complaint is about starting it.
_AFTER_A_RUN = ("Exited too quickly", "Bad exit code")


class ServiceLook:
    """Asks a supervisor as its own command line does."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._scrubber = scrubber

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        if not target.service:
            return Unseen(f"{target.name} has no service in the system file")
        scheme, _, name = target.service.partition(":")
        if scheme != "supervisor" or not name:
            return Unseen(
                f"{scheme} is not asked yet, supervisord alone is (`supervisor:NAME`): {_instead(scheme, name)}"
            )
        found = await choose(self._place, target, name)
        if _may_be_started_again(found):
            await asyncio.sleep(ROUND_S)
            found = await choose(self._place, target, name)
        if isinstance(found, Unseen):
            return Unseen(self._shown(found.reason))
        return Seen({"state": found} if isinstance(found, str) else self._fields(*found))

    def _fields(self, supervised: Supervised, programs: Sequence[Program]) -> dict[str, Scalar]:
        worst = min(programs, key=lambda program: _TROUBLE.index(program.state))
        fields: dict[str, Scalar] = {
            "state": worst.state,
            "count": len(programs),
            "running": sum(program.state == "running" for program in programs),
            "detail": self._shown(worst.error),
        }
        if worst.pid is not None:
            fields["pid"] = worst.pid
        if supervised.now is None:
            return fields
        history = history_of(worst, supervised.log, supervised.now)
        fields |= {**_times(worst, supervised.now), **_ended(worst, history), **_often(worst, history)}
        return {**fields, **_failing(fields)}

    def _shown(self, text: str) -> str:
        return " ".join(plain(self._scrubber.text(text)).split())[:_SHOWN_CHARS]


def _may_be_started_again(found: Found | str | Unseen) -> bool:
    """Say whether one has exited a moment ago: whether it stays so, supervisord settles in its next round."""
    if isinstance(found, str | Unseen) or found[0].now is None:
        return False
    exits = [program.ended_at for program in found[1] if program.state == "exited"]
    return any(at is not None and (found[0].now - at).total_seconds() < 2 for at in exits)


def _instead(scheme: str, name: str) -> str:
    return f"`systemctl status {name}` tells" if scheme == "systemd" else "write `supervisor:NAME`"


def _times(program: Program, now: datetime) -> dict[str, Scalar]:
    fields: dict[str, Scalar] = {}
    if program.pid is not None and program.started_at is not None:
        fields["uptime"] = max(0.0, (now - program.started_at).total_seconds())
    if program.ended_at is not None:
        fields["ended"] = max(0.0, (now - program.ended_at).total_seconds())
    return fields


def _ended(program: Program, history: History) -> dict[str, Scalar]:
    """Return how it last ended, nothing when nobody knows."""
    end = history.last or _end_by_state(program)
    word = _word(program, end)
    if not word:
        return {}
    fields: dict[str, Scalar] = {"end": word}
    if end is not None and word != "unstartable":
        fields |= {"exit_status": end.status} if end.status is not None else {}
        # Without the log, a signal has no name.
        fields |= {"signal": end.signal} if end.signal or end.status is not None else {}
    return fields


def _word(program: Program, end: End | None) -> str:
    if program.error and not program.error.startswith(_AFTER_A_RUN):
        return "unstartable"
    if end is not None:
        return end.word
    # When a start is given up before there was a process, it has no end.
    return "none" if program.ended_at is None and program.state != "unknown" else ""


def _end_by_state(program: Program) -> End | None:
    """Return what supervisord itself says of the end, of what stays down."""
    if program.exit_status is None or program.ended_at is None:
        return None
    status = program.exit_status if program.exit_status >= 0 else None
    if program.state == "stopped":
        return End("asked", status, "")
    word = "killed" if status is None else "failed" if program.error else "done"
    return End(word, status, "")


def _often(program: Program, history: History) -> dict[str, Scalar]:
    fields: dict[str, Scalar] = {}
    if history.starts is not None:
        fields["starts"] = history.starts
    if history.ends is not None:
        fields["ends"] = history.ends
    if program.state not in _TRIED_AGAIN:
        fields["is_restarting"] = False
    elif program.state == "backoff" or history.ends is not None:
        fields["is_restarting"] = program.state == "backoff" or (history.ends or 0) >= _ENDS_OFTEN
    return fields


def _failing(fields: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Say whether it fails to stay up, unless that hangs on what is not known."""
    if fields["state"] == "fatal":
        return {"is_failing": True}
    if fields["state"] == "exited":
        return {"is_failing": fields["end"] != "done"} if "end" in fields else {}
    return {"is_failing": fields["is_restarting"]} if "is_restarting" in fields else {}
