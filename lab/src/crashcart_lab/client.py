"""A user of the service, who sees nothing but its HTTP answers."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from crashcart_lab.errors import LabError
from crashcart_lab.supervise import PYTHON, clean_environment
from crashcart_lab.waiting import until

JOB_TIMEOUT_S = 15.0
# Of a user to whom it matters; a healthy job takes a second.
SHORT_PATIENCE_S = 8.0
# A notification is sent within a second of the job's end.
TOLD_PATIENCE_S = 5.0
BACKUP_TIMEOUT_S = 30.0
QUEUE_PATIENCE_S = 6.0
# So many that two groups of workers both get some.
SEVERAL = 5
SEVERAL_PATIENCE_S = 25.0
WHILE_S = 3.0
READ_PATIENCE_S = 2.0
PDF_PATIENCE_S = 3.0
# Well above what anybody would call a low limit.
REFUSED_AT_LAST = 20
# A page that shows a job asks about this often.
POLL_S = 0.2
JOB_FAILED = "my scrape job ended as failed"
SLOW_LIST = f"the newest summaries take longer than {READ_PATIENCE_S:g} s"
STILL_QUEUED = "my scrape job is still queued, nobody begins it"
SLOW_PDF = f"my PDF is not there after {PDF_PATIENCE_S:g} s"
NOT_TOLD = "my scrape job is done, and my own system was not told"
SOME_FAILED = "some of my scrape jobs ended as failed, others did not"
NO_BACKUP = "no backup can be made"
SILENT = "the summariser does not answer"
UNREACHABLE = "the summariser cannot be reached"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one job went for the user, and the words a user has for it."""

    succeeded: bool
    words: str
    job_id: str | None
    summary: str | None


@dataclass(frozen=True, slots=True)
class Doors:
    """The addresses that users know; *front_url* is where no front proxy runs the service's own."""

    digest_url: str
    front_url: str
    site_url: str
    inbox: Path  # of the user's own system, which is told of the end of jobs
    digest_folder: Path  # where the service's operator stands


# What a user does, this many times at once.
Act = Callable[[Doors, int], Outcome]


def scrape_site(doors: Doors, jobs: int) -> Outcome:
    """Have the site summarised."""
    return scrape(doors.digest_url, doors.site_url, jobs=jobs)


def scrape_impatiently(doors: Doors, jobs: int) -> Outcome:
    """Have the site summarised, and give up early."""
    return scrape(doors.digest_url, doors.site_url, jobs=jobs, patience_s=SHORT_PATIENCE_S)


def scrape_through_front(doors: Doors, jobs: int) -> Outcome:
    """Have the site summarised, asked for at the front proxy."""
    return scrape(doors.front_url, doors.site_url, jobs=jobs)


def scrape_unless_queued(doors: Doors, jobs: int) -> Outcome:
    """Have the site summarised, and give up when nobody has begun with it after a while."""

    def act(http: httpx.Client) -> Outcome:
        ids = [_submit(http, doors.site_url) for _ in range(jobs)]
        try:
            until(
                lambda: all(_status(http, job_id)["status"] != "queued" for job_id in ids),
                timeout_s=QUEUE_PATIENCE_S,
                what="somebody to begin",
                hint="read digest's log",
                poll_s=POLL_S,
            )
        except LabError:
            return Outcome(False, STILL_QUEUED, ids[-1], None)
        return _await_jobs(http, ids, patience_s=JOB_TIMEOUT_S)

    return _heard(doors.digest_url, act)


def scrape_often(doors: Doors, jobs: int) -> Outcome:
    """Have the site summarised several times at once, and look at every job."""

    def act(http: httpx.Client) -> Outcome:
        ids = [_submit(http, doors.site_url) for _ in range(jobs + SEVERAL)]
        deadline = time.monotonic() + SEVERAL_PATIENCE_S
        return _mixed([_await_job(http, job_id, deadline=deadline, patience_s=SEVERAL_PATIENCE_S) for job_id in ids])

    return _heard(doors.digest_url, act)


