"""`crashcart logs` as a person runs it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from conftest import Shop

STEADY = "".join(f"2026-03-04T10:{n // 60:02}:{n % 60:02}Z INFO shop: order {n} paid\n" for n in range(900))
ERROR = "2026-03-04T10:14:59Z ERROR shop: order 17 failed with password=hunter2hunter2\n"


class Ran(NamedTuple):
    """How the command ended."""

    code: int
    out: str
    err: str


def logs(folder: Path, *args: str, stdin: bytes = b"") -> Ran:
    done = subprocess.run(
        [sys.executable, "-m", "crashcart", "logs", *args], cwd=folder, input=stdin, capture_output=True, check=False,
        timeout=60, env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
    )  # fmt: skip
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_a_log_in_which_all_is_well_ends_with_0(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(STEADY)

    ran = logs(tmp_path, "a.log")

    assert (ran.code, ran.err) == (0, "")
    assert "900 records" in ran.out
    assert "Nothing in it that a person should look at." in ran.out


def test_an_error_ends_with_1_and_is_told_with_its_place_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(STEADY + ERROR)

    ran = logs(tmp_path, "a.log")

    assert ran.code == 1
    assert "a.log:901" in ran.out
    assert "hunter2" not in ran.out
    assert len(ran.out.splitlines()) <= 60


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_and_a_compressed_file_are_read_alike(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    data = pack((STEADY + ERROR).encode())
    (tmp_path / "a.log.gz").write_bytes(data)

    for ran in (logs(tmp_path, "-", stdin=data), logs(tmp_path, "a.log.gz")):
        assert ran.code == 1
        assert "901 records" in ran.out


def test_nothing_that_can_be_read_ends_with_2_and_says_why(tmp_path: Path) -> None:
    ran = logs(tmp_path, "gone.log")

    assert ran.code == 2
    assert "gone.log: missing: no such file" in ran.out
    assert ran.out.splitlines()[-1] == "Nothing could be read."


def test_one_of_a_thing_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("Error: no such option\n")

    assert logs(tmp_path, "a.log").out.startswith("1 record, 1 line, 22 B, 1 file\n")


def test_without_a_path_it_says_what_to_do(tmp_path: Path) -> None:
    ran = logs(tmp_path)

    assert ran.code == 2
    assert "error[usage]: no log is named" in ran.err


def test_json_has_a_version_and_holds_what_the_text_tells(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(STEADY + ERROR)

    ran = logs(tmp_path, "a.log", "--json")

    report = json.loads(ran.out)
    assert (report["v"], report["is_bad"], report["lines"]) == (1, True, 901)
    assert report["problems"][0]["count"] == 1
    assert "hunter2" not in ran.out


def test_a_profile_goes_to_a_file_and_another_day_is_held_against_it(tmp_path: Path) -> None:
    (tmp_path / "good.log").write_text(STEADY)
    (tmp_path / "bad.log").write_text(STEADY + ERROR)

    kept = logs(tmp_path, "good.log", "--save-profile", "good.json")
    same = logs(tmp_path, "good.log", "--against", "good.json")
    other = logs(tmp_path, "bad.log", "--against", "good.json")

    assert (kept.code, same.code, other.code) == (0, 0, 1)
    assert "NEW" in other.out
    assert "NEW" not in same.out


@pytest.mark.parametrize("text", ["", "{}", '{"v": 9, "hours": 1, "templates": []}', "\x00"])
def test_a_file_that_is_no_profile_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.log").write_text(STEADY)
    (tmp_path / "p.json").write_text(text)

    ran = logs(tmp_path, "a.log", "--against", "p.json")

    assert ran.code == 2
    assert "p.json" in ran.err
    assert "Traceback" not in ran.err


def test_since_until_and_grep_leave_the_rest_out(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(STEADY + ERROR)

    ran = logs(tmp_path, "a.log", "--since", "2026-03-04T10:05:00", "--until", "2026-03-04T10:05:59Z")
    held = logs(tmp_path, "a.log", "--grep", "order 17 ")

    assert "60 records" in ran.out
    assert "2 records" in held.out


def test_a_time_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(STEADY)

    ran = logs(tmp_path, "a.log", "--since", "yesteryear")

    assert ran.code == 2
    assert "yesteryear" in ran.err


def test_the_system_file_gives_the_logs_the_guides_and_the_secrets(shop: Shop) -> None:
    shop.log("ERROR the warehouse said 403", *(f"INFO order {n} sent" for n in range(30)))

    ran = shop.run("logs")

    assert ran.code == 1
    assert "the guide shop calls this" in ran.out
    assert "warehouse refuses us" in ran.out
    assert "crashcart diagnose" in ran.out


def test_the_page_holds_what_the_text_tells_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(STEADY + ERROR)

    ran = logs(tmp_path, "a.log", "--html", "out.html")
    page = (tmp_path / "out.html").read_text()

    assert ran.code == 1
    assert "the report is in out.html" in ran.err
    assert "<svg" in page
    assert "hunter2" not in page


def test_two_forms_cannot_both_have_standard_output(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(STEADY)

    ran = logs(tmp_path, "a.log", "--html", "-", "--json")
    alone = logs(tmp_path, "a.log", "--html", "-")

    assert ran.code == 2
    assert "--html FILE" in ran.err
    assert alone.out.startswith("<!doctype html>")
