"""A user of the service, who sees nothing but its HTTP answers."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from crashcart_lab.errors import LabError
from crashcart_lab.waiting import until

JOB_TIMEOUT_S = 15.0
# A page that shows a job asks about this often.
POLL_S = 0.2
JOB_FAILED = "my scrape job ended as failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one job went for the user, and the words a user has for it."""

    succeeded: bool
    words: str
    job_id: str | None
    summary: str | None


def scrape(digest_url: str, site_url: str, *, jobs: int = 1) -> Outcome:
    """Submit *jobs* jobs at once, wait for all of them, and return how the last one went."""
    with httpx.Client(base_url=digest_url, trust_env=False, timeout=5.0) as http:
        try:
            ids = [_submit(http, site_url) for _ in range(jobs)]
            return [_await_job(http, job_id) for job_id in ids][-1]
        except httpx.HTTPStatusError as err:
            return Outcome(False, f"the summariser answered {err.response.status_code}", None, None)
        except httpx.TimeoutException:
            return Outcome(False, "the summariser does not answer", None, None)
        except httpx.TransportError:
            return Outcome(False, "the summariser cannot be reached", None, None)


def submit(digest_url: str, site_url: str) -> None:
    """Submit one job and do not wait for it."""
    with httpx.Client(base_url=digest_url, trust_env=False, timeout=5.0) as http:
        _submit(http, site_url)


def _submit(http: httpx.Client, site_url: str) -> str:
    answer = http.post("/scrape", json={"url": site_url, "max_pages": 10, "max_depth": 3})
    return str(answer.raise_for_status().json()["job_id"])


def _await_job(http: httpx.Client, job_id: str) -> Outcome:
    try:
        until(
            lambda: _status(http, job_id)["status"] in ("completed", "failed"),
            timeout_s=JOB_TIMEOUT_S,
            what=f"job {job_id}",
            hint="read digest's log",
            poll_s=POLL_S,
        )
    except LabError:
        # A user gives up, too, and that is an outcome, not our error.
        return Outcome(False, f"my scrape job is not done after {JOB_TIMEOUT_S:g} s", job_id, None)
    job = _status(http, job_id)
    if job["status"] == "failed":
        return Outcome(False, JOB_FAILED, job_id, None)
    summary = http.get(f"/summaries/{job['summary_id']}").raise_for_status().json()
    return Outcome(True, "my scrape job gave me a summary", job_id, str(summary["summary"]))


def _status(http: httpx.Client, job_id: str) -> dict[str, str | int | None]:
    status: dict[str, str | int | None] = http.get(f"/jobs/{job_id}").raise_for_status().json()
    return status
