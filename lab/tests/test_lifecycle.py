"""A world comes up whole and goes down without a trace."""

from __future__ import annotations

import json
import os
import signal
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from crashcart_lab import client, lifecycle, noise, processes
from crashcart_lab.cli import main
from crashcart_lab.errors import LabError
from crashcart_lab.faults import FAULTS, by_name
from crashcart_lab.waiting import until
from crashcart_lab.world import World


def test_down_leaves_no_process_and_no_socket_even_when_a_fault_is_there(world: World):
    by_name("database-locked").break_(world, {"begin": "EXCLUSIVE", "changes_rows": True})
    folder = world.state.socket_folder
    assert len(processes.leftovers(world.root)) >= 5  # supervisord, three programs, the other client

    assert lifecycle.down(world)

    assert processes.leftovers(world.root) == []
    assert not folder.exists()
    assert not lifecycle.down(world)


def test_down_ends_what_a_killed_supervisor_left_behind(world: World):
    supervisord = world.state.supervisord
    assert supervisord is not None
    os.kill(supervisord.pid, signal.SIGKILL)
    processes.await_end(supervisord, timeout_s=5)
    assert processes.leftovers(world.root)

    assert lifecycle.down(world)

    assert processes.leftovers(world.root) == []


def test_a_killed_service_comes_back_by_itself(world: World):
    """The supervisor is a real one: a crash is not a fault of ours to heal."""

    def pid() -> int | None:
        return next(one.pid for one in world.supervisor.status() if one.name == "digest")

    # supervisord restarts only what has been up for a second; before that it counts as a failed start.
    until(lambda: _state(world, "digest") == "RUNNING", timeout_s=10, what="digest to be running", hint="")
    before = pid()
    assert before is not None
    os.kill(before, signal.SIGKILL)

    until(lambda: pid() not in (before, None), timeout_s=10, what="a new digest", hint="read supervisord.log")
    world.await_digest()

    assert client.scrape(world.digest_url, world.site_url).succeeded


def _state(world: World, name: str) -> str:
    return next(one.state for one in world.supervisor.status() if one.name == name)


def test_the_command_line_tells_its_story(tmp_path: Path):
    """One run through all commands, as a person does it, with the exit codes that scripts rely on."""
    at = ["--world", str(tmp_path / "w")]

    def run(*words: str, code: int) -> str:
        done = CliRunner().invoke(main, [*words, *at])
        assert done.exit_code == code, (words, done.output, done.exception)
        return done.output

    try:
        assert "crashcart-lab up" in run("client", code=2)
        assert '"up": false' in run("status", "--json", code=1)
        assert "the lab is up in" in run("up", "--seed", "4", code=0)
        assert "already" in run("up", code=0)
        assert json.loads(run("client", "--json", code=0))["succeeded"]
        broken = json.loads(run("break", "key-refused", "--seed", "3", "--json", code=0))
        assert broken["truth"] == "key-refused@openai"
        assert json.loads(run("status", "--json", code=0))["broken"]["fault"] == "key-refused"
        assert "ended as failed" in run("client", code=1)
        assert "heal" in run("break", code=2)
        assert "gave me a summary" in run("heal", code=0)
        assert "nothing is broken" in run("heal", code=0)
    finally:
        assert "down" in run("down", code=0)
    assert "no lab is up" in run("down", code=0)


def test_faults_are_listed():
    done = CliRunner().invoke(main, ["faults", "--json"])

    listed = json.loads(done.output)["faults"]
    assert [(one["name"], one["truth"]) for one in listed] == [(fault.name, str(fault.truth)) for fault in FAULTS]
    assert all(one["summary"] and one["client_sees"] for one in listed)


def test_the_system_file_describes_the_world_from_outside(world: World):
    text = world.system_file.read_text()
    system = tomllib.loads(text)

    assert world.state.key not in text
    assert system["targets"]["digest"]["url"] == world.digest_url
    assert (world.root / system["targets"]["digest"]["env_file"]).is_file()
    assert (world.root / system["targets"]["digest"]["logs"][0]).is_file()
    assert (world.root / system["targets"]["db"]["path"]).is_file()


def test_a_folder_with_strange_files_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(LabError, match=r"thesis\.txt"):
        lifecycle.up(World(tmp_path), seed=0)

    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_old_error_stands_in_the_log_at_its_age(tmp_path: Path):
    now = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    setting = replace(noise.draw_setting(0), old_error="timed-out", old_error_age_s=7200.0)
    log = tmp_path / "digest.log"

    noise.write_old_error(setting, log, now=now, urls={"{site}": "http://site/", "{provider}": "http://provider/v1"})

    lines = [json.loads(line) for line in log.read_text().splitlines()]
    errors = [line for line in lines if line["level"] == "ERROR"]
    assert len(errors) == 1
    assert errors[0]["exception"].endswith("openai.APITimeoutError: Request timed out.")
    ages = [now - datetime.fromisoformat(line["timestamp"]) for line in lines]
    assert timedelta(hours=1, minutes=59) < min(ages)
    assert max(ages) == timedelta(hours=2)
    assert "{" not in errors[0]["exception"]
