"""Logs that are handed over: which files, when they end, what they let suppose; and nothing else of the machine."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crashcart.drive.given import GivenPlace, hand_over
from crashcart.drive.logged import kinds_told, supposed, time_of
from crashcart.drive.scan import Request, Signatures, scan
from crashcart.logs.conclude import Asked, conclude
from crashcart.model.logs import KnownSeen, KnownText, LogReport
from crashcart.redact import Scrubber
from crashcart.sources.block import TroubleKind

WRITTEN = datetime(2026, 5, 5, tzinfo=UTC)


def report(path: Path, text: str) -> LogReport:
    path.write_text(text)
    return conclude(scan(Request([str(path)], Signatures((), (), ()))), Asked(Scrubber(())))


def seen(text: str, guide: str = "", kind: str = "") -> KnownSeen:
    return KnownSeen(KnownText(text, guide, kind, "", ""), 1, None, None, None)


def test_nothing_but_the_given_files_is_there(tmp_path: Path) -> None:
    """Whoever hands over a log has not agreed to a look at this machine."""
    log, other = tmp_path / "app.log", tmp_path / "other.log"
    log.write_text("it failed\n")
    other.write_text("secret\n")

    place = GivenPlace(hand_over([str(log)]).files)

    assert place.read(str(log), 100) == b"it failed\n"
    assert place.glob(f"{tmp_path}/*") == []
    for look in (lambda: place.read(str(other), 100), lambda: place.stat(str(other))):
        with pytest.raises(FileNotFoundError):
            look()


def test_a_compressed_file_is_read_from_any_place_in_it(tmp_path: Path) -> None:
    packed = tmp_path / "app.log.gz"
    packed.write_bytes(gzip.compress(b"0123456789\n" * 1000))

    place = GivenPlace(hand_over([str(packed)]).files)

    assert place.stat(str(packed)).size_bytes == 11_000
    assert place.read(str(packed), 4, offset=10_996) == b"789\n"
    assert place.read(str(packed), 4, offset=-4) == b"789\n"


def test_what_cannot_be_read_is_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("well\n")
    (tmp_path / "b.log.gz").write_bytes(gzip.compress(b"cut off\n" * 5000)[:40])

    given = hand_over([str(tmp_path), str(tmp_path / "gone.log")])

    assert str(tmp_path / "a.log") in given.paths
    assert {trouble.kind for trouble in given.troubles} == {TroubleKind.MISSING, TroubleKind.DAMAGED}


def test_now_is_the_end_of_the_log_while_errors_are_recent(tmp_path: Path) -> None:
    when = time_of(
        report(tmp_path / "a", "2026-05-04T03:00:00Z ERROR it failed\n2026-05-04T03:10:00Z INFO on\n"), written=WRITTEN
    )

    assert when.now == when.end == datetime(2026, 5, 4, 3, 10, tzinfo=UTC)


def test_now_is_at_the_last_errors_when_they_are_long_past(tmp_path: Path) -> None:
    when = time_of(
        report(tmp_path / "a", "2026-05-04T03:00:00Z ERROR it failed\n2026-05-04T09:10:00Z INFO on\n"), written=WRITTEN
    )

    assert when.now == datetime(2026, 5, 4, 3, 1, tzinfo=UTC)
    assert when.end == datetime(2026, 5, 4, 9, 10, tzinfo=UTC)


def test_stamps_without_a_zone_take_the_one_that_was_said(tmp_path: Path) -> None:
    found = report(tmp_path / "a", "2026-05-04 03:00:00 ERROR it failed\n")

    assert time_of(found, written=WRITTEN, timezone="Europe/Berlin").end == datetime(2026, 5, 4, 1, tzinfo=UTC)
    assert time_of(found, written=WRITTEN, timezone="Mars/Olympus").end == datetime(2026, 5, 4, 3, tzinfo=UTC)
    assert not time_of(found, written=WRITTEN).is_zoned


def test_a_log_without_stamps_ends_when_it_was_written(tmp_path: Path) -> None:
    when = time_of(report(tmp_path / "a", "ERROR it failed\n"), written=WRITTEN)

    assert (when.now, when.has_stamps) == (WRITTEN, False)


def test_a_general_text_brings_no_second_kind_beside_a_sure_one() -> None:
    kinds = {"postgres": "postgres", "redis": "redis", "listener": "tcp"}
    refused = [
        seen("onnection refused", "postgres"),
        seen("Connection refused", "redis"),
        seen("attempts failed", "listener"),
    ]

    assert kinds_told([seen("psycopg", kind="postgres"), *refused], kinds) == {"postgres"}
    assert kinds_told(refused[2:], kinds) == {"tcp"}


def test_what_a_text_that_many_share_may_mean_is_supposed_as_long_as_nothing_is_sure() -> None:
    kinds = {"http-provider": "provider", "listener": "tcp"}
    failed = [seen("connection attempts failed", "listener"), seen("connection attempts failed", "http-provider")]

    assert kinds_told(failed, kinds) == {"provider", "tcp"}
    assert kinds_told([*failed, seen("openai.", kind="provider")], kinds) == {"provider"}
    assert kinds_told([*failed, seen("Error code: 429", "http-provider")], kinds) == {"provider"}


def test_the_supposed_service_needs_what_the_log_speaks_of() -> None:
    system = supposed(["app.log"], {"sqlite", "provider"})

    assert system.targets["service"].depends == ("database", "provider")
    assert {target.kind for target in system.targets.values()} == {"http", "sqlite", "provider"}
