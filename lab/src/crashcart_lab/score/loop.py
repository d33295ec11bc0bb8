"""From a plan to a score: one world after the other, each kept as soon as it is done."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from crashcart_lab import truths
from crashcart_lab.errors import LabError
from crashcart_lab.faults import Fault
from crashcart_lab.score import judge, run, standins
from crashcart_lab.score.plan import Plan
from crashcart_lab.score.run import Control, Run
from crashcart_lab.score.scored import Scored
from crashcart_lab.score.store import Store
from crashcart_lab.score.summary import is_silent, summarise
from crashcart_lab.score.table import complaints, table
from crashcart_lab.temporary import DeadlinePassed

T = TypeVar("T")
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Errand(Generic[T]):
    """One world to go through, unless that was done before."""

    name: str
    kept: Callable[[], T | None]
    make: Callable[[], T]
    keep: Callable[[T], None]
    told: Callable[[T], str]


@dataclass(slots=True)
class _Progress:
    """Does errands, and says after each how it went and how long the rest will take."""

    total: int
    say: Say
    done: int = 0
    took_s: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def do(self, errands: Sequence[_Errand[T]]) -> list[T]:
        return [result for errand in errands if (result := self._one(errand)) is not None]

    def _one(self, errand: _Errand[T]) -> T | None:
        self.done += 1
        if (before := errand.kept()) is not None:
            return before
        began = time.monotonic()
        try:
            result = errand.make()
        except (LabError, DeadlinePassed) as err:
            self.failures.append(f"{errand.name}: {err}")
            self._tell(f"{errand.name}: NOT MADE: {err}", began)
            return None
        errand.keep(result)
        self._tell(f"{errand.name}: {errand.told(result)}", began)
        return result

    def _tell(self, what: str, began: float) -> None:
        self.took_s.append(time.monotonic() - began)
        left_s = (self.total - self.done) * sum(self.took_s) / len(self.took_s)
        self.say(f"[{self.done}/{self.total}] {what} ({self.took_s[-1]:.0f} s; {left_s / 60:.0f} min left)")


def score(plan: Plan, *, out: Path, is_fresh: bool, say: Say) -> tuple[Scored, str]:
    """Make every run of the plan that is not there yet; return the score and its text, both kept in *out*."""
    store = Store(out / plan.commit)
    store.begin(is_fresh=is_fresh)
    progress = _Progress(len(plan.runs) + len(plan.healthy_seeds), say)
    runs = progress.do([_broken(store, fault, seed) for fault, seed in plan.runs])
    # Every second one gets a complaint, and a false one.
    controls = progress.do([_healthy(store, seed, complains=at % 2 == 1) for at, seed in enumerate(plan.healthy_seeds)])
    scored = _count(plan, runs, controls, progress.failures)
    text = table(scored)
    (out / "score.json").write_bytes(TypeAdapter(Scored).dump_json(scored, indent=1) + b"\n")
    (out / "score.txt").write_text(text + "\n", encoding="utf-8")
    return scored, text


def _broken(store: Store, fault: Fault, seed: int) -> _Errand[Run]:
    return _Errand(
        f"{fault.name} seed {seed}",
        kept=lambda: store.run(fault.name, seed),
        make=lambda: run.broken(fault, seed, case=store.case(fault.name, seed)),
        keep=store.keep_run,
        told=_told,
    )


def _told(one: Run) -> str:
    place = "first" if judge.is_first(one.live, one.truth) else "NOT FIRST"
    return f"{place}, {one.live.verdict}, p = {judge.p_of(one.live, one.truth):.3f}, {one.live.took_s:.1f} s"


def _healthy(store: Store, seed: int, *, complains: bool) -> _Errand[Control]:
    def kept() -> Control | None:
        found = store.control(seed)
        return found if found and bool(found.words) == complains else None

    return _Errand(
        f"healthy seed {seed}",
        kept=kept,
        make=lambda: run.healthy(seed, complains=complains),
        keep=store.keep_control,
        told=lambda one: one.live.verdict if is_silent(one.live) else f"NOT SILENT: {one.live.verdict}",
    )


def _count(plan: Plan, runs: Sequence[Run], controls: Sequence[Control], failures: Sequence[str]) -> Scored:
    summary = summarise(runs, controls)
    causes = tuple(truths.load().values())
    # One fault and no healthy world: whoever always names that one cannot be told from whoever knows.
    can_tell = len({one.truth for one in runs}) > 1 or (runs and controls)
    return Scored(
        1,
        plan.service,
        plan.commit,
        plan.seeds,
        plan.healthy_seeds,
        summary,
        standins.claims(runs, controls, causes=causes) if can_tell else (),
        tuple(complaints(runs, controls)),
        tuple(failures),
    )
