"""The claim of the language, tried on our own guides: a slip outside quoted text never passes silently."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from crashcart.app import catalogue
from crashcart.errors import GuideErrors
from crashcart.guides.compile import compile_guide, outline
from crashcart.packs import shipped

sys.path.insert(0, str(Path(__file__).parent))
from typos import Typo, typos

_LAB = Path(__file__).parents[2] / "lab" / "guides"
GUIDES = {**shipped(), **{path.stem: path.read_text(encoding="utf-8") for path in _LAB.glob("*.md")}}
KNOWN = dict(outline(text) for text in GUIDES.values())
AT_MOST = 250  # of each guide, drawn anew for each change of it; `pytest --all-typos` takes them all


def _compiles(text: str) -> bool:
    try:
        compile_guide(text, catalogue(), known=KNOWN)
    except GuideErrors:
        return False
    return True


@pytest.mark.parametrize("name", sorted(GUIDES))
def test_no_slip_outside_quoted_text_passes_silently(name: str, request: pytest.FixtureRequest) -> None:
    """A guide is a program; one that quietly means something else is worse than one that does not compile."""
    text = GUIDES[name]
    assert _compiles(text)
    found = list(typos(text))
    if not request.config.getoption("--all-typos"):
        found = random.Random(text).sample(found, min(AT_MOST, len(found)))

    passed = [typo for typo in found if _compiles(typo.text)]

    assert not passed, "\n".join(_told(typo) for typo in passed)


def test_every_complaint_names_place_word_and_a_way_on() -> None:
    """At three in the morning `error` alone helps nobody."""
    found = random.Random(7).sample(list(typos(GUIDES["python-service"])), 200)
    for typo in found:
        with pytest.raises(GuideErrors) as raised:
            compile_guide(typo.text, catalogue(), known=KNOWN)
        for complaint in raised.value.complaints:
            assert complaint.span.line >= 1, _told(typo)
            assert complaint.hint, f"{complaint} {_told(typo)}"
            assert complaint.what, _told(typo)


def _told(typo: Typo) -> str:
    return f"{typo.line}:{typo.column} {typo.token!r} -> {typo.became!r}: {typo.text.splitlines()[typo.line - 1]}"
