"""From a diagnosis to a run: the world that a plan is carried out in, what may be planned, and what is kept of it."""

from __future__ import annotations

import asyncio
import getpass
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from crashcart import __version__, app, config
from crashcart.diagnosis import Brief, Session
from crashcart.drive import fix
from crashcart.drive.diagnose import Result
from crashcart.drive.take import Taker
from crashcart.drive.touching.world import Person, World
from crashcart.errors import CrashcartError, JournalError, UsageError
from crashcart.guides.captures import captured
from crashcart.guides.judge import judge
from crashcart.model.canon import canonical
from crashcart.model.observation import LookId, Moment, Observation
from crashcart.model.plan import BoundRemedy, End, Lesson, Plan
from crashcart.model.run import Began, Event, Facts, Finished, Planned
from crashcart.model.system import System
from crashcart.remedy import choose
from crashcart.remedy.choose import Candidate, Record
from crashcart.remedy.machine import hash_of, rebuild
from crashcart.remedy.state import State
from crashcart.remedy.written import thaw_event, thaw_lesson, thaw_plan
from crashcart.storage import cases
from crashcart.storage.journal import Journal, Reading, read
from crashcart.storage.runs import RunStore

HOUR = timedelta(hours=1)


def whoami() -> str:
    """Return the name of the OS user: told, not proved."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def store_of(ready: app.Bench) -> RunStore:
    """Return where the runs of a system are kept."""
    assert ready.loaded is not None
    return RunStore(app.state_folder(), ready.loaded.path)


@dataclass(frozen=True, slots=True)
class Site:
    """A system that may be touched: its bench, its runs, its person, and the diagnosis when there is one."""

    ready: app.Bench
    store: RunStore
    person: Person
    question: app.Question
    result: Result | None = None

    @property
    def loaded(self) -> config.Loaded:
        """The system file."""
        assert self.ready.loaded is not None
        return self.ready.loaded

    def world(self) -> World:
        """Return what a run of this system needs."""
        watch = _Watch(self.question.now)
        return World(
            system_now=self.system_now, taker=self.taker, hand_of=app.hand_maker(self.ready, self.store.vault),
            catalogue=app.catalogue(), clock=app.SystemClock(), sleep=asyncio.sleep, person=self.person,
            facts=lambda plan, now: self.facts(watch, plan, now), believe=self.believe, keep=self.keep,
            client=app.client_of(self.ready), onset=self.question.onset,
        )  # fmt: skip

    def now_loaded(self) -> config.Loaded:
        """Return the system file as it is now: a touch may have changed what stands behind it."""
        try:
            return config.load(self.loaded.path, app.catalogue())
        except CrashcartError as error:
            self.person.tell(f"the system file cannot be read again, the earlier one is used: {error}")
            return self.loaded

    def system_now(self) -> System:
        """Return the targets as they are now."""
        return self.now_loaded().system

    def taker(self, moment: Moment) -> Taker:
        """Return what looks at the system as it is now."""
        loaded = self.now_loaded()
        return app.world_taker(replace(self.ready, loaded=loaded, system=loaded.system), moment)

    def facts(self, watch: _Watch, plan: Plan, now: datetime) -> Facts:
        """Return what the limits are judged by."""
        wall_s = (now - plan.made_at).total_seconds()
        told_s = watch.since(plan.made_at, now)
        return Facts(
            at=now, age_s=max(wall_s, told_s), drift_s=wall_s - told_s, is_stopped=is_stopped(self.now_loaded()),
            touches_last_h=touches_since(self.store, now - HOUR),
        )  # fmt: skip

    def believe(self, plan: Plan, fresh: Mapping[LookId, Observation]) -> float:
        """Return P(cause) with the fresh observations in place of the older ones."""
        assert self.result is not None  # a run that was killed before its first touch is never gone on with
        net = self.result.net
        seen = {entry.look: entry for entry in self.result.observations} | dict(fresh)
        judged = [
            judge(check, seen, app.catalogue())
            for check in net.checks.values()
            if check.looks and all(look.id in seen for look in (*check.looks, *check.others))
        ]
        brief = Brief(net, self.question.now, self.question.onset, self.question.complaint)
        session = Session(brief)
        session.feed(judged)
        row = session.ranked(plan.cause)
        return 0.0 if row is None or row.ruled_out_by else row.p

    def keep(self, run: str, observations: Sequence[Observation]) -> str:
        """Keep the evidence of a run: what the diagnosis saw, and what was seen right before the first touch."""
        before = self.result.observations if self.result else ()
        case = app.case_of(self.ready, self.question, (*before, *observations), self.result)
        return str(self.store.keep_evidence(run, cases.encode(case)))

    # -- plans

    def remedies(self) -> Mapping[str, tuple[BoundRemedy, ...]]:
        """Return the remedies of every cause, bound."""
        from crashcart.guides.bind_steps import remedies

        assert self.result is not None
        seen = {entry.look: entry for entry in self.result.observations}
        caught = captured(self.result.net, seen, app.catalogue())
        return remedies(
            self.ready.guides, self.ready.system, app.catalogue(), captured=caught, may_run=self.loaded.touching.may_run
        )

    def candidates(self, cause: str = "") -> tuple[Candidate, ...]:
        """Return the remedies worth trying, best first; those of one cause when it is named.

        Raises:
            UsageError: there is no such cause, or the name means several.
        """
        assert self.result is not None
        diagnosis, net = self.result.diagnosis, self.result.net
        if not cause:
            return choose.candidates(diagnosis, net, self.remedies(), records=self.records())
        meant = app.find_causes(net, cause)
        likely = {row.cause: row.p for row in diagnosis.ranked}
        best = max(meant, key=lambda name: (likely.get(name, 0.0), name))
        return choose.of_cause(best, diagnosis, net, self.remedies())

    async def plan(self, candidate: Candidate, world: World) -> Plan:
        """Return the plan of a remedy: every step prepared by looking alone."""
        assert self.result is not None
        steps = await fix.foresee(world, candidate, f"plan-{self.question.now:%Y%m%d%H%M%S}")
        healthy = choose.healthy(self.result.net)
        return choose.plan(
            candidate, self.result.net, steps, system=self.ready.system.name,
            environment=self.ready.system.environment, now=self.question.now, engine=__version__,
            is_blind=await fix.is_blind(world, healthy) if healthy else True,
            client=choose.client(self.loaded.client, self.loaded.client_within_s, self.ready.system.name),
        )  # fmt: skip

    def records(self) -> Mapping[tuple[str, str], Record]:
        """Return how often each remedy held, by (guide.cause, name)."""
        found: dict[tuple[str, str], Record] = {}
        for outcome in outcomes(self.store):
            if outcome.end in (End.FIXED, End.RELIEVED, End.NOT_BETTER, End.UNDONE, End.NOT_UNDONE):
                name = outcome.cause.partition(":")[2].partition("[")[0]
                held, tried = found.get((name, outcome.remedy), (0, 0))
                is_held = outcome.end in (End.FIXED, End.RELIEVED)
                found[name, outcome.remedy] = (held + is_held, tried + 1)
        return found


class _Watch:
    """How long ago something was, by the clock that nobody sets."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._began = time.monotonic()

    def since(self, moment: datetime, now: datetime) -> float:
        """Return the monotonic seconds since a moment; by the wall clock when it was before this process."""
        if moment != self._now:
            return max(0.0, (now - moment).total_seconds())
        return time.monotonic() - self._began


