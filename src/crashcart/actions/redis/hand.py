"""CONFIG SET of a few settings, and the old value back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from crashcart.actions.files import Refused
from crashcart.actions.redis.spec import SETTINGS
from crashcart.actions.tools import Tools
from crashcart.model.observation import Unseen
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Prepared, Touch, Touched, TouchState
from crashcart.probes.address import attribute

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")


class RedisHand:
    """One setting of one server."""

    def __init__(self, tools: Tools) -> None:
        self._scrubber = tools.scrubber

    async def prepare(self, touch: Touch, target: Target, *, timeout_s: float) -> Prepared:
        """Ask for the value that is there."""
        try:
            name, wanted = _wanted(touch)
            was = await self._with(target, timeout_s, lambda client: _value(client, name))
        except (Refused, OSError) as error:
            return Prepared((), refused=str(error))
        diff = (f"- {name} {was}", f"+ {name} {wanted}") if was != wanted else ()
        return Prepared(diff, {"was": was}, was != wanted)

    async def touch(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, secret: str | None, timeout_s: float
    ) -> Touched:
        """Set it, unless it is another value than when the plan was made."""
        return await self._change(touch, target, _wanted(touch)[1], kept["was"], timeout_s)

    async def did_it_happen(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float
    ) -> Happened:
        """Ask for the value that is there."""
        try:
            name, wanted = _wanted(touch)
            now = await self._with(target, timeout_s, lambda client: _value(client, name))
        except (Refused, OSError):
            return Happened.CANNOT_KNOW
        return Happened.YES if now == wanted else Happened.NO if now == kept["was"] else Happened.CANNOT_KNOW

    async def undo(self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float) -> Touched:
        """Set the old value, unless somebody else has set another one since."""
        return await self._change(touch, target, kept["was"], _wanted(touch)[1], timeout_s)

    async def _change(self, touch: Touch, target: Target, wanted: str, expected: str, timeout_s: float) -> Touched:
        name, _ = _wanted(touch)

        async def change(client: Redis) -> str:
            now = await _value(client, name)
            if now not in (wanted, expected):
                raise Refused(f"{name} was {expected} and is {now}: somebody else has changed it")
            if now != wanted:
                await client.config_set(name, wanted)
            return f"{name} is {await _value(client, name)}"

        try:
            return Touched(TouchState.DONE, await self._with(target, timeout_s, change))
        except Refused as error:
            return Touched(TouchState.REFUSED, str(error))
        except OSError as error:
            return Touched(TouchState.FAILED, str(error))

    async def _with(self, target: Target, timeout_s: float, ask: Callable[[Redis], Awaitable[T]]) -> T:
        """Return what the server answers. Raises Refused, or OSError with a sentence that holds no secret."""
        try:
            from redis import exceptions
            from redis.asyncio import Redis as Client
        except ImportError as error:
            raise Refused("driver missing: pip install 'crashcart[redis]'") from error
        url = attribute(target, "url")
        if isinstance(url, Unseen):
            raise Refused(url.reason)
        try:
            client = Client.from_url(url.replace("valkey", "redis", 1) if url.startswith("valkey") else url)
            async with asyncio.timeout(timeout_s), client:
                return await ask(client)
        except ValueError as error:
            raise Refused(f"the url of {target.name} is no redis url") from error
        except TimeoutError as error:
            raise OSError(f"{target.name} did not answer within {timeout_s:g} s") from error
        except exceptions.RedisError as error:
            raise OSError(f"{target.name} says: {self._scrubber.text(str(error))}") from error


def _wanted(touch: Touch) -> tuple[str, str]:
    """Return the server's name of the setting, and its value as the server writes it."""
    name = SETTINGS.get(touch.arg("setting"), "")
    if not name:
        raise Refused(f"{touch.arg('setting')} is no setting that may be set: {', '.join(SETTINGS)}")
    value = touch.arg("value")
    return name, str(int(float(value))) if value.replace(".", "", 1).isdecimal() else value


async def _value(client: Redis, name: str) -> str:
    found = await client.config_get(name)
    values = [value.decode() if isinstance(value, bytes) else str(value) for value in found.values()]
    if not values:
        raise Refused(f"the server does not tell {name}: its user may not, or it has no such setting")
    return values[0]
