"""Every committed case against every set of guides of today: what is taken for what.

    python tools/confusion.py [CASES]

Sets: the shipped packs with the lab's own guides, and the packs alone; each also with the true cause left out.
Prints a line for each case, then the pairs in which another cause stands before the true one.
Fails when an answer is confidently wrong: another known cause above 0.8, or decided on; or anything named in a healthy case.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from crashcart import app
from crashcart.diagnosis import Brief
from crashcart.diagnosis import without as leave_out
from crashcart.drive.diagnose import Limits, diagnose
from crashcart.drive.take import CaseTaker
from crashcart.errors import UsageError
from crashcart.guides.bind import bind
from crashcart.guides.captures import Captured
from crashcart.model.case import Case, GuideText
from crashcart.model.diagnosis import Diagnosis, Verdict
from crashcart.model.guide import Guide, Trust
from crashcart.model.net import Net
from crashcart.model.observation import Moment
from crashcart.model.system import System
from crashcart.proof import BLAMED
from crashcart.storage import cases

ROOT = Path(__file__).parents[1]
CASES = ROOT / "cases"
OWN = ROOT / "lab" / "guides"
HEALTHY = "nothing"
SETS = ("own guide", "packs only")
LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: the probability of the true cause (of "nothing" in a healthy case), and the likeliest other one.

    `is_known` is False when these guides do not have the true cause.
    """

    guides: str
    verdict: str
    p: float
    other: str
    p_other: float
    is_known: bool
    is_wrong: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One case under all sets."""

    case: str
    truth: str
    told: tuple[Told, ...]


def row(path: Path) -> Row:
    """Return what every set of guides says of a case.

    Raises:
        UsageError: a guide of today does not compile.
    """
    case = cases.read(path)
    told: list[Told] = []
    for name in SETS:
        told += _told(name, case)
    return Row(path.stem, case.truth[0], tuple(told))


def _told(name: str, case: Case) -> list[Told]:
    guides = _guides(name, case.system)
    net = bind(guides, case.system, app.catalogue())
    truth = case.truth[0]
    if truth == HEALTHY:
        return [_healthy(name, _diagnosis(case, guides, net))]
    is_known = truth in {cause.id for cause in net.causes}
    found = [_broken(name, _diagnosis(case, guides, net), truth, is_known=is_known)]
    if is_known:
        # At every target: a cause that is left out at one of them only would be named at another.
        left = _diagnosis(case, guides, net, without=truth.split(":", 1)[-1])
        found.append(_broken(f"{name}, {LEFT_OUT}", left, truth, is_known=False))
    return found


def _diagnosis(case: Case, guides: Sequence[Guide], net: Net, *, without: str = "") -> Diagnosis:
    """Replay a case; as `app.replay_case` does, but with guides that were compiled once for all cases."""

    def left(net: Net) -> Net:
        return leave_out(net, without) if without else net

    def rebind(caught: Captured) -> Net:
        return left(bind(guides, case.system, app.catalogue(), captured=caught))

    moment = Moment(case.now, case.onset)
    taker = CaseTaker({one.look: one for one in case.observations}, moment)
    brief = Brief(net=left(net), now=case.now, onset=case.onset, complaint=case.complaint)
    looking = diagnose(
        brief, taker, app.catalogue(), app.SystemClock(), Limits(3600.0), answers=case.answers, rebind=rebind
    )
    return asyncio.run(looking).diagnosis


_COMPILED: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[Guide, ...]] = {}


def _guides(name: str, system: System) -> tuple[Guide, ...]:
    """Return the compiled guides of a set; they depend on the names and kinds of targets alone."""
    key = (name, tuple(sorted((target.name, target.kind) for target in system.targets.values())))
    if key not in _COMPILED:
        own = [GuideText(one.name, Trust.OWN, one.read_text(encoding="utf-8")) for one in sorted(OWN.glob("*.md"))]
        texts = (*app.shipped_texts(), *(own if name == SETS[0] else ()))
        guides, errors = app.compile_all(texts, system)
        if errors:
            raise UsageError(f"a guide does not compile: {errors[0]}", hint="`crashcart guide lint PATH`")
        _COMPILED[key] = guides
    return _COMPILED[key]


def _broken(name: str, diagnosis: Diagnosis, truth: str, *, is_known: bool) -> Told:
    known = {one.cause: one.p for one in diagnosis.ranked if not one.cause.startswith("unknown")}
    p = known.pop(truth, 0.0)
    other = max(known, key=lambda cause: (known[cause], cause), default="")
    p_other = known.get(other, 0.0)
    is_named = diagnosis.verdict is Verdict.DECIDED and p_other >= p
    return Told(name, diagnosis.verdict.value, p, other, p_other, is_known, p_other > BLAMED or is_named)


def _healthy(name: str, diagnosis: Diagnosis) -> Told:
    first = next((one for one in diagnosis.ranked if not one.cause.startswith("unknown")), None)
    is_wrong = diagnosis.verdict is not Verdict.NOTHING_WRONG
    cause, p = (first.cause, first.p) if first else ("", 0.0)
    return Told(name, diagnosis.verdict.value, diagnosis.p_nothing, cause, p, is_known=True, is_wrong=is_wrong)


def rows(paths: Sequence[Path], *, workers: int) -> list[Row]:
    """Return what every set of guides says of every case, in their order."""
    if workers <= 1 or len(paths) < 4:
        return [row(path) for path in paths]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return list(pool.map(row, paths, chunksize=2))


def report(found: Sequence[Row]) -> list[str]:
    """Return the table, the pairs, and how many answers are confidently wrong."""
    lines = [
        f"{'case':<26} {'true cause':<42} {'own':>6} {'other':>6} {'left':>6} | {'packs':>6} {'other':>6} {'left':>6}"
    ]
    lines += [_line(one) for one in found]
    pairs = [
        (one, told) for one in found for told in one.told if told.is_wrong or (told.is_known and told.p_other >= told.p)
    ]
    lines += ["", "another cause before the true one, or nobody's fault blamed on one:"] if pairs else []
    lines += [
        f"{'WRONG' if told.is_wrong else 'unsure':<6} {one.case} ({told.guides}): {one.truth} has {told.p:.3f}, "
        f"{told.other} {told.p_other:.3f}; {told.verdict}"
        for one, told in pairs
    ]
    wrong = sum(told.is_wrong for one in found for told in one.told)
    return [*lines, f"{len(found)} cases, {sum(len(one.told) for one in found)} answers, {wrong} confidently wrong"]


def _line(one: Row) -> str:
    by_name = {told.guides: told for told in one.told}
    parts = []
    for name in SETS:
        told, left = by_name[name], by_name.get(f"{name}, {LEFT_OUT}")
        p = f"{told.p:.3f}" if told.is_known else "-"
        parts.append(f"{p:>6} {told.p_other:>6.3f} {f'{left.p_other:.3f}' if left else '-':>6}")
    return f"{one.case:<26} {one.truth:<42} {' | '.join(parts)}"


def main(folder: Path) -> int:
    """Print the table; return the exit code."""
    paths = sorted(folder.rglob("*.json"))
    try:
        found = rows(paths, workers=os.cpu_count() or 1)
    except UsageError as error:
        print(f"confusion: {error}")
        return 2
    print("\n".join(report(found)))
    return 1 if not found or any(told.is_wrong for one in found for told in one.told) else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else CASES))
