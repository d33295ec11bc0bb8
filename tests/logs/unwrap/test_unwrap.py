"""A log tells the same, whatever carried it to its file."""

from __future__ import annotations

import io
import json
import logging
import re
from collections import Counter

import pytest
from bench.log_carriers import CARRIERS, carried
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crashcart.logs.conclude import Asked, conclude
from crashcart.logs.engine import LogPass
from crashcart.logs.unwrap import Unwrapper
from crashcart.redact import Scrubber
from crashcart.report.logs import logs_json

WRITTEN_S = 1_772_618_400.0
OWN_STAMPS = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def charge(order: int) -> None:
    """Fail, and fail once more while that is handled."""
    try:
        {}["card"]
    except KeyError as error:
        raise ValueError(f"order {order} has no card") from (error if order % 2 else None)


def log_of(form: str, *, orders: int = 12) -> bytes:
    """Return what Python's logging writes for a service that fails now and then."""
    out = io.StringIO()
    logger = logging.Logger("shop.pay")
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter(form))
    logger.addHandler(handler)
    for order in range(orders):
        logger.info("order %d taken", order)
        if order % 3 == 0:
            try:
                charge(order)
            except ValueError:
                logger.exception("order %d failed", order)
        logger.warning("stock of item %d is low", order)
    return out.getvalue().encode()


def passed(*parts: bytes) -> LogPass:
    found = LogPass()
    found.begin("shop.log", written_s=WRITTEN_S)
    offset = 0
    for part in parts:
        found.feed(part, offset=offset)
        offset += len(part)
    found.end()
    return found


def told(found: LogPass) -> tuple[object, object, int]:
    """Return the levels of its records, its exceptions with their frames and numbers, and its lines."""
    report = json.loads(logs_json(conclude(found, Asked(Scrubber(()), (), (), None))))
    raised = Counter({(kind, where): each.times.count for (_, kind, where), each in found.raised.items()})
    return report["levels"], raised, report["lines"]


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("form", [OWN_STAMPS, "%(levelname)s:%(name)s:%(message)s"])
def test_levels_and_exceptions_are_those_of_the_log_as_it_was_written(carrier: str, form: str) -> None:
    plain = log_of(form)
    levels, raised, lines = told(passed(plain))

    carried_levels, carried_raised, carried_lines = told(passed(carried(plain, carrier)))

    assert dict(levels)["error"] == 4
    assert sum(raised.values()) == 4
    assert (carried_raised, carried_lines) == (raised, lines)
    assert carried_levels == levels


@pytest.mark.parametrize("carrier", CARRIERS)
def test_where_blocks_are_cut_makes_no_difference(carrier: str) -> None:
    data = carried(log_of(OWN_STAMPS), carrier)
    # What stamped the first line of a traceback shows by the next one.
    parts = re.findall(rb"[^\n]*Traceback [^\n]*\n[^\n]*\n|[^\n]*\n", data)

    assert len(parts) > 40
    assert told(passed(*parts)) == told(passed(data))


@pytest.mark.parametrize("carrier", CARRIERS)
def test_an_example_stands_where_the_file_has_it(carrier: str) -> None:
    data = carried(log_of(OWN_STAMPS), carrier)
    lines = data.splitlines()

    places = [*passed(data).examples.values()]

    assert len(places) >= 3
    for place in places:
        assert data[place.offset :].splitlines()[0] == lines[place.line]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_json_within_is_read_by_its_keys(carrier: str) -> None:
    objects = [
        {"timestamp": f"2026-03-04T10:00:{n:02}Z", "level": "error" if n % 3 == 0 else "info", "message": f"job {n} done"}
        for n in range(30)
    ]  # fmt: skip
    plain = "".join(f"{json.dumps(each)}\n" for each in objects).encode()

    found = passed(carried(plain, carrier))

    assert told(found) == told(passed(plain))
    assert [template.text for template in found.miner.result()] == ["job <*> done"]


def test_colours_of_uvicorn_and_celery_are_taken_off() -> None:
    uvicorn = pytest.importorskip("uvicorn.logging")
    celery = pytest.importorskip("celery.utils.log")
    defaults = pytest.importorskip("celery.app.defaults")
    record = logging.LogRecord("app.jobs", logging.ERROR, "x.py", 7, "job %d failed: no key", (7,), None)
    access = logging.LogRecord(
        "uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d', ("1.2.3.4:5", "GET", "/x", "1.1", 500), None
    )
    record.processName = "ForkPoolWorker-1"
    error = uvicorn.DefaultFormatter("%(levelprefix)s %(message)s", use_colors=True).format(record)
    asked = uvicorn.AccessFormatter(
        '%(levelprefix)s %(client_addr)s - "%(request_line)s" %(status_code)s', use_colors=True
    ).format(access)
    worker = celery.ColorFormatter(defaults.DEFAULT_PROCESS_LOG_FMT, use_color=True).format(record)
    coloured = f"{error}\n{asked}\n{worker}\n"

    assert coloured.count("\x1b[") >= 6
    lines = Unwrapper().feed(coloured.encode()).decode().splitlines()
    assert lines[0] == "ERROR:    job 7 failed: no key"
    assert lines[1] == 'INFO:     1.2.3.4:5 - "GET /x HTTP/1.1" 500 Internal Server Error'
    assert lines[2].endswith(": ERROR/ForkPoolWorker-1] job 7 failed: no key")


