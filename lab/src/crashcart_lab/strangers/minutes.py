"""The first minutes of a newcomer, by the clock: install, init, check, and what `diagnose` says of a break."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from crashcart_lab.errors import LabError
from crashcart_lab.strangers.bed import Bed
from crashcart_lab.strangers.found import target_of
from crashcart_lab.strangers.judged import AMID, BEFORE, Outcome, judged
from crashcart_lab.strangers.newcomer import Newcomer
from crashcart_lab.strangers.stranger import Break, Saw, Stranger
from crashcart_lab.waiting import until

_HEALS_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A stranger, where it lives, and who tries crashcart on it."""

    stranger: Stranger
    bed: Bed
    newcomer: Newcomer


@dataclass(frozen=True, slots=True)
class _Broken:
    """A break that is there: what a client saw, and how long breaking and seeing took."""

    by: Break
    saw: Saw
    took_s: float


def minutes(stage: Stage, chosen: Break) -> Iterator[Outcome]:
    """Break a service that was just started, and ask twice: with `init` run before, and with `init` run amid the break.

    Raises:
        LabError: `check` fails on the healthy service, or the break broke nothing, or it did not heal.
    """
    who, bed = stage.newcomer, stage.bed
    afresh(stage)
    ready_s = who.install_s + who.init().took_s + _check(stage)
    began = time.monotonic()
    try:
        chosen.cause(bed)
        saw = stage.stranger.client(bed)
        if saw.is_ok:
            raise LabError(f"{chosen.name} broke nothing: a client saw {saw.words}", hint="mend the break")
        broken = _Broken(chosen, saw, time.monotonic() - began)
        yield _ask(stage, broken, BEFORE, init_s=0.0, ready_s=ready_s)
        yield _ask(stage, broken, AMID, init_s=who.init().took_s, ready_s=who.install_s)
    finally:
        chosen.heal(bed)
    _await_well(stage, f"after {chosen.name} was healed")


def afresh(stage: Stage) -> None:
    """Start the service without a past: what was broken a minute ago would still stand in its logs."""
    bed = stage.bed
    bed.stop_all()
    for folder in (bed.project, bed.parts, bed.project / "logs"):
        for log in folder.glob("*.log"):
            log.unlink()
    stage.stranger.start(bed)
    _await_well(stage, "after it was started")


def _check(stage: Stage) -> float:
    failing, took_s = stage.newcomer.failures()
    if failing:
        raise LabError(f"check fails on the healthy {stage.bed.name}: {'; '.join(failing)}", hint="mend that first")
    return took_s


def _ask(stage: Stage, broken: _Broken, init: str, *, init_s: float, ready_s: float) -> Outcome:
    bed, who = stage.bed, stage.newcomer
    kept = bed.root / "answers"
    kept.mkdir(exist_ok=True)
    case = kept / f"{broken.by.name}.{init}.case"
    told = who.diagnose(broken.saw.words, case)
    case.with_suffix(".txt").write_text(told.text)
    took_s = broken.took_s + init_s + told.took_s
    part = next(part for part in stage.stranger.parts(bed) if part.name == broken.by.part)
    return judged(
        bed.name, broken.by.name, init, words=broken.saw.words, target=target_of(who.system_file, part),
        cause=broken.by.answer, answer=who.answer(case), from_install_s=ready_s + took_s, from_break_s=took_s,
    )  # fmt: skip


def _await_well(stage: Stage, when: str) -> None:
    # A pool that lost its connections learns it by a failed request; so one look is not enough.
    until(
        lambda: stage.stranger.client(stage.bed).is_ok, timeout_s=_HEALS_WITHIN_S, poll_s=0.5,
        what=f"a client that is served by {stage.bed.name} {when}", hint=f"read the logs in {stage.bed.project}",
    )  # fmt: skip