def is_stopped(loaded: config.Loaded) -> bool:
    """Say whether the red button is pressed; when nobody can tell, it is."""
    path = loaded.touching.red_button
    try:
        return bool(path) and Path(path).exists()
    except OSError:
        return True


def touches_since(store: RunStore, since: datetime) -> int:
    """Return how many touches of a system were begun since; those from the future count as well."""
    return sum(
        _is_touch(record.event) and record.at >= since.isoformat()
        for _, reading in store.readings()
        for record in reading.records
    )


def _is_touch(event: object) -> bool:
    # Without thawing it: journals of other versions count as well.
    return isinstance(event, dict) and event.get("#") == Began.__name__


# -- what was kept


def events_of(reading: Reading) -> tuple[Event, ...]:
    """Return the events of a journal.

    Raises:
        JournalError: it was written by another version.
    """
    try:
        return tuple(thaw_event(record.event) for record in reading.records)
    except ValueError as error:
        raise JournalError(f"the journal is of another version: {error}", hint="the version that wrote it") from error


def state_of(reading: Reading) -> State:
    """Return where a run stands."""
    return rebuild(events_of(reading))


def reading_of(store: RunStore, run: str) -> tuple[str, Reading]:
    """Return the whole name of a run, and what its journal holds."""
    path = store.path(run)
    return path.parent.name, read(path)


