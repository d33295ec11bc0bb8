"""What we promise about touching, each with the test that would notice if we broke it."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crashcart.drive import fix
from crashcart.errors import JournalError, LeaseError
from crashcart.model.canon import canonical, freeze
from crashcart.model.plan import Approval, End, Plan, TouchLimits, Undoing, Window
from crashcart.model.run import Planned
from crashcart.model.spec import Risk
from crashcart.redact import fingerprint
from crashcart.remedy.limits import is_open, typed_target
from crashcart.remedy.machine import hash_of
from crashcart.remedy.state import State
from crashcart.remedy.written import thaw_plan
from crashcart.report.plan import plan_text
from crashcart.storage import lease
from crashcart.storage.journal import Journal, read
from crashcart.testing import NOON
from crashcart.testing_touch import LIMITS, FakeShop, by_hand, check, plan, step

SECRET = "sk-planted-0123456789abcdef"


def carried_out(
    shop: FakeShop, path: Path, made: Plan, *, limits: TouchLimits = LIMITS, approval: Approval | None = None
) -> State:
    journal = Journal.create(path / "journal.jsonl")
    yes = approval or Approval(hash_of(made), "ann", NOON, typed_target(made))
    try:
        going = fix.start("r1", shop.world(), journal, Planned("r1", made, hash_of(made), limits, NOON), yes)
        return asyncio.run(fix.go(going))
    finally:
        journal.close(is_over=True)


def broken_until(value: str) -> FakeShop:
    """A shop whose api answers once its limit has that value."""
    shop = FakeShop()

    def status(settings: object, target: str) -> int:
        return 200 if target != "api" or shop.hand.settings.get(("api", "limit")) == value else 500

    shop.status = status
    return shop


@pytest.mark.parametrize(
    "edit",
    [
        lambda made: replace(made, p=0.5),
        lambda made: replace(made, steps=(*made.steps, step("more", "1"))),
        lambda made: replace(made, verify=()),
        lambda made: replace(made, environment="production"),
        lambda made: replace(made, made_at=NOON + timedelta(seconds=1)),
    ],
)
def test_an_edited_plan_needs_a_new_yes(tmp_path: Path, edit: object) -> None:
    """An approval belongs to one exact plan; editing the plan voids it."""
    made = plan(step("limit", "9"))
    edited = edit(made)  # type: ignore[operator]
    shop = broken_until("9")

    state = carried_out(shop, tmp_path, edited, approval=Approval(hash_of(made), "ann", NOON))

    assert (state.end, dict(shop.hand.touches)) == (End.VOID, {})


@pytest.mark.parametrize("typed", ["", "db", "API", "yes"])
@pytest.mark.parametrize("risk", [Risk.LOSES_DATA, Risk.DESTRUCTIVE])
def test_where_data_may_be_lost_a_yes_is_the_name_of_the_target(tmp_path: Path, risk: Risk, typed: str) -> None:
    """A yes is typed by habit; a name is not."""
    made = plan(step("limit", "9", risk=risk))
    shop = broken_until("9")

    state = carried_out(shop, tmp_path, made, approval=Approval(hash_of(made), "ann", NOON, typed))

    assert (state.end, dict(shop.hand.touches)) == (End.VOID, {})


@pytest.mark.parametrize("risk", [Risk.SAFE, Risk.RESTARTS])
def test_below_that_no_name_is_asked_for(risk: Risk) -> None:
    """Who must type a name each time stops reading it."""
    assert typed_target(plan(step("limit", "9", risk=risk))) == ""


def test_a_plan_says_what_cannot_be_taken_back() -> None:
    """Nobody may learn after the fact that there is no way back."""
    made = plan(step("limit", "9", undoing=Undoing.NONE))

    assert "undo     irreversible" in plan_text(made, hash_of(made))


def test_a_plan_names_the_environment_the_risk_and_the_checks() -> None:
    """Production and test look alike at three in the morning."""
    made = replace(plan(step("limit", "9", verify=(check("api"),))), environment="production", blast=("page",))

    text = plan_text(made, hash_of(made))

    for words in (
        "[production]",
        "risk     safe",
        "checked",
        "It held when",
        "what needs it: page",
        hash_of(made)[:12],
    ):
        assert words in text


def test_text_of_a_guide_cannot_act_on_the_terminal_of_who_says_yes() -> None:
    """What is approved must be what is read."""
    entry = step("limit", "9")
    nasty = replace(entry, diff=("+ limit = 9\x1b[2K\r- limit = 9",))

    assert "\x1b" not in plan_text(plan(nasty), "0" * 64)
    assert "\r" not in plan_text(plan(nasty), "0" * 64)


def test_the_evidence_is_kept_before_the_first_touch(tmp_path: Path) -> None:
    """A restart destroys what would have told why."""
    shop = broken_until("9")  # its `keep` asserts that nothing was touched before

    carried_out(shop, tmp_path, plan(step("limit", "9")))

    assert shop.kept == ["r1"]


def test_the_cause_is_looked_at_again_right_before_the_first_touch(tmp_path: Path) -> None:
    """What healed by itself, or turned out otherwise, must not be fixed."""
    shop = broken_until("9")
    shop.p = 0.1

    state = carried_out(shop, tmp_path, plan(step("limit", "9")))

    assert (state.end, dict(shop.hand.touches)) == (End.VOID, {})
    assert "seen afresh" in state.why


def test_what_somebody_changed_since_the_plan_voids_it(tmp_path: Path) -> None:
    """The diff that was approved is the diff that is made, or none is."""
    shop = broken_until("9")
    shop.hand.settings["api", "limit"] = "7"

    state = carried_out(shop, tmp_path, plan(step("limit", "9")))

    assert (state.end, dict(shop.hand.touches)) == (End.VOID, {})


def test_a_plan_older_than_its_evidence_may_be_is_void(tmp_path: Path) -> None:
    """A plan that was left open over lunch is about another system."""
    shop = broken_until("9")
    shop.clock.jump(3600)

    state = carried_out(shop, tmp_path, plan(step("limit", "9")))

    assert (state.end, dict(shop.hand.touches)) == (End.VOID, {})
    assert "diagnose again" in state.why


@pytest.mark.parametrize("drift_s", [7200.0, -7200.0])
def test_a_clock_that_jumped_voids_the_plan(tmp_path: Path, drift_s: float) -> None:
    """Windows, ages and log times mean nothing under a clock that was just set."""
    shop = broken_until("9")
    shop.drift_s = drift_s

    assert carried_out(shop, tmp_path, plan(step("limit", "9"))).end is End.VOID
    assert not shop.hand.touches


def test_the_red_button_stops_a_run_in_the_middle(tmp_path: Path) -> None:
    """Somebody who shouts stop must be heard between two steps."""
    shop = FakeShop()
    touch = shop.hand.touch

    async def pressing(*args, **more):  # type: ignore[no-untyped-def]
        shop.is_stopped = True
        return await touch(*args, **more)

    shop.hand = _With(shop.hand, touch=pressing)  # type: ignore[assignment]

    state = carried_out(shop, tmp_path, plan(step("a", "1"), step("b", "2")))

    assert state.end is End.STOPPED
    assert list(shop.hand.touches) == ["r1.1"]


class _With:
    def __init__(self, inner: object, **other: object) -> None:
        self.__dict__ |= other
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


@pytest.mark.parametrize(
    "limits",
    [
        replace(LIMITS, never_touch=("api",)),
        replace(LIMITS, max_touches_per_h=0),
        replace(LIMITS, windows=(Window((NOON.weekday(),), 13 * 60, 14 * 60),)),
    ],
)
def test_limits_of_the_system_file_outrank_a_yes(tmp_path: Path, limits: TouchLimits) -> None:
    """The yes of one person at night does not undo what the team agreed by day."""
    shop = broken_until("9")

    assert carried_out(shop, tmp_path, plan(step("limit", "9")), limits=limits).end is End.VOID
    assert not shop.hand.touches


def test_a_window_past_midnight_belongs_to_the_day_it_begins() -> None:
    """Sat 22:00-06:00 is open on Sunday morning, and not on Saturday morning."""
    saturday = (Window((5,), 22 * 60, 6 * 60),)
    sunday_morning = NOON.replace(year=2024, month=5, day=5, hour=3)

    assert is_open(saturday, sunday_morning)
    assert not is_open(saturday, sunday_morning - timedelta(days=1))


def test_what_got_worse_is_undone_and_what_is_merely_not_better_is_not(tmp_path: Path) -> None:
    """Blind undoing is a second unplanned change."""
    worse = FakeShop()
    worse.status = lambda settings, target: 500 if "9" in settings.values() else 200
    same = broken_until("never")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert carried_out(worse, tmp_path / "a", plan(step("limit", "9"))).end is End.UNDONE
    assert carried_out(same, tmp_path / "b", plan(step("limit", "9"))).end is End.NOT_BETTER
    assert not same.hand.undos


def test_when_everything_is_down_the_plan_says_that_worse_cannot_be_seen() -> None:
    """A promise to undo is empty when there is nothing left to lose sight of."""
    made = replace(plan(step("limit", "9")), is_blind=True, notes=("nothing is healthy already",))

    text = plan_text(made, hash_of(made))

    assert "Undone when worse" not in text
    assert "nothing is healthy already" in text


def test_unknown_health_is_not_called_worse(tmp_path: Path) -> None:
    """Unknown is not false: what we cannot see must not trigger another touch."""
    shop = FakeShop()
    shop.status = lambda settings, target: 200
    missing = check("page")
    blind = replace(missing, check=replace(missing.check, looks=(), unknown_because="blind"))

    state = carried_out(shop, tmp_path, plan(step("limit", "9"), healthy=(blind,)))

    assert state.end is End.FIXED


def test_a_step_by_hand_without_a_person_is_not_taken_for_done(tmp_path: Path) -> None:
    """Silence is no yes."""
    shop = broken_until("9")
    shop.person.does = False

    assert carried_out(shop, tmp_path, plan(by_hand("turn the key"))).end is End.VOID


def test_a_secret_is_never_in_plan_or_journal(tmp_path: Path) -> None:
    """Of a secret only its fingerprint exists, wherever we write."""
    entry = step("limit", fingerprint(SECRET))
    assert entry.step.touch is not None
    bound = replace(entry.step, touch=replace(entry.step.touch, secrets=("value",)), asked=(("limit", True),))
    made = plan(replace(entry, step=bound))
    shop = FakeShop()
    shop.person.secret_value = SECRET

    carried_out(shop, tmp_path, made)

    assert shop.hand.secrets == [SECRET]
    assert SECRET not in (tmp_path / "journal.jsonl").read_text(encoding="utf-8")
    assert SECRET not in canonical(made) + plan_text(made, hash_of(made))


def test_another_secret_than_the_approved_one_is_refused(tmp_path: Path) -> None:
    """A yes to one value is no yes to another, also when neither may be shown."""
    entry = step("limit", fingerprint(SECRET))
    assert entry.step.touch is not None
    bound = replace(entry.step, touch=replace(entry.step.touch, secrets=("value",)), asked=(("limit", True),))
    shop = FakeShop()
    shop.person.secret_value = "sk-another"

    state = carried_out(shop, tmp_path, plan(replace(entry, step=bound)))

    assert state.end is End.STOPPED
    assert not shop.hand.secrets


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def full(*args: object) -> int:
        raise OSError(errno.ENOSPC, "no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", full)
        patched.setattr(os, "posix_fallocate", full, raising=False)
        yield


def test_on_a_full_disk_nothing_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written down must not be done."""
    shop = broken_until("9")

    with full_disk(monkeypatch), pytest.raises(JournalError):
        carried_out(shop, tmp_path, plan(step("limit", "9")))

    assert not shop.hand.touches


