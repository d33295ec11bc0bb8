"""`log`, on real files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crashcart.model.observation import Moment
from crashcart.model.system import Target
from crashcart.ports import FileInfo
from crashcart.probes.place import LocalPlace

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
MOMENT = Moment(NOW)


def stamp(minutes_ago: float, zone: str = "Z") -> str:
    return (NOW - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%S") + zone


@pytest.fixture(autouse=True, params=["short", "long"])
def length(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have every log read as if it were short, and as if it were long."""
    monkeypatch.setattr("crashcart.probes.log.tail.LONG_BYTES", {"short": 1 << 40, "long": 0}[request.param])
    return request.param


@pytest.fixture
def api(tmp_path: Path) -> Callable[..., Target]:
    """Return a function that writes a log, last written at noon unless said, and returns a target with it."""

    def write(*lines: str, name: str = "api.log", written: datetime = NOW, timezone: str = "") -> Target:
        path = tmp_path / name
        path.write_text("".join(f"{line}\n" for line in lines))
        os.utime(path, (written.timestamp(), written.timestamp()))
        return Target("api", "http", logs=(str(tmp_path / "api.log"),), timezone=timezone)

    return write


@pytest.mark.row("log", "the text is there")
def test_a_text_is_counted_with_its_first_and_last(looking, api):
    target = api(
        f"{stamp(20)} ERROR boom too old",
        f"{stamp(10)} ERROR boom 1",
        f"{stamp(5)} INFO fine",
        f"{stamp(1)} ERROR boom 2",
        f"{stamp(0)} INFO fine",
    )

    seen = looking.seen("log", target, text="boom", moment=MOMENT)

    assert seen.fields == {
        "is_seen": True, "count": 2, "share": 50.0, "records": 4, "is_partial": False,
        "first": "2024-05-01T11:50:00.000+00:00", "last": "2024-05-01T11:59:00.000+00:00",
    }  # fmt: skip
    assert [record.text for record in seen.records] == [f"{stamp(10)} ERROR boom 1", f"{stamp(1)} ERROR boom 2"]
    assert seen.records[0].where == f"{target.logs[0]}:2"
    assert seen.records[0].at == "2024-05-01T11:50:00.000+00:00"


@pytest.mark.row("log", "the text is not there")
def test_a_text_that_is_not_there_is_seen_not_to_be(looking, api):
    seen = looking.seen("log", api(f"{stamp(1)} fine"), text="boom", moment=MOMENT)

    assert seen.fields == {"is_seen": False, "count": 0, "share": 0.0, "records": 1, "is_partial": False}


@pytest.mark.row("log", "the file is empty")
def test_an_empty_file_has_no_records(looking, api):
    assert looking.seen("log", api(), text="boom", moment=MOMENT).fields["records"] == 0


@pytest.mark.row("log", "nothing was written since the window began")
def test_an_old_file_is_not_even_read(looking, api):
    target = api("boom without any stamp", written=NOW - timedelta(days=1))

    assert looking.seen("log", target, text="boom", moment=MOMENT).fields["count"] == 0


@pytest.mark.parametrize(
    ("window", "count"),
    [
        ({}, 2),
        ({"over_s": 120.0}, 1),
        ({"over_s": 3600.0}, 4),
        ({"since_onset_s": 0.0}, 1),
        ({"since_onset_s": 1800.0}, 3),
    ],
)
def test_the_window_is_the_one_that_was_asked_for(looking, api, window, count):
    target = api(*(f"{stamp(minutes)} boom" for minutes in (50, 30, 14, 1)))
    onset = NOW - timedelta(minutes=5)

    fields = looking.seen("log", target, text="boom", moment=Moment(NOW, onset), **window).fields

    assert fields["count"] == count


