"""From a plan to a score: one world after the other, each kept as soon as it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from crashcart_lab import truths
from crashcart_lab.errors import LabError
from crashcart_lab.score import judge, looks, page, run, standins
from crashcart_lab.score.calibration import confusions, tables
from crashcart_lab.score.plan import Plan, Turn
from crashcart_lab.score.run import Control, Run
from crashcart_lab.score.scored import VERSION, Scored
from crashcart_lab.score.store import Store
from crashcart_lab.score.summary import Claim, summarise
from crashcart_lab.score.table import complaints, table
from crashcart_lab.temporary import DeadlinePassed

Say = Callable[[str], None]
# What a turn is taken to last before one was made.
USUAL_S = 20.0


@dataclass(slots=True)
class _Progress:
    """Takes turns within a budget, and says after each how it went and how long the rest will take."""

    store: Store
    total: int
    ends_at: float | None
    say: Say
    done: int = 0
    took_s: list[float] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def take(self, turn: Turn) -> None:
        """Take the result that is kept, or make it while there is time."""
        self.done += 1
        if (kept := _kept(self.store, turn)) is not None:
            self._add(kept)
        elif self.not_run or not self._has_time():
            # From here on none is made: short ones that still fit would make the rest look better than it is.
            self.not_run.append(turn.name)
        else:
            self._make(turn)

    def _make(self, turn: Turn) -> None:
        began = time.monotonic()
        try:
            result = _made(self.store, turn)
        except (LabError, DeadlinePassed) as err:
            self.failures.append(f"{turn.name}: {err}")
            self._tell(f"{turn.name}: NOT MADE: {err}", began)
            return
        self._add(result)
        self._tell(f"{turn.name}: {_told(result)}", began)

    def _add(self, result: Run | Control) -> None:
        if isinstance(result, Run):
            self.runs.append(result)
        else:
            self.controls.append(result)

    def _has_time(self) -> bool:
        return self.ends_at is None or time.monotonic() + self._usual_s() <= self.ends_at

    def _usual_s(self) -> float:
        return sum(self.took_s) / len(self.took_s) if self.took_s else USUAL_S

    def _tell(self, what: str, began: float) -> None:
        self.took_s.append(time.monotonic() - began)
        left_s = (self.total - self.done) * self._usual_s()
        if self.ends_at is not None:
            left_s = min(left_s, max(0.0, self.ends_at - time.monotonic()))
        self.say(f"[{self.done}/{self.total}] {what} ({self.took_s[-1]:.0f} s; {left_s / 60:.0f} min left)")


def score(plan: Plan, *, out: Path, is_fresh: bool, say: Say) -> tuple[Scored, str]:
    """Make every run of the plan that is not there yet; return the score and its text, both kept in *out*."""
    store = Store(out / plan.commit)
    store.begin(is_fresh=is_fresh)
    turns = plan.turns
    ends_at = None if plan.budget_s is None else time.monotonic() + plan.budget_s
    progress = _Progress(store, len(turns), ends_at, say)
    for turn in turns:
        progress.take(turn)
    scored = _count(plan, progress, store)
    text = table(scored)
    (out / "score.json").write_bytes(TypeAdapter(Scored).dump_json(scored, indent=1) + b"\n")
    (out / "score.txt").write_text(text + "\n", encoding="utf-8")
    (out / "score.html").write_text(page.page(scored), encoding="utf-8")
    return scored, text


def _kept(store: Store, turn: Turn) -> Run | Control | None:
    if turn.fault is not None:
        return store.run(turn.fault.name, turn.seed)
    found = store.control(turn.seed)
    return found if found and bool(found.words) == turn.complains else None


def _made(store: Store, turn: Turn) -> Run | Control:
    if turn.fault is None:
        control = run.healthy(turn.seed, complains=turn.complains)
        store.keep_control(control)
        return control
    result = run.broken(turn.fault, turn.seed, case=store.case(turn.fault.name, turn.seed))
    store.keep_run(result)
    return result


def _told(result: Run | Control) -> str:
    if isinstance(result, Control):
        return result.live.verdict if judge.is_silent(result.live) else f"NOT SILENT: {result.live.verdict}"
    place = "first" if judge.is_first(result.live, result.truth) else "NOT FIRST"
    p = judge.p_of(result.live, result.truth)
    return f"{place}, {result.live.verdict}, p = {p:.3f}, {result.live.took_s:.1f} s"


def _count(plan: Plan, progress: _Progress, store: Store) -> Scored:
    runs = sorted(progress.runs, key=lambda one: (one.fault, one.seed))
    controls = sorted(progress.controls, key=lambda one: one.seed)
    return Scored(
        VERSION,
        plan.service,
        plan.commit,
        plan.seeds_from,
        plan.seeds,
        plan.healthy_seeds,
        len(plan.turns),
        summarise(runs, controls, judges_time=plan.judges_cost),
        tables(runs),
        confusions(runs),
        looks.used([store.folder / one.case for one in runs]) if plan.judges_cost else None,
        _standins(runs, controls),
        tuple(complaints(runs, controls)),
        tuple(progress.not_run),
        tuple(progress.failures),
    )


def _standins(runs: Sequence[Run], controls: Sequence[Control]) -> tuple[Claim, ...]:
    # One fault and no healthy world: whoever always names that one cannot be told from whoever knows.
    can_tell = len({one.truth for one in runs}) > 1 or (runs and controls)
    return standins.claims(runs, controls, causes=tuple(truths.load().values())) if can_tell else ()
