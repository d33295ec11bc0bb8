"""`score --fix`: every fault with a fix, wrong fixes in pairs drawn by the seed, and fixes that must fail; resumable."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from crashcart_lab.errors import LabError
from crashcart_lab.faults import Fault, by_name
from crashcart_lab.repair import texts, turns
from crashcart_lab.repair.table import table
from crashcart_lab.repair.turns import Repair
from crashcart_lab.score.plan import Plan
from crashcart_lab.temporary import DeadlinePassed

Say = Callable[[str], None]
# Wrong remedies that one broken world meets, one after the other.
AT_ONCE = 5
PAIRS = 60
_CODEC = TypeAdapter(list[Repair])


@dataclass(frozen=True, slots=True)
class Turn:
    """One world to go through."""

    name: str
    make: Callable[[], list[Repair]]


@dataclass(slots=True)
class Progress:
    """What there is by now."""

    folder: Path
    ends_at: float | None
    say: Say
    repairs: list[Repair] = field(default_factory=list)
    took_s: list[float] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def take(self, turn: Turn) -> None:
        """Take the result that is kept, or make it while there is time."""
        path = self.folder / f"{turn.name}.fix.json"
        try:
            self.repairs += _CODEC.validate_json(path.read_bytes())
            return
        except (FileNotFoundError, ValidationError):
            pass  # not made yet, or by another version of the lab
        if self.not_run or not self._has_time():
            self.not_run.append(turn.name)
            return
        began = time.monotonic()
        try:
            found = turn.make()
        except (LabError, DeadlinePassed) as err:
            self.failures.append(f"{turn.name}: {err}")
            self.say(f"{turn.name}: NOT MADE: {err}")
            return
        self.took_s.append(time.monotonic() - began)
        _keep(path, found)
        self.repairs += found
        for one in found:
            self.say(f"{turn.name}: {told(one)} ({self.took_s[-1]:.0f} s)")

    def _has_time(self) -> bool:
        usual_s = sum(self.took_s) / len(self.took_s) if self.took_s else 60.0
        return self.ends_at is None or time.monotonic() + usual_s <= self.ends_at


def score(plan: Plan, *, pairs: int, out: Path, is_fresh: bool, say: Say) -> tuple[bool, str]:
    """Make every repair of the plan that is not there yet; return whether all claims hold, and the text."""
    folder = out / plan.commit
    folder.mkdir(parents=True, exist_ok=True)
    if is_fresh:
        for path in folder.glob("*.fix.json"):
            path.unlink()
    ends_at = None if plan.budget_s is None else time.monotonic() + plan.budget_s
    progress = Progress(folder, ends_at, say)
    for turn in (*_controls(plan), *_fixes(plan), *_wrongs(plan, pairs)):
        progress.take(turn)
    is_held, text = table(progress.repairs, not_run=progress.not_run, failures=progress.failures, head=_head(plan))
    _keep(out / "fix.json", progress.repairs)
    (out / "fix.txt").write_text(text + "\n", encoding="utf-8")
    return is_held, text


def told(one: Repair) -> str:
    """Return one repair in a line."""
    who = f"{one.by} for {one.fault}" if one.by else one.fault
    served = "served" if one.is_served else "not served"
    undo = f", then {one.undo}" if one.undo else ""
    harm = f", HARM {'; '.join(one.lost)}" if one.lost else ""
    return f"{who}: {one.end or 'nothing begun'}{undo}, {served}{harm}"


def _head(plan: Plan) -> str:
    return f"{plan.service} at {plan.commit}; seeds {' '.join(map(str, plan.seeds))} ({plan.seeds_from})"


def _fixes(plan: Plan) -> list[Turn]:
    automatic = {one.fault for one in texts.remedies()}
    chosen = [(fault, seed) for fault, seed in plan.runs if fault.name in automatic]
    return [_fix(fault, seed) for fault, seed in chosen]


def _fix(fault: Fault, seed: int) -> Turn:
    return Turn(f"fix-{fault.name}-{seed}", lambda: [turns.fixed(fault, seed)])


def _controls(plan: Plan) -> list[Turn]:
    return [
        _control(at, name, by_name(fault), remedy, plan.seeds[0])
        for at, (name, fault, remedy) in enumerate(turns.CONTROLS)
    ]


def _control(at: int, name: str, fault: Fault, remedy: str, seed: int) -> Turn:
    return Turn(f"control-{at}-{seed}", lambda: [turns.control(name, fault, remedy, seed)])


def _wrongs(plan: Plan, pairs: int) -> list[Turn]:
    """Return broken worlds, each with several other faults' remedies; pairs are drawn without repetition."""
    found: list[Turn] = []
    known = texts.remedies()
    rng = random.Random(f"wrong {' '.join(map(str, plan.seeds))}")
    faults = list(dict.fromkeys(fault.name for fault, _ in plan.runs if fault.name in {one.fault for one in known}))
    rng.shuffle(faults)
    for name in faults:
        if AT_ONCE * len(found) >= pairs:
            break
        fault = by_name(name)
        others = [one for one in known if one.cause != next(own.cause for own in known if own.fault == name)]
        # Parts that only the other fault needs would change what is broken here: the pair is drawn among the like.
        suited = [one for one in others if fault.needs_workers or not one.needs_workers]
        suited = [one for one in suited if fault.needs_front or not one.needs_front]
        found.append(_wrong(fault, plan.seeds[0], rng.sample(suited, AT_ONCE)))
    return found


def _wrong(fault: Fault, seed: int, others: Sequence[texts.Remedy]) -> Turn:
    return Turn(f"wrong-{fault.name}-{seed}", lambda: turns.wrong(fault, seed, others))


def _keep(path: Path, found: Sequence[Repair]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_bytes(_CODEC.dump_json(list(found), indent=1) + b"\n")
    fresh.replace(path)
