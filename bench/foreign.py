"""What reading foreign guides finds, against what a careful reader found. Run: python -m bench.foreign --guides speech digest

The labels are not part of this repository: `--shared` names the folder that has `guides/*.md` and `gold/problems.json`,
`--folder` another one that has each guide beside a `*.gold.json` of the same shape.

Matching, each found and each wanted thing used once, best pairs first:

- **problems**: wanted are the entries with `is_problem`. A pair needs overlapping lines (the entry's `extra_ranges` count)
  and similar extent (the first lines at most 2 apart, or half of the lines shared), or the same title words within the
  entry. Ties go to the pair that shares more words of the title, and then to the nearer first line.
  A row of a table, an item or a branch is one line or a few, so that a parent never stands for its child.
- **signatures**: wanted are the signatures of all entries, problems or not (a log text under a procedure is one as well),
  each text once for each line it can stand on. A pair needs a line inside the entry and the same text after taking away
  letter case, white space, outer punctuation and dots. The text is what the guide wrote, or what stands before the first
  hole (the labels of strings in code end at the first `{...}`).
  The same text wanted by two entries that overlap (a step and the error in it) counts once.
- **thresholds**: wanted are the metrics of all entries. A pair needs the same number, a line at most 1 apart, the same direction
  (> and >= are one, < and <= are one, = is one) and the same unit; units that count things ("jobs", "requests", none) are one,
  and a rate may be written with or without what is counted. Seconds and milliseconds are converted.
  `--meaning` prints in addition how often the meaning (alarm, target, limit, quoted) of a pair is the same.
- **parents**: of the matched problems, how many have the same parent (or none) as wanted.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from crashcart.guides.foreign import ForeignGuide, read
from crashcart.guides.foreign.nouns import Problem, Signature, Threshold

SHARED = Path(__file__).resolve().parents[2] / "shared"
Found = TypeVar("Found")
Wanted = TypeVar("Wanted")


class Metric(msgspec.Struct):
    """A number as the reader labelled it."""

    metric: str
    operator: str
    value: float
    unit: str
    line: int
    role: str


class Entry(msgspec.Struct):
    """An element of a guide as the reader labelled it."""

    id: str
    title: str
    line_start: int
    line_end: int
    is_problem: bool
    parent: str | None
    kind: str
    extra_ranges: list[tuple[int, int]] = []
    signatures: list[str] = []
    metrics: list[Metric] = []

    def lines(self) -> set[int]:
        """Return all lines of the entry."""
        found = set(range(self.line_start, self.line_end + 1))
        for first, last in self.extra_ranges:
            found |= set(range(first, last + 1))
        return found


class Gold(msgspec.Struct):
    """The labels of one guide."""

    guide: str
    file: str
    entries: list[Entry]


class Labels(msgspec.Struct):
    """All labels."""

    guides: list[Gold]


@dataclass(frozen=True)
class WantedText:
    """A signature that should be found, and the lines it may be found on."""

    text: str
    lines: frozenset[int]


@dataclass(frozen=True)
class Outcome:
    """How many were found rightly, and what was not."""

    pairs: int
    missed: tuple[str, ...]
    extra: tuple[str, ...]

    def line(self, name: str) -> str:
        """Return precision, recall and F1 as one line."""
        found, wanted = self.pairs + len(self.extra), self.pairs + len(self.missed)
        precision = self.pairs / found if found else 1.0
        recall = self.pairs / wanted if wanted else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return (
            f"{name:24} found {found:4}  wanted {wanted:4}  precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}"
        )


def paired(
    found: Sequence[Found], wanted: Sequence[Wanted], worth: Callable[[Found, Wanted], float]
) -> list[tuple[int, int]]:
    """Return pairs of places, each used once, the worthiest first; worth 0 is no pair."""
    ranked = sorted(
        ((worth(one, other), i, j) for i, one in enumerate(found) for j, other in enumerate(wanted)),
        key=lambda entry: (-entry[0], entry[1], entry[2]),
    )
    taken_found: set[int] = set()
    taken_wanted: set[int] = set()
    pairs = []
    for value, i, j in ranked:
        if value <= 0:
            break
        if i not in taken_found and j not in taken_wanted:
            pairs.append((i, j))
            taken_found.add(i)
            taken_wanted.add(j)
    return pairs


def words(title: str) -> set[str]:
    """Return the words of a title."""
    return set(re.findall(r"[^\W_]{2,}", title.casefold()))


def problem_worth(problem: Problem, entry: Entry) -> float:
    """Return how well a problem fits an entry, 0 when not at all."""
    theirs = entry.lines()
    ours = set(range(problem.lines.first, problem.lines.last + 1))
    shared = len(ours & theirs)
    if not shared:
        return 0.0
    union = len(ours | theirs)
    is_near = abs(problem.lines.first - entry.line_start) <= 2
    names = words(problem.title) & words(entry.title)
    alike = 2 * len(names) / max(1, len(words(problem.title)) + len(words(entry.title)))
    if not is_near and shared / union < 0.5:
        return 0.0
    return alike + shared / union + (1.0 if problem.lines.first == entry.line_start else 0.0)


def bare(text: str) -> str:
    """Return a signature as it is compared."""
    core = text.casefold().replace("…", "...").strip()
    core = re.sub(r"\s+", " ", core)
    return re.sub(r"^[^\w\[{<(%$]+|[^\w\]})>%]+$", "", core).removesuffix("...").strip(" :.")


def wanted_texts(entries: Sequence[Entry], lines: Sequence[str]) -> list[WantedText]:
    """Return the signatures that should be found, each once."""
    found: dict[tuple[str, frozenset[int]], WantedText] = {}
    for entry in entries:
        for text in entry.signatures:
            at = frozenset(no for no in entry.lines() if text in lines[no - 1])
            if any(known.text == bare(text) and known.lines & at for known in found.values()):
                continue
            found[bare(text), at] = WantedText(bare(text), at)
    return list(found.values())


def signature_worth(signature: Signature, wanted: WantedText) -> float:
    """Return 1 when text and line fit."""
    head = re.split(r"<[a-z_][a-z0-9_]*>", signature.text)[0]
    ours = (bare(signature.raw), bare(head) if len(head) > 3 else "")
    return float(signature.line in wanted.lines and wanted.text in ours)


_DIRECTION = {">": 1, ">=": 1, "<": -1, "<=": -1, "=": 0, "==": 0}
_SCALE = {"ms": ("s", 1e-3), "s": ("s", 1.0), "min": ("s", 60.0), "h": ("s", 3600.0), "days": ("s", 86400.0)}
_MEASURED = {"%", "mb", "gb", "kb", "b", "khz", "hz", "rpm", "tpm", "req/s", "/s", "/min", "/h", "mib", "gib"}
_RATES = {
    "calls/min": "rate",
    "requests/min": "rate",
    "g": "gb",
    "mi": "mb",  # what a script prints of `Mi`, it calls megabytes
    "per minute": "rate",
    "rpm": "rate",
    "/min": "rate",
    "tpm": "rate",
    "req/s": "/s",
    "/s": "/s",
    "mib/s": "mb/s",
}


def measure(value: float, unit: str) -> tuple[float, str]:
    """Return a number and its unit in the form in which they are compared."""
    unit = {
        "seconds": "s",
        "second": "s",
        "minutes": "min",
        "hours": "h",
        "milliseconds": "ms",
        "% of users": "%",
        "day": "days",
    }.get(unit, unit)
    if unit in _SCALE:
        name, factor = _SCALE[unit]
        return round(value * factor, 6), name
    small = unit.casefold()
    return round(value, 6), _RATES.get(small, small if small in _MEASURED else "")


def threshold_worth(threshold: Threshold, metric: Metric) -> float:
    """Return how near two thresholds stand, 0 when they differ."""
    if abs(threshold.line - metric.line) > 1 or _DIRECTION[threshold.relation] != _DIRECTION.get(metric.operator, 9):
        return 0.0
    return float(measure(threshold.value, threshold.unit) == measure(metric.value, metric.unit)) * (
        2 - abs(threshold.line - metric.line)
    )


def outcome(
    found: Sequence[Found],
    wanted: Sequence[Wanted],
    worth: Callable[[Found, Wanted], float],
    show_found: Callable[[Found], str],
    show_wanted: Callable[[Wanted], str],
) -> tuple[Outcome, list[tuple[int, int]]]:
    """Pair what was found with what was wanted."""
    pairs = paired(found, wanted, worth)
    matched_found, matched_wanted = {i for i, _ in pairs}, {j for _, j in pairs}
    return Outcome(
        len(pairs),
        tuple(show_wanted(other) for j, other in enumerate(wanted) if j not in matched_wanted),
        tuple(show_found(one) for i, one in enumerate(found) if i not in matched_found),
    ), pairs


def score(gold: Gold, text: str) -> tuple[dict[str, Outcome], tuple[int, int], tuple[int, int]]:
    """Return the outcomes of one guide, and how many parents and how many meanings are right, of how many."""
    guide = read(text)
    problems = [entry for entry in gold.entries if entry.is_problem]
    metrics = [metric for entry in gold.entries for metric in entry.metrics]
    by_problem, pairs = outcome(
        guide.problems,
        problems,
        problem_worth,
        lambda p: f"{p.lines.first}-{p.lines.last} {p.title}",
        lambda e: f"{e.line_start}-{e.line_end} {e.id}: {e.title}",
    )
    by_text, _ = outcome(
        guide.signatures, wanted_texts(gold.entries, text.split("\n")), signature_worth,
        lambda s: f"{s.line} [{s.origin.value}] {s.raw}", lambda w: f"{min(w.lines, default=0)} {w.text}",
    )  # fmt: skip
    by_number, measured = outcome(
        guide.thresholds, metrics, threshold_worth, lambda t: f"{t.line} {t.metric} {t.relation} {t.value:g} {t.unit} ({t.meaning.value})",
        lambda m: f"{m.line} {m.metric} {m.operator} {m.value:g} {m.unit} ({m.role})",
    )  # fmt: skip
    meanings = sum(_role(guide.thresholds[i]) == metrics[j].role for i, j in measured)
    outcomes = {"problems": by_problem, "signatures": by_text, "thresholds": by_number}
    return outcomes, (_parents(guide, problems, pairs), len(pairs)), (meanings, len(measured))


def _role(threshold: Threshold) -> str:
    return {"quoted": "observed"}.get(threshold.meaning.value, threshold.meaning.value)


def _parents(guide: ForeignGuide, problems: Sequence[Entry], pairs: Sequence[tuple[int, int]]) -> int:
    entry_of = {guide.problems[i].id: problems[j].id for i, j in pairs}
    return sum(entry_of.get(guide.problems[i].parent or "") == problems[j].parent for i, j in pairs)


def labelled(paths: Sequence[Path]) -> list[Gold]:
    """Return the labels of all guides in some files."""
    return [gold for path in paths for gold in msgspec.convert(json.loads(path.read_text()), Labels).guides]


def main() -> None:
    """Print the figures of each guide and of all together."""
    parser = argparse.ArgumentParser(description="Score the reading of foreign guides.")
    parser.add_argument("--guides", nargs="+", required=True)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--folder", type=Path, help="guides of another folder, each NAME.md with its NN.gold.json")
    parser.add_argument("--meaning", action="store_true", help="print how often the meaning of a threshold is right")
    parser.add_argument("-v", "--verbose", action="store_true", help="list what was missed and what is extra")
    given = parser.parse_args()
    root: Path = given.folder or given.shared
    labels = labelled(sorted(root.glob("*.gold.json")) if given.folder else [root / "gold" / "problems.json"])
    total: dict[str, list[Outcome]] = {}
    for gold in labels:
        if gold.guide not in given.guides:
            continue
        outcomes, parents, meanings = score(gold, (root / gold.file).read_text())
        for name, result in outcomes.items():
            total.setdefault(name, []).append(result)
            print(result.line(f"{gold.guide} {name}"))
            if given.verbose:
                print(
                    *(f"    missed {text}" for text in result.missed),
                    *(f"    extra  {text}" for text in result.extra),
                    sep="\n",
                )
        print(f"{gold.guide} parents          {parents[0]} of {parents[1]}")
        if given.meaning:
            print(f"{gold.guide} meanings         {meanings[0]} of {meanings[1]}")
    for name, results in total.items():
        missed = tuple(text for result in results for text in result.missed)
        extra = tuple(text for result in results for text in result.extra)
        print(Outcome(sum(result.pairs for result in results), missed, extra).line(f"all {name}"))


if __name__ == "__main__":
    main()
