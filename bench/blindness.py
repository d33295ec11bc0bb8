"""What an answer is worth when part of the system cannot be seen: recorded cases with looks, guides or the cause taken away.

Run: python -m bench.blindness [CASE...] [--draws 8] [--json]

Each faulty case is diagnosed with the guides of today as it is, by the shipped guides alone, without any log, from its
logs alone (by all guides, and by the shipped ones), with a quarter of the looks drawn blind (`--draws` times), and, as it is and in each of those draws, with its true cause left
out of the guides. Counted are: the true cause first, named, and another cause above 0.8 (*wrong*). The drawn looks
depend on the case's name and the number of the draw alone, so two states of the code are compared on the same draws.
"""

from __future__ import annotations

import json
import math
import os
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import click

from crashcart import app
from crashcart.model.case import Case, GuideText
from crashcart.model.diagnosis import Diagnosis, Verdict
from crashcart.model.guide import Trust
from crashcart.model.observation import Unseen
from crashcart.proof import BLAMED
from crashcart.storage import cases

ROOT = Path(__file__).parents[1]
SHARE = 0.25  # of the looks that a draw makes blind


@dataclass(frozen=True, slots=True)
class Told:
    """One answer held against the truth. `p` is of the true cause, `other` of the likeliest known other one."""

    case: str
    way: str
    draw: int
    verdict: str
    is_first: bool
    p: float
    other: float
    blamed: str  # the cause that was wrongly named or held above 0.8, else ""


@dataclass(frozen=True, slots=True)
class Row:
    """All answers of one way of taking away."""

    way: str
    answers: int
    first: int
    named: int
    wrong: int
    highest_other: float
    loss_bits: float  # mean surprise at the true cause; how much an answer of this kind leaves open


def judge_case(path: Path, draws: int) -> list[Told]:
    """Return all answers for one case."""
    case = cases.read(path)
    if "nothing" in case.truth:
        return []
    texts = _texts(case)
    shipped = tuple(text for text in texts if text.trust is Trust.SHIPPED)
    ready, packs = app.bench_of_case(case, texts), app.bench_of_case(case, shipped)
    blinded = [_blinded(case, path.stem, draw) for draw in range(draws)]
    without = case.truth[0].split(":", 1)[-1]
    told = [_held("as it is", 0, path, case, app.replay_case(case, ready, texts=texts).diagnosis)]
    told.append(_held("packs only", 0, path, case, app.replay_case(case, packs, texts=shipped).diagnosis))
    no_logs = _hidden(case, lambda look: look.startswith("log "))
    told.append(_held("no logs", 0, path, case, app.replay_case(no_logs, ready, texts=texts).diagnosis))
    only_logs = _hidden(case, lambda look: not look.startswith("log "))
    told.append(_held("logs alone", 0, path, case, app.replay_case(only_logs, ready, texts=texts).diagnosis))
    told.append(
        _held("logs alone, packs only", 0, path, case, app.replay_case(only_logs, packs, texts=shipped).diagnosis)
    )
    for draw, one in enumerate(blinded):
        told.append(_held("quarter blind", draw, path, case, app.replay_case(one, ready, texts=texts).diagnosis))
    if any(without == f"{cause.guide}.{cause.cause}" for cause in ready.net.causes):
        for draw, one in enumerate((case, *blinded)):
            way = "left out, quarter blind" if draw else "left out"
            answer = app.replay_case(one, ready, texts=texts, without=without).diagnosis
            told.append(_held(way, draw, path, case, answer))
    return told


def _texts(case: Case) -> tuple[GuideText, ...]:
    """Return the shipped guides and, for the cases of the lab's own service, its guides, as they are today."""
    own = ROOT / "lab/guides"
    if not any(text.trust is Trust.OWN for text in case.guides):
        return tuple(app.shipped_texts())
    found = (GuideText(path.name, Trust.OWN, path.read_text(encoding="utf-8")) for path in sorted(own.glob("*.md")))
    return (*app.shipped_texts(), *found)


def _blinded(case: Case, name: str, draw: int) -> Case:
    looks = sorted(observation.look for observation in case.observations)
    drawn = set(random.Random(f"blind {name} {draw}").sample(looks, round(len(looks) * SHARE)))
    return _hidden(case, drawn.__contains__)


def _hidden(case: Case, is_hidden: Callable[[str], bool]) -> Case:
    seen = tuple(
        replace(one, outcome=Unseen("taken away")) if is_hidden(one.look) else one for one in case.observations
    )
    return replace(case, observations=seen)


def _held(way: str, draw: int, path: Path, case: Case, answer: Diagnosis) -> Told:
    others = [one for one in answer.ranked if one.cause not in case.truth and not one.cause.startswith("unknown")]
    other = max(others, key=lambda one: one.p, default=None)
    first = answer.first
    is_first = first is not None and first.cause in case.truth and answer.verdict is not Verdict.NOTHING_WRONG
    is_named = answer.verdict is Verdict.DECIDED
    is_wrong = other is not None and (other.p > BLAMED or (is_named and not is_first))
    p = max((one.p for one in answer.ranked if one.cause in case.truth), default=0.0)
    return Told(
        path.stem, way, draw, answer.verdict.value, is_first, p,
        0.0 if other is None else other.p, other.cause if other is not None and is_wrong else "",
    )  # fmt: skip


def rows(told: Sequence[Told]) -> Iterator[Row]:
    """Count the answers of each way."""
    for way in dict.fromkeys(one.way for one in told):
        mine = [one for one in told if one.way == way]
        yield Row(
            way, len(mine),
            first=sum(one.is_first for one in mine),
            named=sum(one.is_first and one.verdict == Verdict.DECIDED.value for one in mine),
            wrong=sum(bool(one.blamed) for one in mine),
            highest_other=max((one.other for one in mine), default=0.0),
            loss_bits=math.fsum(-math.log2(max(one.p, 1e-4)) for one in mine) / len(mine),
        )  # fmt: skip


@click.command(help=(__doc__ or "").split("\n")[0])
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--draws", default=8, show_default=True, help="How often a quarter of the looks is drawn blind.")
@click.option("--json", "as_json", is_flag=True)
def main(paths: Sequence[Path], draws: int, as_json: bool) -> None:
    """Answer all of them, and print the table and every wrong answer."""
    paths = paths or sorted((ROOT / "cases").rglob("*.json"))
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        told = [one for found in pool.map(judge_case, paths, [draws] * len(paths)) for one in found]
    if as_json:
        print(json.dumps([asdict(one) for one in told], indent=1))
        return
    print(f"{'way':<26}{'answers':>8}{'first':>8}{'named':>8}{'wrong':>7}{'highest':>9}{'loss':>7}")
    for row in rows(told):
        print(
            f"{row.way:<26}{row.answers:>8}{row.first / row.answers:>8.1%}{row.named / row.answers:>8.1%}"
            f"{row.wrong:>7}{row.highest_other:>9.3f}{row.loss_bits:>7.2f}"
        )
    for one in told:
        if one.blamed:
            print(f"wrong: {one.case}, {one.way} {one.draw}: {one.blamed} {one.other:.3f}")


if __name__ == "__main__":
    main()
