"""Properties of the posterior."""

from __future__ import annotations

import dataclasses
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crashcart.diagnosis import Brief, Session
from crashcart.model.guide import Rel, StateClaim
from crashcart.model.net import Edge, Finding
from crashcart.model.truth import Truth

STEADY = settings(deadline=None, derandomize=True, database=None)
CLAIMS = [(Rel.EQ, 401), (Rel.EQ, 429), (Rel.EQ, 503), (Rel.GE, 400), (Rel.GE, 500), (Rel.LT, 500)]
SEEN = [200, 401, 429, 500, 503, None]
HOLDS = {Rel.EQ: lambda x, y: x == y, Rel.GE: lambda x, y: x >= y, Rel.LT: lambda x, y: x < y}
LOOKS, NAMES = 4, 5

item = st.tuples(
    st.integers(0, LOOKS - 1), st.sampled_from(range(len(CLAIMS))), st.sampled_from([0.3, 0.6, 0.85, 0.98])
)
plan = st.fixed_dictionaries(
    {
        "causes": st.lists(st.lists(item, max_size=4), min_size=1, max_size=NAMES),
        "nevers": st.lists(st.tuples(st.integers(0, NAMES - 1), st.integers(0, LOOKS - 1)), max_size=2),
        "seen": st.lists(st.sampled_from(SEEN), min_size=LOOKS, max_size=LOOKS),
        "well": st.sampled_from([True, False, None]),
        "symptom": st.sampled_from([True, False, None]),
    }
)
TRUTH = {True: Truth.TRUE, False: Truth.FALSE, None: Truth.UNKNOWN}


def finding(key, truth):
    return Finding(key, TRUTH[truth], str(truth))


def make(kit, plan, extra=()):
    """Build the net of a plan; `extra` are more items, (cause, look, claim, likelihood)."""
    build = kit.build()
    build.health(build.check("health"))
    build.problem("fails", build.check("jobs fail", alarm=0.01))
    for i, items in enumerate(plan["causes"]):
        more = [entry[1:] for entry in extra if entry[0] == i]
        edges = [(build.check(f"look {look}", kit.status(*CLAIMS[claim])), h) for look, claim, h in [*items, *more]]
        shifts = [kit.shift(build.check(f"never {look}")) for cause, look in plan["nevers"] if cause == i]
        build.cause(f"c{i}", *edges, *shifts)
    return build.net()


def judged(net, plan):
    """Judge all checks consistently: each look saw one status, or nothing."""
    found = []
    for key, check in net.checks.items():
        if "health" in key:
            found.append(finding(key, plan["well"]))
        elif "jobs fail" in key:
            found.append(finding(key, plan["symptom"]))
        else:
            seen = plan["seen"][int(check.looks[0].look.split()[-1])]
            claim = check.claims[0]
            if seen is None or "never" in key:
                found.append(finding(key, None if seen is None else seen >= 500))
            else:
                found.append(finding(key, HOLDS[claim.rel](seen, claim.value.value)))
    return found


@given(plan)
@STEADY
def test_probabilities_sum_to_one(kit, plan):
    net = make(kit, plan)
    assert math.isclose(sum(kit.all_p(net, judged(net, plan)).values()), 1.0, abs_tol=1e-7)


@given(plan, st.randoms(use_true_random=False))
@STEADY
def test_order_batches_and_repetition_change_nothing(kit, plan, chance):
    """The same findings give the same diagnosis, however they arrive, and however the causes are listed."""
    net = make(kit, plan)
    found = judged(net, plan)
    shuffled = [*found, *chance.choices(found, k=3)]
    chance.shuffle(shuffled)
    session = Session(Brief(net, kit.now))
    for start in range(0, len(shuffled), 3):
        session.feed(shuffled[start : start + 3])
    expected = Session(Brief(net, kit.now))
    expected.feed(found)

    assert session.diagnosis() == expected.diagnosis()


@given(plan, st.randoms(use_true_random=False))
@STEADY
def test_the_names_of_causes_change_nothing(kit, plan, chance):
    """Renaming (and so reordering) the causes permutes the probabilities."""
    order = list(range(len(plan["causes"])))
    chance.shuffle(order)
    where = {old: new for new, old in enumerate(order)}
    other = {
        **plan,
        "causes": [plan["causes"][i] for i in order],
        "nevers": [(where[c], look) for c, look in plan["nevers"] if c in where],
    }
    net, moved = make(kit, plan), make(kit, other)
    before, after = kit.all_p(net, judged(net, plan)), kit.all_p(moved, judged(moved, other))
    for new, old in enumerate(order):
        assert before[f"api:g.c{old}"] == pytest.approx(after[f"api:g.c{new}"], abs=2e-9)


