"""The diagnosis loop: the engine chooses looks, a taker takes them, the judge reads them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from crashcart.diagnosis import Brief, Session
from crashcart.drive.take import Taker
from crashcart.guides.captures import Captured, captured, readings
from crashcart.guides.judge import is_answered, judge
from crashcart.model.diagnosis import Diagnosis, NextLook, Round, Stop
from crashcart.model.net import BoundCheck, Finding, Net
from crashcart.model.observation import Look, LookId, Observation, Seen, Unseen
from crashcart.model.spec import Catalogue
from crashcart.model.truth import Truth
from crashcart.ports import Clock

SWEEPS = 4  # what is captured may bind a look that captures again; deeper than this no guide goes


@dataclass(frozen=True, slots=True)
class Progress:
    """What is going on right now: the looks under way with why each, how many are done, the time left."""

    waiting: tuple[tuple[NextLook, tuple[Look, ...]], ...]
    taken: int
    left_s: float


@dataclass(slots=True)
class Result:
    """A diagnosis with all it rested on, in order of arrival. `net` is the network with what was captured."""

    diagnosis: Diagnosis
    net: Net
    observations: tuple[Observation, ...]
    stopped_after: int | None = None
    stop: str = ""


@dataclass(slots=True)
class Limits:
    """How long it may take, and who may cut it short. `stop_after` ends it after that many rounds (a replay)."""

    budget_s: float
    interrupted: asyncio.Event | None = None
    stop_after: int | None = None
    stop: Stop = Stop.BUDGET


async def diagnose(
    brief: Brief,
    taker: Taker,
    catalogue: Catalogue,
    clock: Clock,
    limits: Limits,
    *,
    answers: Mapping[str, str] | None = None,
    rebind: Callable[[Captured], Net] | None = None,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Result:
    """Look until decided, undecidable, nothing left, or the budget is over; always return what is known.

    `answers` are what people said, by question; they are read before the first look. `rebind` returns the network
    in which the checks that waited for captured values can be asked; without it they stay unknown.
    """
    loop = _Loop(brief, taker, catalogue, clock, limits, tell, rebind, answers or {})
    loop.answer()
    return await loop.run()


@dataclass(slots=True)
class _Loop:
    brief: Brief
    taker: Taker
    catalogue: Catalogue
    clock: Clock
    limits: Limits
    tell: Callable[[Progress], None]
    rebind: Callable[[Captured], Net] | None
    answers: Mapping[str, str]
    caught: Captured = field(default_factory=dict)
    rounds: list[Round] = field(default_factory=list)
    seen: dict[LookId, Observation] = field(default_factory=dict)
    arrived: list[Observation] = field(default_factory=list)
    fed: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ends_at = self.clock.monotonic() + self.limits.budget_s
        self.stand_on(self.brief.net)

    net: Net = field(init=False)
    session: Session = field(init=False)
    looks: Mapping[LookId, Look] = field(init=False)
    ends_at: float = field(init=False)

    def stand_on(self, net: Net) -> None:
        """Begin with a network; what was seen before is fed to it at once."""
        self.net = net
        self.session = Session(replace(self.brief, net=net))
        self.looks = {look.id: look for look in net.looks()}
        self.fed = set()
        self.findings = []
        self.feed(self.judged())

    def answer(self) -> None:
        asked = [check for check in self.net.checks.values() if check.is_question]
        found = [
            is_answered(self.answers[_question(check)], check) for check in asked if _question(check) in self.answers
        ]
        self.feed(found)

    def widen(self) -> None:
        """Go on with the network in which what was captured has its place, when something new was captured."""
        if self.rebind is None:
            return
        caught = captured(self.net, self.seen, self.catalogue)
        if not caught or caught == self.caught:
            return
        self.caught = caught
        self.stand_on(self.rebind(caught))
        self.answer()

    async def run(self) -> Result:
        rounds = 0
        stop: Stop | None = None
        while stop is None:
            chosen = self.session.next()
            if chosen is None:
                break
            is_whole = await self.round(chosen)
            self.rounds.append(chosen)
            self.widen()
            rounds += 1
            stop = self.cut(rounds, is_whole=is_whole)
        if stop is not None:
            self.session.stop(stop)
        diagnosis = _with_onset(self.session.diagnosis(), self.brief, self.findings, self.seen)
        judged = sum(finding.truth is not Truth.UNKNOWN for finding in self.findings)
        diagnosis = replace(diagnosis, judged=judged, rounds=tuple(self.rounds))
        return Result(diagnosis, self.net, tuple(self.arrived), rounds if stop else None, stop.value if stop else "")

    def cut(self, rounds: int, *, is_whole: bool) -> Stop | None:
        if self.limits.stop_after is not None:
            return self.limits.stop if rounds >= self.limits.stop_after else None
        if self.limits.interrupted is not None and self.limits.interrupted.is_set():
            return Stop.INTERRUPTED
        return Stop.BUDGET if not is_whole or self.left() <= 0 else None

    def left(self) -> float:
        return self.ends_at - self.clock.monotonic()

    async def round(self, chosen: Round) -> bool:
        """Take one batch; return whether there is time for another."""
        wanted = [self.looks[look] for entry in chosen.looks for look in entry.looks]
        # Checks may compare with a look elsewhere: it comes in the same round, or its claim stays unknown.
        keys = {entry.look_key for entry in chosen.looks}
        wanted += [look for check in self.net.checks.values() if check.look_key in keys for look in check.others]
        if not self.rounds:
            wanted += readings(self.net)  # under **Read** nothing is weighed, so nothing would choose it
        open_looks = {look.id: look for look in wanted if look.id not in self.seen}
        is_interrupted = await self.collect(open_looks, chosen)
        self.feed(self.judged())
        return not is_interrupted and self.left() > 0

    async def collect(self, looks: Mapping[LookId, Look], chosen: Round) -> bool:
        """Take the looks; return whether a person cut it short. Then those under way are Unseen."""
        waiting = dict.fromkeys(looks)

        def arrived(observation: Observation) -> None:
            self.seen[observation.look] = observation
            self.arrived.append(observation)
            waiting.pop(observation.look, None)
            self.report(chosen, waiting)

        self.report(chosen, waiting)
        work = asyncio.create_task(
            self.taker.take(list(looks.values()), within_s=max(0.0, self.left()), arrived=arrived)
        )
        stopper = asyncio.create_task((self.limits.interrupted or asyncio.Event()).wait())
        await asyncio.wait((work, stopper), return_when=asyncio.FIRST_COMPLETED)
        stopper.cancel()
        if work.done():
            await work
            return False
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        for look in sorted(waiting):
            arrived(Observation(look, Unseen("interrupted before it answered"), self.brief.now, 0.0))
        return True

    def report(self, chosen: Round, waiting: Mapping[LookId, None]) -> None:
        under_way = (
            (entry, tuple(self.looks[look] for look in entry.looks if look in waiting)) for entry in chosen.looks
        )
        open_entries = tuple(pair for pair in under_way if pair[1])
        self.tell(Progress(open_entries, len(self.arrived), max(0.0, self.left())))

    def judged(self) -> list[Finding]:
        """Judge every check whose looks are all in, not only those of the causes that asked."""
        found = []
        for key, check in self.net.checks.items():
            if (
                key in self.fed
                or not check.looks
                or not all(look.id in self.seen for look in (*check.looks, *check.others))
            ):
                continue
            found.append(judge(check, self.seen, self.catalogue))
        return found

    def feed(self, findings: Sequence[Finding]) -> None:
        self.fed |= {finding.check for finding in findings}
        self.findings += findings
        self.session.feed(findings)


async def sweep(
    net: Net,
    taker: Taker,
    catalogue: Catalogue,
    *,
    rebind: Callable[[Captured], Net],
    budget_s: float,
    also: Sequence[Look] = (),
) -> tuple[Observation, ...]:
    """Take every look that any guide could ask, once; also those that wait for what the first ones capture.

    `also` are looks that no guide asks and that the sweep is to hold.
    """
    found: dict[LookId, Observation] = {}

    def arrived(observation: Observation) -> None:
        found[observation.look] = observation

    for _ in range(SWEEPS):
        looks = [look for look in (*net.looks(), *also) if look.kind != "ask" and look.id not in found]
        if not looks:
            break
        await taker.take(looks, within_s=budget_s, arrived=arrived)
        net = rebind(captured(net, found, catalogue))
    return tuple(found.values())


def _question(check: BoundCheck) -> str:
    return check.looks[0].arg("question") or ""


def _with_onset(
    diagnosis: Diagnosis, brief: Brief, findings: Sequence[Finding], seen: Mapping[LookId, Observation]
) -> Diagnosis:
    """Put the first bad observation where nobody told the onset: the oldest record of a symptom that is seen."""
    if brief.onset is not None or not diagnosis.problems:
        return diagnosis
    bad = {finding.check for _, finding in diagnosis.problems}
    found: list[datetime] = []
    for finding in findings:
        if finding.check not in bad or finding.truth is not Truth.TRUE:
            continue
        found += [first for look in finding.looks if (first := _first(seen.get(look))) is not None]
    return replace(diagnosis, onset=min(found)) if found else diagnosis


def _first(observation: Observation | None) -> datetime | None:
    if observation is None or not isinstance(observation.outcome, Seen):
        return None
    first = observation.outcome.fields.get("first")
    return datetime.fromisoformat(first) if isinstance(first, str) else None
