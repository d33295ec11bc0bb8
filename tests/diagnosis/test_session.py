"""Whole diagnoses: what is looked at, when it stops, and what is claimed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crashcart.diagnosis import Brief, Session, without
from crashcart.model.diagnosis import Given, Stop, Verdict
from crashcart.model.guide import Rel
from crashcart.model.net import Edge, Finding
from crashcart.model.truth import Truth

STEADY = settings(deadline=None, derandomize=True, database=None)


@pytest.mark.parametrize("signs", [1, 2, 3])
def test_the_true_one_of_six_lookalikes_is_named(kit, signs):
    net = kit.lookalikes(signs=signs)
    for i in range(6):
        diagnosis = kit.run(net, kit.answers(net, ["jobs fail", f"sign {i}."]))
        assert diagnosis.verdict is Verdict.DECIDED
        assert diagnosis.first.cause == f"api:g.c{i}"
        assert diagnosis.first.has_own_evidence
        assert diagnosis.given
        assert diagnosis.p_nothing == 0.0
        assert diagnosis.problems[0][0] == "api:g.fails"


@given(
    st.integers(0, 5),
    st.integers(1, 3),
    st.sampled_from([0.6, 0.85, 0.98]),
    st.sets(st.integers(0, 5)),
    st.booleans(),
    st.sampled_from(["", "jobs end as failed"]),
)
@STEADY
def test_leave_one_out_names_no_other_cause(kit, fault, signs, sign, blind, is_well, complaint):
    """The fault is there and no guide knows it: whatever of the others can be looked at, none of them is believed."""
    net = without(kit.lookalikes(signs=signs, sign=sign), f"g.c{fault}")
    true = ["jobs fail", f"sign {fault}.", *(["health"] if is_well else [])]
    found = kit.answers(net, true, unknown={f"sign {i}.": "not permitted" for i in blind})

    diagnosis = kit.run(net, found, complaint=complaint)

    assert max(kit.known(diagnosis).values()) <= 0.8
    assert diagnosis.verdict in (Verdict.NONE_KNOWN, Verdict.UNDECIDED)


def test_leave_one_out_holds_when_causes_share_signs(kit):
    """Each cause shares a sign with its neighbour; the removed one's neighbours then show one sign of two."""
    build = kit.build()
    build.problem("fails", build.check("jobs fail", alarm=0.01))
    shared = [build.check(f"shared {i}") for i in range(6)]
    for i in range(6):
        build.cause(f"c{i}", (shared[i], 0.85), (shared[(i + 1) % 6], 0.85), (build.check(f"own {i}"), 0.98))
    net = build.net()
    for i in range(6):
        true = ["jobs fail", f"shared {i}", f"shared {(i + 1) % 6}", f"own {i}"]
        whole = kit.run(net, kit.answers(net, true))
        assert (whole.verdict, whole.first.cause) == (Verdict.DECIDED, f"api:g.c{i}")
        less = without(net, f"g.c{i}")
        diagnosis = kit.run(less, kit.answers(less, true))
        assert max(kit.known(diagnosis).values()) <= 0.8
        assert diagnosis.verdict in (Verdict.NONE_KNOWN, Verdict.UNDECIDED)


@pytest.mark.parametrize(("signs", "least", "most"), [(1, 0.8, 0.95), (2, 0.95, 0.99), (3, 0.99, 1.0)])
def test_each_sign_of_its_own_makes_it_one_word_surer(kit, signs, least, most):
    """One sign may be an unknown fault's too: likely. Two: very likely. Three: almost certain."""
    net = kit.lookalikes(signs=signs)
    assert least <= kit.run(net, kit.answers(net, ["jobs fail", "sign 1."])).first.p < most


