"""A stage for every verb: a real target, a touch that fits it, and how to see, from outside, what became of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import psutil

from crashcart.model.system import Target
from crashcart.model.touch import Touch, TouchState
from crashcart.redact import fingerprint

State = Mapping[str, str | int | bool | None]


@dataclass
class Stage:
    """`state` looks at the target without our code; `disturb` changes it as somebody else would."""

    touch: Touch
    target: Target
    state: Callable[[], State]
    disturb: Callable[[], None] | None = None
    secret: str | None = None
    passing: tuple[str, ...] = ()  # of the state: what no undo can or should bring back, like the number of a start
    folder: Path | None = None  # where a full disk or missing permission is to be felt
    # What touch and undo make of a target that somebody has disturbed.
    if_disturbed: tuple[TouchState, TouchState] = (TouchState.REFUSED, TouchState.REFUSED)


Maker = Callable[[Path], Iterator[Stage]]
_MAKERS: dict[str, Maker] = {}
_OTHERS = ("stages_more", "stages_postgres", "stages_sqlite")  # modules with more of them


def stage_names() -> tuple[str, ...]:
    """Return the names of all stages: `kind-verb`, and `kind-verb-variant`."""
    for module in _OTHERS:
        import_module(module)
    return tuple(sorted(_MAKERS))


def stage(name: str, folder: Path) -> contextmanager[Stage]:  # type: ignore[valid-type]
    """Set the stage up in an empty folder; it is taken down at the end."""
    stage_names()
    return contextmanager(_MAKERS[name])(folder)


def staged(name: str) -> Callable[[Maker], Maker]:
    def keep(maker: Maker) -> Maker:
        _MAKERS[name] = maker
        return maker

    return keep


def args(**given: str) -> tuple[tuple[str, str], ...]:
    return tuple(given.items())


def until(claim: Callable[[], bool], *, timeout_s: float = 60.0) -> None:
    """Return when the claim holds: for servers that tell nobody when they are ready."""
    end = time.monotonic() + timeout_s
    while not claim():
        if time.monotonic() > end:
            raise AssertionError("the stage did not get ready")
        time.sleep(0.02)


# --- config ------------------------------------------------------------------------------------------------------------

ENV = """# what the service reads
RATE_PER_MIN=60   # calls a minute
export API_KEY='sk-old-0123456789abcdef'

HOSTS=a.example,b.example
"""
TOML = """# what the service reads
name = "api"  # shown

[pool]
size = 5
hosts = [
  "a",  # the first
]
"""
YAML = """# what the service reads
name: api  # shown

pool:
  size: 5
  hosts:
    - a   # the first
"""


def _config(name: str, text: str, touch: Touch, secret: str | None = None) -> Maker:
    def make(folder: Path) -> Iterator[Stage]:
        path = folder / name
        path.write_text(text)
        path.chmod(0o640)
        is_env = name == ".env"
        target = Target(
            "api", "http", env_file=str(path) if is_env else "", touch={} if is_env else {"settings_file": (str(path),)}
        )

        def state() -> State:
            return {
                "text": path.read_text(),
                "mode": oct(path.stat().st_mode & 0o7777),
                "files": len(os.listdir(folder)),
            }

        def disturb() -> None:
            path.write_text(path.read_text() + "# a word by somebody else\n")

        yield Stage(touch, target, state, disturb, secret, folder=folder)

    return make


def touch_of(kind: str, verb: str, *secrets: str, **given: str) -> Touch:
    """Return a touch of the first run."""
    return Touch(kind, verb, "api", args(**given), secrets, key=f"run-1/{kind}-{verb}")


_NEW = "sk-new-fedcba9876543210"
for _name, _file, _text, _one, _secret in (
    ("set", ".env", ENV, touch_of("config", "set", setting="RATE_PER_MIN", value="20"), None),
    ("set-new", ".env", ENV, touch_of("config", "set", setting="FALLBACK", value="a value"), None),
    ("set-secret", ".env", ENV, touch_of("config", "set", "value", setting="API_KEY", value=fingerprint(_NEW)), _NEW),
    ("unset", ".env", ENV, touch_of("config", "unset", key="RATE_PER_MIN"), None),
    ("append", ".env", ENV, touch_of("config", "append", setting="HOSTS", value="c.example"), None),
    ("set-toml", "api.toml", TOML, touch_of("config", "set", setting="pool.size", value="20"), None),
    ("unset-toml", "api.toml", TOML, touch_of("config", "unset", key="pool.size"), None),
    ("append-toml", "api.toml", TOML, touch_of("config", "append", setting="pool.hosts", value="b"), None),
    ("set-yaml", "api.yaml", YAML, touch_of("config", "set", setting="pool.size", value="20"), None),
    ("unset-yaml", "api.yaml", YAML, touch_of("config", "unset", key="pool.size"), None),
    ("append-yaml", "api.yaml", YAML, touch_of("config", "append", setting="pool.hosts", value="b"), None),
):
    staged(f"config-{_name}")(_config(_file, _text, _one, _secret))


# --- service -----------------------------------------------------------------------------------------------------------

# A program that writes down each of its starts.
_PROGRAM = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(600)"
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
[supervisorctl]
serverurl = unix://{socket}
[program:api]
command = "{python}" "%(here)s/program.py" "%(here)s/starts"
autostart = {autostart}
startsecs = 0
stopwaitsecs = 5
"""