def test_what_loguru_serialized_is_a_line_with_level_moment_and_exception() -> None:
    wrapped = {
        "text": 'pay failed\nTraceback (most recent call last):\n  File "/srv/shop/pay.py", line 4, in charge\nKeyError: 1\n',
        "record": {
            "exception": {"type": "KeyError", "value": "1", "traceback": True},
            "level": {"icon": "x", "name": "ERROR", "no": 40}, "message": "pay failed", "name": "shop.pay",
            "time": {"repr": "2026-03-04 10:00:00.000000+00:00", "timestamp": 1772618400.5},
        },
    }  # fmt: skip

    wrapped["record"]["extra"] = {"order": "A-17"}  # type: ignore[index]

    found = passed(json.dumps(wrapped).encode() + b"\n")
    assert b'"extra":{"order":"A-17"}' in next(iter(found.examples.values())).text

    levels, raised, _ = told(found)
    assert dict(levels)["error"] == 1
    assert raised == {("KeyError", "/srv/shop/pay.py:4 in charge"): 1}
    assert (
        json.loads(logs_json(conclude(found, Asked(Scrubber(()), (), (), None))))["span"]["first"]
        == "2026-03-04T10:00:00Z"
    )


@pytest.mark.parametrize(
    "line",
    [
        '{"log": "not of Docker"}', '{"text": "not of loguru"}', '{"log":"half of a li', "a | b", "2026-03-04 10:00:00 | INFO | x",
        "[31m is no colour", '{"log":7,"stream":"stdout","time":"2026-03-04T10:00:00Z"}',
    ],
)  # fmt: skip
def test_what_only_looks_wrapped_stays_as_it_is(line: str) -> None:
    data = f"{line}\n".encode() * 9

    assert Unwrapper().feed(data) == data


def test_another_record_amid_a_carried_traceback_stays_one() -> None:
    lines = [
        "Traceback (most recent call last):", '  File "a.py", line 1, in f', 'INFO:     1.2.3.4:5 - "GET / HTTP/1.1" 200 OK',
        "KeyError: 1", "WARNING:  low",
    ]  # fmt: skip
    data = "".join(f"2026-03-04T10:00:0{at}Z {line}\n" for at, line in enumerate(lines)).encode()

    assert Unwrapper().feed(data).decode().splitlines() == [*lines[:2], *data.decode().splitlines()[2:]]


def test_a_traceback_as_the_message_of_a_stamped_line_keeps_its_stamp() -> None:
    data = b'2026-03-04 10:00:00,1 Traceback (most recent call last):\n  File "a.py", line 1, in f\nKeyError: 1\n'

    assert Unwrapper().feed(data) == data


PIECES = st.sampled_from(
    [
        b"2026-03-04T10:00:00.5Z ", b"stderr F ", b"web-1  | ", b"[pod/a/b] ", b"Mar  4 10:00:00 box app[7]: ", b"\x1b[31m",
        b"Traceback (most recent call last):", b"  File", b"KeyError: 1", b"During handling of the above", b"\n", b"\n", b"\r\n",
        b'{"log":"', b'\\n","stream":"stdout","time":"2026-03-04T10:00:00Z"}', b'{"text": "', b'{"time": 1}', b"\xff",
    ]
)  # fmt: skip


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None, max_examples=400)
@given(st.lists(PIECES, max_size=40).map(b"".join))
def test_there_are_as_many_lines_as_before(data: bytes) -> None:
    lines = Unwrapper().feed(data)

    assert len(lines.split(b"\n")) == len(data.split(b"\n"))
    assert (lines == b"") == (data == b"")


SWALLOWERS = (
    "2026-03-04 10:00:00,123    ERROR failed: 'Traceback (most recent call last):\\n  File x'",
    "2026-03-04T10:00:00.1Z ERROR told: Traceback (most recent call last):",
)
FURTHER = (
    "2026-03-04 10:00:{at:02},123     INFO order {at} taken", "2026-03-04T10:00:{at:02}.1Z  INFO order {at} taken",
    '2026-03-04T10:00:{at:02}Z {{"level":"info","msg":"job done","timing":{{"time":0.5}}}}',
    '2026-03-04T10:00:{at:02}Z {{"level":"info","msg":"job done","time":0.03}}',
    '2026-03-04 10:00:{at:02},001 {{"event":"order","timestamp":"2019-01-01T00:00:00Z"}}',
)  # fmt: skip


@pytest.mark.parametrize("first", SWALLOWERS)
@pytest.mark.parametrize("further", FURTHER)
def test_records_of_a_log_that_nothing_carried_stay_as_they_are(first: str, further: str) -> None:
    lines = [f"{line}\n".encode() for line in (first, *(further.format(at=at) for at in range(1, 31)))]
    unwrapper = Unwrapper()

    assert Unwrapper().feed(b"".join(lines)) == b"".join(lines)
    assert [unwrapper.feed(line) for line in lines] == lines


@pytest.mark.parametrize("carrier", CARRIERS)
def test_levels_that_are_aligned_to_the_right_are_no_lines_of_a_traceback(carrier: str) -> None:
    plain = log_of("%(asctime)s %(levelname)8s %(name)s: %(message)s")

    assert told(passed(carried(plain, carrier))) == told(passed(plain))


def test_a_line_of_another_container_is_not_the_exception() -> None:
    lines = [
        "web-1  | Traceback (most recent call last):",
        'web-1  |   File "a.py", line 1, in f',
        "db-1   | mysqld: ready",
    ]

    assert Unwrapper().feed("\n".join(lines).encode()).splitlines()[-1] == b"db-1   | mysqld: ready"


def test_lines_of_kubernetes_own_components_keep_their_level() -> None:
    data = b"".join(
        b"2026-03-04T10:00:%02d.000000000+00:00 stderr F W0304 10:00:%02d.1    7 r.go:1] slow %d\n" % (at, at, at)
        for at in range(30)
    )

    levels, _, _ = told(passed(data))

    assert dict(levels)["warning"] == 30  # type: ignore[call-overload]
