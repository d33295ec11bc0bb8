"""What the limits are judged by, from real clocks and real journals: a clock that jumps, touches of the last hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crashcart import app, config, fixing
from crashcart.model.canon import freeze
from crashcart.model.run import Began
from crashcart.remedy.limits import refusal
from crashcart.storage.runs import RunStore
from crashcart.testing_touch import LIMITS, FakePerson, plan, step

SYSTEM = '[targets.api]\nkind = "http"\nurl = "http://127.0.0.1:1"\n[touching]\nred_button = "stop"\n'


@pytest.fixture
def site(tmp_path: Path) -> fixing.Site:
    (tmp_path / "crashcart.toml").write_text(SYSTEM, encoding="utf-8")
    loaded = config.load(tmp_path / "crashcart.toml", app.catalogue())
    store = RunStore(tmp_path / "state", loaded.path)
    return fixing.Site(app.bench_of_health(loaded), store, FakePerson(), app.Question(now=datetime.now(UTC)))


def refused(site: fixing.Site, *, made_at: datetime, now: datetime) -> str:
    watch = fixing._Watch(site.question.now)
    made = plan(step("limit", "9"), made_at=made_at)
    return refusal(made, LIMITS, site.facts(watch, made, now), left=made.steps, has_begun=False)


def test_a_plan_of_a_moment_ago_may_be_carried_out(site: fixing.Site) -> None:
    """The refusals below refuse something that would be done otherwise."""
    assert refused(site, made_at=site.question.now, now=site.question.now + timedelta(seconds=2)) == ""


@pytest.mark.parametrize("jump_s", [600.0, -600.0, -120.0])
def test_a_clock_that_was_set_since_the_plan_was_made_is_noticed(site: fixing.Site, jump_s: float) -> None:
    """The wall clock says ten minutes, the one that nobody sets says nothing."""
    told = refused(site, made_at=site.question.now, now=site.question.now + timedelta(seconds=jump_s))

    assert "the clock jumped" in told


def test_a_clock_that_is_put_right_by_the_network_is_no_jump(site: fixing.Site) -> None:
    assert refused(site, made_at=site.question.now, now=site.question.now + timedelta(seconds=30)) == ""


def test_a_clock_set_back_does_not_make_an_old_plan_young(site: fixing.Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Age is what either clock says, whichever says more."""
    import time

    began = time.monotonic()
    watch = fixing._Watch(site.question.now)
    monkeypatch.setattr(time, "monotonic", lambda: began + 3600.0)
    made = plan(step("limit", "9"), made_at=site.question.now)

    facts = site.facts(watch, made, site.question.now)

    assert facts.age_s >= 3599.0
    assert "old; diagnose again" in refusal(made, LIMITS, facts, left=made.steps, has_begun=False)


def test_a_kept_plan_has_the_age_that_the_wall_clock_says(site: fixing.Site) -> None:
    """It was made by another process, whose monotonic clock is gone."""
    told = refused(site, made_at=site.question.now - timedelta(hours=2), now=site.question.now)

    assert "7200 s old" in told


def began(site: fixing.Site, at: datetime) -> None:
    _, journal = site.store.create("abcd", at)
    journal.append(freeze(Began(0, at)), at)
    journal.append({"#": "Ended"}, at)
    journal.close(is_over=True)


def test_touches_of_the_last_hour_are_counted_and_those_from_a_future_as_well(site: fixing.Site) -> None:
    """A clock that was set back must not give a team its touches twice."""
    now = site.question.now
    for at in (now - timedelta(hours=2), now - timedelta(minutes=59), now + timedelta(days=1)):
        began(site, at)

    assert fixing.touches_since(site.store, now - fixing.HOUR) == 2


def test_the_red_button_counts_from_the_moment_it_is_there(site: fixing.Site, tmp_path: Path) -> None:
    watch, made = fixing._Watch(site.question.now), plan(step("limit", "9"), made_at=site.question.now)
    before = site.facts(watch, made, site.question.now)
    (tmp_path / "stop").touch()

    assert (before.is_stopped, site.facts(watch, made, site.question.now).is_stopped) == (False, True)
