"""Two settings by the names that the system file gives them; the touching itself is that of `config`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crashcart.actions.config.hand import ConfigHand
from crashcart.actions.files import Refused
from crashcart.actions.tools import Tools
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Prepared, Touch, Touched, TouchState


class ProviderHand:
    """Turns a verb into `config set`."""

    def __init__(self, tools: Tools) -> None:
        self._config = ConfigHand(tools)

    async def prepare(self, touch: Touch, target: Target, *, timeout_s: float) -> Prepared:
        """Find out what would change in the settings file."""
        try:
            return await self._config.prepare(_setting(touch, target), target, timeout_s=timeout_s)
        except Refused as error:
            return Prepared((), refused=str(error))

    async def touch(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, secret: str | None, timeout_s: float
    ) -> Touched:
        """Set it."""
        try:
            wanted = _setting(touch, target)
        except Refused as error:
            return Touched(TouchState.REFUSED, str(error))
        return await self._config.touch(wanted, target, kept, secret=secret, timeout_s=timeout_s)

    async def did_it_happen(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float
    ) -> Happened:
        """Say whether the setting has that value."""
        try:
            wanted = _setting(touch, target)
        except Refused:
            return Happened.CANNOT_KNOW
        return await self._config.did_it_happen(wanted, target, kept, timeout_s=timeout_s)

    async def undo(self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float) -> Touched:
        """Put the old bytes back."""
        try:
            wanted = _setting(touch, target)
        except Refused as error:
            return Touched(TouchState.REFUSED, str(error))
        return await self._config.undo(wanted, target, kept, timeout_s=timeout_s)


def _setting(touch: Touch, target: Target) -> Touch:
    """Return the touch of `config`. Raises Refused: the system file does not name the setting."""
    name = _declared(target, f"{touch.verb}_setting")
    value = touch.arg("value") if touch.verb == "rate" else _declared(target, "fallback_value")
    return replace(touch, kind="config", verb="set", args=(("setting", name), ("value", value)))


def _declared(target: Target, key: str) -> str:
    found = target.touch.get(key, ())
    if not found:
        raise Refused(f"{target.name} has no {key} in [targets.{target.name}.touch]")
    return found[0]
