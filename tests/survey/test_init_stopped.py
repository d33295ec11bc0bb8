"""What is stopped while `init` looks cannot be found: then it says so."""

from __future__ import annotations

from crashcart.survey.finding.decide import decide
from crashcart.survey.finding.facts import Facts

FILES = {"/shop/shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\n"}


def warnings(facts: Facts) -> list[str]:
    return [aside for aside in decide(facts, {}).asides if "is running" in aside]


def test_a_project_of_which_nothing_runs_is_told_to_be_started() -> None:
    (warning,) = warnings(Facts("/shop", FILES, ()))

    assert warning.startswith("no program of this project is running")
    assert warning.endswith("start it and run init again")


def test_an_empty_folder_is_no_stopped_project() -> None:
    assert warnings(Facts("/shop", {}, ())) == []
