"""Signals to processes that are told from all others by id and start."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

from crashcart.actions.files import Refused
from crashcart.actions.tools import Tools
from crashcart.model.observation import Unseen
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Prepared, Touch, Touched, TouchState
from crashcart.ports import Place, ProcessInfo
from crashcart.probes.found import find

_ASK_AGAIN_S = 0.05
_ENDED = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
_STOPPED = (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)


@dataclass(frozen=True, slots=True)
class _Life:
    """One life of one process id."""

    pid: int
    started: str

    def process(self) -> psutil.Process | None:
        """Return the process, None when this life is over."""
        try:
            found = psutil.Process(self.pid)
            is_same = f"{found.create_time():.2f}" == self.started and found.status() not in _ENDED
        except psutil.NoSuchProcess:
            return None
        return found if is_same else None

    def is_stopped(self) -> bool:
        """Whether it was halted by a signal or a debugger."""
        process = self.process()
        with suppress(psutil.NoSuchProcess):
            return process is not None and process.status() in _STOPPED
        return False

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this life alone. Raises OSError; ProcessLookupError when it is over."""
        if not hasattr(os, "pidfd_open"):  # macOS
            if self.process() is None:
                raise ProcessLookupError
            os.kill(self.pid, number)
            return
        descriptor = os.pidfd_open(self.pid)
        try:
            # Looked at after it was opened: the id may have gone to another process before, and cannot any more.
            if self.process() is None:
                raise ProcessLookupError
            signal.pidfd_send_signal(descriptor, number)
        finally:
            os.close(descriptor)


class ProcessHand:
    """Sends TERM, CONT and STOP, to the processes that `prepare` has found and to no others."""

    def __init__(self, tools: Tools) -> None:
        self._place: Place = tools.place

    async def prepare(self, touch: Touch, target: Target, *, timeout_s: float) -> Prepared:
        """Find the processes."""
        try:
            async with asyncio.timeout(timeout_s):
                found = await self._owned(target)
            lives = _stopped(found) if touch.verb == "continue" else _root(found, target)
        except Refused as error:
            return Prepared((), refused=str(error))
        except (TimeoutError, psutil.AccessDenied):
            return Prepared((), refused=f"the processes of {target.name} cannot be seen")
        was, will = ("stopped", "goes on") if touch.verb == "continue" else ("runs", "has ended")
        diff = [f"{sign} process {life.pid} {word}" for life in lives for sign, word in (("-", was), ("+", will))]
        return Prepared(tuple(diff), {"processes": _written(lives)}, bool(lives))

    async def touch(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, secret: str | None, timeout_s: float
    ) -> Touched:
        """Send the signal to those that still need it, and wait until it has worked."""
        lives = _read(kept["processes"])
        if touch.verb == "continue" and any(life.process() is None for life in lives):
            return Touched(TouchState.REFUSED, f"{target.name} runs in another process than when the plan was made")
        number = signal.SIGCONT if touch.verb == "continue" else signal.SIGTERM
        return await self._send(touch.verb, [life for life in lives if _needs(touch.verb, life)], number, timeout_s)

    async def did_it_happen(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float
    ) -> Happened:
        """Say whether none of them needs the signal any more."""
        try:
            needing = [life for life in _read(kept["processes"]) if _needs(touch.verb, life)]
        except psutil.AccessDenied:
            return Happened.CANNOT_KNOW
        return Happened.NO if needing else Happened.YES

    async def undo(self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float) -> Touched:
        """Stop again what was stopped. What has ended stays so."""
        if touch.verb == "end":
            return Touched(TouchState.REFUSED, "a process that has ended cannot be brought back")
        lives = _read(kept["processes"])
        if any(life.process() is None for life in lives):
            return Touched(TouchState.REFUSED, f"{target.name} runs in another process by now")
        return await self._send("stop", [life for life in lives if not life.is_stopped()], signal.SIGSTOP, timeout_s)

    async def _owned(self, target: Target) -> Sequence[ProcessInfo]:
        if not target.pid_file and not target.command:
            raise Refused(f"{target.name} has neither pid_file nor command in the system file: whose process is it?")
        found = await find(self._place, target)
        if isinstance(found, Unseen):
            raise Refused(found.reason)
        return [process for process in found if process.status not in ("zombie", "dead")]

    async def _send(self, verb: str, lives: Sequence[_Life], number: signal.Signals, timeout_s: float) -> Touched:
        named = ", ".join(str(life.pid) for life in lives)
        try:
            for life in lives:
                with suppress(ProcessLookupError):  # it has ended by itself; what follows sees it
                    life.send(number)
            async with asyncio.timeout(timeout_s):
                while any(_needs(verb, life) for life in lives):
                    await asyncio.sleep(_ASK_AGAIN_S)
        except (PermissionError, psutil.AccessDenied):
            return Touched(TouchState.FAILED, f"not permitted to signal process {named}: run as its user or as root")
        except TimeoutError:
            return Touched(
                TouchState.FAILED, f"process {named} got {number.name} and takes no notice within {timeout_s:g} s"
            )
        return Touched(TouchState.DONE, f"process {named} got {number.name}" if lives else "it is so already")


def _needs(verb: str, life: _Life) -> bool:
    """Say whether this life is not yet as the verb wants it. What is over needs nothing."""
    if verb == "continue":
        return life.is_stopped()
    return life.process() is not None and (verb == "end" or not life.is_stopped())


def _stopped(found: Sequence[ProcessInfo]) -> tuple[_Life, ...]:
    return tuple(_life(process.pid) for process in found if process.status == "stopped")


def _root(found: Sequence[ProcessInfo], target: Target) -> tuple[_Life, ...]:
    """Return the one process that all others of the target descend from. Raises Refused: there are several."""
    pids = {process.pid for process in found}
    roots = [pid for pid in sorted(pids) if not pids & {parent.pid for parent in psutil.Process(pid).parents()}]
    if len(roots) > 1:
        raise Refused(f"{len(roots)} processes could be {target.name} by its command; a pid_file would tell which")
    return tuple(_life(pid) for pid in roots)


def _life(pid: int) -> _Life:
    return _Life(pid, f"{psutil.Process(pid).create_time():.2f}")


def _written(lives: Sequence[_Life]) -> str:
    return " ".join(f"{life.pid}@{life.started}" for life in lives)


def _read(text: str) -> tuple[_Life, ...]:
    return tuple(_Life(int(pid), started) for pid, _, started in (word.partition("@") for word in text.split()))