def _mixed(ends: list[Outcome]) -> Outcome:
    bad = next((end for end in ends if not end.succeeded), None)
    if bad is None:
        return ends[-1]
    is_mixed = bad.words == JOB_FAILED and any(end.succeeded for end in ends)
    return replace(bad, words=SOME_FAILED) if is_mixed else bad


def back_up(doors: Doors, _times: int) -> Outcome:
    """Have the service back its database up, as its operator does before a change."""
    argv = [*PYTHON, "crashcart_lab.digest", "backup"]

    def run() -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            argv,
            check=False,
            cwd=doors.digest_folder,
            env=clean_environment(),
            capture_output=True,
            timeout=BACKUP_TIMEOUT_S,
        )

    done = run()
    # A backup is named by its second: on a fast machine the one before a fault and the one after it may share theirs.
    if b"try again in a second" in done.stderr:
        time.sleep(1.0)
        done = run()
    if done.returncode != 0:
        return Outcome(False, NO_BACKUP, None, None)
    return Outcome(True, "I have a backup", None, None)


def read_newest(doors: Doors, times: int, *, patience_s: float = READ_PATIENCE_S) -> Outcome:
    """Open the newest summaries, with as little patience as a reader has."""
    return _read(doors, times, pages=1, patience_s=patience_s)


def read_much(doors: Doors, times: int) -> Outcome:
    """Open the newest summaries over and over."""
    return _read(doors, times, pages=20, patience_s=READ_PATIENCE_S)


def await_notification(doors: Doors, jobs: int) -> Outcome:
    """Have the site summarised, and wait until the user's own system was told so."""
    outcome = scrape_site(doors, jobs)
    if not outcome.succeeded or outcome.job_id is None:
        return outcome
    wanted = f'"{outcome.job_id}"'
    try:
        until(
            lambda: doors.inbox.exists() and wanted in doors.inbox.read_text(encoding="utf-8"),
            timeout_s=TOLD_PATIENCE_S,
            what=f"the notification of job {outcome.job_id}",
            hint=f"read {doors.inbox}",
        )
    except LabError:
        return Outcome(False, NOT_TOLD, outcome.job_id, outcome.summary)
    return Outcome(True, "my own system was told that my scrape job is done", outcome.job_id, outcome.summary)


def read_for_a_while(doors: Doors, _times: int) -> Outcome:
    """Read as somebody does who stays for some seconds."""
    began = time.monotonic()
    outcome = read_newest(doors, 1)
    while outcome.succeeded and time.monotonic() - began < WHILE_S:
        outcome = read_newest(doors, 1)
    return outcome


def export_pdf(doors: Doors, times: int) -> Outcome:
    """Have the newest summary as PDF; where there is none yet, have a site summarised first."""

    def act(http: httpx.Client) -> Outcome:
        newest = http.get("/summaries", params={"limit": 1}).raise_for_status().json()
        if not newest:
            return _first_pdf(doors, times)
        for _ in range(times):
            _patiently(http, f"/summaries/{newest[0]['id']}/export/pdf")
        return Outcome(True, "I have the newest summary as PDF", None, None)

    return _heard(doors.digest_url, act, patience_s=PDF_PATIENCE_S, silence=SLOW_PDF)


def _patiently(http: httpx.Client, path: str) -> None:
    """Ask, and once more when nothing comes: the first of its kind may take longer, and everybody tries twice."""
    try:
        http.get(path).raise_for_status()
    except httpx.TimeoutException:
        http.get(path).raise_for_status()


def _first_pdf(doors: Doors, times: int) -> Outcome:
    scraped = scrape_site(doors, 1)
    return export_pdf(doors, times) if scraped.succeeded else scraped


def _read(doors: Doors, times: int, *, pages: int, patience_s: float) -> Outcome:
    def act(http: httpx.Client) -> Outcome:
        for _ in range(times * pages):
            http.get("/summaries", params={"limit": 100}).raise_for_status()
        return Outcome(True, "I can read the newest summaries", None, None)

    return _heard(doors.digest_url, act, patience_s=patience_s, silence=SLOW_LIST)