@given(plan, st.data())
@STEADY
def test_repeating_an_item_or_adding_a_weaker_one_changes_no_probability(kit, plan, data):
    items = [(c, look, claim, h) for c, own in enumerate(plan["causes"]) for look, claim, h in own]
    if not items:
        return
    cause, look, claim, h = data.draw(st.sampled_from(items))
    weaker = {0: [0, 3, 5], 1: [1, 3, 5], 2: [2, 3, 4], 3: [3], 4: [3, 4], 5: [5]}[claim]
    extra = (cause, look, data.draw(st.sampled_from(weaker)), data.draw(st.sampled_from([0.3, h])))
    said = {c: p for lk, c, p in plan["causes"][cause] if lk == look}
    if extra[3] > h or extra[3] > said.get(extra[2], 1.0):  # likelier than what it repeats: says something new
        return
    net, more = make(kit, plan), make(kit, plan, [extra])

    before, after = kit.all_p(net, judged(net, plan)), kit.all_p(more, judged(more, plan))

    assert before == pytest.approx(after, abs=2e-9)


@given(plan, st.integers(0, 5))
@STEADY
def test_an_unknown_finding_changes_nothing(kit, plan, which):
    net = make(kit, plan)
    found = judged(net, plan)
    without = [one for one in found if one.truth is not Truth.UNKNOWN]
    assert kit.all_p(net, found) == kit.all_p(net, without)


@given(plan)
@STEADY
def test_a_missing_sign_never_raises_its_cause(kit, plan):
    """Against nothing being wrong, a claim that is false lowers every cause that makes it."""
    net = make(kit, {**plan, "nevers": []})
    before = kit.all_p(net, [])
    for cause in net.causes:
        for edge in cause.edges:
            after = kit.all_p(net, [finding(edge.check, False)])
            assert after[cause.id] / after["nothing"] <= before[cause.id] / before["nothing"] * (1 + 1e-6)


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.05, 1.0, 3.0]),
            st.lists(st.tuples(st.sampled_from([0.3, 0.85, 0.98]), st.booleans()), max_size=3),
        ),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
@STEADY
def test_simple_nets_equal_the_direct_product(kit, causes, symptom):
    """Without cells the odds between two causes are priors times likelihood ratios, written out here by hand."""
    build = kit.build()
    jobs = build.problem("fails", build.check("jobs fail", alarm=0.01)) and build.check("jobs fail", alarm=0.01)
    odds, found = {}, [finding(jobs, symptom)]
    for i, (rate, signs) in enumerate(causes):
        keys = [build.check(f"sign {i} {j}") for j in range(len(signs))]
        name = build.cause(f"c{i}", *((key, h) for key, (h, _) in zip(keys, signs, strict=True)), rate=rate)
        found += [finding(key, truth) for key, (_, truth) in zip(keys, signs, strict=True)]
        weight = math.expm1(rate / 30) * ((1 - 0.99 * 0.15) / 0.01 if symptom else 0.15)
        for h, truth in signs:
            weight *= (1 - 0.995 * (1 - h)) / 0.005 if truth else 1 - h
        odds[name] = weight
    p = kit.all_p(build.net(), found)
    assert p["nothing"] > 0
    for name, weight in odds.items():
        assert p[name] == pytest.approx(weight * p["nothing"], rel=1e-5, abs=2e-9 * max(1.0, weight))


def test_a_condition_that_does_not_hold_rules_the_cause_out(kit):
    build = kit.build()
    policy = build.check("policy")
    build.problem("fails", build.check("jobs fail"))
    name = build.cause("full", (build.check("memory"), 0.98), only_if=[policy])
    net = build.net()
    signs = [finding(key, True) for key in net.checks if "policy" not in key]

    open_p = kit.all_p(net, signs)
    unknown = kit.all_p(net, [*signs, finding(policy, None)])
    holds = kit.all_p(net, [*signs, finding(policy, True)])
    fails = kit.all_p(net, [*signs, finding(policy, False)])

    assert open_p == unknown == holds  # a condition carries no weight
    assert fails[name] == 0.0


