"""Rules 2, 6 and 7 of an honest score, as far as they can be read from the repository.

    python lab/tools/check_rules.py

2. *Order.* A fault is on main before any guide that covers it: the commit that brought its name comes before those that
   brought its cause and its line in the key to the exam. Read from the history; skipped, with the reason, without one.
6. *Truth.* Each fault has one (cause, target), no two share it, and no two share a cause of the guides at one target.
7. *Outside.* What the client is to see is something that the client can say. (That it does so before and after is
   proved by every drill, and every test of a fault.)
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab import client, truths
from crashcart_lab.faults import FAULTS, Fault

ROOT = Path(__file__).resolve().parents[2]
FAULTS_FOLDER = "lab/src/crashcart_lab/faults"
KEY = "lab/guides/truths.toml"
PATHS = (FAULTS_FOLDER, "lab/guides", "src/crashcart/packs")
COMMIT = re.compile(r"commit ([0-9a-f]{40})")
# What the client says with a number in it.
NUMBERED = re.compile(r"the summariser answered [1-5]\d\d|my scrape job is not done after \d+ s")


class NoHistory(Exception):
    """There is no history to read the order from."""


@dataclass(frozen=True, slots=True)
class Added:
    """A line that a commit added: the commit's place in the history, the first being 0, and the file."""

    at: int
    path: str
    line: str


def history(root: Path) -> list[Added]:
    """Return every line that was ever added to faults and guides, the oldest first.

    Raises:
        NoHistory: this is no git checkout, or a shallow one.
    """
    if _git(root, "rev-parse", "--is-shallow-repository").strip() != "false":
        raise NoHistory("the checkout is shallow; fetch all of it: git fetch --unshallow")
    words = (
        "log",
        "--reverse",
        "--topo-order",
        "--format=commit %H",
        "--unified=0",
        "--no-color",
        "--no-ext-diff",
        "-p",
    )
    return list(added(_git(root, *words, "--", *PATHS).splitlines()))


def added(lines: Iterable[str]) -> Iterator[Added]:
    """Yield the added lines of a log with patches."""
    at, path = -1, ""
    for line in lines:
        if COMMIT.fullmatch(line):
            at += 1
        elif line.startswith("+++ "):
            path = line.removeprefix("+++ ").removeprefix("b/")
        elif line.startswith("+"):
            yield Added(at, path, line[1:])


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True, timeout=120)
    except (OSError, subprocess.SubprocessError) as err:
        raise NoHistory(f"git does not tell the history: {err}") from err
    return done.stdout.decode(errors="replace")


def out_of_order(faults: Iterable[Fault], known: Mapping[str, str], found: list[Added]) -> Iterator[str]:
    """Yield what came before its fault. What is not committed yet has no place, and is later than all."""
    for fault in faults:
        truth = str(fault.truth)
        if truth not in known:
            continue
        born = _first(found, FAULTS_FOLDER, f'"{fault.name}"')
        guide, _, cause = known[truth].partition(":")[2].partition("[")[0].partition(".")
        path = f"src/crashcart/packs/{guide}/guide.md"
        signs = {
            f"its cause {guide}.{cause}": min(
                _first(found, path, f"{{#{cause}}}"), _first(found, f"lab/guides/{guide}.md", f"{{#{cause}}}")
            ),
            "its line in the key": _first(found, KEY, f'"{truth}"'),
        }
        yield from (f"2: {what} came before or with the fault {fault.name}" for what, at in signs.items() if at <= born)


def _first(found: list[Added], path: str, text: str) -> float:
    places = (one.at for one in found if one.path.startswith(path) and text in one.line)
    return next(places, float("inf"))


def shared_truths(faults: Iterable[Fault], known: Mapping[str, str]) -> Iterator[str]:
    """Yield faults that share a truth, truths that share a cause, and truths of no fault."""
    by_truth: dict[str, str] = {}
    for fault in faults:
        truth = str(fault.truth)
        if truth in by_truth:
            yield f"6: {fault.name} and {by_truth[truth]} both are {truth}"
        by_truth[truth] = fault.name
    by_cause: dict[str, str] = {}
    for truth, cause in known.items():
        if cause in by_cause:
            yield f"6: {truth} and {by_cause[cause]} both are {cause}"
        by_cause[cause] = truth
        if truth not in by_truth:
            yield f"6: no fault makes {truth} true"
        if cause.partition(":")[0] != truth.rpartition("@")[2]:
            yield f"6: {truth} is at another target than {cause}"


def unsaid(faults: Iterable[Fault]) -> Iterator[str]:
    """Yield faults whose symptom is nothing that the outside client ever says."""
    constants = {value for name, value in vars(client).items() if name.isupper() and isinstance(value, str)}
    for fault in faults:
        if fault.client_sees not in constants and not NUMBERED.fullmatch(fault.client_sees):
            yield f"7: {fault.name} is to show {fault.client_sees!r}, which no client says"


def main() -> int:
    """Print what breaks a rule; return the exit code."""
    known = truths.load()
    wrong = [*shared_truths(FAULTS, known), *unsaid(FAULTS)]
    try:
        wrong += out_of_order(FAULTS, known, history(ROOT))
    except NoHistory as err:
        print(f"rule 2 is not checked: {err}")
    print("\n".join([*wrong, f"{len(wrong)} breaches of rules 2, 6 and 7 by {len(FAULTS)} faults"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
