"""The bench of services that nobody here wrote: what it counts, and that it ends what it started."""

from __future__ import annotations

import sys
from pathlib import Path

from crashcart_lab.strangers.bed import Bed
from crashcart_lab.strangers.found import compare
from crashcart_lab.strangers.stranger import There

_THERE = (There("web", ("http",), ":8000"), There("db", ("sqlite",), "shop.db"))


def test_a_part_counts_once_and_what_is_no_part_is_invented(tmp_path: Path) -> None:
    path = tmp_path / "crashcart.toml"
    path.write_text(
        '[targets.a]\nkind = "http"\nurl = "http://127.0.0.1:8000"\n'
        '[targets.b]\nkind = "http"\nurl = "http://127.0.0.1:8000"\n'
        '[targets.c]\nkind = "redis"\nurl = "redis://127.0.0.1"\n'
    )

    result = compare(path, _THERE)

    assert (result.found, result.missed, result.invented) == (("web",), ("db",), ("b", "c"))


def test_without_a_file_everything_is_missed(tmp_path: Path) -> None:
    assert compare(tmp_path / "crashcart.toml", _THERE).missed == ("web", "db")


def test_a_bed_starts_a_process_once_and_ends_it(tmp_path: Path) -> None:
    bed = Bed(tmp_path, "one")
    bed.project.mkdir(parents=True)
    argv = [sys.executable, "-c", "import signal; signal.pause()"]

    bed.start("app", argv)
    first = bed.process("app")
    bed.start("app", argv)

    assert Bed(tmp_path, "one").process("app") == first
    Bed(tmp_path, "one").stop_all()
    assert not bed.is_running("app")
