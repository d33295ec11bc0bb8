"""Files through the engine: by one process or by several, whatever is wrong with some of them."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from bench.log_carriers import carried

from crashcart.drive.scan import Progress, Request, scan, signatures_of
from crashcart.logs.conclude import Asked, conclude
from crashcart.logs.engine import LogPass
from crashcart.model.logs import KnownText, LogReport
from crashcart.redact import Scrubber
from crashcart.report.logs import logs_json

from .made import MINUTES, Trouble, block, json_lines

BAD = Trouble(flood=range(30, 34), stopped=range(45, MINUTES), errors_from=40)
KNOWN = (
    KnownText("ReadTimeout", "pay", "slow", "hangs", "the provider hangs"),
    KnownText("<anything>", "pay", "odd", "", "a text that fits every line"),
)
SIGNATURES = signatures_of(KNOWN)


def told(found: LogPass) -> LogReport:
    return conclude(found, Asked(Scrubber(()), KNOWN, SIGNATURES.places))


def request(*paths: Path | str, workers: int = 1) -> Request:
    return Request([str(path) for path in paths], SIGNATURES, workers=workers, shared_bytes=0)


def test_two_processes_find_the_bytes_that_one_finds(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(block(BAD))
    (tmp_path / "b.log").write_bytes(json_lines())
    (tmp_path / "c.log.gz").write_bytes(gzip.compress(block(minutes=20)))
    heard: list[Progress] = []

    shared = told(scan(request(tmp_path, workers=2), tell=heard.append))

    assert logs_json(shared) == logs_json(told(scan(request(tmp_path))))


def test_one_plain_file_is_cut_between_two_processes(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(block(BAD))

    shared = told(scan(request(path, workers=2)))

    assert logs_json(shared) == logs_json(told(scan(request(path))))
    assert shared.lines == block(BAD).count(b"\n")


@pytest.mark.parametrize("carrier", ["json-file of Docker", "docker logs --timestamps", "docker compose logs"])
def test_a_carried_file_is_cut_where_no_traceback_is(tmp_path: Path, carrier: str) -> None:
    # In tracebacks from beginning to end, so that the cut must avoid one.
    data = carried(block(Trouble(errors_from=0)), carrier)
    path = tmp_path / "a.log"
    for more in range(0, 600, 120):
        path.write_bytes(data[: len(data) - more].rpartition(b"\n")[0] + b"\n")

        assert logs_json(told(scan(request(path, workers=2)))) == logs_json(told(scan(request(path))))


def test_a_file_without_stamps_is_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"ERROR: it broke\nfine\n" * 500)

    assert logs_json(told(scan(request(path, workers=2)))) == logs_json(told(scan(request(path))))


def test_rotated_and_compressed_files_are_read_in_the_order_they_were_written(tmp_path: Path) -> None:
    lines = block().splitlines(keepends=True)
    (tmp_path / "a.log.2.gz").write_bytes(gzip.compress(b"".join(lines[:1000])))
    (tmp_path / "a.log.1").write_bytes(b"".join(lines[1000:2000]))
    (tmp_path / "a.log").write_bytes(b"".join(lines[2000:]))

    report = told(scan(request(tmp_path / "a.log")))

    assert (report.files, report.lines, report.troubles) == (3, len(lines), ())
    assert report.records == told(scan_bytes(block())).records


def scan_bytes(data: bytes) -> LogPass:
    return scan(Request(["-"], SIGNATURES, stdin=io.BytesIO(data)))


def test_standard_input_is_read_compressed_or_not() -> None:
    data = block(BAD)

    assert logs_json(told(scan_bytes(gzip.compress(data)))) == logs_json(told(scan_bytes(data)))


@pytest.mark.parametrize("workers", [1, 2])
def test_bad_files_are_named_and_the_others_are_read(tmp_path: Path, workers: int) -> None:
    (tmp_path / "good.log").write_bytes(block())
    (tmp_path / "cut.log.gz").write_bytes(gzip.compress(block())[:-4000])
    (tmp_path / "binary.log").write_bytes(bytes(range(256)) * 99)
    (tmp_path / "long.log").write_bytes(b"a" * (5 << 20) + b"\nfine\n")
    (tmp_path / "empty.log").write_bytes(b"")

    report = told(scan(request(tmp_path, tmp_path / "gone.log", workers=workers)))

    named = {(Path(trouble.file).name, trouble.kind) for trouble in report.troubles}
    assert named >= {
        ("cut.log.gz", "damaged"), ("binary.log", "binary"), ("long.log", "long line"), ("gone.log", "missing"),
    }  # fmt: skip
    assert report.lines > block().count(b"\n")


def test_a_text_that_fits_every_line_is_left_out_and_told() -> None:
    assert SIGNATURES.places == (0, -1)
    assert "fits every line" in SIGNATURES.refused[0]
