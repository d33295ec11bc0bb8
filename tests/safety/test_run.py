"""What we promise about free-form `run`, each with the test that would notice if we broke it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from crashcart.app import catalogue, shipped_texts
from crashcart.drive import fix
from crashcart.guides.bind import bind
from crashcart.guides.bind_steps import remedies
from crashcart.guides.captures import captured
from crashcart.guides.compile import compile_guide
from crashcart.guides.importing import import_guide
from crashcart.guides.lint import errors
from crashcart.model.guide import Action, Guide, Trust
from crashcart.model.observation import Observation, Record, Seen
from crashcart.model.plan import Approval, BoundRemedy, End, Plan
from crashcart.model.run import Planned
from crashcart.model.spec import Risk
from crashcart.model.system import System, Target
from crashcart.model.touch import Touch
from crashcart.remedy.limits import typed_target
from crashcart.remedy.machine import hash_of
from crashcart.remedy.state import State
from crashcart.report.plan import plan_text
from crashcart.storage.journal import Journal
from crashcart.testing import NOON
from crashcart.testing_touch import LIMITS, FakeShop, plan, step

GUIDE = """\
---
guide: g
for: http{front}
---
# g

**Healthy**
- `tcp {{self}} => ok`

## p {{#p}}

**Symptoms**
- always: `log {{self}} "lost <what>"`

### Cause: c {{#c}} (common)

**Evidence**
- always: `tcp {{self}} => refused`

**Fix**
1. irreversible: `{step}`

**Verify**
- `tcp {{self}} => ok`
"""
PLAIN = 'run command {self} "bin/tidy" "--all"'
API = Target(
    "api", "http", {"url": "http://127.0.0.1:1", "host": "127.0.0.1"}, logs=("/a.log",), env_file="/srv/.env",
    touch={"folder": ("/srv",)},
)  # fmt: skip
SYSTEM = System("shop", "test", {"api": API})


def compiled(step: str = PLAIN, *, trust: Trust = Trust.OWN, front: str = "") -> Guide:
    return compile_guide(GUIDE.format(step=step, front=front), catalogue(), path="g.md", trust=trust)


def bound(step: str = PLAIN, *, trust: Trust = Trust.OWN, front: str = "", may_run: bool = True) -> BoundRemedy:
    guide = compiled(step, trust=trust, front=front)
    found = remedies([guide], SYSTEM, catalogue(), may_run=may_run)
    ((remedy,),) = found.values()
    return remedy


def lint(step: str = PLAIN, *, trust: Trust = Trust.OWN, front: str = "") -> list[str]:
    guide = compiled(step, trust=trust, front=front)
    return [complaint.code for complaint in errors(guide, catalogue())]


def test_a_team_may_run_a_program_of_its_own_when_it_says_so() -> None:
    """The other promises are about something that works."""
    remedy = bound()

    assert lint() == []
    assert not remedy.unbound_because
    assert remedy.steps[0].touch == Touch("run", "command", "api", (("program", "bin/tidy"), ("arg", "--all")))
    assert remedy.steps[0].risk is Risk.DESTRUCTIVE


@pytest.mark.parametrize(
    ("trust", "front"), [(Trust.SHIPPED, ""), (Trust.DRAFT, ""), (Trust.OWN, '\nsource: "wiki/runbook.md"')]
)
def test_a_guide_that_the_team_did_not_write_cannot_run_a_program(trust: Trust, front: str) -> None:
    """Who installs us, or imports a page, must not get a stranger's command with it."""
    assert lint(trust=trust, front=front) == ["guide-run-not-own"]
    assert "own guide alone" in bound(trust=trust, front=front).unbound_because
    assert not bound(trust=trust, front=front).steps


def test_a_run_cannot_hide_in_what_takes_another_step_back() -> None:
    """An undo is a touch like any other."""
    hidden = "config set {self} A = 1`\n   - undo `" + PLAIN

    assert lint(hidden, trust=Trust.SHIPPED) == ["guide-run-not-own"]
    assert bound(hidden, trust=Trust.SHIPPED).unbound_because
    assert bound(hidden, may_run=False).unbound_because


def test_no_shipped_guide_runs_a_program() -> None:
    """Each of our remedies goes through a kind that knows what it does."""
    assert not [text.path for text in shipped_texts() if "`run " in text.text]


def test_an_import_never_yields_a_run() -> None:
    """Not even when the stranger's page is written in our language."""
    text = f"# Shop\n\n## Problem: orders fail\n\n**Fix**\n1. `{PLAIN}`\n2. `rm -rf /`\n\n```bash\n{PLAIN}\n```\n"

    draft = import_guide(text, catalogue(), source="stranger.md")
    guide = compile_guide(draft.text, catalogue(), trust=Trust.DRAFT)

    assert guide.source
    assert not [complaint for complaint in errors(guide, catalogue()) if complaint.code == "guide-run-not-own"]
    steps = [step for p in guide.problems for c in p.causes for fix in c.fixes for step in fix.steps]
    assert steps
    assert not any(isinstance(step.what, Action) for step in steps)


def test_it_is_off_until_the_system_file_allows_it() -> None:
    """A guide alone must not be enough: two files, often of two people, have to say so."""
    assert "allow_run = true" in bound(may_run=False).unbound_because


