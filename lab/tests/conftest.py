"""Worlds for tests: each its own folder, ports and processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crashcart_lab import drill, lifecycle
from crashcart_lab.world import World

SEED = 4


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world that is up."""
    fresh = World(tmp_path.resolve() / "world")
    with fresh.alone():
        lifecycle.up(fresh, seed=SEED)
    yield fresh
    lifecycle.down(fresh)


class Lasting:
    """Worlds that several tests use, one after the other; each comes up when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.worlds: dict[tuple[bool, bool], World] = {}

    def having(self, *, workers: bool = False, front: bool = False) -> World:
        parts = workers, front
        if parts not in self.worlds:
            fresh = World(self._folder / f"world-{len(self.worlds)}")
            with fresh.alone():
                lifecycle.up(fresh, seed=SEED, has_workers=workers, has_front=front)
            self.worlds[parts] = fresh
        return self.worlds[parts]


@pytest.fixture(scope="module")
def _lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lasting]:
    worlds = Lasting(tmp_path_factory.mktemp("lasting").resolve())
    yield worlds
    for world in worlds.worlds.values():
        lifecycle.down(world)


@pytest.fixture
def lasting(_lasting: Lasting) -> Iterator[Lasting]:
    """Worlds that other tests have used, and in which nothing is broken."""
    yield _lasting
    for world in _lasting.worlds.values():
        drill.heal(world)


@pytest.fixture
def mended_world(lasting: Lasting) -> World:
    """A world that other tests have used, and in which nothing is broken."""
    return lasting.having()
