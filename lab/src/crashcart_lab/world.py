"""One world: a folder with a running system in it. Several worlds live side by side."""

from __future__ import annotations

import fcntl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from crashcart_lab import envfile, ports, processes, state
from crashcart_lab.client import Doors
from crashcart_lab.errors import LabError
from crashcart_lab.ports import HOST
from crashcart_lab.processes import Process
from crashcart_lab.state import State
from crashcart_lab.supervise import PYTHON, Supervisor, clean_environment
from crashcart_lab.waiting import until

# A start takes three seconds, and on a machine with much else to do ten times as long.
READY_TIMEOUT_S = 40.0
COMMAND_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class World:
    """The folder of one world, with the acts that faults and commands are made of."""

    root: Path  # absolute

    @property
    def state_file(self) -> Path:
        return self.root / "state.json"

    @property
    def digest_folder(self) -> Path:
        return self.root / "digest"

    @property
    def log(self) -> Path:
        return self.digest_folder / "digest.log"

    @property
    def env_file(self) -> Path:
        return self.digest_folder / ".env"

    @property
    def worker_env_file(self) -> Path:
        return self.root / "worker" / ".env"

    @property
    def front_env_file(self) -> Path:
        return self.root / "front" / ".env"

    @property
    def database(self) -> Path:
        return self.digest_folder / "summaries.db"

    @property
    def inbox(self) -> Path:
        """Where the user's own system keeps the notifications that it got."""
        return self.root / "receiver" / "inbox.jsonl"

    @property
    def kept_folder(self) -> Path:
        """Where a fault keeps what it will put back."""
        return self.root / "kept"

    @property
    def authority_folder(self) -> Path:
        """Where the authority is whose certificates the world's programs trust."""
        return self.root / "authority"

    @property
    def crashcart_folder(self) -> Path:
        """Where crashcart keeps its own state when the lab runs it."""
        return self.root / "crashcart"

    @property
    def system_file(self) -> Path:
        return self.root / "crashcart.toml"

    @property
    def state(self) -> State:
        """What is remembered, read afresh.

        Raises:
            LabError: there is no world here.
        """
        found = state.load(self.state_file)
        if found is None:
            raise LabError(f"no lab is up in {self.root}", hint="crashcart-lab up")
        return found

    @property
    def supervisor(self) -> Supervisor:
        return Supervisor(self.state.socket_folder / "supervisor.sock")

    @property
    def digest_url(self) -> str:
        return f"http://{HOST}:{self.state.ports.digest}"

    @property
    def site_url(self) -> str:
        return f"http://{HOST}:{self.state.ports.site}/"

    @property
    def front_url(self) -> str:
        return f"http://{HOST}:{self.state.ports.front}"

    @property
    def doors(self) -> Doors:
        front_url = self.front_url if self.state.has_front else self.digest_url
        return Doors(self.digest_url, front_url, self.site_url, self.inbox, self.digest_folder)

    @property
    def provider_url(self) -> str:
        return f"http://{HOST}:{self.state.ports.provider}/v1"

    def remember(self, fresh: State) -> None:
        state.save(fresh, self.state_file)

    def is_up(self) -> bool:
        found = state.load(self.state_file)
        return found is not None and Supervisor(found.socket_folder / "supervisor.sock").answers()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other commands on this world out until we are done.

        Raises:
            LabError: another command is at work here.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as err:
                raise LabError(
                    f"another command is at work in {self.root}", hint="wait for it, or choose another --world"
                ) from err
            yield

    def set_env(self, changes: Mapping[str, str | None]) -> None:
        """Write digest's `.env`: the healthy one with these changes; None removes a name."""
        _write_changed(self.state.env, changes, self.env_file)

    def set_worker_env(self, changes: Mapping[str, str | None]) -> None:
        """Write the workers' `.env` in the same way."""
        _write_changed(self.state.worker_env, changes, self.worker_env_file)

    def set_receiver_secret(self, secret: str) -> None:
        """Write the secret that the user's own system checks signatures with."""
        path = self.inbox.with_name("secret")
        path.touch(mode=0o600)
        path.write_text(secret + "\n", encoding="utf-8")

    def set_front_env(self, changes: Mapping[str, str | None]) -> None:
        """Write the front proxy's `.env` in the same way."""
        _write_changed(self.state.front_env, changes, self.front_env_file)

    def restart_digest(self) -> None:
        """Restart the service, and return when it answers."""
        self.restart("digest")
        self.await_digest()

    def restart(self, program: str) -> None:
        """Restart a program; returns before it is ready."""
        self.stop(program)
        self.supervisor.start(program)

    def stop(self, program: str) -> None:
        """Stop a program unless it is stopped; returns when it has ended."""
        if self._is_running(program):
            self.supervisor.stop(program)

    def start(self, program: str) -> None:
        """Start a program unless it runs; returns before it is ready."""
        if not self._is_running(program):
            self.supervisor.start(program)

    def pid_of(self, program: str) -> int | None:
        return next(one.pid for one in self.supervisor.status() if one.name == program)

    def await_receiver(self) -> None:
        log = self.inbox.with_name("receiver.out")
        self.await_answer(f"http://{HOST}:{self.state.ports.receiver}/", what="the receiver", log=log)

    def await_provider(self) -> None:
        log = self.root / "provider" / "provider.out"
        self.await_answer(f"{self.provider_url}/models", what="the provider", log=log)

    def await_site(self) -> None:
        self.await_answer(self.site_url, what="the site", log=self.root / "site" / "site.out")

    def restart_worker(self) -> None:
        """Restart the workers, and return when they wait for jobs."""
        log = self.root / "worker" / "worker.log"
        before = log.stat().st_size if log.exists() else 0
        self.restart("worker")
        until(
            lambda: log.exists() and b" ready." in _from(log, before),
            timeout_s=READY_TIMEOUT_S,
            what="the workers to be ready",
            hint=f"read {log}",
        )

    def await_front(self) -> None:
        # Whatever it answers: what stands behind it may be down.
        url, log = self.front_url, self.root / "front" / "front.out"
        until(lambda: ports.is_open(self.state.ports.front), timeout_s=READY_TIMEOUT_S, what=url, hint=f"read {log}")

    def _is_running(self, program: str) -> bool:
        # BACKOFF: it has ended, and supervisord starts it again in a moment.
        busy = ("RUNNING", "STARTING", "BACKOFF")
        return any(one.name == program and one.state in busy for one in self.supervisor.status())

    def await_digest(self) -> None:
        self.await_answer(f"{self.digest_url}/health", what="digest's health", log=self.digest_folder / "digest.out")

    def await_answer(self, url: str, *, what: str, log: Path) -> None:
        """Return when *url* answers with anything below 500."""
        with httpx.Client(trust_env=False, timeout=5.0) as client:
            until(lambda: answers(client, url), timeout_s=READY_TIMEOUT_S, what=what, hint=f"read {log}")

    def set_rules(self, rules: Sequence[Mapping[str, str | int | float]]) -> None:
        """Make the provider misbehave in these ways, and in no other."""
        self._control("rules", [dict(rule) for rule in rules])

    def accept_keys(self, keys: Sequence[str]) -> None:
        """Make the provider accept these keys, and no other."""
        self._control("keys", list(keys))

    def spawn(self, module: str, *arguments: str, env: Mapping[str, str] | None = None) -> Process:
        """Start another program of this machine; it ends with `end_helpers` or with the world."""
        argv = [*PYTHON, module, *arguments]
        log = self.root / f"{module.rpartition('.')[2]}.out"
        helper = processes.spawn(argv, env=clean_environment() | dict(env or {}), log=log)
        current = self.state
        self.remember(replace(current, helpers=(*current.helpers, helper)))
        return helper

    def await_line(self, words: str, *, timeout_s: float = 15.0) -> None:
        """Return when digest's log has a new line with these words."""
        before = self.log.stat().st_size
        until(
            lambda: words.encode() in _from(self.log, before),
            timeout_s=timeout_s,
            what=f"{words!r} in {self.log}",
            hint=f"read {self.log}",
        )

    def run_digest(self, *words: str) -> None:
        """Run one of digest's own commands, as an operator does.

        Raises:
            LabError: it could not be done.
        """
        argv = [*PYTHON, "crashcart_lab.digest", *words]
        done = subprocess.run(
            argv,
            check=False,
            cwd=self.digest_folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
        )
        if done.returncode != 0:
            raise LabError(f"digest {' '.join(words)} failed: {done.stderr.strip()}", hint=f"read {self.log}")

    def end_helpers(self) -> None:
        current = self.state
        for helper in current.helpers:
            processes.end(helper)
        self.remember(replace(current, helpers=()))

    def _control(self, what: str, body: object) -> None:
        url = f"http://{HOST}:{self.state.ports.control}/{what}"
        try:
            httpx.put(url, json=body, trust_env=False, timeout=5.0).raise_for_status()
        except httpx.HTTPError as err:
            raise LabError(f"the provider's control at {url} failed: {err}", hint="crashcart-lab status") from err


def answers(client: httpx.Client, url: str) -> bool:
    try:
        return client.get(url).status_code < 500
    except httpx.TransportError:
        return False


def _write_changed(healthy: Mapping[str, str], changes: Mapping[str, str | None], path: Path) -> None:
    merged: dict[str, str | None] = {**healthy, **changes}
    envfile.write({name: value for name, value in merged.items() if value is not None}, path)


def _from(path: Path, offset: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read()
