"""`crashcart fix` as a user runs it: a real server, a real settings file, a real journal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

GUIDE = """\
---
guide: shop
for: http
severity: high
---
# shop

**Healthy**
- it answers `http {self} GET /health => status = 200`

## Orders fail {#orders-fail}

**Symptoms**
- always: the log names each order that failed `log {self} "order <order> failed"`

### Cause: the limit is too small {#limit-small} (common)

**Evidence**
- always: we are told so `log {self} "limit reached"`
- always: orders are refused `http {self} GET /orders => status = 500`

**Fix**
1. Let more orders in: `config set {self} LIMIT = 9`
   - only if it answers at all: `tcp {self} => ok`

**Verify**
- orders go through `http {self} GET /orders => status = 200 within 5 s`
"""
HARMFUL = GUIDE.replace("LIMIT = 9", "LIMIT = 13")  # the server falls over at 13
USELESS = GUIDE.replace("LIMIT = 9", "LIMIT = 5")


@dataclass
class Site:
    """A shop on disk and on a port; its server reads the settings file at each request."""

    folder: Path
    url: str = ""
    ran: list[str] = field(default_factory=list)

    def limit(self) -> str:
        found = re.search(r"^LIMIT=(.*)$", (self.folder / "shop.env").read_text(encoding="utf-8"), re.MULTILINE)
        return found.group(1) if found else ""

    def run(self, *args: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "crashcart", *args], cwd=self.folder, env=self.environ(), capture_output=True,
            text=True, timeout=60, check=False, input=given,
        )  # fmt: skip

    def environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "USER": "ann",
            "LOGNAME": "ann",
        }

    def write(
        self,
        *,
        guide: str = GUIDE,
        more: str = "\n[touching]\nsettle_s = 0.5\n",
        env: str = "NAME=shop\nLIMIT=1  # orders\n",
    ) -> None:
        (self.folder / "shop.md").write_text(guide, encoding="utf-8")
        (self.folder / "shop.env").write_text(env, encoding="utf-8")
        (self.folder / "crashcart.toml").write_text(
            '[system]\nname = "shop"\nenvironment = "production"\nguides = ["shop.md"]\n\n'
            f'[targets.shop]\nkind = "http"\nurl = "{self.url}"\nlogs = ["shop.log"]\nenv_file = "shop.env"\n{more}',
            encoding="utf-8",
        )

    def hash_of_plan(self) -> str:
        found = re.search(r"--approve (\w+)", self.run("fix", "--plan", "--no-input").stdout)
        assert found
        return found.group(1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            limit = made.limit().split("#")[0].strip() or "0"
            is_down = limit == "13" or (self.path == "/orders" and limit != "9")
            self.send_response(500 if is_down else 200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    made.write()
    from datetime import UTC, datetime

    stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
    (tmp_path / "shop.log").write_text(
        f"{stamp} ERROR order 7 failed\n{stamp} ERROR limit reached\n" * 3, encoding="utf-8"
    )
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_yes_fixes_it_and_says_so(site: Site) -> None:
    done = site.run("fix", given="y\n")

    assert "Fixed, and verified." in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
    assert site.limit().startswith("9")
    assert "# orders" in (site.folder / "shop.env").read_text(encoding="utf-8")


def test_the_plan_can_be_read_aloud(site: Site) -> None:
    shown = site.run("fix", "--plan", "--no-input").stdout

    assert "[production] Plan" in shown
    assert "config set {shop} LIMIT = 9" in shown
    assert '"Let more orders in"' in shown
    assert "only if  tcp {shop}" in shown
    assert "risk     safe" in shown
    assert "undo     the file gets back its old bytes" in shown
    assert "It held when (says the cause):" in shown
    assert site.limit().startswith("1")


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "yes please\n"])
def test_anything_but_a_yes_is_a_no(site: Site, answer: str) -> None:
    done = site.run("fix", given=answer)

    assert done.returncode != 0
    assert site.limit().startswith("1")
    assert "production" in done.stderr


def test_a_hash_is_a_yes_to_that_plan_alone(site: Site) -> None:
    approved = site.hash_of_plan()

    done = site.run("fix", "--approve", approved, "--no-input")

    assert (done.returncode, site.limit()[0]) == (0, "9"), done.stdout + done.stderr


def test_a_plan_whose_file_was_edited_is_void(site: Site) -> None:
    approved = site.hash_of_plan()
    (kept,) = (site.folder / "state/crashcart/plans").rglob("*.json")
    kept.write_text(kept.read_text(encoding="utf-8").replace('"9"', '"13"'), encoding="utf-8")

    done = site.run("fix", "--approve", approved, "--no-input")

    assert "edited" in done.stderr
    assert (done.returncode, site.limit()[0]) == (2, "1")


def test_a_file_that_somebody_changed_since_the_plan_voids_it(site: Site) -> None:
    approved = site.hash_of_plan()
    site.write(env="NAME=shop\nLIMIT=2\n")

    done = site.run("fix", "--approve", approved, "--no-input")

    assert "the world changed since" in done.stdout
    assert site.limit() == "2"


def test_what_got_worse_is_undone_byte_for_byte(site: Site) -> None:
    site.write(guide=HARMFUL)
    before = (site.folder / "shop.env").read_bytes()

    done = site.run("fix", "--approve", site.hash_of_plan(), "--no-input")

    assert "Taken back." in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1
    assert (site.folder / "shop.env").read_bytes() == before


def test_a_fix_that_does_nothing_useful_is_not_called_fixed(site: Site) -> None:
    site.write(guide=USELESS)

    done = site.run("fix", "--approve", site.hash_of_plan(), "--no-input")

    assert "Done, and not better" in done.stdout
    assert done.returncode == 1


def test_a_run_can_be_taken_back_later(site: Site) -> None:
    site.run("fix", given="y\n")
    run = site.run("runs").stdout.split()[0]

    done = site.run("undo", run, given="y\n")

    assert done.returncode == 0, done.stdout + done.stderr
    assert site.limit().startswith("1")


def test_a_run_is_listed_handed_over_and_verified(site: Site) -> None:
    done = site.run("fix", given="y\n")
    head = re.search(r"Journal head: (\w+)", done.stdout)
    assert head
    run = site.run("runs").stdout.split()[0]

    assert "fixed" in site.run("runs").stdout
    assert "by ann" in site.run("runs").stdout
    assert "yes from ann (the OS user, unproved)" in site.run("handover", run).stdout
    assert site.run("journal", "verify", run, "--head", head.group(1)).returncode == 0
    assert site.run("journal", "show", run).stdout.count("\n") > 8


def test_a_tampered_journal_is_found(site: Site) -> None:
    site.run("fix", given="y\n")
    run = site.run("runs").stdout.split()[0]
    (path,) = (site.folder / "state").rglob("journal.jsonl")
    path.write_text(path.read_text(encoding="utf-8").replace('"ann"', '"bob"'), encoding="utf-8")

    done = site.run("journal", "verify", run)

    assert "NOT as it was written" in done.stdout
    assert done.returncode == 1


def test_the_red_button_stops_a_plan_that_was_approved(site: Site) -> None:
    approved = site.hash_of_plan()
    (site.folder / "crashcart.stop").write_text("", encoding="utf-8")

    done = site.run("fix", "--approve", approved, "--no-input")

    assert "red button" in done.stdout
    assert site.limit().startswith("1")
    assert "PRESSED" in site.run("status").stdout


def test_a_target_never_to_be_touched_is_not_touched(site: Site) -> None:
    site.write(more='\n[touching]\nnever_touch = ["shop"]\n')

    done = site.run("fix", given="y\n")

    assert "never to touch shop" in done.stdout
    assert site.limit().startswith("1")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ('never_touch = ["shp"]', "shop"),
        ('windows = ["Mon-Fri 9-17"]', "no window"),
        ("max_touches_per_h = -1", "no number"),
        ('allow_run = "yes"', "neither true nor false"),
        ("max_touchs_per_h = 1", "max_touches_per_h"),
    ],
)
def test_limits_that_cannot_be_read_are_errors(site: Site, line: str, word: str) -> None:
    site.write(more=f"\n[touching]\n{line}\n")

    done = site.run("status")

    assert word in done.stderr
    assert done.returncode == 2


def test_without_a_journal_nothing_is_touched_and_diagnosing_still_works(site: Site) -> None:
    (site.folder / "state").write_text("a file where a folder should be", encoding="utf-8")

    done = site.run("fix", given="y\n")

    assert "error[journal]" in done.stderr
    assert site.limit().startswith("1")
    assert "the limit is too small" in site.run("diagnose").stdout
