"""A program that falls again and again: what a plan says of it must not change by the second."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from stages import answers, supervisor_call, until

from crashcart.actions import registry
from crashcart.config import SecretValues
from crashcart.model.system import Target
from crashcart.model.touch import Touch
from crashcart.probes.place import LocalPlace
from crashcart.redact import Scrubber

_CONF = """\
[unix_http_server]
file = {socket}
[supervisord]
logfile = %(here)s/supervisord.log
pidfile = %(here)s/supervisord.pid
nodaemon = true
silent = true
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:api]
command = "{python}" -c "raise SystemExit(1)"
startsecs = 1
startretries = 1
"""


def test_a_restart_says_the_same_whether_it_starts_backs_off_or_was_given_up(tmp_path: Path) -> None:
    """Otherwise every plan for a service that does not come up is void before anybody has said yes."""
    with tempfile.TemporaryDirectory(dir="/tmp") as short:  # a socket's path may have 107 bytes
        socket = Path(short) / "s"
        conf = tmp_path / "supervisord.conf"
        conf.write_text(_CONF.format(socket=socket, python=sys.executable), encoding="utf-8")
        process = subprocess.Popen([sys.executable, "-m", "supervisor.supervisord", "-c", str(conf)], cwd=tmp_path)
        try:
            until(lambda: answers(socket))
            hand = registry.load("service", LocalPlace(), Scrubber(()), SecretValues({}), tmp_path / "kept")
            target = Target("api", "http", service="supervisor:api", touch={"supervisor": (str(conf),)})
            seen: dict[str, tuple[object, ...]] = {}

            def is_given_up() -> bool:
                state = str(supervisor_call(socket, "getProcessInfo", "api")["statename"])
                prepared = asyncio.run(hand.prepare(Touch("service", "restart", "api"), target, timeout_s=5.0))
                seen[state] = (prepared.diff, prepared.is_needed, prepared.refused)
                return state == "FATAL"

            until(is_given_up)
        finally:
            process.terminate()
            process.wait(timeout=30)

    assert len(seen) >= 2
    assert set(seen.values()) == {(("- api as it is now", "+ api is RUNNING, in a new process"), True, "")}
