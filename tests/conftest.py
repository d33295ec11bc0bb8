"""What all tests share."""

from __future__ import annotations

import pytest
from hypothesis import settings

# The suite says the same of a commit each time; `--hypothesis-profile=drawn` looks elsewhere.
settings.register_profile("same", derandomize=True)
settings.register_profile("drawn", derandomize=False)
settings.load_profile("same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-typos", action="store_true", help="try every typo of every guide, not a drawn part")
    parser.addoption("--all-places", action="store_true", help="kill a run at every place, not at every n-th")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Killing at every place takes half an hour, and every slip of a long guide some minutes: they end when they end."""
    for option, name in (("--all-places", "test_killed"), ("--all-typos", "test_typos")):
        for item in items if config.getoption(option) else ():
            if item.path.name.startswith(name):
                item.add_marker(pytest.mark.timeout(0), append=False)
