"""The inbox: what was accepted is kept, told apart from repeats, and stays until its report has arrived."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crashcart.errors import UsageError
from crashcart.storage.alerts import Accepted, Delivery, Entry, Inbox, InboxFull, Standing

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
HOUR = 3600.0


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    opened = Inbox.open(tmp_path / "alerts.sqlite")
    yield opened
    opened.close()


def of(*firing: str, resolved: tuple[str, ...] = (), key: str = "g", system: str = "shop") -> Delivery:
    entries = (*(Entry(one, True) for one in firing), *(Entry(one, False) for one in resolved))
    return Delivery(system, key, entries, ",".join(firing).encode())


def put(inbox: Inbox, delivery: Delivery, *, after_s: float = 0.0, most: int = 100) -> Accepted:
    return inbox.accept(delivery, NOW + timedelta(seconds=after_s), window_s=HOUR, max_waiting=most)


def test_an_alert_is_new_once_within_the_window(inbox: Inbox) -> None:
    first = put(inbox, of("a"))
    again = put(inbox, of("a"), after_s=HOUR - 1)
    later = put(inbox, of("a"), after_s=HOUR + 1)

    assert (first, again, later) == (Accepted(1, 0, 0), Accepted(0, 1, 0), Accepted(1, 0, 0))


def test_a_repeat_beside_a_new_alert_does_not_hide_it(inbox: Inbox) -> None:
    put(inbox, of("a"))

    assert put(inbox, of("a", "b")) == Accepted(1, 1, 0)


def test_an_alert_that_was_resolved_and_fires_again_is_new(inbox: Inbox) -> None:
    put(inbox, of("a"))
    assert put(inbox, of(resolved=("a",)), after_s=10) == Accepted(0, 0, 1)

    assert put(inbox, of("a"), after_s=20) == Accepted(1, 0, 0)


def test_the_same_alert_of_two_systems_is_two(inbox: Inbox) -> None:
    put(inbox, of("a"))

    assert put(inbox, of("a", system="bank")) == Accepted(1, 0, 0)


def test_what_was_resolved_while_it_waited_is_told(inbox: Inbox) -> None:
    put(inbox, of("a", "b"))
    put(inbox, of(resolved=("a",)), after_s=1)

    batch = inbox.take("shop")

    assert batch is not None
    assert batch.resolved == {"a"}


def test_with_too_many_waiting_a_new_alert_is_refused_and_a_repeat_is_not(inbox: Inbox) -> None:
    put(inbox, of("a", "b"), most=2)

    with pytest.raises(InboxFull):
        put(inbox, of("c"), most=2)

    assert put(inbox, of("a"), most=2) == Accepted(0, 1, 0)
    assert inbox.standing() == Standing(waiting=2, undelivered=0)
    assert put(inbox, of("c"), most=3) == Accepted(1, 0, 0), "what was refused is no repeat when it comes again"


def test_a_batch_is_the_oldest_group_with_all_that_came_for_it(inbox: Inbox) -> None:
    for fingerprint, key in (("a", "g"), ("b", "h"), ("c", "g")):
        put(inbox, of(fingerprint, key=key))

    batch = inbox.take("shop")

    assert batch is not None
    assert batch.bodies == (b"a", b"c")
    assert batch.first_at == NOW


def test_in_a_storm_of_groups_one_batch_has_them_all(inbox: Inbox) -> None:
    for number in range(9):
        put(inbox, of(str(number), key=str(number)))

    batch = inbox.take("shop")

    assert batch is not None
    assert len(batch.ids) == 9


def test_a_batch_is_no_larger_than_a_process_can_take(inbox: Inbox) -> None:
    large = b"x" * 5_000_000
    for fingerprint in ("a", "b"):
        put(inbox, Delivery("shop", "g", (Entry(fingerprint, True),), large))

    batch = inbox.take("shop")

    assert batch is not None
    assert len(batch.bodies) == 1


def test_a_batch_waits_until_its_report_is_written_also_through_a_new_life(tmp_path: Path) -> None:
    path = tmp_path / "alerts.sqlite"
    first = Inbox.open(path)
    put(first, of("a"))
    first.take("shop")
    first.close()

    second = Inbox.open(path)
    batch = second.take("shop")
    assert batch is not None
    second.finish(batch, title="t", body="b", now=NOW)

    assert second.take("shop") is None
    assert second.standing() == Standing(waiting=0, undelivered=1)
    second.close()


def test_a_report_that_does_not_arrive_is_due_again_ever_later_and_knows_where_it_has_arrived(inbox: Inbox) -> None:
    put(inbox, of("a"))
    batch = inbox.take("shop")
    assert batch is not None
    inbox.finish(batch, title="t", body="b", now=NOW)
    waits = []
    for _ in range(12):
        at = NOW + timedelta(days=len(waits))
        report = inbox.due(at)
        assert report is not None
        inbox.failed(report, "refused", at, arrived=frozenset({f"url{len(waits) % 2}"}))
        due = inbox.next_due()
        assert due is not None
        waits.append(due - at.timestamp())

    report = inbox.due(NOW + timedelta(days=20))

    assert waits[:3] == [5.0, 10.0, 20.0]
    assert waits[-1] == 600.0
    assert inbox.due(at) is None
    assert report is not None
    assert report.arrived == {"url0", "url1"}
    inbox.delivered(report.id, NOW)
    assert inbox.standing() == Standing(0, 0)


def test_what_is_old_is_forgotten_but_not_what_waits(inbox: Inbox) -> None:
    put(inbox, of("a"))
    batch = inbox.take("shop")
    assert batch is not None
    inbox.finish(batch, title="t", body="b", now=NOW)
    put(inbox, of("b", key="h"))

    inbox.forget(NOW + timedelta(days=31))

    assert inbox.standing() == Standing(waiting=1, undelivered=0)
    assert inbox.take("shop") is not None


def test_a_second_process_is_refused_and_a_file_is_for_its_owner_alone(tmp_path: Path, inbox: Inbox) -> None:
    with pytest.raises(UsageError, match="another `crashcart hook`"):
        Inbox.open(tmp_path / "alerts.sqlite")

    assert (tmp_path / "alerts.sqlite").stat().st_mode & 0o777 == 0o600


def test_the_file_of_a_newer_version_and_no_database_are_refused(tmp_path: Path) -> None:
    newer = tmp_path / "newer.sqlite"
    Inbox.open(newer).close()
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE meta SET schema = 2")
    connection.close()
    (tmp_path / "none.sqlite").write_text("no database, but long enough to have a header of one" * 10)

    with pytest.raises(UsageError, match="schema 2"):
        Inbox.open(newer)
    with pytest.raises(UsageError, match="not a database"):
        Inbox.open(tmp_path / "none.sqlite")
