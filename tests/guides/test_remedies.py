"""A remedy that touches says how it is checked, and how it is taken back or that it cannot be."""

from __future__ import annotations

import pytest

from crashcart.guides.compile import compile_guide
from crashcart.guides.lint import errors
from crashcart.testing import example_catalogue

GUIDE = """\
---
guide: g
for: http
---
# g

**Healthy**
- {mark}`tcp {{self}} => ok`

## p {{#p}}

**Symptoms**
- always: `tcp {{self}} => refused`

### Cause: c {{#c}} (common)

**Evidence**
- always: `tcp {{self}} => refused`

**Fix**
1. {fix}

{more}
"""


def codes(fix: str, *, mark: str = "", more: str = "") -> list[str]:
    catalogue = example_catalogue()
    guide = compile_guide(GUIDE.format(fix=fix, mark=mark, more=more), catalogue)
    return [complaint.code for complaint in errors(guide, catalogue)]


@pytest.mark.parametrize(
    ("fix", "more"),
    [
        ("`service start {self}`", ""),
        ("irreversible for those who are connected: `service restart {self}`", ""),
        ("`service restart {self}`\n   - undo `service start {self}`", ""),
        ("`service restart {self}`", "**Undo**\n1. By hand: start the old one.\n"),
        ("By hand: turn the key.", ""),
    ],
)
def test_a_remedy_that_says_how_it_is_taken_back_is_fine(fix: str, more: str) -> None:
    assert codes(fix, more=more) == []


def test_a_touch_that_cannot_be_taken_back_must_say_so() -> None:
    assert codes("`service restart {self}`") == ["guide-no-undo"]


def test_a_touch_that_nothing_verifies_is_an_error() -> None:
    assert codes("`service start {self}`", mark="warn: ") == ["guide-no-verify"]


@pytest.mark.parametrize(
    ("fix", "more"),
    [
        ("`service start {self}`\n   - verify `tcp {self} => ok`", ""),
        ("`service start {self}`", "**Verify**\n- `tcp {self} => ok within 5 s`\n"),
        ("By hand: turn the key.", ""),
    ],
)
def test_a_verify_of_the_step_or_of_the_cause_is_enough(fix: str, more: str) -> None:
    assert codes(fix, mark="warn: ", more=more) == []
