"""Every cause that ships was really there once: a recorded case proves it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crashcart import app
from crashcart.model.case import GuideText

CASES = Path(__file__).parents[2] / "cases"


@pytest.fixture(scope="module")
def proved() -> set[str]:
    """The causes that are the truth of a committed case, without their targets."""
    truths = [json.loads(path.read_bytes())["truth"] for path in CASES.glob("*/*.json")]
    return {cause.rpartition(":")[2] for truth in truths for cause in truth}


@pytest.mark.parametrize("text", app.shipped_texts(), ids=lambda text: Path(text.path).parent.name)
def test_every_cause_of_a_shipped_guide_has_a_recorded_case(text: GuideText, proved: set[str]) -> None:
    guide = app.compile_text(text, None, others=app.shipped_texts())
    own = {f"{guide.name}.{cause.id}" for problem in guide.problems for cause in problem.causes if cause.link is None}

    assert own <= proved
