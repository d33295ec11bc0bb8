"""Stages to try hands on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from hands import Hands
from stages import stage


@pytest.fixture
def on_stage(tmp_path: Path) -> Iterator[Callable[[str], Hands]]:
    """Set a stage up by name; it is taken down after the test."""
    with ExitStack() as stack:

        def up(name: str) -> Hands:
            folder = tmp_path / name
            folder.mkdir()
            return Hands(stack.enter_context(stage(name, folder)), tmp_path / "kept")

        yield up
