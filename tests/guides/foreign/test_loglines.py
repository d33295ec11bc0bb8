"""What a line of a log says, whatever stands before it."""

from __future__ import annotations

import pytest

from crashcart.guides.foreign.loglines import has_bad_level, has_calm_level, message, untimed


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-03-01 10:00:00,123 ERROR belt torn", "belt torn"),
        ("Mar  1 10:00:00 depot-1 sorter[812]: belt torn", "belt torn"),
        ("sorter[812]: belt torn", "belt torn"),
        ("sorter_1  | belt torn", "belt torn"),
        ("E0301 10:00:00.123456   812 belt.go:42] belt torn", "belt torn"),
        ("2026/03/01 10:00:00 [error] 85#85: *11 belt torn", "belt torn"),
        ('time="2026-03-01T10:00:00Z" level=error msg="belt torn"', "belt torn"),
        ("  Warning  BeltTorn  5m (x3 over 6m)  sorter  belt torn", "belt torn"),
        ("belt torn", "belt torn"),
    ],
)
def test_what_differs_each_time_is_left_out(line: str, said: str) -> None:
    assert message(line) == said


def test_the_level_stays_in_what_the_guide_wrote() -> None:
    assert untimed("2026-03-01 10:00:00 ERROR: belt torn") == "ERROR: belt torn"


@pytest.mark.parametrize(
    ("line", "is_bad", "is_calm"),
    [
        ("ERROR belt torn", True, False),
        ("level=warn msg=x", True, False),
        ("INFO shutting down", False, True),
        ("I0301 belt.go:42] shutting down", False, True),
        ("INFO retry after ERROR", True, False),
        ("belt torn", False, False),
    ],
)
def test_levels(line: str, is_bad: bool, is_calm: bool) -> None:
    assert (has_bad_level(line), has_calm_level(line)) == (is_bad, is_calm)
