"""Background noise: what a healthy system shows, too. Drawn from a seed, made by ordinary means.

What is drawn here when a world comes up: how patient the service is, whether the site has a slow
or a missing page, whether a slow neighbour reads the same database, and which old error stands
in the log. What is drawn when it is broken: what clients did just before, good and bad.
"""

from __future__ import annotations

import json
import random
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import httpx

import crashcart_lab

RECORDINGS = files("crashcart_lab") / "recordings"
# Each is the log of a real run of the service; see `lab/README.md`, "Old errors".
OLD_ERRORS = ("database-locked", "rate-limited", "server-error", "site-down", "timed-out")
SLOW_PAGES = ("boxes.html", "retries.html", "storage.html", "testing.html")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is drawn when a world comes up."""

    openai_timeout_s: float
    sqlite_busy_timeout_s: float
    page_timeout_s: float
    slow_page: str | None
    slow_page_s: float
    gone_pages: tuple[str, ...]
    dashboard_slow_s: float | None  # None: there is no dashboard
    has_front: bool
    old_error: str | None
    old_error_age_s: float


@dataclass(frozen=True, slots=True)
class Bustle:
    """What clients do just before the break: whole jobs, and requests that the service refuses."""

    good_jobs: int
    refused: tuple[str, ...]
    bad_jobs: int  # submitted together right after the break


def draw_setting(seed: int) -> Setting:
    rng = random.Random(f"setting {seed}")
    page_timeout_s = round(rng.uniform(0.3, 0.6), 2)
    return Setting(
        openai_timeout_s=round(rng.uniform(1.5, 3.0), 1),
        sqlite_busy_timeout_s=round(rng.uniform(0.5, 2.0), 1),
        page_timeout_s=page_timeout_s,
        slow_page=rng.choice([None, *SLOW_PAGES]),
        slow_page_s=round(page_timeout_s * rng.uniform(0.5, 2.0), 2),
        gone_pages=("roadmap.html",) if rng.random() < 0.5 else (),
        dashboard_slow_s=round(rng.uniform(0.2, 1.5), 1) if rng.random() < 0.6 else None,
        old_error=rng.choice([None, *OLD_ERRORS]),
        old_error_age_s=round(rng.uniform(2, 20) * 3600.0),
        has_front=rng.random() < 0.4,
    )


def draw_bustle(rng: random.Random) -> Bustle:
    wrong = ("GET /favicon.ico", "GET /summaries/987654", "GET /jobs/unknown", "POST /scrape", "GET /admin")
    return Bustle(
        good_jobs=rng.randint(1, 2),
        refused=tuple(rng.choices(wrong, k=rng.randint(0, 5))),
        bad_jobs=rng.randint(1, 3),
    )


def ask_what_is_refused(url: str, bustle: Bustle) -> None:
    """Send the requests that the service answers with 404 or 422, and logs as warnings."""
    with httpx.Client(base_url=url, trust_env=False, timeout=5.0) as client:
        for request in bustle.refused:
            method, path = request.split()
            client.request(method, path, json={"url": "not an address"} if method == "POST" else None)


def write_old_error(setting: Setting, log: Path, *, now: datetime, urls: Mapping[str, str]) -> None:
    """Begin the log with the recorded run that was drawn, moved to its age.

    A recording is made of real log lines, in which folders, addresses and times were replaced by
    placeholders; *urls* gives the addresses of this world by placeholder.
    """
    if setting.old_error is None:
        return
    began = now - timedelta(seconds=setting.old_error_age_s)
    places = {
        "{libraries}": sysconfig.get_path("purelib"),
        "{stdlib}": sysconfig.get_path("stdlib"),
        "{package}": str(Path(crashcart_lab.__file__).parent),
    } | dict(urls)
    lines = (RECORDINGS / f"{setting.old_error}.jsonl").read_text(encoding="utf-8").splitlines()
    with log.open("a", encoding="utf-8") as out:
        for line in lines:
            out.write(_at(json.loads(line), began, places) + "\n")


def _at(fields: dict[str, str | float], began: datetime, places: Mapping[str, str]) -> str:
    moment = began + timedelta(seconds=float(fields.pop("after_s")))
    for name, value in fields.items():
        text = str(value)
        for place, real in places.items():
            text = text.replace(place, real)
        fields[name] = text
    stamp = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"timestamp": stamp} | fields, ensure_ascii=False)


def site_arguments(setting: Setting) -> list[str]:
    """Return what the site is started with."""
    words = [word for page in setting.gone_pages for word in ("--gone", quote(page))]
    if setting.slow_page is not None:
        words += ["--slow", setting.slow_page, "--slow-s", str(setting.slow_page_s)]
    return words
