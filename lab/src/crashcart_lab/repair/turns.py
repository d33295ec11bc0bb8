"""One world each: broken and fixed, or broken and wrongly fixed on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crashcart_lab import drill, truths
from crashcart_lab.drill import Breakage
from crashcart_lab.faults import Fault, by_name
from crashcart_lab.repair import operator, texts
from crashcart_lab.repair.operator import Operator, Outcome, Proposal
from crashcart_lab.repair.texts import Remedy
from crashcart_lab.temporary import deadline, fresh_world
from crashcart_lab.world import World

TURN_DEADLINE_S = 900.0
TEXT_CHARS = 4000
NO_PLAN = "no plan"
VOID = "void"
# Nights have passed: what is restored must have been kept.
_WANTS_BACKUP = ("database-corrupt",)
NOTHING = """**Fix**
1. Note it `config set {digest} NOTED = 1`

**Verify**
- it answers `http {digest} GET / => status > 0 within 15 s`
"""
EVERYTHING = """**Fix**
1. `service stop {digest}`
2. `service stop {receiver}`

**Verify**
- it does not answer `http {digest} GET / => status = 0 within 15 s`
"""
# The control, the fault, and the remedy that stands under its cause.
CONTROLS = (
    ("does nothing", "timeout-too-short", NOTHING),
    ("does nothing", "service-stopped", NOTHING),
    ("stops everything", "users-limit-too-low", EVERYTHING),
    ("stops everything", "timeout-too-short", EVERYTHING),
)


@dataclass(frozen=True, slots=True)
class Repair:
    """One fault, and the plan that was said yes to; `by` is empty, or says whose wrong remedy it was."""

    fault: str
    seed: int
    truth: str
    by: str
    title: str  # what the plan says that it is for
    has_hands: bool
    end: str
    code: int
    is_served: bool  # the user who met the fault, afterwards
    lost: list[str]  # what should hold, held before, and does not afterwards
    undo: str  # how it ended when a person had what was left of it taken back; "" when there was no need
    lost_after_undo: list[str]
    took_s: float
    text: str

    @property
    def is_claimed(self) -> bool:
        """Whether crashcart says that it held."""
        return self.code == 0 and self.end in ("fixed", "relieved")

    @property
    def is_fixed(self) -> bool:
        """Whether it says so, a user is served, and nothing else was lost."""
        return self.is_claimed and self.is_served and not self.lost


def fixed(fault: Fault, seed: int) -> Repair:
    """Break a fresh world and have crashcart fix it with one yes.

    Raises:
        LabError: the lab or crashcart could not do its part.
        DeadlinePassed: it took too long.
    """
    parts = fresh_world(seed=seed, has_workers=fault.needs_workers, has_front=fault.needs_front)
    with parts as world, deadline(TURN_DEADLINE_S):
        done = _broken(world, fault, seed)
        person = operator.at(world, fault=fault.name, seed=seed)
        return _repaired(world, person, done, world.system_file)


def control(name: str, fault: Fault, remedy: str, seed: int) -> Repair:
    """Break a fresh world and have it fixed with a guide that is no good."""
    with fresh_world(seed=seed) as world, deadline(TURN_DEADLINE_S):
        done = _broken(world, fault, seed)
        person = operator.at(world, fault=fault.name, seed=seed)
        cause = truths.cause_of(fault).partition(":")[2]
        system_file = texts.system_file(world, "control", texts.exchanged(cause, remedy))
        return _repaired(world, person, done, system_file, by=name, cause=truths.cause_of(fault))


def wrong(fault: Fault, seed: int, others: Sequence[Remedy]) -> list[Repair]:
    """Break one fresh world, and carry out one wrong plan after the other; each is taken back before the next."""
    parts = fresh_world(
        seed=seed,
        has_workers=fault.needs_workers or any(one.needs_workers for one in others),
        has_front=fault.needs_front or any(one.needs_front for one in others),
    )
    with parts as world, deadline(TURN_DEADLINE_S):
        done = _broken(world, fault, seed)
        person = operator.at(world, fault=fault.name, seed=seed)
        cause = truths.cause_of(fault)
        found = []
        for at, other in enumerate(others):
            guides = texts.exchanged(cause.partition(":")[2], other.text)
            system_file = texts.system_file(world, f"wrong-{at}", guides)
            found.append(_repaired(world, person, done, system_file, by=other.fault, cause=cause))
        return found


def _broken(world: World, fault: Fault, seed: int) -> Breakage:
    if fault.name in _WANTS_BACKUP:
        world.run_digest("backup")
    return drill.break_(world, fault, seed=seed)


def _repaired(
    world: World, person: Operator, done: Breakage, system_file: Path, *, by: str = "", cause: str = ""
) -> Repair:
    before = person.health(system_file)
    proposal = person.propose(system_file, done.after.words, cause=cause)
    outcome = _carried_out(person, system_file, proposal)
    is_served = operator.works(world, by_name(done.fault.name).tries) if outcome.has_effects or not by else False
    # A run that is void has touched nothing: what fails by then, the fault did.
    has_touched = bool(outcome.run) and outcome.end != VOID
    lost = person.lost(system_file, before, since=outcome.ended_at) if has_touched else []
    undone = person.undo(system_file, outcome) if by and outcome.has_effects else None
    return Repair(
        fault=done.fault.name, seed=done.broken.seed, truth=truths.cause_of(done.fault), by=by, title=proposal.title,
        has_hands=proposal.has_hands, end=outcome.end, code=outcome.code, is_served=is_served, lost=lost,
        undo=undone.end if undone else "", lost_after_undo=person.lost(system_file, before, since=undone.ended_at) if undone else [],
        took_s=round(proposal.took_s + outcome.took_s, 1),
        text=(proposal.text + outcome.text)[-TEXT_CHARS:] + (undone.text[-1000:] if undone else ""),
    )  # fmt: skip


def _carried_out(person: Operator, system_file: Path, proposal: Proposal) -> Outcome:
    if not proposal.plan_hash or proposal.has_hands:
        return Outcome("", NO_PLAN if not proposal.plan_hash else "by hand", "", False, 1, 0.0, "", datetime.now(UTC))
    return person.approve(system_file, proposal)
