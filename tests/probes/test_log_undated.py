"""Logs without any time stamps: the last message was written when the file was, and of nothing else is the time known."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crashcart.probes.log.reading import ReadRecords
from crashcart.probes.log.tail import read_since
from crashcart.probes.place import LocalPlace

LOG = """\
INFO  [migration] Context impl ready.
ERROR [shop] Exception on /old
ERROR [shop] Exception on /demo
Traceback (most recent call last):
  File "shop.py", line 3, in <module>
shop.Missing: relation "basket" does not exist
LINE 2: FROM basket
"""


def dated(path: Path) -> list[str]:
    reading = read_since(LocalPlace(), str(path), start_s=0.0, zone=None)
    assert isinstance(reading, ReadRecords)
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC).timestamp()
    assert all(record.at_s in (None, written) for record in reading.records)
    return [record.text for record in reading.records if record.at_s is not None]


def test_the_last_error_has_the_time_of_the_file_with_all_that_follows(tmp_path: Path) -> None:
    path = tmp_path / "shop.log"
    path.write_text(LOG)

    found = dated(path)

    assert [text.splitlines()[0] for text in found] == ["ERROR [shop] Exception on /demo", "LINE 2: FROM basket"]
    assert 'relation "basket" does not exist' in found[0]


def test_what_follows_a_harmless_message_may_be_of_any_age(tmp_path: Path) -> None:
    path = tmp_path / "shop.log"
    path.write_text(LOG + "INFO  [shop] well again\nsome print\n")

    assert dated(path) == []


def test_what_a_command_said_as_it_ended_is_a_message(tmp_path: Path) -> None:
    path = tmp_path / "shop.out"
    path.write_text("Error: cannot start\nError: cannot start, these settings are wrong:\nPORT: too large\n")

    assert dated(path) == ["Error: cannot start, these settings are wrong:", "PORT: too large"]


def test_one_stamp_is_enough_to_leave_the_time_of_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop.log"
    path.write_text("2020-01-01 00:00:00+00:00 begun\n" + LOG)

    reading = read_since(LocalPlace(), str(path), start_s=0.0, zone=None)

    assert {record.at_s for record in reading.records} == {datetime(2020, 1, 1, tzinfo=UTC).timestamp()}