def test_a_disk_that_fills_up_in_the_middle_does_not_stop_the_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Space for the rest of the run is taken before its first step."""
    shop = broken_until("9")

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    journal = Journal.create(tmp_path / "journal.jsonl")
    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    made = plan(step("limit", "9"))
    yes = Approval(hash_of(made), "ann", NOON)
    going = fix.start("r1", shop.world(), journal, Planned("r1", made, hash_of(made), LIMITS, NOON), yes)

    assert asyncio.run(fix.go(going)).end is End.FIXED
    journal.close(is_over=True)
    assert not read(tmp_path / "journal.jsonl").problem


def test_two_people_cannot_touch_one_system_at_once(tmp_path: Path) -> None:
    """The second is refused, and told who is there."""
    path = tmp_path / "lease"

    with (
        lease.held(path, by="ann", now=NOON),
        pytest.raises(LeaseError, match=rf"ann \(pid {os.getpid()}\) since 2024-05-01T12:00:00"),
        lease.held(path, by="bob", now=NOON),
    ):
        raise AssertionError("both hold it")
    assert lease.holder(path) is None


def test_a_lease_of_the_dead_is_told_and_taken_over(tmp_path: Path) -> None:
    """A crash must not lock everybody out, nor go unnoticed."""
    path = tmp_path / "lease"
    child = os.fork()
    if child == 0:
        with lease.held(path, by="ann", now=NOON):
            os._exit(0)
    os.waitpid(child, 0)

    with lease.held(path, by="bob", now=NOON) as dead:
        assert dead is not None
        assert (dead.by, dead.pid) == ("ann", child)


def test_a_plan_comes_back_from_its_file_as_it_was() -> None:
    """A hash is worth nothing when reading the plan back makes another one."""
    made = plan(step("limit", "9", verify=(check("api", within_s=5),)), by_hand("look"))

    again = thaw_plan(json.loads(canonical(made)))

    assert hash_of(again) == hash_of(made)
    assert freeze(again) == freeze(made)


def test_a_file_cannot_name_classes_of_its_own() -> None:
    """What is read from disk chooses among our nouns, and runs nothing."""
    with pytest.raises(ValueError, match="no class"):
        thaw_plan({"#": "Popen", "args": ["true"]})


def test_only_one_place_reaches_out() -> None:
    """One function of the loop calls a hand's touch or undo: whoever reviews safety reads it and the machine."""
    source = Path(fix.__file__).read_text(encoding="utf-8")

    assert source.count("hands.touch(") == 1
    assert source.count("hands.undo(") == 1
