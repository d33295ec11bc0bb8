"""Worlds for tests: each its own folder, ports and processes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from crashcart_lab import drill, lifecycle
from crashcart_lab.errors import LabError
from crashcart_lab.score.plan import scored_code
from crashcart_lab.world import World

# The suite says the same of a commit each time; `--hypothesis-profile=drawn` looks elsewhere.
settings.register_profile("same", derandomize=True)
settings.register_profile("drawn", derandomize=False)
settings.load_profile("same")

SEED = 4
DRAWN = 3  # one fault in so many is broken and healed; the next commit draws others


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-faults", action="store_true", help="break and heal every fault, not a drawn part")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave a third of the faults, drawn by the commit's hash; those that were asked for by name stay."""
    is_named = bool(config.option.keyword) or any("[" in argument for argument in config.args)
    of_faults = [item for item in items if item.path.name == "test_faults.py" and _has_fault(item)]
    if is_named or not of_faults or config.getoption("--all-faults"):
        return
    drawn = random.Random(f"faults {_commit()}").sample(of_faults, -(-len(of_faults) // DRAWN))
    left = [item for item in of_faults if item not in drawn]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def _has_fault(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and hasattr(item, "callspec") and "fault" in item.callspec.params


def _commit() -> str:
    try:
        return scored_code().partition("+")[0]
    except LabError:
        return "no git checkout"  # the tests of an unpacked archive: always the same part


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
