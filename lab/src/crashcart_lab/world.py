"""One world: a folder with a running system in it. Several worlds live side by side."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from crashcart_lab import envfile, processes, state
from crashcart_lab.errors import LabError
from crashcart_lab.ports import HOST
from crashcart_lab.processes import Process
from crashcart_lab.state import State
from crashcart_lab.supervise import PYTHON, Supervisor, clean_environment
from crashcart_lab.waiting import until

READY_TIMEOUT_S = 20.0


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
    def database(self) -> Path:
        return self.digest_folder / "summaries.db"

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
        merged: dict[str, str | None] = {**self.state.env, **changes}
        envfile.write({name: value for name, value in merged.items() if value is not None}, self.env_file)

    def restart_digest(self) -> None:
        """Restart the service, and return when it answers."""
        if self._is_running("digest"):
            self.supervisor.stop("digest")
        self.supervisor.start("digest")
        self.await_digest()

    def start(self, program: str) -> None:
        """Start a program unless it runs; returns before it is ready."""
        if not self._is_running(program):
            self.supervisor.start(program)

    def pid_of(self, program: str) -> int | None:
        return next(one.pid for one in self.supervisor.status() if one.name == program)

    def await_provider(self) -> None:
        log = self.root / "provider" / "provider.out"
        self.await_answer(f"{self.provider_url}/models", what="the provider", log=log)

    def _is_running(self, program: str) -> bool:
        return any(one.name == program and one.state in ("RUNNING", "STARTING") for one in self.supervisor.status())

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

    def spawn(self, module: str, *arguments: str) -> Process:
        """Start another program of this machine; it ends with `end_helpers` or with the world."""
        argv = [*PYTHON, module, *arguments]
        helper = processes.spawn(argv, env=clean_environment(), log=self.root / f"{module.rpartition('.')[2]}.out")
        current = self.state
        self.remember(replace(current, helpers=(*current.helpers, helper)))
        return helper

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
