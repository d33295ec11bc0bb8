"""What is to be run: faults, seeds, the order, and the code that is scored."""

from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab import truths
from crashcart_lab.errors import LabError
from crashcart_lab.faults import FAULTS, Fault, by_name
from crashcart_lab.lifecycle import GUIDES

COMMIT_SEEDS = 10
SHORT_FAULTS = 6
SHORT_HEALTHY = 1
SHORT_BUDGET_S = 300.0
# What a score depends on; a change of documents or tests does not make it stale.
SCORED = ("src", "lab/src", "lab/guides")
UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Turn:
    """One world to go through: a fault on a seed, or none: a healthy world, with a false complaint or not."""

    fault: Fault | None
    seed: int
    complains: bool = False

    @property
    def name(self) -> str:
        return f"{self.fault.name if self.fault else 'healthy'} seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Plan:
    """Every fault on each of its seeds, and *healthy* worlds in which nothing is wrong."""

    service: str
    commit: str  # with a fingerprint behind it, when the tree differs from the commit
    seeds_from: str
    runs: tuple[tuple[Fault, int], ...]
    healthy_seeds: tuple[int, ...]
    budget_s: float | None = None
    # How many looks and how much time a verdict takes says nothing of a few runs on a machine that does other work.
    judges_cost: bool = True

    @property
    def seeds(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(seed for _, seed in self.runs))

    @property
    def turns(self) -> list[Turn]:
        """The order: every fault once, then every fault on the next seed, and healthy worlds evenly between.

        Within a round the commit draws the order, so that a score that was cut off has left out no fault on purpose.
        """
        rounds: list[Turn] = []
        for seed in self.seeds:
            of_seed = [Turn(fault, seed) for fault, own in self.runs if own == seed]
            random.Random(f"order {self.commit} {seed}").shuffle(of_seed)
            rounds += of_seed
        # Every second one gets a complaint, and a false one.
        healthy = [Turn(None, seed, at % 2 == 1) for at, seed in enumerate(self.healthy_seeds)]
        places = [(at + 0.5) / len(rounds) for at in range(len(rounds))]
        between = [(at + 0.5) / len(healthy) for at in range(len(healthy))]
        return [turn for _, _, turn in sorted(_placed(places, rounds, 0) + _placed(between, healthy, 1), key=_place)]


def _placed(places: Sequence[float], turns: Sequence[Turn], second: int) -> list[tuple[float, int, Turn]]:
    return [(place, second, turn) for place, turn in zip(places, turns, strict=True)]


def _place(placed: tuple[float, int, Turn]) -> tuple[float, int]:
    return placed[:2]


def plan(service: str, *, seeds: str, faults: str | None, healthy: int, budget_s: float | None = None) -> Plan:
    """Return the plan that the words of the command line ask for."""
    commit = scored_code()
    chosen = seeds_of(seeds, commit=commit)
    names = [name.strip() for name in faults.split(",")] if faults else [fault.name for fault in FAULTS]
    runs = tuple((by_name(name), seed) for seed in chosen for name in names)
    return Plan(service, commit, seeds, runs, healthy_seeds(chosen, healthy), budget_s)


def short(service: str) -> Plan:
    """Return the plan for every commit: six faults that the guides cover, drawn by its hash, one seed each."""
    commit = scored_code()
    seeds = seeds_of("commit", commit=commit)
    is_root = os.geteuid() == 0
    suited = [fault for fault in FAULTS if truths.is_covered(fault) and (is_root or not fault.needs_root)]
    drawn = random.Random(f"short {commit.partition('+')[0]}").sample(suited, min(SHORT_FAULTS, len(suited)))
    runs = tuple(zip(drawn, seeds, strict=False))
    return Plan(service, commit, "commit", runs, seeds[:SHORT_HEALTHY], SHORT_BUDGET_S, judges_cost=False)


def seconds_of(text: str) -> float:
    """Return the seconds of `60min`, `90s` or `1.5h`."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(s|min|h)\s*", text)
    if found is None:
        raise LabError(f"{text!r} is no time", hint="--budget 60min, --budget 90s or --budget 2h")
    return float(found[1]) * UNITS[found[2]]


def seeds_of(text: str, *, commit: str) -> tuple[int, ...]:
    """Return the seeds that the text names: `0-9`, `1,4,7`, or `commit`, which derives ten from the commit's hash."""
    if text == "commit":
        sure = commit.partition("+")[0]
        return tuple(random.Random(f"seed {sure} {at}").randrange(1_000_000) for at in range(COMMIT_SEEDS))
    found: list[int] = []
    for part in text.split(","):
        span = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if span is None:
            raise LabError(f"{part!r} is no seed and no range of seeds", hint="--seeds 0-9, --seeds 1,4 or commit")
        first, last = int(span[1]), int(span[2] or span[1])
        found += range(first, last + 1)
    if not found:
        raise LabError(f"{text!r} names no seed", hint="--seeds 0-9, --seeds 1,4 or --seeds commit")
    return tuple(dict.fromkeys(found))


def healthy_seeds(seeds: Sequence[int], count: int) -> tuple[int, ...]:
    """Return *count* different seeds: those given, and then the same again with a million added, two million ..."""
    return tuple(seeds[at % len(seeds)] + 1_000_000 * (at // len(seeds)) for at in range(count))


def scored_code() -> str:
    """Return the short commit of what is scored, and a fingerprint of the tree where it differs.

    Raises:
        LabError: this is no git checkout.
    """
    root = Path(_git(GUIDES, "rev-parse", "--show-toplevel").strip())
    commit = _git(root, "rev-parse", "--short=10", "HEAD").strip()
    if not _git(root, "status", "--porcelain", "--", *SCORED):
        return commit
    names = _git(root, "ls-files", "-co", "--exclude-standard", "-z", "--", *SCORED).split("\0")
    content = hashlib.sha256()
    for path in sorted(root / name for name in names if name):
        if path.is_file():
            content.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return f"{commit}+{content.hexdigest()[:6]}"


def _git(folder: Path, *words: str) -> str:
    # Without the lock, so that we never stand in the way of another git at work here.
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0"}
    argv = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(argv, check=True, env=environment, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as err:
        raise LabError(f"the commit that is scored is not known: {err}", hint="score from a git checkout") from err
    return done.stdout
