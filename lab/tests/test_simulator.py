"""The provider simulator, seen through the official SDK."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from crashcart_lab import ports, processes, supervise
from crashcart_lab.supervise import clean_environment
from crashcart_lab.waiting import until
from crashcart_lab.world import answers

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz"
TEXT = (
    "A box holds messages in the order in which they came. Lunch was good. "
    "A receiver empties its box and says done for each of the messages. The weather is fine today and tomorrow. "
    "When a box is full, messages wait with their sender until the box has room. Nobody knows the colour of it. "
    "A paused box takes messages and gives no messages to its receiver."
)


class Simulator:
    def __init__(self, port: int, control: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"
        self.control = f"http://127.0.0.1:{control}"

    def rules(self, *rules: dict[str, str | int | float]) -> None:
        httpx.put(f"{self.control}/rules", json=list(rules), trust_env=False).raise_for_status()

    def client(self, key: str = KEY, timeout: float = 5.0) -> openai.OpenAI:
        return openai.OpenAI(api_key=key, base_url=self.url, max_retries=0, timeout=timeout)

    def ask(self, **kwargs: float) -> str:
        with self.client(**kwargs) as client:
            answer = client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": TEXT}])
        assert answer.usage is not None
        assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
        return answer.choices[0].message.content or ""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder: Path = tmp_path_factory.mktemp("provider")
    (folder / "keys").write_text(KEY)
    port, control = ports.free(2)
    argv = [*supervise.PYTHON, "crashcart_lab.simulator", "--port", str(port), "--control-port", str(control)]
    process = processes.spawn([*argv, "--keys", str(folder / "keys")], env=clean_environment(), log=folder / "out")
    with httpx.Client(trust_env=False) as http:
        url = f"http://127.0.0.1:{control}/rules"
        until(lambda: answers(http, url), timeout_s=20, what="the simulator", hint=str(folder / "out"))
    yield Simulator(port, control)
    processes.end(process)


@pytest.fixture
def simulator(running: Simulator) -> Iterator[Simulator]:
    yield running
    running.rules()
    httpx.put(f"{running.control}/keys", json=[KEY], trust_env=False).raise_for_status()


def test_models_are_listed(simulator: Simulator):
    with simulator.client() as client:
        assert "gpt-4o-mini" in [model.id for model in client.models.list()]


def test_an_answer_is_made_of_the_sentences_that_carry_the_text(simulator: Simulator):
    answer = simulator.ask()

    assert "A box holds messages in the order in which they came." in answer
    assert "weather" not in answer
    assert all(sentence in TEXT for sentence in answer.split(". "))


def test_a_streamed_answer_says_the_same(simulator: Simulator):
    with simulator.client() as client:
        stream = client.chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": TEXT}], stream=True
        )
        chunks = [chunk.choices[0] for chunk in stream]

    assert "".join(chunk.delta.content or "" for chunk in chunks).strip() == simulator.ask()
    assert chunks[-1].finish_reason == "stop"


def test_a_wrong_key_is_refused_and_not_repeated_in_full(simulator: Simulator):
    with simulator.client(key="sk-proj-wrongwrongwrong") as client, pytest.raises(openai.AuthenticationError) as err:
        client.models.list()

    assert err.value.code == "invalid_api_key"
    assert "sk-proj-***********rong" in err.value.message
    assert "wrongwrong" not in err.value.message


def test_a_revoked_key_is_refused(simulator: Simulator):
    httpx.put(f"{simulator.control}/keys", json=[], trust_env=False).raise_for_status()

    with pytest.raises(openai.AuthenticationError):
        simulator.ask()


def test_a_request_without_a_key_is_told_how_to_send_one(simulator: Simulator):
    answer = httpx.get(f"{simulator.url}/models", trust_env=False)

    assert answer.status_code == 401
    assert "You didn't provide an API key" in answer.json()["error"]["message"]


def test_a_used_up_limit_is_429_with_retry_after_for_chat_alone(simulator: Simulator):
    simulator.rules({"kind": "rate_limit", "scope": "chat", "seconds": 20, "limit": 3})

    with pytest.raises(openai.RateLimitError) as err:
        simulator.ask()

    assert err.value.response.headers["retry-after"] == "20"
    assert err.value.code == "rate_limit_exceeded"
    assert "Please try again in 20s" in err.value.message
    with simulator.client() as client:
        assert client.models.list().data


def test_a_rate_lets_some_requests_through_and_no_more(simulator: Simulator):
    simulator.rules({"kind": "rate_limit", "per_minute": 2})

    simulator.ask()
    simulator.ask()
    with pytest.raises(openai.RateLimitError):
        simulator.ask()


def test_a_fraction_hits_some_requests_and_not_all(simulator: Simulator):
    simulator.rules({"kind": "status", "status": 503, "fraction": 0.5})
    auth = {"Authorization": f"Bearer {KEY}"}

    with httpx.Client(trust_env=False, headers=auth) as http:
        seen = {http.get(f"{simulator.url}/models").status_code for _ in range(40)}

    assert seen == {200, 503}


def test_a_server_error_has_the_wire_body(simulator: Simulator):
    simulator.rules({"kind": "status", "status": 500})

    with pytest.raises(openai.InternalServerError) as err:
        simulator.ask()

    assert isinstance(err.value.body, dict)
    assert err.value.body["type"] == "server_error"


@pytest.mark.parametrize("kind", ["hang", "latency"])
def test_silence_runs_into_the_timeout_of_the_client(simulator: Simulator, kind: str):
    simulator.rules({"kind": kind, "seconds": 60})

    with pytest.raises(openai.APITimeoutError):
        simulator.ask(timeout=0.3)


def test_a_malformed_body_is_no_json(simulator: Simulator):
    simulator.rules({"kind": "malformed"})

    with pytest.raises((openai.APIResponseValidationError, json.JSONDecodeError)):
        simulator.ask()


@pytest.mark.parametrize(
    ("body", "content"),
    [("half", '{"id": "chatcmpl-'), ("page", "<html>"), ("empty", ""), ("other", '{"status":"ok"}')],
)
def test_a_malformed_body_is_one_of_those_that_proxies_leave_behind(simulator: Simulator, body: str, content: str):
    simulator.rules({"kind": "malformed", "body": body})

    answer = httpx.get(f"{simulator.url}/models", headers={"Authorization": f"Bearer {KEY}"}, trust_env=False)

    assert answer.status_code == 200
    assert answer.text.startswith(content)
    assert bool(answer.text) == bool(content)


def test_a_used_up_quota_is_429_for_good_and_says_so(simulator: Simulator):
    simulator.rules({"kind": "quota", "scope": "chat"})

    with pytest.raises(openai.RateLimitError, match="exceeded your current quota") as err:
        simulator.ask()

    assert err.value.code == "insufficient_quota"
    assert "retry-after" not in err.value.response.headers


def test_a_country_that_is_not_served_is_403(simulator: Simulator):
    simulator.rules({"kind": "region"})

    with pytest.raises(openai.PermissionDeniedError) as err:
        simulator.ask()

    assert err.value.code == "unsupported_country_region_territory"


def test_blanks_keep_a_connection_alive_beyond_the_timeout_until_the_answer_comes(simulator: Simulator):
    simulator.rules({"kind": "trickle", "scope": "chat", "seconds": 1.1})
    blank = 0.5  # the simulator's

    answer = simulator.ask(timeout=blank * 1.8)

    assert "A box holds messages in the order in which they came." in answer


def test_a_path_that_the_provider_does_not_have_is_named(simulator: Simulator):
    answer = httpx.post(f"{simulator.url}/v1/chat/completions", json={}, trust_env=False)

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Invalid URL (POST /v1/v1/chat/completions)"


@pytest.mark.parametrize("stream", [True, False])
def test_a_cut_answer_breaks_in_the_middle(simulator: Simulator, stream: bool):
    simulator.rules({"kind": "cut"})
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": TEXT}], "stream": stream}

    with pytest.raises(httpx.RemoteProtocolError):
        httpx.post(
            f"{simulator.url}/chat/completions",
            json=body,
            headers={"Authorization": f"Bearer {KEY}"},
            trust_env=False,
        )


def test_an_unknown_model_and_an_empty_request_are_refused_as_the_provider_does(simulator: Simulator):
    with simulator.client() as client:
        with pytest.raises(openai.NotFoundError, match="does not exist"):
            client.chat.completions.create(model="gpt-9", messages=[{"role": "user", "content": "x"}])
        with pytest.raises(openai.BadRequestError, match="messages"):
            client.chat.completions.create(model="gpt-4o-mini", messages=[])


def test_control_refuses_what_it_does_not_know(simulator: Simulator):
    answer = httpx.put(f"{simulator.control}/rules", json=[{"kind": "hang", "secs": 1}], trust_env=False)

    assert answer.status_code == 422


def test_the_provider_port_shows_no_control(simulator: Simulator):
    base = simulator.url.removesuffix("/v1")

    assert {httpx.get(f"{base}{path}", trust_env=False).status_code for path in ("/rules", "/keys", "/docs")} == {404}
