"""Digest's HTTP side: whatever is sent to it, it answers, in one shape, and never with a 5xx of its own making."""

from __future__ import annotations

import gzip
import socket
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import response_schema_conformance
from starlette.testclient import TestClient

from crashcart_lab.digest.api.app import build
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.storage.jobs import JobStore, Order
from crashcart_lab.digest.storage.summaries import Method, SummaryStore

# The port is one where nobody listens: jobs fail, answers must not.
NOWHERE = "http://127.0.0.1:9/v1"


def settings_in(folder: Path, **changes: object) -> Settings:
    return Settings.model_validate(
        {
            "openai_api_key": "sk-test",
            "openai_base_url": NOWHERE,
            "openai_max_retries": 0,
            "database_path": folder / "summaries.db",
            "backup_folder": folder / "backups",
            "log_path": folder / "digest.log",
            "rate_limit_scrape": None,
            "webhook_secret": "whsec-test",
            "shutdown_grace_s": 0,
        }
        | changes
    )


def add_summaries(settings: Settings, *titles: str) -> None:
    database = Database(settings)
    jobs, summaries = JobStore(database), SummaryStore(database)
    for title in titles:
        job = jobs.claim(jobs.add(Order("http://docs.example/", 1, 1, ("docs", title.lower()))).id, "a test")
        assert job
        with database.writing() as db:
            summaries.store(db, job, title=title, summary=f"How to use {title}, at length.", method=Method.MODEL)
    database.close()


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return build(settings_in(tmp_path))


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    """The service on a socket of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)


def test_anything_the_schema_allows_and_much_that_it_forbids_gets_no_server_error(address: str):
    schema = schemathesis.openapi.from_url(f"{address}/openapi.json", wait_for_schema=20.0)
    seen: set[tuple[str, int]] = set()

    for operation in schema.get_all_operations():
        known = operation.ok()
        call_many(known, GenerationMode.POSITIVE, seen)
        if known.body or any(True for _ in known.iter_parameters()):  # else there is nothing to get wrong
            call_many(known, GenerationMode.NEGATIVE, seen)

    assert {path for path, _ in seen} >= {"/scrape", "/summaries", "/summaries/{summary_id}", "/webhook", "/stats"}
    assert {status for _, status in seen} >= {200, 202, 404, 422}


def call_many(operation: APIOperation[Any, Any, Any], mode: GenerationMode, seen: set[tuple[str, int]]) -> None:
    @hypothesis.settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def call(case: schemathesis.Case) -> None:
        response = case.call()
        case.validate_response(response, checks=[not_a_server_error, response_schema_conformance])
        seen.add((case.path, response.status_code))

    call()


def test_errors_of_every_kind_have_one_body(client: TestClient):
    answers = [
        client.get("/summaries/1"),
        client.get("/nowhere"),
        client.delete("/summaries"),
        client.post("/scrape", json={"url": "ftp://docs.example", "max_pages": 0}),
        client.post("/scrape", content="x" * 1_000_001),
        client.post("/webhook", content="{}"),
        client.get("/debug/memory"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 405, 422, 413, 401, 404]
    for answer in answers:
        body = answer.json()
        assert set(body) == {"error", "message", "timestamp"}
        assert datetime.fromisoformat(body["timestamp"]).utcoffset() is not None
    assert "max_pages" in answers[3].json()["message"]


def test_a_site_inside_our_own_network_is_refused_before_there_is_a_job(client: TestClient):
    answer = client.post("/scrape", json={"url": "http://169.254.169.254/latest/meta-data/"})

    assert answer.status_code == 422
    assert "169.254.169.254" in answer.json()["message"]
    assert client.get("/jobs").json() == []


def test_summaries_are_paged_tagged_searched_and_removed(tmp_path: Path):
    settings = settings_in(tmp_path)
    with TestClient(build(settings)) as client:
        add_summaries(settings, "Pigeonhole", "Turnstile", "Drawbridge")

        first = client.get("/summaries", params={"limit": 2})
        second = client.get("/summaries", params={"limit": 2, "offset": 2})
        by_tag = client.get("/summaries", params={"tag": "turnstile"})
        by_words = client.get("/summaries", params={"q": 'use "pigeonhole" OR*'})
        by_more_words = client.get("/summaries", params={"q": "pigeonhole length"})
        retagged = client.put("/summaries/1/tags", json={"tags": ["old", "old"]})
        removed = client.delete("/summaries/2")
        after = client.get("/summaries", params={"q": "turnstile"})

    assert [one["title"] for one in first.json() + second.json()] == ["Drawbridge", "Turnstile", "Pigeonhole"]
    assert first.headers["X-Total-Count"] == "3"
    assert [one["title"] for one in by_tag.json()] == ["Turnstile"]
    assert by_words.json() == []  # "OR*" is a word like others, and no text has it
    assert [one["title"] for one in by_more_words.json()] == ["Pigeonhole"]
    assert retagged.json()["tags"] == ["old"]
    assert (removed.status_code, after.json()) == (204, [])


def test_a_summary_can_be_had_as_pdf(tmp_path: Path):
    settings = settings_in(tmp_path)
    with TestClient(build(settings)) as client:
        add_summaries(settings, "Pigeonhole")

        answer = client.get("/summaries/1/export/pdf")
        missing = client.get("/summaries/2/export/pdf")

    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert missing.status_code == 404


def test_statistics_are_counted_once_until_they_are_old(tmp_path: Path):
    settings = settings_in(tmp_path)
    with TestClient(build(settings)) as client:
        first = client.get("/stats").json()
        add_summaries(settings, "Pigeonhole")
        second = client.get("/stats").json()
    with TestClient(build(settings_in(tmp_path, stats_cache_s=0))) as client:
        third = client.get("/stats").json()

    assert first == second
    assert (first["summaries"], third["summaries"]) == (0, 1)
    assert third["by_tag"] == {"docs": 1, "pigeonhole": 1}


def test_one_client_may_submit_so_many_sites_a_minute_and_is_told_when_to_come_back(tmp_path: Path):
    with TestClient(build(settings_in(tmp_path, rate_limit_scrape="2/minute", rate_limit="5/minute"))) as client:
        wrong = {"url": "no address"}
        submitted = [client.post(path, json=wrong) for path in ("/scrape", "/page/scrape", "/scrape")]
        read = [client.get("/jobs").status_code for _ in range(3)]

    assert [answer.status_code for answer in submitted] == [422, 422, 429]
    assert 1 <= int(submitted[2].headers["Retry-After"]) <= 60
    assert read == [200, 200, 429]


def test_answers_carry_security_headers_and_long_ones_are_compressed(tmp_path: Path):
    settings = settings_in(tmp_path, cors_origins="https://docs.example,https://other.example")
    with TestClient(build(settings)) as client:
        add_summaries(settings, *("Pigeonhole" for _ in range(12)))
        answer = client.get("/summaries", headers={"Origin": "https://docs.example"})
        stranger = client.get("/", headers={"Origin": "https://evil.example"})
        missing = client.get("/nowhere")
        with client.stream("GET", "/summaries", headers={"Accept-Encoding": "gzip"}) as packed:
            raw = b"".join(packed.iter_raw())

    assert answer.headers["access-control-allow-origin"] == "https://docs.example"
    assert "access-control-allow-origin" not in stranger.headers
    for one in (answer, stranger, missing):
        assert one.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'self'" in one.headers["content-security-policy"]
    assert gzip.decompress(raw) == answer.content


def test_a_browser_at_the_root_is_sent_to_the_page_and_a_program_is_told_what_this_is(client: TestClient):
    program = client.get("/")
    browser = client.get("/", headers={"Accept": "text/html,*/*;q=0.8"}, follow_redirects=False)

    assert program.json()["name"] == "digest"
    assert (browser.status_code, browser.headers["location"]) == (303, "/page")


def test_an_error_that_nobody_foresaw_is_told_in_full_only_when_debugging(tmp_path: Path):
    bodies = []
    for debug in (False, True):
        app = build(settings_in(tmp_path, debug=debug))

        @app.get("/boom")
        def boom() -> None:
            raise RuntimeError("secret detail")

        with TestClient(app, raise_server_exceptions=False) as client:
            answer = client.get("/boom")
        assert answer.status_code == 500
        bodies.append(answer.json()["message"])

    assert bodies == ["An error occurred, see the log", "secret detail"]


def test_the_detailed_page_says_which_part_is_not_well(client: TestClient):
    health = client.get("/health/detailed").json()

    assert health["status"] == "degraded"
    assert {name: check["healthy"] for name, check in health["checks"].items()} == {
        "database": True,
        "openai": False,
        "disk_space": True,
        "jobs": True,
        "schedule": True,
    }
    assert "onnect" in health["checks"]["openai"]["error"]


def test_metrics_count_requests_by_route_and_jobs_by_state(tmp_path: Path):
    settings = settings_in(tmp_path)
    with TestClient(build(settings)) as client:
        client.get("/summaries/7")
        client.get("/summaries/8")
        client.get("/made/up/by/a/stranger")
        add_summaries(settings, "Pigeonhole")
        text = client.get("/metrics").text

    assert 'http_requests_total{method="GET",route="/summaries/{summary_id}",status="404"} 2.0' in text
    assert "stranger" not in text
    assert 'jobs{status="completed"} 1.0' in text
    assert "active_jobs 0.0" in text
    assert "scrape_requests_total 0.0" in text
    assert "scrape_duration_seconds_bucket" in text


def test_the_memory_page_is_there_only_when_it_was_asked_for(tmp_path: Path):
    with TestClient(build(settings_in(tmp_path, debug_memory=True))) as client:
        memory = client.get("/debug/memory").json()

    assert memory["memory_mb"] > 10
    assert len(memory["gc_stats"]) == 3


def test_the_last_requests_can_be_read_while_debugging_and_no_more_are_kept(tmp_path: Path):
    with TestClient(build(settings_in(tmp_path, debug=True, recent_requests=2))) as client:
        for word in ("one", "two", "three"):
            client.get("/summaries", params={"q": word})
        kept = client.get("/debug/requests").json()

    assert [(one["path"], one["query"], one["status"]) for one in kept] == [
        ("/summaries", "q=three", 200),
        ("/summaries", "q=two", 200),
    ]
    with TestClient(build(settings_in(tmp_path))) as client:
        assert client.get("/debug/requests").status_code == 404


def test_many_clients_at_once_never_meet_a_locked_database(address: str, tmp_path: Path):
    """Two writers at once is what SQLite cannot do, and what every service with it sees first."""
    answers: list[int] = []

    def write(number: int) -> None:
        with httpx.Client(base_url=address, trust_env=False, timeout=60.0) as http:
            for _ in range(4):
                answers.append(http.post("/scrape", json={"url": "http://docs.invalid/", "max_pages": 1}).status_code)
                answers.append(http.get("/jobs", params={"limit": 3}).status_code)

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(write, range(50)))

    assert Counter(answers) == {202: 200, 200: 200}
    with closing(sqlite3.connect(tmp_path / "summaries.db")) as db:
        assert db.execute("SELECT count(*) FROM jobs").fetchone() == (200,)
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_database_that_somebody_else_keeps_locked_is_said_to_be_busy(tmp_path: Path):
    settings = settings_in(tmp_path, sqlite_busy_timeout_s=0.05, allowed_networks="127.0.0.0/8")
    with TestClient(build(settings)) as client:
        with closing(sqlite3.connect(settings.database_path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            answer = client.post("/scrape", json={"url": "http://127.0.0.1:9/"})
            reading = client.get("/summaries")
        after = client.post("/scrape", json={"url": "http://127.0.0.1:9/"})

    assert (answer.status_code, reading.status_code, after.status_code) == (503, 200, 202)
    assert answer.headers["Retry-After"] == "5"
