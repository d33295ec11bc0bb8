"""What all tests share."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all-typos", action="store_true", help="try every typo of every guide, not a drawn part")