def test_a_never_item_that_is_seen_speaks_against(kit):
    build = kit.build()
    never = build.check("still answers")
    build.problem("fails", build.check("jobs fail"))
    name = build.cause("down", kit.shift(never))
    build.cause("slow")
    net = build.net()

    before = kit.all_p(net, [])
    assert kit.all_p(net, [finding(never, True)])[name] < before[name] / 10
    assert before[name] < kit.all_p(net, [finding(never, False)])[name] < before[name] * 1.5


def test_a_cause_is_never_held_likely_for_shared_symptoms_alone(kit):
    """Its unknown look-alike explains them as well and is a third as frequent, so 3/4 is the most it can get."""
    for count in (1, 2, 6):
        net = kit.lookalikes(count, sign=0.98)
        found = [finding(key, "sign" not in key or None) for key in net.checks if "sign 0" not in key]
        found = [finding(one.check, False) if "sign" in one.check or "health" in one.check else one for one in found]
        assert kit.all_p(net, found)["api:g.c0"] <= 0.75


def test_a_failing_dependant_speaks_for_what_it_needs(kit):
    build = kit.build()
    health = build.check("health")
    build.health(health)
    build.problem("fails")
    below = build.cause("down", (build.check("tcp", target="db"), 0.98), target="db", problem="none")
    aside = build.cause("down", (build.check("tcp", target="mail"), 0.98), target="mail", problem="none")
    build.depends = {"api": ("db",), "mail": ()}
    p = kit.all_p(build.net(), [finding(health, False)])
    assert p[below] > 10 * p[aside]


def test_what_is_well_beside_a_staked_sign_of_impairment_does_not_speak_against_the_cause(kit):
    """The cause's own sign has told that its target is impaired; that another part is fine says nothing more."""
    build = kit.build()
    answers = build.check("health", kit.status(Rel.EQ, 200))
    gone = build.check("health", StateClaim("refused"))
    disk = build.check("disk")
    build.health(answers)
    build.health(disk)
    build.problem("fails")
    stopped = build.cause("stopped", (gone, 0.98))
    net = build.net()
    broken = [finding(answers, False), finding(gone, True)]
    assert kit.all_p(net, [*broken, finding(disk, True)])[stopped] >= kit.all_p(net, broken)[stopped]
    well = [finding(answers, True), finding(gone, False)]
    assert kit.all_p(net, [*well, finding(disk, True)])[stopped] < kit.all_p(net, well)[stopped]


def test_findings_that_contradict_one_another_do_not_depend_on_their_order(kit):
    net = kit.lookalikes()
    key = next(key for key in net.checks if "sign" in key)
    both = [finding(key, True), finding(key, False)]
    assert kit.all_p(net, both) == kit.all_p(net, both[::-1])


def test_evidence_overrides_the_symptom_that_it_repeats(kit):
    build = kit.build()
    symptom = build.check("jobs fail")
    build.problem("fails", symptom)
    name = build.cause("a", (symptom, 0.98))
    net = build.net()
    twice = dataclasses.replace(net.causes[0], edges=net.causes[0].edges[1:])
    once = dataclasses.replace(net, causes=(twice,))
    found = [finding(symptom, True)]
    assert kit.all_p(net, found)[name] == kit.all_p(once, found)[name]


def test_else_replaces_the_false_alarm(kit):
    build = kit.build()
    sign = build.check("sign")
    build.problem("fails")
    plain = build.cause("plain", (sign, 0.9))
    careful = build.cause("careful", Edge(sign, 0.9, 0.6, False, False, kit.source("else often")))
    p = kit.all_p(build.net(), [finding(sign, True)])
    assert p[plain] / p[careful] == pytest.approx(((1 - 0.995 * 0.1) / 0.005) / ((1 - 0.4 * 0.1) / 0.6), rel=1e-4)


def test_many_findings_do_not_overflow(kit):
    build = kit.build()
    build.problem("fails")
    chance = random.Random(0)
    name = build.cause("a", *((build.check(f"sign {i}"), chance.choice((0.85, 0.98))) for i in range(150)))
    net = build.net()
    assert kit.all_p(net, [finding(key, True) for key in net.checks])[name] == pytest.approx(1.0)
    assert kit.all_p(net, [finding(key, False) for key in net.checks])[name] == 0.0