def supervisor_call(socket: Path, method: str, *words: str | bool) -> Mapping[str, str | int]:
    """Call supervisord as its own client does."""
    from xmlrpc.client import ServerProxy

    from supervisor.xmlrpc import SupervisorTransport  # type: ignore[import-untyped]

    with ServerProxy("http://localhost", transport=SupervisorTransport("", "", f"unix://{socket}")) as proxy:
        return getattr(proxy, f"supervisor.{method}")(*words)


# What is as it was wanted already is done, whoever did it.
_IF_DISTURBED = {
    "start": (TouchState.DONE, TouchState.REFUSED),
    "stop": (TouchState.DONE, TouchState.DONE),
    "restart": (TouchState.REFUSED, TouchState.REFUSED),
}


def answers(socket: Path) -> bool:
    """Say whether supervisord listens: its socket is there a moment before it does."""
    try:
        return bool(supervisor_call(socket, "getState"))
    except OSError:
        return False


def _service(verb: str) -> Maker:
    def make(folder: Path) -> Iterator[Stage]:
        import tempfile

        autostart = "false" if verb == "start" else "true"
        (folder / "program.py").write_text(_PROGRAM)
        (folder / "starts").touch()
        with tempfile.TemporaryDirectory(dir="/tmp") as short:  # a socket's path may have 107 bytes
            socket = Path(short) / "s"
            conf = folder / "supervisord.conf"
            conf.write_text(_CONF.format(socket=socket, python=sys.executable, autostart=autostart))
            argv = [sys.executable, "-m", "supervisor.supervisord", "-c", str(conf)]
            process = subprocess.Popen(argv, cwd=folder, stderr=subprocess.PIPE)

            def state() -> State:
                info = supervisor_call(socket, "getProcessInfo", "api")
                if info["statename"] == "RUNNING":  # it is so before the program has written down its start
                    until(lambda: (folder / "starts").read_text().endswith(f"{info['pid']}\n"))
                return {"state": str(info["statename"]), "starts": len((folder / "starts").read_text().split())}

            def disturb() -> None:
                starts, is_running = state()["starts"], state()["state"] == "RUNNING"
                if is_running:
                    supervisor_call(socket, "stopProcess", "api", True)
                if not is_running or verb == "start":
                    supervisor_call(socket, "startProcess", "api", True)
                    until(lambda: state()["starts"] != starts)

            try:
                until(lambda: answers(socket))
                wanted = 0 if verb == "start" else 1
                until(lambda: state()["starts"] == wanted)
                target = Target("api", "http", service="supervisor:api", touch={"supervisor": (str(conf),)})
                yield Stage(
                    touch_of("service", verb), target, state, disturb, None, ("starts",), None, _IF_DISTURBED[verb]
                )
            finally:
                process.terminate()
                process.communicate(timeout=30)

    return make


for _verb in ("start", "stop", "restart"):
    staged(f"service-{_verb}")(_service(_verb))


# --- process -----------------------------------------------------------------------------------------------------------


def _process(verb: str) -> Maker:
    def make(folder: Path) -> Iterator[Stage]:
        argv = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)", "the-api"]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        pid_file = folder / "api.pid"
        pid_file.write_text(f"{process.pid}\n")
        watched = psutil.Process(process.pid)

        def state() -> State:
            status = watched.status() if watched.is_running() else "zombie"
            return {"is_alive": status != "zombie", "is_stopped": status == "stopped"}

        def disturb() -> None:
            if state()["is_stopped"]:
                watched.send_signal(signal.SIGCONT)
                until(lambda: not state()["is_stopped"])
            else:
                watched.kill()
                until(lambda: not state()["is_alive"])

        if verb == "continue":
            watched.send_signal(signal.SIGSTOP)
            until(lambda: bool(state()["is_stopped"]))
        target = Target("api", "worker", command="the-api", pid_file=str(pid_file))
        try:
            yield Stage(
                touch_of("process", verb), target, state, disturb, if_disturbed=(TouchState.DONE, TouchState.REFUSED)
            )
        finally:
            process.kill()
            process.communicate()

    return make


for _verb in ("end", "continue"):
    staged(f"process-{_verb}")(_process(_verb))
