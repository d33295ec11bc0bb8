"""`log` sees a service's log as it was written, whatever carried it to its file."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from bench.log_carriers import BEGIN, CARRIERS, carried

from crashcart.model.observation import Moment
from crashcart.model.system import Target

NOW = BEGIN + timedelta(seconds=40)
OWN = [f"2026-03-04T10:00:{second:02}Z INFO shop: order {second} taken" for second in range(20)]
FAILED = [
    "2026-03-04T10:00:20Z ERROR shop: order 20 failed",
    "Traceback (most recent call last):",
    '  File "/srv/shop/pay.py", line 41, in charge',
    "    answer = client.post(url)",
    "openai.RateLimitError: Error code: 429 - {'error': {'message': 'Rate limit reached'}}",
    "2026-03-04T10:00:21Z WARNING shop: order 21 waits",
]


@pytest.fixture(autouse=True, params=["short", "long"])
def length(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have every log read as if it were short, and as if it were long."""
    monkeypatch.setattr("crashcart.probes.log.tail.LONG_BYTES", {"short": 1 << 40, "long": 0}[request.param])
    return request.param


@pytest.fixture
def logged(tmp_path):
    def write(data: bytes) -> Target:
        path = tmp_path / "api.log"
        path.write_bytes(data)
        os.utime(path, (NOW.timestamp(), NOW.timestamp()))
        return Target("api", "http", logs=(str(path),))

    return write


@pytest.mark.parametrize("carrier", CARRIERS)
def test_texts_levels_and_tracebacks_are_found(looking, logged, carrier):
    target = logged(carried("".join(f"{line}\n" for line in [*OWN, *FAILED]).encode(), carrier))

    limited = looking.seen("log", target, text="Error code: 429", moment=Moment(NOW))
    errors = looking.seen("log", target, level="error", moment=Moment(NOW))

    assert (limited.fields["count"], errors.fields["count"], errors.fields["records"]) == (1, 1, 22)
    assert errors.records[0].text.endswith(f"{FAILED[0]}\n{FAILED[4]}")
    assert limited.records[0].text == FAILED[4]
    assert limited.records[0].where == errors.records[0].where == f"{target.logs[0]}:21"
    assert "\x1b" not in limited.records[0].text
    at = datetime.fromisoformat(str(limited.fields["first"]))
    assert at.astimezone(UTC).replace(second=0, microsecond=0) == BEGIN


def test_lines_of_glog_have_moment_and_level(looking, logged):
    lines = [f"I0304 10:00:{second:02}.5 81 pay.py:7] order {second} taken" for second in range(20)]
    target = logged("\n".join([*lines, "E0304 10:00:21.5 81 pay.py:9] order 21 failed", ""]).encode())

    errors = looking.seen("log", target, level="error", moment=Moment(NOW))

    assert (errors.fields["count"], errors.fields["records"]) == (1, 21)
    assert errors.fields["first"] == "2026-03-04T10:00:21.500+00:00"
