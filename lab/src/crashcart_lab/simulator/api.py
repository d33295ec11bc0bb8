"""The provider's public face: models and chat completions."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from crashcart_lab.simulator import bodies
from crashcart_lab.simulator.extract import summarise, tokens
from crashcart_lab.simulator.rules import Body, Kind, Rule, Rules

MODELS = ("gpt-4o-mini", "gpt-4o", "gpt-4")
BORN = 1_721_172_741
# How often a connection is kept alive: well below the patience of any client.
BLANK_S = 0.5


@dataclass(slots=True)
class Provider:
    """What the provider knows: the keys it accepts and the rules in force."""

    accepted: set[str]
    rules: Rules
    # Replaced whenever the rules change, so that requests left hanging by an old rule go on.
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def set_rules(self, rules: list[Rule]) -> None:
        self.rules.set(rules)
        self.changed.set()
        self.changed = asyncio.Event()


def build(provider: Provider) -> Starlette:
    async def models(request: Request) -> Response:
        return await _answer(provider, request, is_chat=False)

    async def chat(request: Request) -> Response:
        return await _answer(provider, request, is_chat=True)

    async def unknown(request: Request, _error: Exception) -> Response:
        return bodies.unknown_path(request.method, request.url.path)

    return Starlette(
        routes=[
            Route("/v1/models", models, methods=["GET"]),
            Route("/v1/chat/completions", chat, methods=["POST"]),
        ],
        exception_handlers={404: unknown},
    )


async def _answer(provider: Provider, request: Request, *, is_chat: bool) -> Response:
    body = await request.body()
    hits = provider.rules.hits(is_chat=is_chat)
    for rule in hits:
        await _delay(provider, rule)
    # A slow provider is slow for strangers too; everything else needs a key first, as the real one does.
    if refusal := _refusal(provider, request):
        return refusal
    asked = _parse(body) if is_chat else {}
    if asked is None:
        return bodies.bad_request("We could not parse the JSON body of your request.")
    for rule in hits:
        if instead := _instead(rule, model=str(asked.get("model", MODELS[0]))):
            return instead
    answer = _chat(asked) if is_chat else _models()
    return _spoilt(provider, hits, answer)


async def _delay(provider: Provider, rule: Rule) -> None:
    if rule.kind not in (Kind.LATENCY, Kind.HANG):
        return
    timeout_s = rule.seconds if rule.kind is Kind.LATENCY else None
    try:
        await asyncio.wait_for(provider.changed.wait(), timeout_s)
    except TimeoutError:
        # The latency is over: this is how a delay that was not called off ends.
        return


def _refusal(provider: Provider, request: Request) -> Response | None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key:
        return bodies.no_key()
    return None if key in provider.accepted else bodies.wrong_key(key)


def _parse(body: bytes) -> dict[str, Any] | None:
    try:
        asked = json.loads(body)
    except ValueError:
        return None
    return asked if isinstance(asked, dict) else None


def _instead(rule: Rule, *, model: str) -> Response | None:
    if rule.kind is Kind.RATE_LIMIT:
        return bodies.rate_limited(rule, model=model)
    if rule.kind is Kind.STATUS:
        return bodies.server_error(rule.status)
    if rule.kind is Kind.QUOTA:
        return bodies.no_quota(rule.code)
    if rule.kind is Kind.REGION:
        return bodies.wrong_region()
    return None


def _models() -> Response:
    data = [{"id": name, "object": "model", "created": BORN, "owned_by": "system"} for name in MODELS]
    return JSONResponse({"object": "list", "data": data})


def _chat(asked: dict[str, Any]) -> Response:
    model, messages = asked.get("model"), asked.get("messages")
    if not isinstance(model, str):
        return bodies.bad_request("you must provide a model parameter")
    if model not in MODELS:
        return bodies.unknown_model(model)
    if not isinstance(messages, list) or not messages:
        return bodies.bad_request("Missing required parameter: 'messages'.", param="messages")
    prompt = _prompt(messages)
    text = summarise(prompt)
    if asked.get("stream"):
        return StreamingResponse(_events(model, text), media_type="text/event-stream")
    usage = {"prompt_tokens": tokens(prompt), "completion_tokens": tokens(text)}
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, "refusal": None},
        "logprobs": None,
        "finish_reason": "stop",
    }
    return JSONResponse(
        _head(model, "chat.completion") | {"choices": [choice], "usage": usage | {"total_tokens": sum(usage.values())}}
    )


def _prompt(messages: list[Any]) -> str:
    """Return the text of the last message of the user; content may be a text or a list of parts."""
    contents = [one.get("content") for one in messages if isinstance(one, dict) and one.get("role") == "user"]
    content = contents[-1] if contents else ""
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def _head(model: str, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _events(model: str, text: str) -> Iterator[str]:
    head = _head(model, "chat.completion.chunk")
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": word + " "} for word in text.split(" ")]
    for delta in deltas:
        yield _event(head, delta, None)
    yield _event(head, {}, "stop")
    yield "data: [DONE]\n\n"


def _event(head: dict[str, Any], delta: dict[str, str], reason: str | None) -> str:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return f"data: {json.dumps(head | {'choices': [choice]})}\n\n"


def _spoilt(provider: Provider, hits: list[Rule], answer: Response) -> Response:
    for rule in hits:
        if rule.kind is Kind.CUT:
            return CutResponse(answer)
        if rule.kind is Kind.MALFORMED:
            return _malformed(rule.body)
        if rule.kind is Kind.TRICKLE:
            return StreamingResponse(_trickle(provider, rule, answer), media_type="application/json")
    return answer


def _malformed(body: Body) -> Response:
    """Return a success that is none: what a proxy that gave up leaves behind."""
    if body is Body.PAGE:
        return bodies.page(200, "Gateway")
    if body is Body.OTHER:
        return JSONResponse({"status": "ok"})
    return Response(b'{"id": "chatcmpl-' if body is Body.HALF else b"", media_type="application/json")


async def _trickle(provider: Provider, rule: Rule, answer: Response) -> AsyncIterator[bytes]:
    """Send blanks until the answer is ready, as providers under load do, lest somebody between closes the connection.

    Blanks before a document are part of JSON (RFC 8259, section 2), and each of them is a sign of life.
    """
    called_off = provider.changed
    until = time.monotonic() + rule.seconds
    while not called_off.is_set() and time.monotonic() < until:
        yield b"\n"
        with suppress(TimeoutError):  # nobody called it off in the meantime
            await asyncio.wait_for(called_off.wait(), BLANK_S)
    yield bytes(answer.body)


class CutResponse(Response):
    """Another response, of which the first half is sent before the connection closes."""

    def __init__(self, whole: Response) -> None:
        super().__init__()
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sent: list[Message] = []

        async def collect(message: Message) -> None:
            sent.append(message)

        await self._whole(scope, receive, collect)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        await send(sent[0])
        # Returning while more is promised makes the server close the connection in the middle.
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