def test_without_text_every_record_counts_and_with_a_level_only_those(looking, api):
    target = api(
        *(f"{stamp(1)} {level} x" for level in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")), f"{stamp(1)} x"
    )

    counts = {
        level: looking.seen("log", target, level=level, moment=MOMENT).fields["count"] for level in ("debug", "error")
    }

    assert looking.seen("log", target, moment=MOMENT).fields["count"] == 6
    assert counts == {"debug": 5, "error": 2}
    assert looking.seen("log", target, text="x", level="warning", moment=MOMENT).fields["count"] == 3


TRACEBACK = """Traceback (most recent call last):
  File "/app/main.py", line 3, in run
    client.ask("x")
sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database is locked
[SQL: INSERT INTO jobs]

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/main.py", line 9, in run
openai.AuthenticationError: Error code: 401"""


@pytest.mark.parametrize("first", ["{stamp} ERROR job 7 failed", "ERROR:    Exception in ASGI application {stamp}"])
def test_a_traceback_belongs_to_the_record_above(looking, api, first):
    first = first.format(stamp=stamp(1))
    target = api(f"{stamp(2)} INFO fine", first, *TRACEBACK.split("\n"), f"{stamp(1)} INFO fine")

    seen = looking.seen("log", target, text="database is locked", moment=MOMENT)

    assert seen.fields["records"] == 3
    assert seen.records[0].text.split("\n") == [
        "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database is locked",
        "openai.AuthenticationError: Error code: 401",
    ]
    assert looking.seen("log", target, level="error", moment=MOMENT).fields["count"] == 1


def json_line(minutes_ago: float, message: str, level: str = "INFO", **more: object) -> str:
    return json.dumps({"timestamp": stamp(minutes_ago), "level": level, "message": message, **more})


def test_json_is_searched_as_it_was_before_it_was_escaped(looking, api):
    target = api(
        json_line(2, 'said "no"\nand left', "ERROR", exception=TRACEBACK, job={"id": 7}, tries=[1, 2]),
        json_line(1, "fine"),
    )

    def count(text: str) -> object:
        return looking.seen("log", target, text=text, moment=MOMENT).fields["count"]

    assert count('said "no"') == 1
    assert count("database is locked\n[SQL") == 1
    assert count("job.id=7") == 1
    assert count('"level": "INFO"') == 1  # the line as it stands is searched too
    assert count("<*>") == 2


def test_the_level_of_json_is_its_field(looking, api):
    lines = [json_line(1, "ERROR in the message only"), json_line(1, "x", "error"), '{"time": 1714564740, "severity": "FATAL"}',
             '{"ts": 1714564740123, "levelno": 40, "level": 40}']  # fmt: skip

    assert looking.seen("log", api(*lines), level="error", moment=MOMENT).fields["count"] == 3


def test_holes_capture_and_the_last_one_takes_the_rest_of_the_line(looking, api):
    target = api(f"{stamp(1)} Error at once: Error 111 connecting to cache:6379. Connection refused.")

    record = looking.seen(
        "log", target, text="Error <errno> connecting to <host>:<port>. <why>", moment=MOMENT
    ).records[0]

    assert record.captures == (("errno", "111"), ("host", "cache"), ("port", "6379"), ("why", "Connection refused."))


def test_at_most_eight_of_the_newest_are_kept_each_cut(looking, api):
    target = api(*(f"{stamp(1)} {'x' * 900} boom {number} {'y' * 900}" for number in range(20)))

    records = looking.seen("log", target, text="boom <n> ", moment=MOMENT).records

    assert [dict(record.captures)["n"] for record in records] == [str(number) for number in range(12, 20)]
    assert all(len(record.text) <= 500 and "boom" in record.text for record in records)


# --- time ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [-9.5, -5, 0, 2, 5.75, 13])
def test_the_zone_is_inferred_from_when_the_file_was_written(looking, api, hours):
    local = (NOW - timedelta(minutes=3) + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S,123")

    fields = looking.seen(
        "log", api(f"{local} boom", written=NOW - timedelta(minutes=2.9)), text="boom", moment=MOMENT
    ).fields

    assert fields["last"] == "2024-05-01T11:57:00.123+00:00"


def test_the_declared_zone_goes_first(looking, api):
    target = api(
        "2024-05-01 13:58:00 boom",
        "2024-05-01 13:59:00 boom",
        timezone="Europe/Berlin",
        written=NOW + timedelta(hours=1),
    )

    assert looking.seen("log", target, text="boom", moment=MOMENT).fields["last"] == "2024-05-01T11:59:00.000+00:00"


@pytest.mark.row("log", "the text is there and its stamps name no zone")
def test_stamps_that_agree_with_nothing_leave_the_time_open(looking, api):
    target = api("2024-05-01 11:50:00 boom", "2024-05-01 11:52:30 fine")

    assert 'add timezone = "..." to api' in looking.unseen("log", target, text="boom", moment=MOMENT)
    assert looking.seen("log", target, text="never there", moment=MOMENT).fields["count"] == 0


@pytest.mark.row("log", "the text is there and there are no stamps")
def test_lines_without_stamps_leave_the_time_open(looking, api):
    target = api('INFO:     127.0.0.1:4 - "GET / HTTP/1.1" 200 OK', "boom", *TRACEBACK.split("\n"))

    assert "no time stamps" in looking.unseen("log", target, text="boom", moment=MOMENT)
    assert "no time stamps" in looking.unseen("log", target, level="error", moment=MOMENT)
    assert looking.seen("log", target, text="never there", moment=MOMENT).fields["count"] == 0


@pytest.mark.row("log", "the declared time zone does not exist")
@pytest.mark.parametrize("name", ["Europe/Atlantis", "../../etc/passwd", "/etc/passwd", "CEST+2"])
def test_a_zone_that_does_not_exist_is_named(looking, api, name):
    assert "no such time zone" in looking.unseen("log", api("x", timezone=name), text="x", moment=MOMENT)


def test_a_record_without_a_stamp_has_the_time_of_the_one_above(looking, api):
    target = api(f"{stamp(50)} old", "INFO:     old too", f"{stamp(3)} new", "INFO:     new too")

    assert looking.seen("log", target, text="too", moment=MOMENT).fields == pytest.approx(
        {"is_seen": True, "count": 1, "share": 50.0, "records": 2, "is_partial": False,
         "first": "2024-05-01T11:57:00.000+00:00", "last": "2024-05-01T11:57:00.000+00:00"}
    )  # fmt: skip


# --- followed --------------------------------------------------------------------------------------------------------


def test_what_is_not_followed_is_counted_job_by_job(looking, api):
    target = api(
        f"{stamp(10)} job a started",
        f"{stamp(9)} job b started",
        f"{stamp(8)} job a done",
        f"{stamp(1)} job c started",
    )
    asked = {"text": "job <id> started", "follow": "job <id> done", "follow_s": "300"}

    seen = looking.seen("log", target, moment=MOMENT, **asked)

    assert (seen.fields["count"], seen.fields["unfollowed"]) == (3, 1)
    assert [dict(record.captures)["id"] for record in seen.records] == ["b"]


def test_a_follower_that_comes_too_late_is_none(looking, api):
    target = api(f"{stamp(10)} begin", f"{stamp(4)} end", f"{stamp(3)} begin", f"{stamp(2)} end")

    assert (
        looking.seen("log", target, text="begin", follow="end", follow_s="300", moment=MOMENT).fields["unfollowed"] == 1
    )


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.row("log", "the file was rotated within the window")
@pytest.mark.parametrize("old", ["api.log.1", "api.log-20240501", "api.log.2024-05-01"])
def test_a_rotated_predecessor_is_read(looking, api, old):
    api(f"{stamp(10)} boom 1", name=old, written=NOW - timedelta(minutes=5))
    api(f"{stamp(10)} boom 0", name="api.log.notes", written=NOW)
    target = api(f"{stamp(1)} boom 2")

    records = looking.seen("log", target, text="boom", moment=MOMENT).records

    assert [record.text[-1] for record in records] == ["1", "2"]


@pytest.mark.row("log", "the predecessor within the window is compressed")
def test_a_compressed_predecessor_makes_the_numbers_lower_bounds(looking, api):
    api("...", name="api.log.1.gz", written=NOW - timedelta(minutes=5))
    target = api(f"{stamp(1)} boom")

    assert looking.seen("log", target, text="boom", moment=MOMENT).fields["is_partial"] is True
    assert "compressed" in looking.unseen("log", target, text="never there", moment=MOMENT)


def test_a_star_means_every_file(looking, api, tmp_path):
    api(f"{stamp(1)} boom", name="a.log")
    api(f"{stamp(2)} boom", name="b.log")
    target = Target("api", "http", logs=(str(tmp_path / "*.log"),))

    assert looking.seen("log", target, text="boom", moment=MOMENT).fields["count"] == 2


@pytest.mark.row("log", "there is no such file")
def test_a_missing_file_is_unseen_unless_another_one_has_the_text(looking, api, tmp_path):
    target = api(f"{stamp(1)} boom")
    missing = str(tmp_path / "none.log")
    two = Target("api", "http", logs=(*target.logs, missing))

    assert looking.unseen("log", Target("api", "http", logs=(missing,)), text="boom") == f"no such file: {missing}"
    assert looking.unseen("log", Target("api", "http", logs=(str(tmp_path / "*.x"),)), text="boom").startswith(
        "no such file"
    )
    assert looking.seen("log", two, text="boom", moment=MOMENT).fields["is_partial"] is True
    assert looking.unseen("log", two, text="never there", moment=MOMENT) == f"no such file: {missing}"


def test_without_logs_nothing_is_seen(looking):
    assert "has no logs" in looking.unseen("log", Target("api", "http"), text="x")


@pytest.mark.row("log", "the file may not be read")
def test_a_forbidden_file_is_unseen(as_nobody, open_folder):
    path = open_folder / "api.log"
    path.write_text("boom\n")
    path.chmod(0)

    reason = as_nobody("log", {"name": "api", "kind": "http", "logs": [str(path)]}, text="boom")

    assert reason == f"not permitted to read {path}"


@pytest.mark.row("log", "it is not a regular file")
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_pipe_is_not_emptied_by_looking(looking, tmp_path, make):
    make(tmp_path / "log")

    assert "not a regular file" in looking.unseen("log", Target("api", "http", logs=(str(tmp_path / "log"),)), text="x")


@pytest.mark.row("log", "the file is binary, or its lines are broken")
def test_binary_and_endless_lines_are_survived(looking, api, tmp_path):
    target = api()
    path = tmp_path / "api.log"
    path.write_bytes(
        b"\x00\xff\xfe" * 1000 + b"\n" + stamp(2).encode() + b" first \xc3\x28 boom\n" + b"{" * 300_000 + b"\n"
        + b'{"a": "\xed\xa0\x80' + b"x" * 200_000 + b"\r\n" + stamp(1).encode() + b" last boom" + bytes(range(256))
    )  # fmt: skip
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))

    seen = looking.seen("log", target, text="boom", moment=MOMENT)

    assert seen.fields["count"] == 2
    assert all(character.isprintable() or character == "\n" for record in seen.records for character in record.text)


