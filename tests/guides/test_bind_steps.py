"""Steps at real targets: which target, which value, which guard, and what takes each of them back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crashcart.app import catalogue
from crashcart.guides.bind import bind
from crashcart.guides.bind_steps import OLD, remedies
from crashcart.guides.captures import captured
from crashcart.guides.compile import compile_guide
from crashcart.model.observation import Observation, Record, Seen
from crashcart.model.plan import BoundRemedy, BoundStep, Undoing
from crashcart.model.spec import Risk
from crashcart.model.system import System, Target
from crashcart.testing import NOON

GUIDE = """\
---
guide: g
for: redis
severity: high
params: {{size: 2 GiB, name: "it's {{self}}; rm"}}
---
# g

**Healthy**
- warn: `log {{self}} "slow" => unseen`
- `tcp {{self}} => ok`

## p {{#p}}

**Symptoms**
- always: `log {{self}} "no room for <what>"`

{problem}

### Cause: c {{#c}} (common)

**Evidence**
- always: `tcp {{self}} => refused`

{cause}
"""
READY = '**Verify**\n- `log {self} "ready" => seen within 9 s`\n'
QUEUE = Target(
    "queue", "redis", {"url": "redis://127.0.0.1:1/0", "port": "6379"}, service="supervisor:queue", logs=("/q.log",)
)
API = Target(
    "api", "http", {"url": "http://127.0.0.1:1"}, env_file="/.env", service="supervisor:api", depends=("queue",)
)
WORKER = replace(API, name="worker", service="supervisor:worker")
SYSTEM = System("shop", "test", {"queue": QUEUE, "api": API, "worker": WORKER})
ALONE = System("shop", "test", {"queue": QUEUE})


def bound(cause: str, *, problem: str = "", system: System = SYSTEM) -> tuple[BoundRemedy, ...]:
    guide = compile_guide(GUIDE.format(cause=cause, problem=problem), catalogue())
    (found,) = remedies([guide], system, catalogue()).values()
    return found


def steps(fix: str, *, more: str = "", system: System = SYSTEM) -> tuple[BoundStep, ...]:
    (only,) = bound(f"**Fix**\n{fix}\n\n{more}", system=system)
    assert not only.unbound_because
    return only.steps


def shown(step: BoundStep) -> tuple[str, str, str]:
    assert step.touch is not None
    return step.touch.kind, step.touch.verb, step.touch.target


# -- targets


def test_a_step_at_many_targets_is_one_step_for_each() -> None:
    """Each is undone, verified and counted by itself."""
    found = steps("1. `service restart {dependants}`\n2. `service start {self}`")

    assert [shown(step) for step in found] == [
        ("service", "restart", "api"), ("service", "restart", "worker"), ("service", "start", "queue"),
    ]  # fmt: skip
    assert [step.text for step in found][:2] == ["service restart {api}", "service restart {worker}"]


def test_where_nobody_depends_there_is_nothing_to_restart() -> None:
    (only,) = bound("**Fix**\n1. `service restart {dependants}`", system=ALONE)

    assert only.steps == ()


def test_one_target_that_cannot_be_touched_is_told_for_the_whole_remedy() -> None:
    """Half of a remedy is none."""
    system = replace(SYSTEM, targets={**SYSTEM.targets, "worker": replace(WORKER, service="")})

    (only,) = bound("**Fix**\n1. `service start {self}`\n2. `service restart {dependants}`", system=system)

    assert only.steps == ()
    assert only.unbound_because == "target worker has no service in the system file"


def test_an_address_that_is_not_known_right_now_is_no_reason_against_a_plan() -> None:
    """What an env file lacks may be the very thing that an earlier step sets."""
    waiting = replace(QUEUE, attributes={}, unresolved={"url": "REDIS_URL is not set"})
    system = replace(SYSTEM, targets={**SYSTEM.targets, "queue": waiting})

    assert [shown(step) for step in steps("1. `redis set {self} maxmemory = 5 MB`", system=system)]


# -- values


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1 GiB", "1073741824"), ("1.5 kB", "1500"), ("5 min", "300"), ("20", "20"), ("0.25", "0.25"), ('"a b"', "a b"),
        ("{size}", "2147483648"), ('"{size} of it"', "2 of it"), ('"{nobody} here"', "{nobody} here"),
        ('"$(x); y"', "$(x); y"), ("{name}", "it's {self}; rm"),
    ],
)  # fmt: skip
def test_a_value_is_in_base_units_and_text_stays_text(written: str, value: str) -> None:
    (only,) = steps(f"1. `config set {{api}} A = {written}`".replace("{api}", "{dependants}"), system=_one_dependant())

    assert only.touch is not None
    assert dict(only.touch.args) == {"setting": "A", "value": value}
    assert (only.asked, only.touch.secrets) == ((), ())


def _one_dependant() -> System:
    return System("shop", "test", {"queue": QUEUE, "api": API})


@pytest.mark.parametrize(("mark", "is_secret"), [("?", False), ("?secret", True)])
def test_a_value_that_is_asked_for_is_open_until_it_is_given(mark: str, is_secret: bool) -> None:
    (only,) = steps(f"1. `config set {{dependants}} KEY = {mark}`", system=_one_dependant())

    assert only.touch is not None
    assert (only.asked, only.touch.args) == ((("KEY", is_secret),), (("setting", "KEY"),))
    assert only.touch.secrets == (("value",) if is_secret else ())


@pytest.mark.parametrize("written", ['"{what}"', "{what}"])
def test_what_a_log_said_goes_into_a_step_as_it_was_said_and_without_it_there_is_no_plan(written: str) -> None:
    """A stranger's line that holds `{db.url}` must not fetch the address of the database, with its password."""
    text = GUIDE.format(cause=f"**Fix**\n1. `config set {{dependants}} A = {written}`", problem="")
    text = text.replace("`tcp {self} => refused`", '`log {self} "lost {what}"`')
    guide = compile_guide(text, catalogue())
    net = bind([guide], _one_dependant(), catalogue())
    said = Record("line", "q.log:1", "2024-05-01T11:59:00Z", (("what", "x {queue.url} $HOME"),))
    seen = {
        look.id: Observation(look.id, Seen({"is_seen": True, "count": 1}, (said,)), NOON, 0.1) for look in net.looks()
    }

    ((before,),) = remedies([guide], _one_dependant(), catalogue()).values()
    caught = captured(net, seen, catalogue())
    ((after,),) = remedies([guide], _one_dependant(), catalogue(), captured=caught).values()

    assert "what" in before.unbound_because
    assert after.steps[0].touch is not None
    assert after.steps[0].touch.arg("value") == "x {queue.url} $HOME"  # what was said is not read again


