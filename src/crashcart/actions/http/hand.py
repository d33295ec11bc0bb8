"""One declared request. What it does is the service's affair, so we only know whether it was answered."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from crashcart.actions.files import Refused, because
from crashcart.actions.tools import Tools
from crashcart.actions.vault import Vault
from crashcart.model.observation import Unseen
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Prepared, Touch, Touched, TouchState
from crashcart.probes.trust import trusted
from crashcart.probes.web import key_headers, url_of

_METHODS = ("POST", "PUT", "PATCH", "DELETE")
_BEGUN, _DONE = "begun", "done"


@dataclass(frozen=True, slots=True)
class _Call:
    """A declared request, and the one that takes it back; empty when none does."""

    request: str
    undo: str


class HttpHand:
    """Sends it once: a note is made before and after, and a second time with the same key is none."""

    def __init__(self, tools: Tools) -> None:
        self._secrets = tools.secrets
        self._vault = Vault(tools.folder)

    async def prepare(self, touch: Touch, target: Target, *, timeout_s: float) -> Prepared:
        """Say what would be sent. Nothing is asked: there is no way to see what a call would do."""
        try:
            call = _declared(touch, target)
        except Refused as error:
            return Prepared((), refused=str(error))
        back = f"undo: {call.undo}" if call.undo else "no undo is declared for it: irreversible"
        return Prepared((f"+ {call.request} to {target.name}", back), {"request": call.request, "undo": call.undo})

    async def touch(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, secret: str | None, timeout_s: float
    ) -> Touched:
        """Send it."""
        try:
            if _declared(touch, target) != _Call(kept["request"], kept["undo"]):
                raise Refused("the system file declares another call by now: plan again")
            return await self._once(touch.key, kept["request"], target, timeout_s)
        except Refused as error:
            return Touched(TouchState.REFUSED, str(error))

    async def did_it_happen(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float
    ) -> Happened:
        """Say what the note says."""
        return {_DONE: Happened.YES, _BEGUN: Happened.CANNOT_KNOW}.get(self._vault.noted(touch.key), Happened.NO)

    async def undo(self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float) -> Touched:
        """Send the request that is declared to take it back."""
        if not self._vault.noted(touch.key):
            return Touched(TouchState.DONE, "it was not sent")
        try:
            if not kept["undo"]:
                raise Refused("no undo is declared for this call: by hand, then")
            return await self._once(f"{touch.key} undone", kept["undo"], target, timeout_s)
        except Refused as error:
            return Touched(TouchState.REFUSED, str(error))

    async def _once(self, key: str, request: str, target: Target, timeout_s: float) -> Touched:
        note = self._vault.noted(key)
        if note == _DONE:
            return Touched(TouchState.DONE, f"{request} was answered already")
        if note == _BEGUN:
            raise Refused(f"{request} was sent before, and nobody knows whether it arrived: look, and decide by hand")
        try:
            self._vault.note(key, _BEGUN)
            status = await self._send(request, target, key, timeout_s)
            self._vault.note(key, _DONE if status < 400 else "")
        except OSError as error:
            return Touched(TouchState.FAILED, because(error))
        state = TouchState.DONE if status < 400 else TouchState.FAILED
        return Touched(state, f"{target.name} answered {request} with {status}")

    async def _send(self, request: str, target: Target, key: str, timeout_s: float) -> int:
        """Return the status. Raises Refused when it cannot be asked; OSError when there was no answer."""
        import httpx

        method, _, path = request.partition(" ")
        url, headers = url_of(target, path), key_headers(target, self._secrets.value(target.name, "key") or "")
        if isinstance(url, Unseen) or isinstance(headers, Unseen):
            raise Refused(url.reason if isinstance(url, Unseen) else headers.reason)  # type: ignore[union-attr]
        try:
            async with (
                asyncio.timeout(timeout_s),
                httpx.AsyncClient(trust_env=False, verify=trusted() if url.startswith("https") else False) as client,
            ):
                return (await client.request(method, url, headers={**headers, "Idempotency-Key": key})).status_code
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            self._vault.note(key, "")  # nobody was there, so nothing has happened
            raise OSError(f"{target.name} could not be reached for {request}") from error
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise OSError(f"{target.name} did not answer {request}; whether it arrived nobody can know") from error


def _declared(touch: Touch, target: Target) -> _Call:
    """Return the call as the system file has it. Raises Refused: it has no such call."""
    asked = " ".join(touch.arg("call").split())
    for text in target.touch.get("calls", ()):
        request, _, undo = (" ".join(part.split()) for part in text.partition(" undo "))
        if request == asked and all(part.split(" ")[0] in _METHODS for part in (request, *([undo] if undo else []))):
            return _Call(request, undo)
    raise Refused(f'"{asked}" is none of the `calls` of {target.name}, or of none of {", ".join(_METHODS)}')
