"""What is to be run: faults, seeds, and the code that is scored."""

from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab.errors import LabError
from crashcart_lab.faults import FAULTS, Fault, by_name
from crashcart_lab.lifecycle import GUIDES

COMMIT_SEEDS = 10
# What a score depends on; a change of documents or tests does not make it stale.
SCORED = ("src", "lab/src", "lab/guides")


@dataclass(frozen=True, slots=True)
class Plan:
    """Every fault on every seed, and *healthy* worlds in which nothing is wrong."""

    service: str
    commit: str  # with a fingerprint behind it, when the tree differs from the commit
    faults: tuple[Fault, ...]
    seeds: tuple[int, ...]
    healthy_seeds: tuple[int, ...]

    @property
    def runs(self) -> list[tuple[Fault, int]]:
        return [(fault, seed) for fault in self.faults for seed in self.seeds]


def plan(service: str, *, seeds: str, faults: str | None, healthy: int) -> Plan:
    """Return the plan that the words of the command line ask for."""
    commit = scored_code()
    chosen = seeds_of(seeds, commit=commit)
    names = [name.strip() for name in faults.split(",")] if faults else [fault.name for fault in FAULTS]
    return Plan(service, commit, tuple(map(by_name, names)), chosen, healthy_seeds(chosen, healthy))


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