@pytest.mark.row("log", "more than 64 MiB lie within the window")
def test_the_limit_makes_numbers_lower_bounds_and_never_says_unseen(looking, api, monkeypatch):
    monkeypatch.setattr("crashcart.probes.log.tail.LIMIT_BYTES", 300_000)
    monkeypatch.setattr("crashcart.probes.log.tail._FIRST_BLOCK", 100_000)
    target = api(*(f"{stamp(10)} boom" for _ in range(20_000)))

    fields = looking.seen("log", target, text="boom", moment=MOMENT).fields

    assert fields["is_partial"] is True
    assert 8_000 < fields["count"] < 12_000
    assert "more than 64 MiB" in looking.unseen("log", target, text="never there", moment=MOMENT)


def test_a_line_of_a_hundred_megabytes_needs_no_more_memory_than_the_limit(looking, api, tmp_path, length):
    import tracemalloc

    target = api(f"{stamp(3)} boom")
    with (tmp_path / "api.log").open("ab") as log:
        for _ in range(100):
            log.write(b"x" * (1 << 20))
        log.write(f"\n{stamp(1)} boom\n".encode())
    os.utime(tmp_path / "api.log", (NOW.timestamp(), NOW.timestamp()))
    tracemalloc.start()

    fields = looking.seen("log", target, text="boom", moment=MOMENT).fields
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (fields["count"], fields["is_partial"]) == (1, True)
    # The 64 MiB of blocks, and little else; as a whole they are needed once more.
    assert peak < (96 if length == "short" else 160) << 20


