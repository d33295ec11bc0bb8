"""The user's own system believes nobody who does not know its secret."""

from __future__ import annotations

import hmac
import json
from pathlib import Path

import httpx
import pytest

from crashcart_lab import ports, processes
from crashcart_lab.supervise import PYTHON, clean_environment
from crashcart_lab.waiting import until
from crashcart_lab.world import answers

BODY = json.dumps({"event": "scrape_completed", "job_id": "j1"}).encode()


def test_only_signed_messages_reach_the_inbox(tmp_path: Path):
    [port] = ports.free(1)
    secret, inbox, url = tmp_path / "secret", tmp_path / "inbox.jsonl", f"http://{ports.HOST}:{port}/"
    secret.write_text("first\n")
    words = ("--port", str(port), "--secret", str(secret), "--inbox", str(inbox))
    argv = [*PYTHON, "crashcart_lab.neighbours.receiver", *words]
    receiver = processes.spawn(argv, env=clean_environment(), log=tmp_path / "out")
    try:
        with httpx.Client(trust_env=False) as http:
            until(lambda: answers(http, url), timeout_s=10, what="the receiver", hint="")

            def send(key: bytes) -> int:
                return http.post(
                    url, content=BODY, headers={"X-Signature": hmac.digest(key, BODY, "sha256").hex()}
                ).status_code

            assert send(b"second") == 401
            assert send(b"first") == 200
            secret.write_text("second\n")
            assert send(b"first") == 401
    finally:
        processes.end(receiver)

    assert [json.loads(line)["job_id"] for line in inbox.read_text().splitlines()] == ["j1"]
    with pytest.raises(httpx.TransportError):
        httpx.get(url, trust_env=False)
