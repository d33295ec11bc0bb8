"""What the lab remembers of a world between two commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from crashcart_lab.errors import LabError
from crashcart_lab.noise import Setting
from crashcart_lab.processes import Process

Drawn = Mapping[str, str | int | float | bool]
"""What a fault drew from its seed: names and plain values."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one world, all on 127.0.0.1."""

    digest: int
    provider: int
    control: int
    site: int
    dashboard: int
    redis: int
    front: int
    receiver: int


@dataclass(frozen=True, slots=True)
class Broken:
    """The fault that is present."""

    fault: str
    seed: int
    drawn: Drawn


@dataclass(frozen=True, slots=True)
class State:
    """One world. Everything needed to end it, even when all its processes have lost their parent."""

    seed: int
    setting: Setting
    ports: Ports
    key: str
    env: Mapping[str, str]  # the healthy `.env` of digest
    socket_folder: Path
    has_workers: bool = False  # jobs run in Celery workers, not in digest itself
    has_front: bool = False  # users may come through a proxy in front of digest
    supervisord: Process | None = None
    helpers: tuple[Process, ...] = ()
    broken: Broken | None = None

    @property
    def worker_env(self) -> dict[str, str]:
        """The healthy `.env` of the workers: what digest has, seen from a folder of their own."""
        return {**self.env, "DATABASE_PATH": "../digest/summaries.db", "LOG_PATH": "worker.log"}

    @property
    def front_env(self) -> dict[str, str]:
        """The healthy `.env` of the front proxy."""
        upstream = f"http://{self.env['HOST']}:{self.ports.digest}"
        return {"LISTEN_PORT": str(self.ports.front), "UPSTREAM_URL": upstream}


_CODEC = TypeAdapter(State)


def load(path: Path) -> State | None:
    """Return the state of a world, or None where there is no world.

    Raises:
        LabError: the file is there, and is not one that this version wrote.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return _CODEC.validate_json(text)
    except ValidationError as err:
        first = err.errors()[0]
        raise LabError(
            f"{path} is not a world of this lab: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            hint="end its processes and remove the folder, or choose another with --world",
        ) from err


def save(state: State, path: Path) -> None:
    """Replace the file at once, so that a reader never sees half of it."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(_CODEC.dump_json(state, indent=2) + b"\n")
    fresh.replace(path)
