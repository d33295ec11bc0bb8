"""A long log gives the answers that a short one gives, record by record."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crashcart.probes.log.asked import LogRecord, Wanted
from crashcart.probes.log.patterns import Pattern
from crashcart.probes.log.reading import Reading
from crashcart.probes.log.records import LEVELS, UNKNOWN
from crashcart.probes.log.stamps import Zone
from crashcart.probes.log.tail import read_since
from crashcart.probes.place import LocalPlace

NOW = datetime(2024, 11, 3, 12, tzinfo=UTC)
TEXTS = (
    "job 17 failed", "GET /jobs/17 200", "naïve café failed", 'said "failed" twice', "a=1 b=two", "", "  ", "x" * 300,
)  # fmt: skip
PATTERNS = (
    "failed", "job <id> failed", "b=two", '"failed"', "café", "=", "<*> failed", "timeout=1.5", "path=a/b", "True",
    "Traceback", "ValueError: job", "key=[redacted]", "nowhere", "levelname", "msg",
)  # fmt: skip
FURTHER = (
    "Traceback (most recent call last):", '  File "app.py", line 3, in run', "ValueError: job failed", "    indented",
    "}", "and a second line that failed", "ERROR: without any stamp",
)  # fmt: skip


def line(seconds: int, form: str, level: str, text: str) -> str:
    """Return one line as a logger of that form writes it."""
    at = NOW - timedelta(seconds=seconds, milliseconds=250)
    wall = at.astimezone(ZoneInfo("America/New_York"))
    escaped = text.replace('"', '\\"')
    return {
        "utc": f"{at:%Y-%m-%dT%H:%M:%S}.{at:%f}Z {level} {text}",
        "wall": f"{wall:%Y-%m-%d %H:%M:%S},250 {level} [app] {text}",
        "syslog": f"{wall:%b %d %H:%M:%S} host app[7]: {level.lower()} {text}",
        "bracket": f"[{wall:%Y-%m-%d %H:%M:%S}] [{level.lower()}] {text}",
        "json": f'{{"time": "{at:%Y-%m-%dT%H:%M:%S}Z", "levelname": "{level.title()}", "msg": "{escaped}", "b": "two"}}',
        "numbers": f'{{"ts": {at.timestamp()}, "level":{10 + 10 * (seconds % 5)}, "event": "{escaped}", "timeout": 1.50, '
        f'"path": "a\\/b", "is": true, "api_key": "hunter2"}}',
        "dated without level": f"{at:%Y-%m-%dT%H:%M:%S}Z {text}",
    }[form]


ONE_LINE = st.builds(
    line, st.integers(0, 4000),
    st.sampled_from(["utc", "wall", "syslog", "bracket", "json", "numbers", "dated without level"]),
    st.sampled_from(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]), st.sampled_from(TEXTS),
)  # fmt: skip
ZONES = (None, Zone(), Zone(offset_s=-18_000.0), Zone(name=ZoneInfo("America/New_York")))


def wanted(pattern: str | None, level: str | None, *, over_s: float) -> Wanted:
    return Wanted(
        Pattern.of(pattern) if pattern else None, LEVELS.index(level) if level else UNKNOWN,
        NOW.timestamp() - over_s, NOW.timestamp() + 60, None, 0.0, NOW.timestamp(),
    )  # fmt: skip


def both(path: Path, zone: Zone | None, monkeypatch: pytest.MonkeyPatch) -> list[Reading]:
    """Read a file as a short log and as a long one."""
    readings = []
    for least in (1 << 40, 0):
        monkeypatch.setattr("crashcart.probes.log.tail.LONG_BYTES", least)
        readings.append(read_since(LocalPlace(), str(path), start_s=NOW.timestamp() - 3600, zone=zone))
    return readings


def at_full_seconds(reading: Reading, asked: Wanted) -> list[LogRecord]:
    """Return what is chosen: a record without a stamp of its own has that of the one before, to the second."""
    return [replace(one, at_s=None if one.at_s is None else float(int(one.at_s))) for one in reading.chosen(asked)]


def write(path: Path, lines: list[str]) -> None:
    path.write_bytes("\n".join(lines).encode())
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None, max_examples=80)
@given(
    first=ONE_LINE,
    lines=st.lists(st.one_of(ONE_LINE, st.sampled_from(FURTHER)), max_size=12),
    zone=st.sampled_from(ZONES),
    over_s=st.sampled_from([600.0, 3600.0]),
)
def test_every_question_gets_the_same_records(
    tmp_path_factory: pytest.TempPathFactory, first: str, lines: list[str], zone: Zone | None, over_s: float
):
    path = tmp_path_factory.getbasetemp() / "app.log"
    write(path, [first, *lines])
    with pytest.MonkeyPatch.context() as monkeypatch:
        short, long = both(path, zone, monkeypatch)

    for pattern in (None, *PATTERNS):
        for level in (None, "warning", "error", "critical"):
            asked = wanted(pattern, level, over_s=over_s)
            assert at_full_seconds(long, asked) == at_full_seconds(short, asked), (pattern, level)


def test_a_log_of_many_pieces_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("crashcart.probes.log.indexed._PIECE", 200)
    path = tmp_path / "app.log"
    texts = ['job 17 failed\nTraceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: no', *TEXTS]
    write(path, [line(900 - 10 * at, "utc", "ERROR", texts[at % len(texts)]) for at in range(80)])

    short, long = both(path, None, monkeypatch)

    asked = wanted("failed", "error", over_s=900)
    assert [*long.chosen(asked)] == [*short.chosen(asked)] != []
    assert long.dated(asked.start_s, asked.end_s) == short.dated(asked.start_s, asked.end_s)
    assert not [one for one, other in pairwise(long.chosen(asked)) if one.line >= other.line]


def test_a_record_is_read_only_when_it_may_be_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Or a long log would take as long as reading all of it."""
    path = tmp_path / "app.log"
    write(path, [line(900 - at % 900, "utc", "INFO", "fine") for at in range(5000)] + [line(0, "utc", "ERROR", "boom")])
    _, long = both(path, None, monkeypatch)
    made: list[LogRecord] = []
    monkeypatch.setattr(
        "crashcart.probes.log.indexed.LogRecord", lambda *args: made.append(LogRecord(*args)) or made[-1]
    )

    found = [record for asked in (wanted("boom", None, over_s=900), wanted(None, "error", over_s=900))
             for record in long.chosen(asked)]  # fmt: skip

    assert len(found) == len(made) == 2
