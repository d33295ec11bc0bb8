"""A journal: chained, on the disk before we go on, room reserved, and honest about what was done to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crashcart.errors import JournalError
from crashcart.storage.journal import RESERVED_BYTES, Journal, read
from crashcart.testing import NOON


def written(path: Path, count: int = 4) -> str:
    journal = Journal.create(path)
    for number in range(count):
        journal.append({"#": "Event", "text": f"step {number} äöü"}, NOON)
    journal.close(is_over=True)
    return journal.head


def test_what_was_appended_is_read_back(tmp_path: Path) -> None:
    head = written(tmp_path / "j")

    reading = read(tmp_path / "j")

    assert [record.number for record in reading.records] == [0, 1, 2, 3]
    assert reading.records[2].event == {"#": "Event", "text": "step 2 äöü"}
    assert (reading.head, reading.problem, reading.torn_bytes) == (head, "", 0)


def test_a_journal_is_for_its_user_only(tmp_path: Path) -> None:
    written(tmp_path / "runs" / "j")

    assert (tmp_path / "runs" / "j").stat().st_mode & 0o077 == 0
    assert (tmp_path / "runs").stat().st_mode & 0o077 == 0


def test_space_is_reserved_before_the_first_record_and_given_back_at_the_end(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "j")
    assert (tmp_path / "j").stat().st_size == RESERVED_BYTES
    journal.append({"a": 1}, NOON)

    assert len(read(tmp_path / "j").records) == 1
    journal.close(is_over=True)
    assert (tmp_path / "j").stat().st_size < 1000


@pytest.mark.parametrize("place", range(0, 700, 7))
def test_any_changed_byte_is_found(tmp_path: Path, place: int) -> None:
    head = written(tmp_path / "j")
    data = bytearray((tmp_path / "j").read_bytes())
    place %= len(data)
    data[place] ^= 1
    (tmp_path / "j").write_bytes(data)

    reading = read(tmp_path / "j")

    assert reading.problem or reading.torn_bytes
    assert reading.differs(head)


def test_a_dropped_record_is_found(tmp_path: Path) -> None:
    written(tmp_path / "j")
    lines = (tmp_path / "j").read_bytes().splitlines(keepends=True)
    (tmp_path / "j").write_bytes(b"".join([lines[0], *lines[2:]]))

    assert "does not follow" in read(tmp_path / "j").problem


def test_cutting_off_the_end_is_found_against_the_printed_head(tmp_path: Path) -> None:
    head = written(tmp_path / "j")
    lines = (tmp_path / "j").read_bytes().splitlines(keepends=True)
    (tmp_path / "j").write_bytes(b"".join(lines[:-1]))

    reading = read(tmp_path / "j")

    assert not reading.problem
    assert "no record has the hash" in reading.differs(head)


def test_rewriting_the_whole_chain_is_found_against_the_printed_head(tmp_path: Path) -> None:
    head = written(tmp_path / "j")
    (tmp_path / "j").unlink()
    journal = Journal.create(tmp_path / "j")
    for number in range(4):
        journal.append({"#": "Event", "text": f"step {number} forged"}, NOON)
    journal.close(is_over=True)

    reading = read(tmp_path / "j")

    assert not reading.problem
    assert reading.differs(head)


def test_a_head_that_was_printed_on_the_way_still_fits(tmp_path: Path) -> None:
    journal = Journal.create(tmp_path / "j")
    early = journal.append({"a": 1}, NOON)
    journal.append({"a": 2}, NOON)
    journal.close(is_over=True)

    assert read(tmp_path / "j").differs(early[:16]) == ""


@pytest.mark.parametrize("cut", range(1, 150, 11))
def test_a_record_cut_off_by_a_crash_is_cleared_and_written_over(tmp_path: Path, cut: int) -> None:
    journal = Journal.create(tmp_path / "j")
    journal.append({"a": 1}, NOON)
    head = journal.append({"a": 2}, NOON)
    journal.close(is_over=False)
    data = (tmp_path / "j").read_bytes()
    line = data.partition(b"\0")[0].splitlines(keepends=True)[1]
    end = data.index(line) + len(line)
    (tmp_path / "j").write_bytes(data[:end] + line[:cut].replace(b"\n", b"") + data[end + cut :])

    again, reading = Journal.reopen(tmp_path / "j")
    assert (reading.head, reading.torn_bytes) == (head, cut)
    again.append({"b": 3}, NOON)
    again.close(is_over=True)

    events = [record.event for record in read(tmp_path / "j").records]
    assert events == [{"a": 1}, {"a": 2}, {"b": 3}]


def test_a_broken_chain_is_never_gone_on_with(tmp_path: Path) -> None:
    written(tmp_path / "j")
    data = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(data.replace(b"step 1", b"step 9"))

    with pytest.raises(JournalError, match="not as it was written"):
        Journal.reopen(tmp_path / "j")


@pytest.mark.parametrize(
    "data", [b"{}\n", b"[]\n", b"null\n", b"x" * 100 + b"\n", b'{"n":0}\n', b"[" * 50_000 + b"\n", b"\xff\xfe\n"]
)
def test_what_is_no_journal_is_called_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "j").write_bytes(data)

    assert read(tmp_path / "j").problem


def test_a_folder_that_cannot_be_made_means_no_journal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")

    with pytest.raises(JournalError, match="nothing is touched"):
        Journal.create(tmp_path / "file" / "j")


def test_each_record_is_one_line_of_json(tmp_path: Path) -> None:
    written(tmp_path / "j")

    for line in (tmp_path / "j").read_text(encoding="utf-8").splitlines():
        assert set(json.loads(line)) == {"v", "n", "at", "prev", "event", "hash"}