def scrape(digest_url: str, site_url: str, *, jobs: int = 1, patience_s: float = JOB_TIMEOUT_S) -> Outcome:
    """Submit *jobs* jobs at once, wait for all of them, and return how the last one went."""

    def act(http: httpx.Client) -> Outcome:
        return _await_jobs(http, [_submit(http, site_url) for _ in range(jobs)], patience_s=patience_s)

    return _heard(digest_url, act)


def _heard(
    url: str, act: Callable[[httpx.Client], Outcome], *, patience_s: float = 5.0, silence: str = SILENT
) -> Outcome:
    """Do something at *url*, and put what goes wrong with HTTP into a user's words."""
    with httpx.Client(base_url=url, trust_env=False, timeout=patience_s) as http:
        try:
            return act(http)
        except httpx.HTTPStatusError as err:
            return Outcome(False, f"the summariser answered {err.response.status_code}", None, None)
        except httpx.TimeoutException:
            return Outcome(False, silence, None, None)
        except httpx.TransportError:
            return Outcome(False, UNREACHABLE, None, None)


def submit(digest_url: str, site_url: str) -> None:
    """Submit one job and do not wait for it."""
    with httpx.Client(base_url=digest_url, trust_env=False, timeout=5.0) as http:
        _submit(http, site_url)


def submit_until_refused(digest_url: str, *, status: int) -> None:
    """Ask for what is no site until even that is refused with *status*.

    Raises:
        LabError: it never was.
    """
    with httpx.Client(base_url=digest_url, trust_env=False, timeout=5.0) as http:
        for _ in range(REFUSED_AT_LAST):
            if http.post("/scrape", json={"url": "not an address"}).status_code == status:
                return
    raise LabError(f"{REFUSED_AT_LAST} requests in a row, and no {status}", hint=f"look at {digest_url}")


def cancel_waiting(digest_url: str) -> None:
    """Cancel every job that has not begun, as an operator does who clears a backlog."""
    with httpx.Client(base_url=digest_url, trust_env=False, timeout=5.0) as http:
        while waiting := http.get("/jobs", params={"status": "queued", "limit": 100}).raise_for_status().json():
            for job in waiting:
                http.post(f"/jobs/{job['job_id']}/cancel")


def _submit(http: httpx.Client, site_url: str) -> str:
    answer = http.post("/scrape", json={"url": site_url, "max_pages": 10, "max_depth": 3})
    return str(answer.raise_for_status().json()["job_id"])


def _await_jobs(http: httpx.Client, ids: list[str], *, patience_s: float) -> Outcome:
    """Return how the last one went; the patience is for all of them together."""
    deadline = time.monotonic() + patience_s
    return [_await_job(http, job_id, deadline=deadline, patience_s=patience_s) for job_id in ids][-1]


def _await_job(http: httpx.Client, job_id: str, *, deadline: float, patience_s: float) -> Outcome:
    try:
        until(
            lambda: _status(http, job_id)["status"] in ("completed", "failed"),
            timeout_s=max(0.0, deadline - time.monotonic()),
            what=f"job {job_id}",
            hint="read digest's log",
            poll_s=POLL_S,
        )
    except LabError:
        # A user gives up, too, and that is an outcome, not our error.
        if _status(http, job_id)["status"] == "queued":
            return Outcome(False, STILL_QUEUED, job_id, None)
        return Outcome(False, f"my scrape job is not done after {patience_s:g} s", job_id, None)
    job = _status(http, job_id)
    if job["status"] == "failed":
        return Outcome(False, JOB_FAILED, job_id, None)
    summary = http.get(f"/summaries/{job['summary_id']}").raise_for_status().json()
    return Outcome(True, "my scrape job gave me a summary", job_id, str(summary["summary"]))


def _status(http: httpx.Client, job_id: str) -> dict[str, str | int | None]:
    status: dict[str, str | int | None] = http.get(f"/jobs/{job_id}").raise_for_status().json()
    return status
