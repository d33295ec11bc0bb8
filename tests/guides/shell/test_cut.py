"""A statement that goes on for longer than is read may be anything."""

from __future__ import annotations

import pytest

from crashcart.guides.shell import commands
from crashcart.guides.shell.model import Risk


@pytest.mark.parametrize("end", ["; rm -rf /srv/data", "  && rm -rf /srv/data", "  -o wide"])
def test_what_is_cut_is_never_called_read_only(end: str) -> None:
    text = "kubectl get pods \\\n" + "  -l app=shop \\\n" * 400 + end + "\n"

    found = commands(text)

    assert found
    assert found[0].risk.rank >= Risk.CHANGES.rank
    assert not found[0].is_known


def test_what_is_continued_and_read_to_its_end_is_judged_as_it_is() -> None:
    (found,) = commands("kubectl get pods \\\n" + "  -l app=shop \\\n" * 100 + "  -o wide\n")

    assert found.risk is Risk.READ_ONLY
