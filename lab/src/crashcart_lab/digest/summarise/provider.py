"""The language-model provider, asked through its SDK."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import openai
from pydantic import BaseModel, ValidationError

from crashcart_lab.digest.settings import JobsRun, Settings
from crashcart_lab.digest.summarise.breaker import Breaker
from crashcart_lab.digest.summarise.errors import NoAnswer, ProviderPaused
from crashcart_lab.digest.summarise.rate import Rate

if TYPE_CHECKING:
    from httpx2 import Request

INSTRUCTION = (
    "You summarise technical documentation. Answer with a short summary in plain sentences that a developer "
    "can read in one minute."
)
# Below the deadline that the health page gives each of its checks, so that the page can say what happened.
CHECK_TIMEOUT_S = 3.0
FAILURES = (openai.OpenAIError, NoAnswer, ProviderPaused)


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    """What of an answer matters here. The SDK's own class takes any body for an answer and fails where it is used."""

    id: str = "without id"
    choices: list[_Choice]


class _Models(BaseModel):
    data: list[object]


class Provider:
    """Asks the provider for summaries: with retries, not too often, and not at all while it is down.

    May be used from several event loops, one after the other or in threads: each has a client of its own, and
    should `close` it before it ends. The breaker and the rate are common to all.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients: dict[asyncio.AbstractEventLoop, openai.AsyncOpenAI] = {}
        self._breaker = Breaker(failures=settings.openai_breaker_failures, reset_s=settings.openai_breaker_reset_s)
        # Workers share their limit where they share their queue.
        self._rate = Rate(
            settings.openai_requests_per_minute,
            storage=settings.redis_url if settings.jobs_run is JobsRun.CELERY else "memory://",
        )

    async def summary_of(self, text: str) -> str:
        """Return the model's summary.

        Raises:
            openai.OpenAIError: there is no key, or the request failed for good.
            NoAnswer: it succeeded, and the answer has no summary.
            ProviderPaused: it was not sent.
        """
        client = self._client()
        with self._breaker:
            answer = await client.chat.completions.with_raw_response.create(
                model=self._settings.openai_model,
                messages=[{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": text}],
            )
            return _summary_in(answer.content)

    async def check(self) -> None:
        """Return if the provider can be reached with our key. Raises as `summary_of` does; asks once."""
        client = self._client().with_options(timeout=CHECK_TIMEOUT_S, max_retries=0)
        answer = await client.models.with_raw_response.list()
        try:
            _Models.model_validate_json(answer.content)
        except ValidationError as err:
            raise _malformed("list of models", err) from err

    async def close(self) -> None:
        """Close the connections of the running event loop; the next request opens new ones."""
        if client := self._clients.pop(asyncio.get_running_loop(), None):
            await client.close()

    def _client(self) -> openai.AsyncOpenAI:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            # What loops that ended have left behind can be used by nobody; the collector closes it.
            self._clients = {known: client for known, client in self._clients.items() if not known.is_closed()}
            self._clients[loop] = self._connect()
        return self._clients[loop]

    def _connect(self) -> openai.AsyncOpenAI:
        key = self._settings.openai_api_key
        return openai.AsyncOpenAI(
            api_key=key.get_secret_value() if key else None,
            base_url=self._settings.openai_base_url,
            timeout=self._settings.openai_timeout_s,
            max_retries=self._settings.openai_max_retries,
            # A hook of the connection and not a line before the call: retries are requests too.
            http_client=openai.DefaultAsyncHttpxClient(event_hooks={"request": [self._wait_for_turn]}),
        )

    async def _wait_for_turn(self, request: Request) -> None:
        # Only what the model does is limited; a look at the list of models costs the provider nothing.
        if request.method == "POST":
            await self._rate.turn()


def _summary_in(body: bytes) -> str:
    try:
        answer = _Completion.model_validate_json(body)
    except ValidationError as err:
        raise _malformed("completion", err) from err
    if not answer.choices:
        raise NoAnswer(f"the provider's answer {answer.id} has no choices", malformed=True)
    choice = answer.choices[0]
    if not (choice.message.content or "").strip():
        why = choice.message.refusal or choice.finish_reason or "no reason given"
        raise NoAnswer(f"the provider's answer {answer.id} has no text: {why}", malformed=False)
    return str(choice.message.content).strip()


def _malformed(what: str, err: ValidationError) -> NoAnswer:
    first = err.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return NoAnswer(
        f"the provider's answer is no {what}: {where + ': ' if where else ''}{first['msg']}", malformed=True
    )
