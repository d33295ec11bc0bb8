"""Hands whose calls block: each verb is a deed, made in a thread, its troubles turned into outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from crashcart.actions.files import Refused, because
from crashcart.actions.tools import Tools
from crashcart.actions.vault import Vault
from crashcart.actions.within import within
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Prepared, Touch, Touched, TouchState
from crashcart.ports import Place


@dataclass(frozen=True, slots=True)
class Job:
    """One call of one verb, with all that it may use."""

    touch: Touch
    target: Target
    kept: Mapping[str, str]
    place: Place
    vault: Vault
    timeout_s: float
    secret: str | None = field(default=None, repr=False)


class Deed(Protocol):
    """One verb. Each method may raise Refused (nothing was touched), OSError and TimeoutError."""

    def prepare(self, job: Job) -> Prepared:
        """Find out what would change."""
        ...

    def touch(self, job: Job) -> str:
        """Do it, and return the sentence for the person. Raises OSError when it was tried and did not work."""
        ...

    def happened(self, job: Job) -> Happened:
        """Say whether it took effect."""
        ...

    def undo(self, job: Job) -> str:
        """Put back what was there, and return the sentence for the person."""
        ...


class BlockingHand:
    """A kind whose verbs are deeds."""

    def __init__(self, tools: Tools, deeds: Mapping[str, Deed]) -> None:
        self._place = tools.place
        self._vault = Vault(tools.folder)
        self._deeds = deeds

    async def prepare(self, touch: Touch, target: Target, *, timeout_s: float) -> Prepared:
        """Find out what would change."""
        job = self._job(touch, target, {}, timeout_s)
        try:
            return await within(timeout_s, lambda: self._deeds[touch.verb].prepare(job))
        except Refused as error:
            return Prepared((), refused=str(error))
        except OSError as error:  # TimeoutError is one
            return Prepared((), refused=_told(error))

    async def touch(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, secret: str | None, timeout_s: float
    ) -> Touched:
        """Do it, unless it is done already or the world has changed."""
        job = self._job(touch, target, kept, timeout_s, secret)
        return await self._try(timeout_s, lambda: self._deeds[touch.verb].touch(job))

    async def did_it_happen(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float
    ) -> Happened:
        """Say whether it took effect."""
        job = self._job(touch, target, kept, timeout_s)
        try:
            return await within(timeout_s, lambda: self._deeds[touch.verb].happened(job))
        except (Refused, OSError):
            return Happened.CANNOT_KNOW

    async def undo(self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float) -> Touched:
        """Put back what was there."""
        job = self._job(touch, target, kept, timeout_s)
        return await self._try(timeout_s, lambda: self._deeds[touch.verb].undo(job))

    def _job(
        self, touch: Touch, target: Target, kept: Mapping[str, str], timeout_s: float, secret: str | None = None
    ) -> Job:
        return Job(touch, target, kept, self._place, self._vault, timeout_s, secret)

    async def _try(self, timeout_s: float, act: Callable[[], str]) -> Touched:
        try:
            return Touched(TouchState.DONE, await within(timeout_s, act))
        except Refused as error:
            return Touched(TouchState.REFUSED, str(error))
        except OSError as error:
            return Touched(TouchState.FAILED, _told(error))


def _told(error: OSError) -> str:
    return because(error) if str(error) else "it was not done in time, and may still be under way"