@pytest.mark.parametrize("shared", [1, 2, 3])
def test_signs_that_rivals_share_decide_for_nobody(kit, shared):
    """The rivals fall by looks of their own, the last one's own look could not be taken: that proves nothing for it."""
    build = kit.build()
    build.problem("fails", build.check("jobs fail", alarm=0.01))
    signs = [(build.check(f"shared {i}"), 0.85) for i in range(shared)]
    for i in range(4):
        build.cause(f"c{i}", *signs, (build.check(f"own {i}"), 0.98))
    net = build.net()
    diagnosis = kit.run(net, kit.answers(net, ["jobs fail", "shared"], unknown={"own 2": "not permitted"}))
    assert kit.known(diagnosis)["api:g.c2"] <= 0.8
    assert diagnosis.verdict is Verdict.UNDECIDED
    assert "own 2" in diagnosis.would_decide[0].look_key


@pytest.mark.parametrize("complaint", ["", "jobs always end as failed!"])
def test_a_healthy_system_is_said_to_be_well(kit, complaint):
    net = kit.lookalikes()
    diagnosis = kit.run(net, kit.answers(net, ["health"]), complaint=complaint)
    assert diagnosis.verdict is Verdict.NOTHING_WRONG
    assert diagnosis.p_nothing > 0.9
    assert max(kit.known(diagnosis).values()) < 0.01
    assert not diagnosis.would_decide


def test_a_seen_symptom_is_not_called_well_when_nothing_known_explains_it(kit):
    """Health is fine and all known causes are refuted, yet a symptom was seen: no known cause, and no all-clear."""
    for count in (1, 2, 6):
        net = kit.lookalikes(count, signs=1, sign=0.98)
        diagnosis = kit.run(net, kit.answers(net, ["health", "jobs fail"]))
        assert diagnosis.verdict in (Verdict.NONE_KNOWN, Verdict.UNDECIDED)


def test_seeing_nothing_is_not_being_well(kit):
    net = kit.lookalikes()
    diagnosis = kit.run(net, kit.answers(net, [], unknown={"http": "no network"}))
    assert diagnosis.verdict is Verdict.UNDECIDED
    assert len(diagnosis.unseen) == len(net.checks)
    assert diagnosis.would_decide[0].blocked_because == "no network"


def test_without_the_deciding_look_it_says_which_one_it_is(kit):
    net = kit.lookalikes(signs=1)
    found = kit.answers(net, ["jobs fail", "sign 2."], unknown={"sign 2.": "not permitted"})
    diagnosis = kit.run(net, found)
    assert diagnosis.verdict is Verdict.UNDECIDED
    assert diagnosis.would_decide[0].look_key == "http {api} sign 2.0"
    assert diagnosis.would_decide[0].separates == ("api:g.c2", "unknown:api")
    assert diagnosis.would_decide[0].blocked_because == "not permitted"


def test_the_first_round_is_health_symptoms_and_what_is_free(kit):
    build = kit.build()
    build.health(build.check("health", cost=1.0))
    build.problem("fails", build.check("jobs fail", cost=5.0))
    build.cause("a", (build.check("free", cost=0.01), 0.85), (build.check("slow", cost=1.0), 0.85))
    batch = Session(Brief(build.net(), kit.now)).next()
    assert {look.look_key.split()[-1] for look in batch.looks} == {"health", "fail", "free"}


def test_no_look_is_offered_twice_and_what_cannot_be_asked_never(kit):
    build = kit.build()
    build.problem("fails", build.check("jobs fail"))
    build.cause("a", (build.check("sign"), 0.85), (build.check("capture", unknown_because="no {user} seen"), 0.85))
    net = build.net()
    diagnosis = kit.run(net, kit.answers(net, ["jobs fail"], unknown={"sign": "timeout of ours"}))
    keys = [look.look_key for batch in diagnosis.rounds for look in batch.looks]
    assert len(keys) == len(set(keys))
    assert not any("capture" in key for key in keys)
    assert {finding.saw for finding in diagnosis.ranked[0].unseen} <= {"timeout of ours", "no {user} seen"}