def test_only_what_the_window_needs_is_read(looking, api):
    read: list[int] = []

    class Counting(LocalPlace):
        def read(self, path: str, limit: int, *, offset: int = 0) -> bytes:
            data = super().read(path, limit, offset=offset)
            read.append(len(data))
            return data

    looking.place = Counting()
    lines = [f"{stamp(600 - at / 1000)} {'x' * 80}" for at in range(0, 600_000, 4)]
    target = api(*lines, timezone="UTC")
    size = Path(target.logs[0]).stat().st_size

    fields = looking.seen("log", target, text="never there", moment=MOMENT).fields

    assert fields["records"] == pytest.approx(3_750, abs=300)
    # The line numbers are counted over the rest, in blocks and without looking at them.
    assert sum(read) < size + (4 << 20)


def test_a_file_is_read_once_for_all_looks_of_a_session(looking, api):
    reads: list[str] = []

    class Counting(LocalPlace):
        def read(self, path: str, limit: int, *, offset: int = 0) -> bytes:
            reads.append(path)
            return super().read(path, limit, offset=offset)

    looking.place = Counting()
    target = api(f"{stamp(1)} boom")
    looking.seen("log", target, text="boom", moment=MOMENT)
    once = len(reads)

    looking.seen("log", target, text="other", moment=MOMENT)
    looking.seen("log", target, level="error", over_s=60.0, moment=MOMENT)

    assert len(reads) == once
    api(f"{stamp(1)} boom", f"{stamp(0)} boom")
    assert looking.seen("log", target, text="boom", moment=MOMENT).fields["count"] == 2


