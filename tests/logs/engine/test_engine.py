"""What one pass over a log finds, and that two passes add up to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta

import pytest

from crashcart.logs.conclude import Asked, conclude, profile_of
from crashcart.logs.engine import LogPass
from crashcart.logs.filtered import Window
from crashcart.logs.loops import library
from crashcart.logs.profile import Profile
from crashcart.logs.signatures.scanner import compile
from crashcart.logs.signatures.signature import Signature
from crashcart.model.logs import KnownText, LogReport
from crashcart.redact import Scrubber
from crashcart.report.logs import logs_json, logs_text

from .made import BEGIN, SECRET, TRACEBACK, Trouble, block, json_lines

BAD = Trouble(flood=range(30, 34), stopped=range(45, 60), errors_from=40)
KNOWN = (KnownText("ReadTimeout", "pay", "slow", "hangs", "the payment provider hangs"),)


def passed(*parts: bytes, file: str = "shop.log", window: Window | None = None) -> LogPass:
    found = LogPass(compile([Signature("pay", "ReadTimeout")]), window=window)
    found.begin(file, written_s=1e9)
    offset = 0
    for part in parts:
        found.feed(part, offset=offset)
        offset += len(part)
    found.end()
    return found


def told(found: LogPass, *, secrets: Sequence[str] = (), profile: Profile | None = None) -> LogReport:
    return conclude(found, Asked(Scrubber(secrets), KNOWN, (0,), profile))


def report_of(data: bytes, **asked: object) -> LogReport:
    return told(passed(data), **asked)  # type: ignore[arg-type]


def cut_at_heads(data: bytes, parts: int) -> list[bytes]:
    """Cut where a line begins with a stamp."""
    found = []
    begin = 0
    for part in range(1, parts):
        end = data.index(b"\n2026-", len(data) * part // parts) + 1
        found.append(data[begin:end])
        begin = end
    return [*found, data[begin:]]


def test_the_loops_in_c_and_in_python_tell_the_same() -> None:
    for data in (block(BAD), json_lines()):
        with library.aside():
            plain = logs_json(report_of(data))
        assert logs_json(report_of(data)) == plain


# --- two passes are one -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [2, 3, 7])
def test_parts_of_one_file_add_up_to_the_bytes_of_one_pass(parts: int) -> None:
    data = block(BAD)
    whole = LogPass(compile([Signature("pay", "ReadTimeout")]))
    offset = 0
    for part in cut_at_heads(data, parts):
        one = LogPass(compile([Signature("pay", "ReadTimeout")]))
        one.begin("shop.log", written_s=1e9)
        one.feed(part, offset=offset)
        one.end()
        offset += len(part)
        whole.merge(one)

    assert logs_json(told(whole)) == logs_json(report_of(data))


def test_passes_over_two_files_add_up_to_one_over_both() -> None:
    first, second = block(BAD), json_lines()
    both = LogPass(compile([Signature("pay", "ReadTimeout")]))
    for name, data in (("a.log", first), ("b.log", second)):
        both.begin(name, written_s=1e9)
        both.feed(data, offset=0)
    parts = passed(first, file="a.log")

    parts.merge(passed(second, file="b.log"))

    assert logs_json(told(parts)) == logs_json(told(both))


@pytest.mark.parametrize("size", [977, 20_011])
def test_where_blocks_are_cut_makes_no_difference(size: int) -> None:
    data = block(BAD, minutes=46)
    ends = [data.index(b"\n", at) + 1 for at in range(0, len(data) - 200, size)] + [len(data)]
    pieces = [data[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True)]

    assert logs_json(told(passed(*filter(None, pieces)))) == logs_json(report_of(data))


# --- what happened ----------------------------------------------------------------------------------------------------


def test_a_steady_log_brings_no_finding() -> None:
    report = report_of(block())

    assert not report.is_bad
    assert (report.problems, report.new, report.bursts, report.silences) == ((), (), (), ())


def test_an_error_is_told_once_with_its_count_exception_own_frame_and_first_line() -> None:
    report = report_of(block(BAD))

    (error,) = report.problems
    data = block(BAD)
    assert error.count == data.count(b" ERROR ")
    assert error.raised == "httpx.ReadTimeout: timed out"
    assert error.where == "/srv/shop/pay.py:41 in charge"
    assert error.new_because
    assert error.example is not None
    assert data.split(b"\n")[error.example.line - 1].decode() == error.example.text
    assert data[error.example.offset :].startswith(error.example.text.encode())
    assert error.first is not None
    assert error.first >= BEGIN + timedelta(minutes=40)


def test_a_flood_is_a_burst_at_its_minutes_with_its_factor() -> None:
    (burst,) = report_of(block(BAD)).bursts

    assert burst.template is not None
    assert "pool exhausted" in burst.template.text
    assert BEGIN + timedelta(minutes=29) <= burst.began <= BEGIN + timedelta(minutes=30)
    assert BEGIN + timedelta(minutes=34) <= burst.ended <= BEGIN + timedelta(minutes=35)
    assert burst.factor > 100


def test_a_job_that_stops_is_a_silence_from_then_on() -> None:
    (silence,) = report_of(block(BAD)).silences

    assert silence.template is not None
    assert "heartbeat" in silence.template.text
    assert silence.until is None
    assert abs(silence.since - (BEGIN + timedelta(minutes=45))) < timedelta(minutes=2)


def test_when_everything_stops_for_a_while_it_is_told_once() -> None:
    (silence,) = report_of(block(Trouble(quiet=range(30, 40)))).silences

    assert silence.template is None
    assert silence.until is not None
    assert abs(silence.until - (BEGIN + timedelta(minutes=40))) < timedelta(minutes=2)


def test_an_hourly_job_is_no_burst() -> None:
    lines = []
    for minute in range(60 * 24):
        stamp = (BEGIN + timedelta(minutes=minute)).isoformat()
        lines += [f"{stamp} INFO tick {minute}"] * 3
        lines += [f"{stamp} INFO report {n} written" for n in range(80)] if minute % 60 == 0 else []

    assert report_of(("\n".join(lines) + "\n").encode()).bursts == ()


def test_durations_are_told_as_percentiles_within_five_percent() -> None:
    lines = [f"2026-03-04T10:{n // 60:02}:{n % 60:02}Z INFO served page {n} took {n + 1}ms" for n in range(1000)]

    (latency,) = report_of(("\n".join(lines) + "\n").encode()).latencies

    assert latency.count == 1000
    for found, true in ((latency.p50_s, 0.5), (latency.p95_s, 0.95), (latency.p99_s, 0.99)):
        assert found == pytest.approx(true, rel=0.05)


@pytest.mark.parametrize(
    ("message", "seconds"),
    [
        ("request done duration=1.500s", 1.5), ("response_time=0.250 path=/a", 0.25), ("GET /a - 0.125s", 0.125),
        ("fetched in 2 seconds", 2.0), ('{"message": "x done", "duration_ms": 40}', 0.04), ("took 900us", 0.0009),
    ],
)  # fmt: skip
def test_a_duration_is_read_in_the_unit_it_is_written_in(message: str, seconds: float) -> None:
    data = (f"{message}\n" * 5).encode()

    (latency,) = report_of(data).latencies

    assert latency.p50_s == pytest.approx(seconds, rel=0.05)


def test_a_bare_whole_number_is_no_duration() -> None:
    assert report_of(b"batch duration=12\n" * 5).latencies == ()


def test_access_logs_give_errors_and_refusals_by_their_response_codes() -> None:
    line = '10.0.0.{n} - - [04/Mar/2026:10:00:{s:02} +0000] "GET /a/{n} HTTP/1.1" {code} 12 "-" "curl/8.0"'
    codes = [200] * 40 + [500] * 3 + [401] * 5
    data = "".join(line.format(n=n, s=n, code=code) + "\n" for n, code in enumerate(codes)).encode()

    report = report_of(data)

    assert [error.count for error in report.problems] == [3]
    assert [refused.count for refused in report.refused] == [5]


@pytest.mark.parametrize("message", ["Invalid token for ann", "authentication failed", "401 Unauthorized: no key"])
def test_words_of_a_refusal_are_counted(message: str) -> None:
    data = f"2026-03-04T10:00:00Z INFO {message}\n".encode() * 4

    (refused,) = report_of(data).refused

    assert refused.count == 4


def test_json_lines_have_level_message_and_exception() -> None:
    report = report_of(json_lines())

    assert dict(report.levels)["error"] == 30
    (error,) = report.problems
    assert (error.count, error.template.text) == (30, "job <*> failed")
    assert error.raised == "httpx.ReadTimeout: timed out"


def test_one_message_at_two_levels_in_json_is_counted_by_level() -> None:
    lines = [json.dumps({"level": level, "msg": "tried again"}) for level in ["info"] * 7 + ["critical"] * 2]

    report = report_of(("\n".join(lines) + "\n").encode())

    assert [error.count for error in report.problems] == [2]


def test_a_known_text_counts_records_and_not_lines() -> None:
    (seen,) = report_of(block(BAD)).known

    assert seen.count == block(BAD).count(b" ERROR ")
    assert seen.known.title == "the payment provider hangs"


# --- odd input --------------------------------------------------------------------------------------------------------


def test_nothing_is_an_empty_report() -> None:
    report = told(LogPass())

    assert (report.lines, report.span, report.is_bad) == (0, None, False)
    assert "nothing in it" in logs_text(report)


def test_without_stamps_everything_is_counted_and_nothing_dated() -> None:
    report = report_of(b"ERROR: disk is full\nall fine\n" * 10)

    assert report.span is None
    assert report.undated == 20
    assert [(error.count, error.first) for error in report.problems] == [(10, None)]
    assert "no time stamps" in logs_text(report)


def test_stamps_out_of_order_are_named_and_the_span_is_right() -> None:
    data = b"2026-03-04T10:00:09Z INFO b\n2026-03-04T10:00:01Z INFO a\n2026-03-04T10:00:05Z INFO c\n"

    report = report_of(data)

    assert report.span is not None
    assert report.span.seconds == 8
    assert [trouble.kind for trouble in report.troubles] == ["out of order"]


def test_bytes_that_are_no_text_do_no_harm() -> None:
    report = report_of(bytes(range(256)) * 40 + b"\n\xff\xfe ERROR \x1b[31m it broke\n")

    assert report.lines > 0
    assert "\x1b" not in logs_text(report)


def test_a_window_leaves_out_what_is_outside_and_what_has_no_moment() -> None:
    begin = int(BEGIN.timestamp())
    window = Window(begin + 600, begin + 659)

    report = told(passed(b"no stamp yet\n" + block(BAD), window=window))

    assert report.span is not None
    assert report.span.first >= BEGIN + timedelta(minutes=10)
    assert report.span.last < BEGIN + timedelta(minutes=11)
    assert report.kept == dict(report.levels)["info"]


def test_a_text_that_is_asked_for_is_looked_for_in_whole_records() -> None:
    report = told(passed(block(BAD), window=Window(text=b"client.post(url)")))

    assert report.kept == block(BAD).count(b" ERROR ")
    assert report.known[0].count == report.kept


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        (f"INFO dsn is {SECRET} for ann", SECRET),
        ("ERROR login with password=hunter2hunter2 failed", "hunter2hunter2"),
        ("ERROR key sk-proj-abcdefghijklmnop1234 was rejected", "sk-proj-abcdefghijklmnop1234"),
        ('{"level": "error", "message": "no luck", "api_key": "zzTOPsecretvalue99"}', "zzTOPsecretvalue99"),
        ("ERROR GET https://ann:s3cretpass@shop.example/pay failed in 12ms", "s3cretpass"),
    ],
)
def test_a_secret_is_neither_in_the_text_nor_in_the_json_nor_in_a_profile(line: str, secret: str) -> None:
    data = "".join(f"2026-03-04T10:{n // 60:02}:{n % 60:02}Z {line}\n" for n in range(200)).encode()
    data = data if not line.startswith("{") else f"{line}\n".encode() * 20

    report = report_of(data, secrets=(SECRET,))

    shown = logs_json(report).decode() + logs_text(report) + repr(profile_of(report))
    assert secret not in shown
    assert all(part not in shown for part in ("correct-horse", "battery"))
    assert "[redacted]" in shown or secret == SECRET or "s3cret" in secret


# --- profiles ---------------------------------------------------------------------------------------------------------


def test_a_log_against_its_own_profile_has_nothing_new_and_nothing_missing() -> None:
    report = report_of(block())

    again = report_of(block(), profile=profile_of(report))

    assert (again.new, again.silences) == ((), ())


def test_against_a_good_day_what_is_new_and_what_is_missing_is_told() -> None:
    good = profile_of(report_of(block()))

    bad = report_of(block(Trouble(stopped=range(60), errors_from=50)), profile=good)

    assert ["payment" in new.template.text for new in bad.new] == [True]
    assert ["heartbeat" in str(silence.template) for silence in bad.silences] == [True]


# --- costs ------------------------------------------------------------------------------------------------------------


def test_a_pass_loads_no_masked_arrays() -> None:
    """`numpy.ma` costs a fifth of a second, and `np.unique` would load it."""
    code = (
        "import sys\n"
        "from crashcart.logs.conclude import Asked, conclude\nfrom crashcart.logs.engine import LogPass\n"
        "from crashcart.redact import Scrubber\n"
        "p = LogPass(); p.begin('a', written_s=0.0); p.feed(b'2026-03-04T10:00:00Z ERROR it took 3ms\\n' * 9, offset=0)\n"
        "conclude(p, Asked(Scrubber(())))\n"
        "assert 'numpy.ma' not in sys.modules\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_traceback_lines_are_no_statements_of_their_own() -> None:
    texts = [template.text for template in report_of(block(BAD)).templates]

    assert not any(line.strip() in text for line in TRACEBACK for text in texts)
