"""The service does its job, as seen through its HTTP answers and its log."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from crashcart_lab import client
from crashcart_lab.world import World

NAMES = {"timestamp", "level", "message", "module", "function"}


def test_a_site_becomes_a_stored_summary_of_what_its_pages_say(world: World):
    outcome = client.scrape(world.digest_url, world.site_url)

    assert outcome.succeeded, outcome.words
    assert outcome.summary is not None
    assert "box" in outcome.summary
    with httpx.Client(base_url=world.digest_url, trust_env=False) as http:
        newest = http.get("/summaries", params={"limit": 1}).json()[0]
        health = http.get("/health").json()
        assert http.get("/summaries/999").status_code == 404
        assert http.post("/scrape", json={"url": world.site_url, "max_pages": 51}).status_code == 422
        detailed = http.get("/health/detailed").json()
    assert (newest["title"], newest["url"], newest["summary"]) == ("Pigeonhole", world.site_url, outcome.summary)
    assert health["summaries_count"] == 1
    assert detailed["status"] == "healthy", detailed
    assert health["disk_space"]["total_gb"] >= health["disk_space"]["free_gb"] > 0
    with closing(sqlite3.connect(world.database)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    for line in world.log.read_text().splitlines():
        fields = json.loads(line)
        assert set(fields) - {"exception"} == NAMES
        assert datetime.fromisoformat(fields["timestamp"]).utcoffset() == timedelta(0)
    assert f"job {outcome.job_id} completed" in world.log.read_text()


def test_wrong_settings_stop_the_start_and_name_every_one_of_them(tmp_path: Path):
    (tmp_path / ".env").write_text("PORT=ninety\nOPENAI_TIMEOUT_S=-1\nOPENAI_API_KEY=sk-very-secret\n")

    done = subprocess.run(
        [sys.executable, "-m", "crashcart_lab.digest"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 2
    assert "PORT: " in done.stderr
    assert "OPENAI_TIMEOUT_S: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "sk-very" not in done.stderr