# -- guards


def test_guards_belong_to_their_step_and_stand_at_its_guides_target() -> None:
    first, second = steps(
        "1. `service start {self}`\n   - only if `tcp {self} => refused`\n   - verify `tcp {self} => ok`\n"
        "2. `redis set {self} maxmemory = 5 MB`"
    )

    assert [entry.check.looks[0].target for entry in first.only_if] == ["queue"]
    assert [entry.check.claim_text for entry in first.verify] == ["ok"]
    assert (second.only_if, second.verify) == ((), ())


# -- what takes it back


def test_what_the_guide_says_of_undoing_a_step_outranks_what_the_action_knows() -> None:
    own, guided, by_hand = steps(
        f"1. `config set {{dependants}} A = 1`\n"
        f'2. `config set {{dependants}} B = 1`\n   - undo `config set {{dependants}} B = "{OLD}"`\n'
        "3. `config set {dependants} C = 1`\n   - undo By hand: put C back.",
        system=_one_dependant(),
    )

    assert (own.undoing, own.undo_touches) == (Undoing.OWN, ())
    assert guided.undoing is Undoing.GUIDE
    assert dict(guided.undo_touches[0].args) == {"setting": "B", "value": OLD}  # filled in when it is undone
    assert (by_hand.undoing, by_hand.undo_touches, by_hand.undo_by_hand) == (Undoing.GUIDE, (), ("put C back.",))


def test_the_undo_of_a_cause_takes_back_its_last_step_and_no_other() -> None:
    first, last = steps(
        "1. `service start {self}`\n2. `redis set {self} maxmemory = 5 MB`",
        more="**Undo**\n1. `service restart {self}`\n2. By hand: look.",
    )

    assert (first.undoing, first.undo_touches) == (Undoing.OWN, ())
    assert (last.undoing, last.undo_by_hand) == (Undoing.GUIDE, ("look.",))
    assert [(touch.kind, touch.verb) for touch in last.undo_touches] == [("service", "restart")]
    assert last.touch is not None
    assert last.touch.kind == "redis"


def test_a_restart_is_undone_after_all_else_and_what_cannot_be_undone_says_so() -> None:
    system = replace(SYSTEM, targets={**SYSTEM.targets, "queue": replace(QUEUE, command="redis-server")})
    restart, end = steps("1. `service restart {self}`\n2. irreversible `process end {self}`", system=system)

    assert (restart.undoing, restart.risk) == (Undoing.LAST, Risk.RESTARTS)
    assert (end.undoing, end.undo) == (Undoing.NONE, "")


# -- what a person does


def test_what_a_person_does_has_no_touch_and_the_names_that_have_a_value() -> None:
    (only,) = steps("1. By hand: call {nobody} about {self.port}.")

    assert (only.touch, only.risk, only.undoing) == (None, Risk.SAFE, Undoing.NOTHING)
    assert only.by_hand == "call {nobody} about 6379."


def test_to_tell_somebody_is_for_a_person() -> None:
    (only,) = steps('1. `notify "ops@example.com" after 5 min`')

    assert only.touch is None
    assert only.by_hand == 'tell "ops@example.com"'


# -- what decides whether it held


@pytest.mark.parametrize(
    ("problem", "cause", "by", "claims"),
    [
        ("**Verify**\n- `tcp {self} => refused`\n", READY, "the cause", ["log"]),
        (READY, "", "the problem", ["log"]),
        ("", "", "what holds when all is well", ["tcp"]),  # what only warns decides nothing
    ],
)  # fmt: skip
def test_the_nearest_verify_decides(problem: str, cause: str, by: str, claims: list[str]) -> None:
    (only,) = bound(f"**Fix**\n1. `service start {{self}}`\n\n{cause}", problem=problem)

    assert only.verified_by == by
    assert [entry.check.looks[0].kind for entry in only.verify] == claims


def test_the_reliefs_of_a_problem_are_those_of_each_of_its_causes_and_come_before_the_fixes() -> None:
    found = bound(
        "**Relief: own**\n1. `service start {self}`\n\n**Fix**\n1. `service restart {self}`\n\n**Fix: other**\n1. By hand: x.",
        problem="**Relief**\n1. `service restart {self}`\n",
    )

    assert [(entry.name, entry.is_relief) for entry in found] == [
        ("relief: own", True), ("relief", True), ("fix", False), ("fix: other", False),
    ]  # fmt: skip
    assert {entry.cause for entry in found} == {"queue:g.c"}
