"""`crashcart hook` as senders and receivers meet it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from crashcart.alerts import MAX_PAYLOAD_BYTES

if TYPE_CHECKING:
    from conftest import Hook, Start, Town

SECRET = "0123456789abcdef-secret"
BEARER = {"Authorization": f"Bearer {SECRET}"}
Payload = Callable[..., bytes]


@pytest.fixture(scope="module")
def hook(start: Start, town: Town) -> Hook:
    """A receiver that posts its reports, started once for all."""
    return start("--secret", "env:HOOK_SECRET", "--post", f"json://{town.address}/reports")


def post(hook: Hook, data: bytes, headers: dict[str, str] | None = None, path: str = "/alerts") -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=60) as client:
        return client.post(hook.url + path, content=data, headers=BEARER if headers is None else headers)


def get(hook: Hook, path: str) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=60) as client:
        return client.get(hook.url + path)


def test_an_alert_is_diagnosed_and_the_report_arrives_once_with_its_case(
    hook: Hook, town: Town, shop: Path, payload: Payload
) -> None:
    first = post(hook, payload("a", job="shop"))
    report = town.report()
    hook.wait_for("event=posted")
    again = post(hook, payload("a", job="shop"))
    resolved = post(hook, payload("a", job="shop", status="resolved"))

    assert (first.status_code, first.json()) == (202, {"new": 1, "repeats": 0, "resolved": 0})
    assert report["title"].startswith("shop: ")
    assert report["title"].endswith("ikely: the warehouse refuses us (shop)")
    assert 'Means shop: job "shop" is its name' in report["message"]
    assert "ask the warehouse for a new pass" in report["message"]
    assert again.json() == {"new": 0, "repeats": 1, "resolved": 0}
    assert resolved.json() == {"new": 0, "repeats": 0, "resolved": 1}
    assert get(hook, "/health").json() == {"status": "ok", "waiting": 0, "undelivered": 0}
    assert town.posts.empty()
    case = Path(report["message"].split("crashcart report ")[1].split(" --html")[0])
    assert case.is_relative_to(shop.parent / "state")
    assert json.loads(case.read_bytes())["complaint"] == "Orders Fail: orders fail"


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {SECRET}"}, {"X-PagerDuty-Signature": "v1=00"}],
)
def test_without_the_secret_nothing_is_accepted(hook: Hook, payload: Payload, headers: dict[str, str]) -> None:
    answer = post(hook, payload("nobody"), headers)

    assert answer.status_code == 401
    assert answer.json()["error"]


def test_a_header_and_the_signature_of_pagerduty_will_do(hook: Hook, payload: Payload) -> None:
    data = payload("a", status="resolved")
    signed = "v1=" + hmac.new(SECRET.encode(), data, hashlib.sha256).hexdigest()

    by_header = post(hook, data, {"X-Crashcart-Secret": SECRET})
    by_signature = post(hook, data, {"X-PagerDuty-Signature": f"v1=00,{signed}"})

    assert (by_header.status_code, by_signature.status_code) == (202, 202)


@pytest.mark.parametrize(
    ("data", "path", "status", "says"),
    [
        (b"no json", "/alerts", 400, "no JSON"),
        (b"{}", "/alerts", 400, 'neither "alerts" nor "event"'),
        (b"{}", "/alerts/bank", 400, 'no system "bank"'),
        (b" " * (MAX_PAYLOAD_BYTES + 1), "/alerts", 413, "2,000,000 bytes"),
    ],
)
def test_what_cannot_be_accepted_is_refused_with_the_reason(
    hook: Hook, data: bytes, path: str, status: int, says: str
) -> None:
    answer = post(hook, data, path=path)

    assert answer.status_code == status
    assert says in answer.json()["error"]


def test_metrics_count_what_came_and_what_went(hook: Hook) -> None:
    post(hook, b"{}")

    text = get(hook, "/metrics").text

    assert 'crashcart_hook_requests_total{status="400"}' in text
    assert "crashcart_hook_waiting_alerts 0" in text
    assert "crashcart_hook_accept_seconds_count" in text


def test_an_accepted_alert_outlives_the_process_that_accepted_it(
    start: Start, tmp_path: Path, payload: Payload
) -> None:
    """Killed right after its 202, then ended by Ctrl-C in the middle of the diagnosis: the third life tells it."""
    inbox = str(tmp_path / "alerts.sqlite")
    first = start("--inbox", inbox)
    assert post(first, payload("b"), {}).status_code == 202
    first.kill()

    _, ended, code = start("--inbox", inbox).end()
    third = start("--inbox", inbox)
    third.wait_for("event=posted")
    out, err, _ = third.end()

    assert (code, "stopped; 1 alerts wait" in ended) == (0, True)
    assert "ikely: the warehouse refuses us (shop)\n" in out
    assert "0 alerts wait and 0 reports have not arrived" in err


def test_a_report_that_is_refused_is_kept_and_a_diagnosis_that_fails_is_told(
    start: Start, town: Town, shop: Path, tmp_path: Path, payload: Payload
) -> None:
    broken = tmp_path / "crashcart.toml"
    broken.write_text(shop.read_text().replace("shop.md", str(shop.parent / "shop.md")))
    hook = start("--post", f"json://{town.address}/reports", system=broken)
    broken.write_text("[system")
    town.status = 500
    try:
        post(hook, payload("c"), {})
        failed = hook.wait_for("event=post-failed")
        first = town.report()
        town.status = 200
        again = town.report()
    finally:
        town.status = 200
    hook.wait_for("event=posted")

    assert "500" in failed
    assert again == first
    assert first["title"] == "shop: not diagnosed"
    assert "the system file is no TOML" in first["message"]
    assert "OrdersFail: orders fail" in first["message"]


def test_with_nothing_more_to_take_a_sender_shall_come_again(start: Start, tmp_path: Path, payload: Payload) -> None:
    hook = start("--inbox", str(tmp_path / "alerts.sqlite"), "--max-waiting", "1")
    alerts = json.loads(payload("d"))["alerts"]
    two = json.dumps({"version": "4", "alerts": [alerts[0], {**alerts[0], "fingerprint": "e"}]}).encode()

    answer = post(hook, two, {})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")


def test_what_cannot_be_written_is_not_accepted_and_the_report_of_what_was_is_posted_once(
    start: Start, town: Town, tmp_path: Path, payload: Payload
) -> None:
    """No file may grow beyond 120 kB, as on a full disk: senders keep the rest, people get the report all the same."""
    hook = start("--inbox", str(tmp_path / "alerts.sqlite"), "--post", f"json://{town.address}/reports", file_kb="120")

    answers = [post(hook, payload(str(number), summary="orders fail " * 100), {}) for number in range(60)]
    report = town.report()
    for _ in range(2):
        hook.wait_for("event=error step='diagnose shop'")

    assert {answer.status_code for answer in answers} == {202, 503}
    assert answers[-1].headers["Retry-After"] == "30"
    assert "cannot be written" in answers[-1].json()["error"]
    assert report["title"].startswith("shop: ")
    assert get(hook, "/health").status_code == 503
    assert town.posts.empty()
