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


@pytest.fixture(scope="module")
def _lasting_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    fresh = World(tmp_path_factory.mktemp("lasting").resolve() / "world")
    with fresh.alone():
        lifecycle.up(fresh, seed=SEED)
    yield fresh
    lifecycle.down(fresh)


@pytest.fixture
def mended_world(_lasting_world: World) -> Iterator[World]:
    """A world that other tests have used, and in which nothing is broken."""
    yield _lasting_world
    drill.heal(_lasting_world)
