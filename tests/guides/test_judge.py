"""Truth in three values, claim by claim: what was not seen is unknown and never false."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from crashcart.guides.bind_check import CheckBinder
from crashcart.guides.compile import compile_guide
from crashcart.guides.environment import environment
from crashcart.guides.judge import is_answered, judge
from crashcart.model.guide import Check, Guide
from crashcart.model.net import BoundCheck, Finding
from crashcart.model.observation import LookId, Observation, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import System, Target
from crashcart.model.truth import Quant, Truth, conjunction, disjunction, negation, quantify
from crashcart.testing import example_catalogue

CATALOGUE = example_catalogue()
NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
T, F, U = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
TARGETS = [
    Target("cache", "redis", {"url": "redis://cache:6379", "host": "cache", "port": "6379"}),
    *[Target(name, "worker", depends=("cache",)) for name in ("w1", "w2", "w3")],
]
SYSTEM = System("shop", "test", {target.name: target for target in TARGETS})


def bound(statement: str, *, label: str = "Evidence") -> BoundCheck:
    """Return the one check that a statement of a guide for `cache` becomes; `{dependants}` are w1, w2 and w3."""
    text = (
        "---\nguide: g\nfor: redis\nneeds: {w: worker}\nparams: {room: 100 B, nothing: 0 B, slow: 2 s}\n---\n# G\n\n**Healthy**\n"
        "- `tcp {self} => ok`\n\n## P {#p}\n\n### Cause: c {#c} (common)\n\n"
        f"**{label}**\n- {'every 1 d: ' if label == 'Watch' else ''}`{statement}`\n"
    )
    guide = compile_guide(text, CATALOGUE)
    (made,) = CheckBinder(CATALOGUE).check(_check(guide), environment(SYSTEM, guide, TARGETS[0]))
    return made


def _check(guide: Guide) -> Check:
    cause = guide.problems[0].causes[0]
    return (*cause.evidence.checks, *cause.verify.checks)[0].check


def judged(
    statement: str,
    *outcomes: Outcome,
    others: Mapping[str, Outcome] | None = None,
    took_s: float = 0.01,
    label: str = "Evidence",
) -> Finding:
    check = bound(statement, label=label)
    assert len(check.looks) == len(outcomes), [look.id for look in check.looks]
    seen = {look.id: outcome for look, outcome in zip(check.looks, outcomes, strict=True)}
    seen |= {look.id: (others or {})[look.target] for look in check.others if look.target in (others or {})}
    return judge(check, _observed(seen, took_s), CATALOGUE)


def _observed(outcomes: Mapping[LookId, Outcome], took_s: float) -> dict[LookId, Observation]:
    return {look: Observation(look, outcome, NOW, took_s) for look, outcome in outcomes.items()}


def seen(**fields: Scalar) -> Seen:
    return Seen(fields)


BLIND = Unseen("not permitted")


# -- three values


@pytest.mark.parametrize("truths", list(itertools.product((T, F, U), repeat=2)))
def test_and_or_and_not_keep_what_is_unknown(truths: tuple[Truth, Truth]) -> None:
    assert conjunction(truths) is (F if F in truths else U if U in truths else T)
    assert disjunction(truths) is (T if T in truths else U if U in truths else F)
    assert [negation(truth) for truth in (T, F, U)] == [F, T, U]


Three = tuple[Truth, Truth, Truth]
QUANTIFIED: dict[Three, tuple[Truth, Truth, Truth, Truth]] = {  # truths of three targets -> any, all, none, some
    (T, T, T): (T, T, F, F),
    (T, T, F): (T, F, F, T),
    (T, F, F): (T, F, F, T),
    (F, F, F): (F, F, T, F),
    (T, T, U): (T, U, F, U),
    (T, F, U): (T, F, F, T),
    (F, F, U): (U, F, U, U),
    (T, U, U): (T, U, F, U),
    (F, U, U): (U, F, U, U),
    (U, U, U): (U, U, U, U),
}


@pytest.mark.parametrize("truths", QUANTIFIED)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_quantifiers_know_only_what_they_can(truths: Three, order: tuple[int, ...]) -> None:
    meant: dict[Truth, Outcome] = {T: seen(connect="refused"), F: seen(connect="ok"), U: BLIND}
    outcomes = [meant[truths[at]] for at in order]
    for quant, wanted in zip(("any", "all", "none", "some"), QUANTIFIED[truths], strict=True):
        assert judged(f"tcp {quant} {{dependants}} port 5 => refused", *outcomes).truth is wanted, quant


@pytest.mark.parametrize("quant", list(Quant))
def test_over_nothing_every_quantifier_is_unknown(quant: Quant) -> None:
    assert quantify(quant, ()) is U


def test_a_plural_look_tells_the_members_that_made_it_so() -> None:
    outcomes: list[Outcome] = [seen(connect="ok"), seen(connect="refused"), BLIND]

    assert judged("tcp any {dependants} => refused", *outcomes).saw == "w2: refused"
    assert judged("tcp all {dependants} => refused", *outcomes).saw == "w1: ok"


# -- unseen


CLAIMS = [
    "tcp {self} => refused", "tcp {self} => not refused", "tcp {self} => took > 1 s", "http {self} GET / => status != 200",
    "http {self} GET / => body lacks 'x'", "http {self} GET / => value absent", "log {self} 'x' => unseen",
    "log {self} 'x' => not followed by 'y' in 5 s", "redis {self} memory => used < 80% of limit",
]  # fmt: skip


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_could_not_be_seen_is_unknown_and_says_why(claim: str) -> None:
    assert judged(claim, BLIND) == Finding(
        bound(claim).key, U, "not permitted", tuple(look.id for look in bound(claim).looks)
    )
    assert judge(bound(claim), {}, CATALOGUE).truth is U


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if "absent" not in claim])
def test_a_field_that_was_not_seen_leaves_its_claim_unknown(claim: str) -> None:
    assert judged(claim, seen()).truth is U


# -- claims: (statement, fields, truth)

MEMORY = "redis {self} memory => used"
VALUE = "http {self} GET / at 'a' => value"
INF = math.inf
TRUTHS: list[tuple[str, dict[str, Scalar], Truth]] = [
    ("tcp {self} => refused", {"connect": "refused"}, T),
    ("tcp {self} => refused", {"connect": "dns"}, F),
    ("tcp {self} => not refused", {"connect": "dns"}, T),
    ("tcp {self} => not refused", {"connect": "refused"}, F),
    ("tcp {self} => connect != refused", {"connect": "dns"}, T),
    ("process {self} => absent", {"is_present": False}, T),
    ("process {self} => not absent", {"is_present": True}, T),
    ("process {self} => is_present = yes", {"is_present": True}, T),
    ("process {self} => is_present = no", {"is_present": True}, F),
    ("tcp {self} => ok and took > 1 s", {"connect": "ok", "took": 2.0}, T),
    ("tcp {self} => ok and took > 1 s", {"connect": "dns"}, F),
    ("tcp {self} => ok and took > 1 s", {"connect": "ok"}, U),
    # numbers
    ("tcp {self} => took = 0.3 s", {"took": 0.1 + 0.2}, T),
    ("tcp {self} => took != 0.3 s", {"took": 0.1 + 0.2}, F),
    ("tcp {self} => took > 0.3 s", {"took": 0.1 + 0.2}, F),
    ("tcp {self} => took >= 0.3 s", {"took": 0.1 + 0.2}, T),
    ("tcp {self} => took < 300 ms", {"took": 0.1 + 0.2}, F),
    ("tcp {self} => took <= 300 ms", {"took": 0.1 + 0.2}, T),
    ("tcp {self} => took > {slow}", {"took": 2.5}, T),
    ("tcp {self} => took > 1 s", {"took": math.nan}, U),
    (f"{MEMORY} > 1 KiB", {"used": 1025}, T),
    (f"{MEMORY} > 1 kB", {"used": 1000}, F),
    # shares
    (f"{MEMORY} > 80% of limit", {"used": 81, "limit": 100}, T),
    (f"{MEMORY} > 80% of limit", {"used": 80, "limit": 100}, F),
    (f"{MEMORY} > 80% of limit", {"used": 80, "limit": 0}, U),
    (f"{MEMORY} > 80% of limit", {"used": 80}, U),
    (f"{MEMORY} > 80% of {{room}}", {"used": 81}, T),
    (f"{MEMORY} > 2 x limit", {"used": 201, "limit": 100}, T),
    (f"{MEMORY} > 2 x usual", {"used": 201}, U),
    (f"{MEMORY} > limit", {"used": 1, "limit": 2}, F),
    # what is unlimited is never exceeded
    (f"{MEMORY} > 80% of limit", {"used": 10**15, "limit": INF}, F),
    (f"{MEMORY} >= 80% of limit", {"used": 10**15, "limit": INF}, F),
    (f"{MEMORY} < 80% of limit", {"used": 10**15, "limit": INF}, T),
    (f"{MEMORY} > limit", {"used": 10**15, "limit": INF}, F),
    # text
    ("http {self} GET / => type = 'a'", {"type": "a"}, T),
    ("http {self} GET / => type != 'a'", {"type": "b"}, T),
    ("http {self} GET / => type = '1.1'", {"type": "1.10"}, F),
    ("http {self} GET / => body contains 'b c'", {"body": "a b c"}, T),
    ("http {self} GET / => body lacks 'b c'", {"body": "a b c"}, F),
    ("http {self} GET / => body contains ''", {"body": ""}, T),
    (r"http {self} GET / => body matches '^a+\d$'", {"body": "aa1"}, T),
    (r"http {self} GET / => body matches '^a+\d$'", {"body": "xaa1"}, F),
    ("http {self} GET / => body matches '(a+)+b'", {"body": "a" * 60_000}, F),
    ("http {self} GET / => body matches 'a'", {"body": "b" * 70_000}, U),
    # what stands in a JSON body: text, a number or a truth
    (f"{VALUE} = 3", {"value": 3}, T),
    (f"{VALUE} = 3", {"value": 3.0}, T),
    (f"{VALUE} = 3", {"value": "3"}, T),
    (f"{VALUE} = 3", {"value": "three"}, F),
    (f"{VALUE} = '3'", {"value": 3}, T),
    (f"{VALUE} != 3", {"value": "three"}, T),
    (f"{VALUE} > 3", {"value": 4}, T),
    (f"{VALUE} > 3", {"value": "4.5"}, T),
    (f"{VALUE} > 3", {"value": "four"}, U),
    (f"{VALUE} > 3", {"value": "1_000"}, U),
    (f"{VALUE} > 3", {"value": "infinity"}, U),
    (f"{VALUE} > 3", {"value": True}, U),
    (f"{VALUE} > 3", {"value": 10**400}, U),
    (f"{VALUE} = 'true'", {"value": "true"}, T),
    # presence
    (f"{VALUE} present", {"value": ""}, T),
    (f"{VALUE} absent", {"status": 200}, T),
    # times
    ("log {self} 'x' => last > first", {"first": "2024-05-01T11:59:59.5+00:00", "last": "2024-05-01T12:00:00Z"}, T),
    ("log {self} 'x' => last = first", {"first": "2024-05-01T12:00:00+00:00", "last": "2024-05-01T12:00:00Z"}, T),
    ("log {self} 'x' => last > first", {"first": "yesterday", "last": "today"}, U),
    # what follows, and shares of records
    ("log {self} 'x' => not followed by 'y' in 5 s", {"unfollowed": 2}, T),
    ("log {self} 'x' => not followed by 'y' in 5 s", {"unfollowed": 0}, F),
    ("log {self} 'x' => share > 5%", {"share": 6.0}, T),
    ("log {self} 'x' over 5 min => share is_seen > 5%", {"share": 4.0}, F),
    # a rate has no history to rest on yet
    ("redis {self} memory over 1 h => growth used > 1 MiB/min", {"used": 5}, U),
    ("redis {self} memory since {onset} => max used > 1 MiB", {"used": 5}, U),
    ("tcp {self} => ok for 5 s", {"connect": "ok"}, U),
    ("log {self} 'x' => unseen for 5 s", {"is_seen": False}, T),
]


def watched(*values: float, every_s: float = 1.0) -> Seen:
    """Return what a look saw that watched: one sample every so often."""
    return Seen(
        {"page": "ok", "value": values[-1]}, watched={"value": tuple((every_s * at, value) for at, value in enumerate(values))}
    )  # fmt: skip


WATCHED = 'metric {self} "x" over 10 s =>'


@pytest.mark.parametrize(
    ("claim", "outcome", "truth", "saw"),
    [
        ("growth value > 60/min", watched(0, 2, 4), T, "growth value = 120/min (0 to 4 in 2 s, 3 samples between 0 and 4)"),
        ("growth value > 2/s", watched(0, 2, 4), F, "growth value = 120/min (0 to 4 in 2 s, 3 samples between 0 and 4)"),
        ("growth value = 0/s", watched(7, 7, 7, 7), T, "growth value = 0/min"),
        ("growth value < 0/s", watched(9, 8, 8, 7, every_s=0.1), T, "growth value = -360/min"),
        ("growth value > 0.5/s", watched(0, 9, 1, 8, 2, 7), T, "between 0 and 9"),  # the line through all, not the ends
        ("min value >= 1", watched(3, 1, 2), T, "min value = 1"),
        ("max value > 3", watched(3, 1, 2), F, "max value = 3"),
        ("mean value = 2", watched(3, 1, 2), T, "mean value = 2"),
        ("value = 2", watched(3, 1, 2), T, "value = 2"),
        ("growth value > 1/s", watched(0, 2), U, "2 samples are too few"),
        ("growth value > 1/s", watched(0, 2, 4, every_s=0), U, "one moment"),
        ("growth value > 1/s", seen(page="missing"), U, "not seen all the time"),
        ("p95 value > 1", watched(0, 2, 4), U, "too short"),
        ("sum value > 1", watched(0, 2, 4), U, "too short"),
        ("growth value > 1/s", BLIND, U, "not permitted"),
    ],
)  # fmt: skip
def test_a_statistic_is_told_from_what_was_watched(claim: str, outcome: Outcome, truth: Truth, saw: str) -> None:
    found = judged(f"{WATCHED} {claim}", outcome)

    assert found.truth is truth, found.saw
    assert saw in found.saw


@pytest.mark.parametrize(
    ("window", "saw"),
    [
        ("over 31 s", "needs a history, and none is kept yet; over at most 30 s it is watched while you wait"),
        ("since {onset}", "needs a history, and none is kept yet; over at most 30 s it is watched while you wait"),
    ],
)
def test_a_longer_window_stays_unknown_and_says_what_would_tell(window: str, saw: str) -> None:
    found = judged(f'metric {{self}} "x" {window} => growth value > 1/s', watched(0, 2, 4))

    assert (found.truth, found.saw) == (U, f"growth value {saw}")


def test_a_look_that_does_not_watch_needs_a_history() -> None:
    found = judged("redis {self} memory over 10 s => growth used > 1 MiB/min", seen(used=5))

    assert (found.truth, found.saw) == (U, "growth used needs a history, and none is kept yet")


@pytest.mark.parametrize(("window", "cost_s"), [("", 0.1), ("over 10 s", 10.1), ("over 30 s", 30.1), ("over 1 h", 0.1)])
def test_a_look_that_watches_costs_what_it_watches(window: str, cost_s: float) -> None:
    """Its price is why it is chosen late: a slow look must tell more, in proportion to its seconds."""
    assert bound(f'metric {{self}} "x" {window} => value > 1').cost_s == pytest.approx(cost_s)


@pytest.mark.parametrize(("statement", "fields", "truth"), TRUTHS)
def test_a_claim_is_true_false_or_unknown_as_the_fields_say(
    statement: str, fields: dict[str, Scalar], truth: Truth
) -> None:
    found = judged(statement, seen(**fields))

    assert found.truth is truth, found.saw
    assert found.saw


def test_waiting_is_over_when_the_answer_came_too_late() -> None:
    assert judged("tcp {self} => ok within 1 s", seen(connect="ok"), took_s=0.5, label="Verify").truth is T
    late = judged("tcp {self} => ok within 1 s", seen(connect="ok"), took_s=1.5, label="Verify")
    assert (late.truth, late.saw) == (F, "ok, after 1.5 s")


def test_a_field_of_another_target_is_looked_at_there() -> None:
    statement = "process {self} => memory > 2 x memory of {w}"
    one = System("s", "test", {name: SYSTEM.targets[name] for name in ("cache", "w1")})
    cache = Target("cache", "redis", depends=("w1",))
    guide = compile_guide(
        "---\nguide: g\nfor: redis\nneeds: {w: worker}\n---\n# G\n\n**Healthy**\n- `tcp {self} => ok`\n\n## P {#p}\n\n"
        f"### Cause: c {{#c}} (common)\n\n**Evidence**\n- `{statement}`\n",
        CATALOGUE,
    )
    (check,) = CheckBinder(CATALOGUE).check(_check(guide), environment(one, guide, cache))
    (look,), (other,) = check.looks, check.others

    assert other.target == "w1"
    for memory, truth in ((10, T), (60, F)):
        outcomes: dict[LookId, Outcome] = {look.id: seen(memory=100), other.id: seen(memory=memory)}
        assert judge(check, _observed(outcomes, 0.1), CATALOGUE).truth is truth
    assert judge(check, _observed({look.id: seen(memory=100)}, 0.1), CATALOGUE).truth is U
    assert judge(check, _observed({look.id: seen(memory=100), other.id: BLIND}, 0.1), CATALOGUE).truth is U


# -- members


MEMBERS = [
    ("sum count = 6", (1, 2, 3), T),
    ("sum count > 6", (1, 2, 3), F),
    ("min count = 1", (1, 2, 3), T),
    ("max count >= 3", (1, 2, 3), T),
    ("mean count = 2", (1, 2, 3), T),
    ("mean count = 2", (2, 2, 3), F),
    ("count differs", (1, 2, 3), T),
    ("count differs", (2, 2, 2), F),
]


@pytest.mark.parametrize(("claim", "counts", "truth"), MEMBERS)
def test_members_are_taken_together(claim: str, counts: tuple[int, ...], truth: Truth) -> None:
    assert judged(f"process {{dependants}} => {claim}", *[seen(count=count) for count in counts]).truth is truth


def test_one_member_that_was_not_seen_leaves_the_whole_unknown() -> None:
    for claim in ("sum count > 0", "count differs", "max count > 0"):
        assert judged(f"process {{dependants}} => {claim}", seen(count=1), seen(count=2), BLIND).truth is U
        assert judged(f"process {{dependants}} => {claim}", seen(count=1), seen(count=2), seen()).truth is U


def test_tenths_add_up() -> None:
    outcomes = [seen(age=value) for value in (0.1, 0.2, 0.3)]

    assert judged("process {dependants} => sum age = 0.6 s", *outcomes).truth is T
    assert judged("process {dependants} => sum age > 0.6 s", *outcomes).truth is F


def test_members_do_not_hold_for_a_time_that_one_look_cannot_see() -> None:
    assert judged("process {dependants} => sum count > 0 for 5 s", *[seen(count=1)] * 3).truth is U


# -- words


SAW = [
    ("tcp {self} => refused", {"connect": "refused"}, "refused"),
    ("http {self} GET / => status >= 500", {"status": 503}, "status = 503"),
    ("tcp {self} => took > 1 s", {"took": 1.5}, "took = 1.5 s"),
    ("tcp {self} => took > 1 s", {"took": 0.0123}, "took = 12.3 ms"),
    (f"{MEMORY} > 80% of limit", {"used": 3 * 2**20, "limit": INF}, "used = 3 MiB"),
    ("redis {self} memory => limit > 5 MiB", {"limit": INF}, "limit = unlimited"),
    ("log {self} 'x'", {"is_seen": True, "count": 1, "last": "2024-05-01T11:59:59Z"}, "seen once, last 11:59:59"),
    ("log {self} 'x'", {"is_seen": True, "count": 4}, "seen 4 times"),
    ("log {self} 'x'", {"is_seen": False, "count": 0}, "unseen"),
    ("http {self} GET / => type = 'a'", {"type": "b" * 80}, f'type = "{"b" * 57}..."'),
    (f"{VALUE} present", {"status": 200}, "value is absent"),
    ("memory {self} => available > 20%", {"available": 12.34}, "available = 12.34%"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "fields", "saw"), SAW)
def test_saw_says_what_was_seen_as_people_say_it(statement: str, fields: dict[str, Scalar], saw: str) -> None:
    assert judged(statement, seen(**fields)).saw == saw


def test_a_question_is_judged_by_its_answer() -> None:
    check = bound('ask "was it deployed" => not yes')

    assert [is_answered(answer, check).truth for answer in ("yes", "no", "do not know", "")] == [F, T, U, U]