def test_a_question_is_asked_last_and_only_with_leave(kit):
    build = kit.build()
    build.problem("fails", build.check("jobs fail"))
    build.cause("a", (build.check("did you deploy", is_question=True), 0.98))
    build.cause("b", (build.check("sign"), 0.98))
    net = build.net()
    found = kit.answers(net, ["jobs fail"])
    silent = kit.run(net, found)
    assert silent.verdict is Verdict.UNDECIDED
    assert "deploy" in silent.would_decide[0].look_key
    session = Session(Brief(net, kit.now, may_ask=True))
    asked = []
    while (batch := session.next()) is not None:
        asked += [look.look_key for look in batch.looks]
        session.feed([found[key] for key in net.checks if net.checks[key].look_key in asked])
    assert "deploy" in asked[-1]


def test_a_cheap_look_goes_before_a_dear_one_that_tells_as_much(kit):
    build = kit.build()
    build.problem("fails", build.check("jobs fail"))
    build.cause("a", (build.check("dear", cost=5.0), 0.85), (build.check("cheap", cost=0.1), 0.85))
    build.cause("b")
    net = build.net()
    found = kit.answers(net, ["jobs fail"])
    session = Session(Brief(net, kit.now))
    session.next()
    session.feed([found[key] for key in net.checks if "jobs fail" in key])
    assert [look.look_key for look in session.next().looks] == ["http {api} cheap"]


def test_it_stops_when_decided_and_takes_no_more(kit):
    net = kit.lookalikes(signs=3)
    diagnosis = kit.run(net, kit.answers(net, ["jobs fail", "sign 1."]))
    assert diagnosis.stop is Stop.DECIDED
    assert diagnosis.looks_taken < len(net.looks())


def test_a_leader_without_evidence_is_looked_at_however_little_that_tells(kit):
    """It leads because its rivals fell; "not worth it" would leave its only look untaken."""
    build = kit.build()
    build.problem("fails", build.check("jobs fail"))
    weak = Edge(build.check("weak", cost=10.0), 0.31, 0.3, False, False, kit.source("sometimes, else nearly as often"))
    build.cause("a", weak)
    net = build.net()
    diagnosis = kit.run(net, kit.answers(net, ["jobs fail"]))
    assert [look.look_key for look in diagnosis.rounds[-1].looks] == ["http {api} weak"]
    assert diagnosis.rounds[-1].looks[0].gain_bits < 0.005 * 10.0
    assert diagnosis.stop is Stop.NO_LOOK_LEFT


def test_a_stop_from_outside_stays(kit):
    session = Session(Brief(kit.lookalikes(), kit.now))
    session.next()
    session.stop(Stop.BUDGET)
    session.stop(Stop.INTERRUPTED)
    assert session.next() is None
    assert session.diagnosis().stop is Stop.BUDGET
    assert session.diagnosis().verdict is Verdict.UNDECIDED


def test_an_alert_is_a_given_and_a_complaint_is_not(kit):
    net = kit.lookalikes()
    alert = Given("5xx above 10 %", "api", None)
    told = kit.run(net, kit.answers(net, ["health"]), alerts=(alert,))
    assert told.p_nothing == 0.0
    assert told.given == (alert,)
    assert told.verdict in (Verdict.NONE_KNOWN, Verdict.UNDECIDED)


def test_a_warning_is_no_given(kit):
    build = kit.build()
    warn = build.check("disk below 80 %", kit.status(Rel.LT, 80))
    build.health(warn, is_failure=False)
    build.problem("fails")
    build.cause("a", (build.check("sign"), 0.85))
    session = Session(Brief(build.net(), kit.now))
    session.feed([Finding(warn, Truth.FALSE, "85")])
    assert session.diagnosis().given == ()
    assert session.diagnosis().p_nothing > 0.0


SCRIPT = """
import sys
sys.path.insert(0, sys.argv[1])
from conftest import Kit
kit = Kit()
net = kit.lookalikes(signs=3)
for true in (["jobs fail", "sign 2."], ["health"], ["health", "jobs fail"], ["sign"]):
    print(repr(kit.run(net, kit.answers(net, true), complaint="jobs fail since noon")))
"""


def test_the_same_bytes_under_any_hash_seed():
    """Sets and dictionaries must not decide an order anywhere."""

    def run(seed):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", SCRIPT, str(Path(__file__).parent)]
        return subprocess.run(command, env=environment, capture_output=True, check=True).stdout

    assert run("1") == run("2") != b""
