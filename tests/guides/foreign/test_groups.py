"""Symptoms that begin a problem without a heading."""

from __future__ import annotations

from crashcart.guides.foreign import read


def test_each_symptom_with_its_own_remedy_is_a_problem() -> None:
    guide = read("# Depot\n\n**Symptom**: belt stops\n**Fix**: reset\n\n**Symptom**: belt squeaks\n**Fix**: oil\n")

    assert [(one.title, one.lines.first, one.lines.last) for one in guide.problems] == [
        ("belt stops", 3, 4),
        ("belt squeaks", 6, 7),
    ]


def test_two_symptoms_with_one_remedy_are_one_problem() -> None:
    guide = read("# Belt fails\n\n**Symptom**: it stops\n**Symptom**: it squeaks\n**Fix**: oil it\n")

    (problem,) = guide.problems
    assert problem.title == "Belt fails"
    assert [item.text for item in problem.symptoms] == ["it stops", "it squeaks"]
