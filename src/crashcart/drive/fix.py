"""The loop that runs a plan: the machine says what comes next, hands and looks answer, the journal is written in between.

Nothing that the machine knows is kept anywhere but in the journal: an event counts once it is on the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from crashcart.drive.touching import hands
from crashcart.drive.touching.looking import judge_once, judge_patiently, logged_since, look
from crashcart.drive.touching.world import World
from crashcart.guides.judge import judge
from crashcart.model.canon import freeze
from crashcart.model.net import Finding
from crashcart.model.plan import Approval, PlanCheck, PlanStep
from crashcart.model.run import (
    Answered,
    Approved,
    Began,
    Believed,
    Ended,
    Event,
    EvidenceKept,
    Finished,
    Foreseen,
    Interrupted,
    Judged,
    Planned,
    Purpose,
    Ready,
    Resumed,
    UndoApproved,
    UndoBegan,
    UndoEnded,
    Wondered,
)
from crashcart.model.touch import Prepared
from crashcart.model.truth import Truth
from crashcart.remedy.choose import Candidate
from crashcart.remedy.commands import (
    AskFacts,
    AskPerson,
    AskYes,
    Begin,
    BeginUndo,
    Believe,
    Command,
    DoTouch,
    DoUndo,
    Finish,
    Foresee,
    Judge,
    KeepEvidence,
    Prepare,
    Wonder,
)
from crashcart.remedy.machine import begin, run
from crashcart.remedy.state import State
from crashcart.storage.journal import Journal

_AFTERWARDS = (Purpose.AFTER, Purpose.AGAIN, Purpose.UNDONE)
EVIDENCE_S = 5.0  # what is not seen by then is not worth the wait: people are waiting


@dataclass(slots=True)
class Run:
    """A run that goes on: where it stands, and its open journal."""

    name: str
    world: World
    journal: Journal
    state: State
    by: str  # the OS user, told and not proved
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    tell: Callable[[Event, str], None] = lambda event, head: None
    is_stop_told: bool = False
    touched_at: float | None = None  # monotonic: when the last touch or undo of this process was over


def start(name: str, world: World, journal: Journal, planned: Planned, approval: Approval) -> Run:
    """Return a run at its beginning: the plan and the yes are in the journal.

    Raises:
        JournalError: they could not be written.
    """
    journal.append(freeze(planned), planned.at)
    going = Run(name, world, journal, begin(planned), approval.by)
    _take(going, Approved(approval))
    return going


def resume(going: Run) -> None:
    """Say that a killed run goes on.

    Raises:
        JournalError: it could not be written.
    """
    _take(going, Resumed(going.world.clock.now(), going.by))


def take_back(going: Run) -> None:
    """Say that a person wants an ended run undone; the yes is for the journal as it stands.

    Raises:
        JournalError: it could not be written.
    """
    _take(going, UndoApproved(going.journal.head, going.by, going.world.clock.now()))


async def go(going: Run) -> State:
    """Run to the end and return how it ended.

    Raises:
        JournalError: an event could not be written. Nothing more is touched; the run can be resumed.
    """
    while (command := going.state.pending) is not None:
        event = await _answer(going, command)
        if going.stop.is_set() and not going.is_stop_told:
            going.is_stop_told = True
            _take(going, Interrupted(going.world.clock.now()))
        _take(going, event)
    return going.state


def _take(going: Run, event: Event) -> None:
    """Write an event down; only then does it count."""
    state = run(going.state, event)
    head = going.journal.append(freeze(event), going.world.clock.now())
    going.state = state
    going.tell(event, head)


async def _answer(going: Run, command: Command) -> Event:
    world, state = going.world, going.state
    match command:
        case AskYes():
            raise AssertionError("a run begins with its yes")
        case KeepEvidence():
            return await _keep(going)
        case Believe():
            return await _believe(going)
        case Judge():
            return Judged(command.purpose, await _judge(going, command), command.step)
        case AskFacts():
            return world.facts(state.plan, world.clock.now())
        case Foresee():
            return Foreseen(tuple([await _prepared(going, number) for number in range(len(state.plan.steps))]))
        case Prepare():
            prepared = await _prepared(going, command.step)
            assert prepared is not None
            return Ready(command.step, prepared)
        case Begin():
            going.journal.make_room()
            return Began(command.step, world.clock.now())
        case BeginUndo():
            going.journal.make_room()
            return UndoBegan(command.step, world.clock.now())
        case AskPerson():
            return Answered(command.step, world.person.is_done(command.text), going.by)
        case Finish():
            return Finished(command.end, command.why, world.clock.now())
        case DoTouch() | Wonder() | DoUndo():
            return await _touch(going, command)


async def _touch(going: Run, command: DoTouch | Wonder | DoUndo) -> Event:
    """Reach out: the only place from which a hand changes anything."""
    world, number = going.world, command.step
    step, kept = going.state.step(number).step, going.state.kept[number]
    match command:
        case DoTouch():
            touched = await hands.touch(world, step, kept, going.name, number)
            going.touched_at = world.clock.monotonic()
            return Ended(number, touched, world.clock.now())
        case Wonder():
            return Wondered(number, await hands.did_it_happen(world, step, kept, going.name, number))
        case DoUndo():
            undone = await hands.undo(world, step, kept, going.name, number)
            going.touched_at = world.clock.monotonic()
            return UndoEnded(number, undone, world.clock.now())


async def _prepared(going: Run, number: int) -> Prepared | None:
    step = going.state.step(number).step
    return await hands.prepare(going.world, step, going.name, number) if step.touch is not None else None


async def _judge(going: Run, command: Judge) -> tuple[Finding, ...]:
    checks = command.checks
    if command.purpose in _AFTERWARDS and going.touched_at is not None:
        # What was logged while a restart went on is over; whether it is worse, only what comes after it can tell.
        since_s = going.world.clock.monotonic() - going.touched_at
        checks = tuple(replace(entry, check=logged_since(entry.check, since_s)) for entry in checks)
    return await judge_patiently(
        going.world, checks, patience_s=command.patience_s, delay_s=command.delay_s, stop=going.stop
    )


async def _believe(going: Run) -> Believed:
    """Look afresh at what named the cause: seconds before the first touch."""
    world, plan = going.world, going.state.plan
    checks = [entry.check for entry in plan.deciding]
    seen = await look(world, [one for check in checks for one in (*check.looks, *check.others)])
    findings = tuple(judge(check, seen, world.catalogue) for check in checks)
    return Believed(world.believe(plan, seen), findings)


async def _keep(going: Run) -> EvidenceKept:
    """Keep what can be seen within five seconds: log tails and all that the plan rests on."""
    plan = going.state.plan
    checks = [entry.check for entry in (*plan.deciding, *plan.healthy, *plan.verify)]
    looks = [one for check in checks for one in (*check.looks, *check.others)]
    seen = await look(going.world, looks, within_s=EVIDENCE_S)
    try:
        return EvidenceKept(going.world.keep(going.name, [seen[key] for key in sorted(seen)]))
    except OSError as error:
        return EvidenceKept("", f"the evidence could not be kept: {error}")


# -- before the yes


async def foresee(world: World, candidate: Candidate, name: str) -> tuple[PlanStep, ...]:
    """Prepare every step of a remedy, by looking alone: what the plan shows."""
    found = []
    for number, step in enumerate(candidate.remedy.steps):
        prepared = await hands.prepare(world, step, name, number) if step.touch is not None else None
        found.append(hands.foreseen(prepared, step))
    return tuple(found)


async def is_blind(world: World, checks: Sequence[PlanCheck]) -> bool:
    """Say whether nothing at all is healthy right now, so that *worse* could not be seen."""
    findings = await judge_once(world, checks)
    return not any(finding.truth is Truth.TRUE for finding in findings)
