"""Which remedy comes first, what is asked for, and what goes into a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from crashcart.model.diagnosis import Diagnosis, Ranked, Stop, Verdict
from crashcart.model.guide import Trust
from crashcart.model.net import BoundCause, BoundCheck, BoundHealth, Edge, Finding, Net, Source
from crashcart.model.observation import CLIENT
from crashcart.model.plan import BoundRemedy, BoundStep, PlanStep, Undoing
from crashcart.model.spans import NOWHERE
from crashcart.model.spec import Risk
from crashcart.model.touch import Touch
from crashcart.model.truth import Quant, Truth
from crashcart.redact import fingerprint
from crashcart.remedy import choose
from crashcart.remedy.choose import Candidate, candidates, of_cause
from crashcart.testing import NOON
from crashcart.testing_touch import SOURCE, by_hand, check, step

DEPENDS = {"page": ("api",), "api": ("db",), "worker": ("db",), "db": ()}


def cause(name: str, *, target: str = "api", edges: tuple[Edge, ...] = (), only_if: tuple[str, ...] = ()) -> BoundCause:
    return BoundCause(
        f"{target}:g.{name}", "g", name, target, f"{name} is so", 1.0, edges, only_if, (), SOURCE, Trust.OWN
    )


def net(
    *causes: BoundCause, checks: Mapping[str, BoundCheck] | None = None, healthy: tuple[BoundHealth, ...] = ()
) -> Net:
    return Net(causes, (), checks or {}, healthy, tuple(DEPENDS), depends=DEPENDS)


def ranked(name: str, p: float, *, is_out: bool = False) -> Ranked:
    out = Finding("a condition", Truth.FALSE, "not so") if is_out else None
    return Ranked(name, name, "api", p, 0.0, (), out)


def diagnosis(*rows: Ranked) -> Diagnosis:
    fields = dict.fromkeys(Diagnosis.__dataclass_fields__, ())
    return Diagnosis(**fields | {"verdict": Verdict.DECIDED, "ranked": rows, "stop": Stop.DECIDED})  # type: ignore[arg-type]


def touching(
    setting: str = "a", *, target: str = "api", risk: Risk = Risk.SAFE, undoing: Undoing = Undoing.OWN
) -> BoundStep:
    return step(setting, "1", target=target, risk=risk, undoing=undoing).step


def hands_of_a_person() -> BoundStep:
    return by_hand("turn the key").step


def remedy(
    of: BoundCause, *steps: BoundStep, name: str = "fix", is_relief: bool = False, unbound: str = ""
) -> BoundRemedy:
    return BoundRemedy(of.id, name, is_relief, steps, (), "the cause", "", unbound)


SMALL, SLOW = cause("small"), cause("slow")


def order(
    remedies: Mapping[BoundCause, tuple[BoundRemedy, ...]],
    p: Mapping[BoundCause, float],
    records: Mapping[tuple[str, str], tuple[int, int]] | None = None,
) -> list[tuple[str, str]]:
    """Return (cause, remedy) in the order in which they are worth trying."""
    found = candidates(
        diagnosis(*(ranked(of.id, at) for of, at in p.items())), net(*p), {of.id: all_ for of, all_ in remedies.items()},
        records=records,
    )  # fmt: skip
    return [(entry.cause.cause, entry.remedy.name) for entry in found]


# -- the order


def test_the_likelier_cause_comes_first_when_the_touches_are_alike_in_cost() -> None:
    given = {SMALL: (remedy(SMALL, touching("a")),), SLOW: (remedy(SLOW, touching("b")),)}

    assert order(given, {SMALL: 0.3, SLOW: 0.6}) == [("slow", "fix"), ("small", "fix")]


def test_a_safe_try_of_the_less_likely_comes_before_a_restart_that_many_need() -> None:
    """Six seconds for one in three are less than three minutes of nobody being served for two in three."""
    given = {
        SMALL: (remedy(SMALL, touching("a")),),
        SLOW: (remedy(SLOW, touching("b", target="db", risk=Risk.RESTARTS)),),
    }

    assert order(given, {SMALL: 0.3, SLOW: 0.6})[0] == ("small", "fix")


@pytest.mark.parametrize(
    ("lower", "upper"),
    [(Risk.SAFE, Risk.RESTARTS), (Risk.RESTARTS, Risk.LOSES_DATA), (Risk.LOSES_DATA, Risk.DESTRUCTIVE)],
)
def test_of_two_ways_the_one_that_risks_less_comes_first(lower: Risk, upper: Risk) -> None:
    first = remedy(SMALL, touching("a", risk=lower), name="fix: zzz")
    second = remedy(SMALL, touching("b", risk=upper), name="fix: aaa")

    assert order({SMALL: (second, first)}, {SMALL: 0.9}) == [("small", "fix: zzz"), ("small", "fix: aaa")]


def test_a_remedy_is_as_risky_as_its_worst_step_wherever_that_stands() -> None:
    one = remedy(SMALL, touching("a", risk=Risk.DESTRUCTIVE), touching("b"), touching("c"))

    (found,) = candidates(diagnosis(ranked(SMALL.id, 0.9)), net(SMALL), {SMALL.id: (one,)})

    assert found.risk is Risk.DESTRUCTIVE


def test_what_a_machine_does_safely_comes_before_what_a_person_does() -> None:
    given = {SMALL: (remedy(SMALL, hands_of_a_person(), name="fix: a"), remedy(SMALL, touching(), name="fix: b"))}

    assert order(given, {SMALL: 0.9}) == [("small", "fix: b"), ("small", "fix: a")]


def test_a_person_who_restarts_by_hand_risks_what_the_machine_would() -> None:
    """Else every restart would be handed to a person, because words have no risk."""
    given = {
        SMALL: (
            remedy(SMALL, hands_of_a_person(), name="fix: a"),
            remedy(SMALL, touching(risk=Risk.RESTARTS), name="fix: b"),
        )
    }

    assert order(given, {SMALL: 0.9}) == [("small", "fix: b"), ("small", "fix: a")]


def test_a_relief_is_worth_half_of_a_fix_that_costs_the_same() -> None:
    given = {SMALL: (remedy(SMALL, touching("a"), name="a", is_relief=True), remedy(SMALL, touching("b"), name="b"))}

    assert order(given, {SMALL: 0.9}) == [("small", "b"), ("small", "a")]


def test_what_did_not_hold_before_comes_later_the_next_time() -> None:
    given = {SMALL: (remedy(SMALL, touching("a"), name="a"), remedy(SMALL, touching("b"), name="b"))}

    assert order(given, {SMALL: 0.9}) == [("small", "a"), ("small", "b")]
    assert order(given, {SMALL: 0.9}, {("g.small", "a"): (0, 1)}) == [("small", "b"), ("small", "a")]
    assert order(given, {SMALL: 0.9}, {("g.slow", "a"): (0, 9)}) == [("small", "a"), ("small", "b")]


def test_one_failure_does_not_undo_many_successes() -> None:
    given = {SMALL: (remedy(SMALL, touching("a"), name="a"), remedy(SMALL, touching("b"), name="b"))}

    assert order(given, {SMALL: 0.9}, {("g.small", "a"): (40, 41)})[0] == ("small", "a")


def test_causes_that_end_by_the_very_same_touch_count_together() -> None:
    """Which of the two it is need not be known when one restart ends both."""
    other = cause("leak")
    given = {
        SMALL: (remedy(SMALL, touching("a")),),
        SLOW: (remedy(SLOW, touching("restart")),),
        other: (remedy(other, touching("restart")),),
    }

    found = order(given, {SMALL: 0.4, SLOW: 0.3, other: 0.3})

    assert found[-1] == ("small", "fix")


def test_probabilities_that_are_joined_stay_probabilities() -> None:
    alike = [cause(name) for name in ("a", "b")]
    found = candidates(
        diagnosis(*(ranked(of.id, 0.7) for of in alike)),
        net(*alike),
        {of.id: (remedy(of, touching()),) for of in alike},
    )

    assert [entry.p for entry in found] == [1.0, 1.0]


def test_a_cause_with_two_ways_is_not_counted_twice() -> None:
    same = (remedy(SMALL, touching(), name="a"), remedy(SMALL, touching(), name="b"))

    found = candidates(diagnosis(ranked(SMALL.id, 0.4)), net(SMALL), {SMALL.id: same})

    assert [entry.p for entry in found] == [0.4, 0.4]


def test_what_only_a_person_does_is_never_taken_for_the_same() -> None:
    """Two notes to a person are two things to do."""
    other = cause("leak")
    given = {SLOW.id: (remedy(SLOW, hands_of_a_person()),), other.id: (remedy(other, hands_of_a_person()),)}

    found = candidates(diagnosis(ranked(SLOW.id, 0.4), ranked(other.id, 0.5)), net(SLOW, other), given)

    assert sorted(entry.p for entry in found) == [0.4, 0.5]


def test_equal_costs_are_in_order_of_cause_and_name() -> None:
    given = {SMALL: (remedy(SMALL, touching("a"), name="b"), remedy(SMALL, touching("c"), name="a"))}
    given[SLOW] = (remedy(SLOW, touching("d"), name="a"),)

    for p in ({SMALL: 0.5, SLOW: 0.5}, {SLOW: 0.5, SMALL: 0.5}):
        assert order(given, p) == [("slow", "a"), ("small", "a"), ("small", "b")]


# -- what is worth a line


def test_what_is_ruled_out_unlikely_or_unknown_is_not_offered() -> None:
    given = {of.id: (remedy(of, touching(of.cause)),) for of in (SMALL, SLOW)}
    rows = (ranked("unknown:api", 0.9), ranked(SMALL.id, 0.5, is_out=True), ranked(SLOW.id, 0.019))

    assert candidates(diagnosis(*rows), net(SMALL, SLOW), given) == ()


def test_what_cannot_be_bound_here_comes_last_and_says_why() -> None:
    given = {
        SMALL: (remedy(SMALL, name="fix: a", unbound="target api has no service"),),
        SLOW: (remedy(SLOW, touching(risk=Risk.DESTRUCTIVE)),),
    }

    assert order(given, {SMALL: 0.9, SLOW: 0.02}) == [("slow", "fix"), ("small", "fix: a")]


def test_a_remedy_without_a_step_is_none() -> None:
    """`service restart {dependants}` where nobody depends: nothing to do is no plan."""
    assert order({SMALL: (remedy(SMALL),)}, {SMALL: 0.9}) == []


def test_a_person_may_choose_what_is_unlikely_or_ruled_out() -> None:
    given = {SMALL.id: (remedy(SMALL, touching()),), SLOW.id: (remedy(SLOW, touching("b")),)}

    (found,) = of_cause(SMALL.id, diagnosis(ranked(SMALL.id, 0.001, is_out=True)), net(SMALL, SLOW), given)
    (never_ranked,) = of_cause(SMALL.id, diagnosis(), net(SMALL, SLOW), given)

    assert (found.cause.cause, found.p) == ("small", 0.001)
    assert never_ranked.p == 0.0
    assert of_cause(SMALL.id, diagnosis(), net(SMALL), {}) == ()


# -- the blast


def test_the_blast_reaches_those_who_need_it_through_others() -> None:
    assert choose.blast_radius(("db",), DEPENDS) == ("api", "page", "worker")
    assert choose.blast_radius(("api", "db"), DEPENDS) == ("page", "worker")
    assert choose.blast_radius(("page",), DEPENDS) == ()


def test_who_need_each_other_are_counted_once() -> None:
    assert choose.blast_radius(("a",), {"a": ("b",), "b": ("a", "c"), "c": ("a",)}) == ("b", "c")


# -- values that are asked for


def asking(text: str, name: str, *, is_secret: bool = False) -> BoundStep:
    touch = Touch("config", "set", "api", (("setting", name),), ("value",) if is_secret else ())
    return replace(touching(), touch=touch, text=text, asked=((name, is_secret),))


def test_values_go_to_the_step_that_asked_for_them() -> None:
    one = remedy(SMALL, asking("set LIMIT = ?", "LIMIT"), touching(), asking("set LIMIT = ?", "LIMIT"))
    assert choose.open_values(one) == ((1, "LIMIT", False), (3, "LIMIT", False))

    given = choose.answered(one, {(3, "LIMIT"): ("1048576", "1 MiB")})

    first, _, third = given.steps
    assert third.touch is not None
    assert (third.touch.arg("value"), third.text) == ("1048576", "set LIMIT = 1 MiB")
    assert first == one.steps[0]
    assert choose.open_values(given) == ((1, "LIMIT", False),)


def test_a_second_answer_replaces_the_first() -> None:
    once = choose.answered(remedy(SMALL, asking("set A = ?", "A")), {(1, "A"): ("1", "1")})

    twice = choose.answered(once, {(1, "A"): ("2", "2")})

    assert twice.steps[0].touch is not None
    assert twice.steps[0].touch.args == (("setting", "A"), ("value", "2"))


def test_of_a_secret_the_plan_holds_what_tells_it_apart_and_says_that_it_is_one() -> None:
    seen = fingerprint("sk-planted-0123456789")

    given = choose.answered(
        remedy(SMALL, asking("set KEY = ?secret", "KEY", is_secret=True)), {(1, "KEY"): (seen, f"(a secret, {seen})")}
    )

    (only,) = given.steps
    assert only.touch is not None
    assert (only.touch.arg("value"), only.touch.secrets) == (seen, ("value",))
    assert only.text == f"set KEY = (a secret, {seen})"


def test_a_question_mark_in_the_name_of_a_setting_is_part_of_the_name() -> None:
    """The plan must show what is set to what."""
    given = choose.answered(remedy(SMALL, asking('set "WHY?" = ?', "WHY?")), {(1, "WHY?"): ("9", "9")})

    assert given.steps[0].text == 'set "WHY?" = 9'


# -- the plan


def bound(key: str, *, is_question: bool = False, is_blind: bool = False) -> BoundCheck:
    one = check("api").check
    return replace(one, key=key, looks=() if is_blind else one.looks, is_question=is_question)


def edge(key: str, said: str, *, is_symptom: bool = False) -> Edge:
    return Edge(key, 0.9, None, False, is_symptom, Source("g", "g.md", NOWHERE, said))


def test_what_decides_is_all_that_a_machine_can_see_again() -> None:
    checks = {key: bound(key) for key in ("evidence", "symptom", "condition")}
    checks |= {"asked": bound("asked", is_question=True), "unseen": bound("unseen", is_blind=True)}
    edges = (edge("symptom", "s", is_symptom=True), edge("evidence", "e"), edge("asked", "a"), edge("unseen", "u"))
    of = cause("small", edges=edges, only_if=("condition",))

    found = choose.deciding(of, net(of, checks=checks))

    assert [(entry.check.key, entry.source.sentence) for entry in found] == [
        ("condition", SOURCE.sentence), ("evidence", "e"), ("symptom", "s")
    ]  # fmt: skip


def test_health_is_what_fails_and_can_be_looked_at() -> None:
    checks = {key: bound(key) for key in ("warned", "b", "a")} | {"unseen": bound("unseen", is_blind=True)}
    items = [BoundHealth(key, "api", key != "warned", SOURCE) for key in (*checks, "a")]

    assert [entry.check.key for entry in choose.healthy(net(checks=checks, healthy=tuple(items)))] == ["a", "b"]


def test_a_client_is_asked_with_its_words_as_they_stand() -> None:
    found = choose.client(("buy", "one thing", ""), 30.0, "shop")

    assert choose.client((), 30.0, "shop") is None
    assert found is not None
    (look,) = found.check.looks
    assert (look.kind, [word for _, word in look.args]) == (CLIENT, ["buy", "one thing", ""])
    assert (found.check.cost_s, found.check.quant) == (30.0, Quant.EACH)


def made(one: BoundRemedy, *, is_blind: bool = False, has_client: bool = False) -> tuple[str, ...]:
    """Return the notes of a plan of this remedy."""
    return plan_of(one, is_blind=is_blind, has_client=has_client).notes


def plan_of(one: BoundRemedy, *, is_blind: bool = False, has_client: bool = False) -> choose.Plan:
    found = Candidate(one, SMALL, 1 / 3, Risk.RESTARTS, ("api",), ("page",), 1.0)
    return choose.plan(
        found, net(SMALL), [PlanStep(entry) for entry in one.steps], system="shop", environment="test", now=NOON,
        engine="1", is_blind=is_blind, client=choose.client(("buy",), 5.0, "shop") if has_client else None,
    )  # fmt: skip


def test_a_plan_says_what_it_cannot_promise() -> None:
    verified = replace(remedy(SMALL, touching()), verify=(check("api"),))

    assert made(verified) == ()
    assert any("a person must look" in note for note in made(remedy(SMALL, touching())))
    assert any("*worse* cannot be seen" in note for note in made(verified, is_blind=True))
    assert any("leaves the cause" in note for note in made(replace(verified, is_relief=True)))


def test_a_client_verifies_and_is_part_of_the_health_and_is_named() -> None:
    found = plan_of(remedy(SMALL, touching()), has_client=True)

    assert [entry.check.looks[0].kind for entry in (*found.verify, *found.healthy)] == [CLIENT, CLIENT]
    assert any(note.endswith("before and after: buy") for note in found.notes)
    assert not any("a person must look" in note for note in found.notes)


def test_a_plan_is_the_same_bytes_on_every_machine() -> None:
    """A third has no end; what is hashed must have one."""
    assert plan_of(remedy(SMALL, touching())).p == 0.333333333