def test_looks_at_the_same_time_share_one_reading(looking, api):
    import asyncio

    from crashcart.model.observation import Look
    from crashcart.probes.registry import load

    reads: list[str] = []

    class Counting(LocalPlace):
        def read(self, path: str, limit: int, *, offset: int = 0) -> bytes:
            reads.append(path)
            return super().read(path, limit, offset=offset)

    looker = load("log", Counting(), looking.scrubber, looking.secrets)
    target = api(f"{stamp(1)} boom")

    async def many() -> None:
        looks = (Look("log", "api", "", (("text", f"boom{number}"),)) for number in range(20))
        await asyncio.gather(*(looker.take(look, target, MOMENT) for look in looks))

    asyncio.run(many())

    assert len(reads) == 2  # the end for the zone, then the blocks


class Disturbed(LocalPlace):
    """A place where something happens to a file after its first read."""

    def __init__(self, disturb: Callable[[], None]) -> None:
        super().__init__()
        self._disturb: Callable[[], None] | None = disturb

    def read(self, path: str, limit: int, *, offset: int = 0) -> bytes:
        data = super().read(path, limit, offset=offset)
        if self._disturb is not None:
            disturb, self._disturb = self._disturb, None
            disturb()
        return data

    def stat(self, path: str) -> FileInfo:
        return super().stat(path)


@pytest.mark.row("log", "the file is truncated or replaced while we read")
@pytest.mark.parametrize("how", ["truncated", "rotated", "replaced", "grown"])
def test_what_happens_to_a_file_while_we_read_is_survived(looking, api, tmp_path, how):
    target = api(*(f"{stamp(1)} boom {'x' * 500}" for _ in range(2000)))
    path = tmp_path / "api.log"

    def disturb() -> None:
        if how == "truncated":
            path.write_text(f"{stamp(0)} boom\n")
        elif how == "rotated":
            path.rename(tmp_path / "api.log.1")
            path.write_text(f"{stamp(0)} boom\n")
        elif how == "replaced":
            (tmp_path / "new").write_text(f"{stamp(0)} boom\n")
            (tmp_path / "new").replace(path)
        else:
            with path.open("a") as log:
                log.write(f"{stamp(0)} boom\n")

    looking.place = Disturbed(disturb)

    count = looking.seen("log", target, text="boom", moment=MOMENT).fields["count"]

    assert count == (2000 if how == "grown" else 1)


def test_a_file_that_vanishes_is_unseen(looking, api, tmp_path):
    target = api(f"{stamp(1)} boom")
    looking.place = Disturbed((tmp_path / "api.log").unlink)

    assert "no such file" in looking.unseen("log", target, text="boom", moment=MOMENT)