@pytest.mark.parametrize("words", ['"sh" "-c" "rm x; touch y"', '"sudo" "bash" "-lc" "x"'])
def test_a_shell_line_is_an_error_of_the_guide(words: str) -> None:
    """What a shell would make of a line nobody can read off it."""
    assert lint(f"run command {{self}} {words}") == ["guide-run-shell"]


def with_caught(step: str, what: str) -> BoundRemedy:
    """Return the remedy after a log line has said `what`."""
    text = GUIDE.format(step=step, front="").replace("`tcp {self} => refused`", '`log {self} "no room for {what}"`')
    guide = compile_guide(text, catalogue())
    net = bind([guide], SYSTEM, catalogue())
    caught = Record("a line", "a.log:1", "2024-05-01T11:59:00Z", (("what", what),))
    seen = {
        look.id: Observation(look.id, Seen({"is_seen": True, "count": 1}, (caught,)), NOON, 0.1)
        for look in net.looks()
        if look.kind == "log" and "<what>" in (look.arg("text") or "")
    }
    assert seen
    captures = captured(net, seen, catalogue())
    ((remedy,),) = remedies([guide], SYSTEM, catalogue(), captured=captures, may_run=True).values()
    return remedy


@pytest.mark.parametrize("what", ["$(touch x); --delete", "a b", "*"])
def test_text_from_a_log_is_one_argument_whatever_it_holds(what: str) -> None:
    """Log lines are written by strangers; what has no shell around it cannot break out of one."""
    remedy = with_caught('run command {self} "bin/tidy" "{what}"', what)

    touch = remedy.steps[0].touch
    assert touch is not None
    assert touch.args == (("program", "bin/tidy"), ("arg", what))


def test_text_from_a_log_cannot_add_an_option_nor_choose_the_program() -> None:
    """`--delete` needs no shell to do harm."""
    added = with_caught('run command {self} "bin/tidy" "{what}"', "--delete")
    chosen = with_caught('run command {self} "{what}" "x"', "bin/other")

    assert 'take "--delete" for an option' in added.unbound_because
    assert "written out" in chosen.unbound_because
    assert lint('run command {self} "{self.host}/x"') == ["guide-run-program"]


# -- carried out


def running(*, undo: bool = False) -> Plan:
    """A plan whose only step is a run; or one whose undo is a run."""
    entry = step("limit", "9", risk=Risk.SAFE if undo else Risk.DESTRUCTIVE)
    touch = Touch("run", "command", "api", (("program", "bin/tidy"), ("setting", "limit"), ("value", "9")))
    bound = replace(entry.step, undo_touches=(touch,)) if undo else replace(entry.step, touch=touch)
    return plan(replace(entry, step=bound))


def carried_out(shop: FakeShop, path: Path, made: Plan, approval: Approval, *, may_run: bool = True) -> State:
    journal = Journal.create(path / "journal.jsonl")
    limits = replace(LIMITS, may_run=may_run)
    try:
        going = fix.start("r1", shop.world(), journal, Planned("r1", made, hash_of(made), limits, NOON), approval)
        return asyncio.run(fix.go(going))
    finally:
        journal.close(is_over=True)


def yes(made: Plan, *, is_asked: bool = True) -> Approval:
    return Approval(hash_of(made), "ann", NOON, typed_target(made), is_asked)


def test_asked_and_allowed_it_is_carried_out(tmp_path: Path) -> None:
    """The refusals below refuse something that would be done otherwise."""
    shop = FakeShop()

    assert carried_out(shop, tmp_path, running(), yes(running())).end is End.FIXED
    assert dict(shop.hand.touches) == {"r1.1": 1}


@pytest.mark.parametrize("undo", [False, True])
def test_where_it_is_off_no_yes_carries_it_out(tmp_path: Path, undo: bool) -> None:
    """A kept plan may be older than the line that forbids it."""
    shop, made = FakeShop(), running(undo=undo)

    state = carried_out(shop, tmp_path, made, yes(made), may_run=False)

    assert (state.end, dict(shop.hand.touches)) == (End.VOID, {})
    assert "allow_run = true" in state.why


@pytest.mark.parametrize("undo", [False, True])
def test_a_hash_is_no_yes_to_a_run(tmp_path: Path, undo: bool) -> None:
    """It always asks: a yes that a program can give is none."""
    shop, made = FakeShop(), running(undo=undo)

    state = carried_out(shop, tmp_path, made, yes(made, is_asked=False))

    assert (state.end, dict(shop.hand.touches)) == (End.VOID, {})
    assert "a person who is asked" in state.why


def test_a_yes_to_a_run_is_the_name_of_its_target(tmp_path: Path) -> None:
    """What nobody can foresee counts as the worst."""
    shop, made = FakeShop(), running()

    assert carried_out(shop, tmp_path, made, replace(yes(made), typed="")).end is End.VOID
    assert not shop.hand.touches


def test_every_word_of_a_run_is_in_the_plan() -> None:
    """The end of a long line is where the harm hides."""
    words = " ".join(f'"word-{number}"' for number in range(60))
    made = running()
    entry = replace(made.steps[0], diff=(f"+ bin/tidy {words}", "= a", "= b"))

    text = plan_text(replace(made, steps=(entry,)), "0" * 64)

    assert "word-59" in text
