"""Starts, stops and restarts through supervisord."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from crashcart.actions.files import Refused, because
from crashcart.actions.service.supervisor import RUNS, Program, Supervisor, Unanswered
from crashcart.actions.tools import Tools
from crashcart.actions.vault import Vault
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Prepared, Touch, Touched, TouchState
from crashcart.probes.plain import plain
from crashcart.probes.supervisord import door_of
from crashcart.redact import Scrubber

_ASK_AGAIN_S = 0.1
_MOVING = ("STARTING", "STOPPING")
_SCHEME = "supervisor:"
# Notes on a touch: begun, with the process that was there; done, with the one that we started.
_BEGUN = "begun"
_DONE = "done"


class ServiceHand:
    """One program of one supervisord. It is told apart from its successors by pid and start."""

    def __init__(self, tools: Tools) -> None:
        self._vault = Vault(tools.folder)
        self._scrubber: Scrubber = tools.scrubber

    async def prepare(self, touch: Touch, target: Target, *, timeout_s: float) -> Prepared:
        """Ask the supervisor how it stands."""
        try:
            name, supervisor = _of(target, timeout_s=timeout_s)
            async with asyncio.timeout(timeout_s):
                program = await supervisor.program(name)
        except (Refused, Unanswered) as error:
            return Prepared((), refused=self._told(error))
        except TimeoutError:
            return Prepared((), refused="supervisord does not answer in time")
        wanted = "STOPPED" if touch.verb == "stop" else "RUNNING"
        is_needed = touch.verb == "restart" or program.is_running != (wanted == "RUNNING")
        diff = _diff(touch.verb, name, wanted) if is_needed else ()
        return Prepared(diff, {"state": program.state, "process": program.process}, is_needed)

    async def touch(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, secret: str | None, timeout_s: float
    ) -> Touched:
        """Do it, unless it is done already or somebody else was at it."""
        return await self._trying(timeout_s, lambda: self._touch(touch, target, kept, timeout_s))

    async def did_it_happen(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float
    ) -> Happened:
        """Say how it stands now, against how it stood."""
        try:
            name, supervisor = _of(target, timeout_s=timeout_s)
            async with asyncio.timeout(timeout_s):
                program = await self._settled(supervisor, name)
            return self._happened(touch, program)
        except (Refused, Unanswered, TimeoutError, OSError):
            return Happened.CANNOT_KNOW

    async def undo(self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float) -> Touched:
        """Stop what did not run, start what did; after a restart, restart it once more."""
        return await self._trying(timeout_s, lambda: self._undo(touch, target, kept, timeout_s))

    async def _touch(self, touch: Touch, target: Target, kept: Mapping[str, str], timeout_s: float) -> Touched:
        name, supervisor = _of(target, timeout_s=timeout_s)
        program = await self._settled(supervisor, name)
        if self._happened(touch, program) is Happened.YES:
            return Touched(TouchState.DONE, f"{name} is {program.state} already")
        if not self._vault.noted(touch.key):
            # A process that falls and is caught changes its state by itself; STOPPED means that somebody wants it so.
            if program.state == "STOPPED" != kept["state"]:
                return Touched(
                    TouchState.REFUSED, f"{name} was stopped by somebody since the plan was made: plan again"
                )
            self._vault.note(touch.key, f"{_BEGUN} {program.process}")
        return await self._bring(touch, supervisor, name, program)

    async def _bring(self, touch: Touch, supervisor: Supervisor, name: str, program: Program) -> Touched:
        """Stop it if it runs; start it unless it shall be stopped."""
        if touch.verb != "start" and program.is_running:
            await supervisor.stop(name)
            program = await self._settled(supervisor, name)
        if touch.verb == "stop":
            is_done = not program.is_running
            return Touched(TouchState.DONE if is_done else TouchState.FAILED, f"{name} is {program.state}")
        if not program.is_running:
            await supervisor.start(name)
            program = await self._settled(supervisor, name)
        if program.state != "RUNNING":
            told = self._scrubber.text(plain(program.description))
            return Touched(TouchState.FAILED, f"{name} is {program.state}: {told}")
        self._vault.note(touch.key, f"{_DONE} {program.process}")
        return Touched(TouchState.DONE, f"{name} is RUNNING ({self._scrubber.text(plain(program.description))})")

    async def _undo(self, touch: Touch, target: Target, kept: Mapping[str, str], timeout_s: float) -> Touched:
        name, supervisor = _of(target, timeout_s=timeout_s)
        program = await self._settled(supervisor, name)
        undoing = Touch(touch.kind, _undoing(touch, kept), touch.target, key=f"{touch.key} undone")
        if not self._vault.noted(touch.key) or self._happened(undoing, program) is Happened.YES:
            return Touched(TouchState.DONE, f"{name} is {program.state}, as it was")
        if not self._vault.noted(undoing.key):  # else we were at it ourselves, and were killed on the way
            why = self._disturbed(touch, program)
            if why:
                return Touched(TouchState.REFUSED, f"{name} was {why} by somebody else since: by hand, then")
            self._vault.note(undoing.key, f"{_BEGUN} {program.process}")
        return await self._bring(undoing, supervisor, name, program)

    def _disturbed(self, touch: Touch, program: Program) -> str:
        """Return what somebody else did to a program since our touch was done, "" when nothing."""
        note, _, ours = self._vault.noted(touch.key).partition(" ")
        if program.state == "STOPPED" and note == _DONE and touch.verb == "restart":
            return "stopped"
        return "started again" if program.state == "RUNNING" and note == _DONE and program.process != ours else ""

    async def _settled(self, supervisor: Supervisor, name: str) -> Program:
        """Return how it stands when it neither starts nor stops. Never returns by itself: the deadline ends it."""
        while (program := await supervisor.program(name)).state in _MOVING:
            await asyncio.sleep(_ASK_AGAIN_S)
        return program

    def _happened(self, touch: Touch, program: Program) -> Happened:
        """Say whether it is as the touch wants it. A restart is only done when it was ours: others come too early."""
        if touch.verb == "stop":
            return Happened.NO if program.is_running else Happened.YES
        if touch.verb == "start":
            return Happened.YES if program.state == "RUNNING" else Happened.NO
        # Killed between stopping and starting, it is not done, and is to be finished.
        note, _, process = self._vault.noted(touch.key).partition(" ")
        is_new = note == _DONE or (note == _BEGUN and program.process != process)
        return Happened.YES if is_new and program.state == "RUNNING" else Happened.NO

    async def _trying(self, timeout_s: float, act: Callable[[], Awaitable[Touched]]) -> Touched:
        try:
            async with asyncio.timeout(timeout_s):
                return await act()
        except Refused as error:
            return Touched(TouchState.REFUSED, self._told(error))
        except Unanswered as error:
            return Touched(TouchState.FAILED, self._told(error))
        except TimeoutError:
            return Touched(TouchState.FAILED, f"not done within {timeout_s:g} s; the supervisor may still be at it")
        except OSError as error:
            return Touched(TouchState.REFUSED, f"what undoing needs could not be kept: {because(error)}")

    def _told(self, error: Exception) -> str:
        return self._scrubber.text(plain(str(error)))


def _diff(verb: str, name: str, wanted: str) -> tuple[str, ...]:
    # Whether a program that falls again and again is STARTING, BACKOFF or FATAL changes by the second, and would void
    # a plan that named it.
    if verb == "restart":
        return (f"- {name} as it is now", f"+ {name} is {wanted}, in a new process")
    return (f"- {name} {'runs' if verb == 'stop' else 'does not run'}", f"+ {name} is {wanted}")


def _undoing(touch: Touch, kept: Mapping[str, str]) -> str:
    """Return the verb that puts back what was there."""
    if kept["state"] not in RUNS:
        return "stop"
    return "restart" if touch.verb == "restart" else "start"


def _of(target: Target, *, timeout_s: float) -> tuple[str, Supervisor]:
    """Return the name of the program, and its supervisor. Raises Refused: the system file does not say."""
    if not target.service.startswith(_SCHEME):
        raise Refused(f'{target.name} has no service = "supervisor:NAME" in the system file')
    where = (*target.touch.get("supervisor", ()), "")[0]
    if not where:
        raise Refused(
            f"nothing says where the supervisor of {target.name} is: `supervisor` in [targets.{target.name}.touch]"
        )
    try:
        door = door_of(where)
    except OSError as error:
        raise Refused(f"the settings of supervisord cannot be read: {because(error)}") from error
    except ValueError as error:
        raise Refused(str(error)) from error
    return target.service.removeprefix(_SCHEME), Supervisor(door, timeout_s=timeout_s)