def unfinished(store: RunStore) -> tuple[str, ...]:
    """Return the runs that never ended, the oldest first."""
    return tuple(
        name
        for name, reading in store.readings()
        if reading.records and not isinstance(events_of(reading)[-1], Finished)
    )


def keep_plan(store: RunStore, plan: Plan) -> str:
    """Keep a plan for a later yes; return its hash.

    Raises:
        OSError: it cannot be written.
    """
    found = hash_of(plan)
    store.keep_plan(found, canonical(plan))
    return found


def kept_plan(store: RunStore, plan_hash: str) -> Plan:
    """Return a kept plan, exactly as it was when its hash was printed.

    Raises:
        UsageError: there is none, or the file was changed since.
    """
    try:
        plan = thaw_plan(json.loads(store.plan(plan_hash)))
    except ValueError as error:
        raise UsageError(f"the plan {plan_hash} cannot be read: {error}", hint="`crashcart fix --plan`") from error
    if not hash_of(plan).startswith(plan_hash):
        raise UsageError(f"the plan {plan_hash} was edited, which voids its hash", hint="`crashcart fix --plan`")
    return plan


def learn(store: RunStore, run: str, state: State, at: datetime, *, really: str = "") -> Lesson:
    """Keep what a run taught. A remedy of a cause that held, verified, says that it was this cause.

    Raises:
        OSError: it cannot be written.
    """
    assert state.end is not None
    counts: dict[str, int] = {}
    for step in state.steps:
        counts[step.value] = counts.get(step.value, 0) + 1
    known = state.plan.cause if state.end is End.FIXED else ""
    outcome = Lesson(
        run, at, state.plan.cause, state.plan.remedy, state.plan.is_relief, state.plan.p, state.end, really or known, counts
    )  # fmt: skip
    store.learn(canonical(outcome))
    return outcome


def outcomes(store: RunStore) -> tuple[Lesson, ...]:
    """Return what the runs taught: of each run what was told last."""
    found: dict[str, Lesson] = {}
    for text in store.outcomes():
        try:
            outcome = thaw_lesson(json.loads(text))
        except ValueError:
            continue  # a line cut off by a crash, or of another version: learning goes on without it
        found[outcome.run] = outcome
    return tuple(found.values())


def planned_event(run: str, plan: Plan, site: Site, now: datetime) -> Planned:
    """Return the first event of a run."""
    return Planned(run, plan, hash_of(plan), site.now_loaded().touching, now)


def reopen(store: RunStore, run: str, world: World, by: str) -> tuple[fix.Run, Reading]:
    """Return a run as its journal has it, ready to go on.

    Raises:
        JournalError: it cannot be written, or is not as it was written.
    """
    journal, reading = Journal.reopen(store.path(run))
    return fix.Run(store.path(run).parent.name, world, journal, state_of(reading), by), reading
