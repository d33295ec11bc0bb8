"""Write docs/reference/problems.md: every problem of two guides, its fault, its cause, the looks that decide.

    python tools/write_problems.py [--check]

Joins lab/problems.toml with the lab's faults, the key to the exam and the compiled guides. Fails when a problem names
a fault that no guide covers, and with --check when the page on disk is not what would be written.
"""

from __future__ import annotations

import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from crashcart import app
from crashcart.errors import GuideErrors
from crashcart.model.case import GuideText
from crashcart.model.guide import Cause, Guide, Trust
from crashcart.model.system import System
from crashcart.storage import cases
from crashcart_lab import truths
from crashcart_lab.faults import FAULTS, Fault

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "lab" / "problems.toml"
PAGE = ROOT / "docs" / "reference" / "problems.md"
GUIDES = ("digest", "recordings")
KEYS = {"is", "faults", "but", "why_not"}


class Mistake(Exception):
    """lab/problems.toml, the faults and the guides do not fit together."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of a guide, in our words; either faults or a reason."""

    id: str
    what: str
    faults: tuple[str, ...]
    but: str
    why_not: str

    @property
    def guide(self) -> str:
        return self.id.partition("-")[0]


def problems(text: str) -> tuple[Problem, ...]:
    """Return the entries of lab/problems.toml.

    Raises:
        Mistake: one has neither faults nor a reason, or both, or an unknown key.
    """
    found = []
    for name, entry in tomllib.loads(text).items():
        if unknown := set(entry) - KEYS:
            raise Mistake(f"{name}: unknown {', '.join(sorted(unknown))}")
        one = Problem(name, entry["is"], tuple(entry.get("faults", ())), entry.get("but", ""), entry.get("why_not", ""))
        if bool(one.faults) == bool(one.why_not) or (one.but and not one.faults):
            raise Mistake(f"{name}: either `faults`, perhaps with `but`, or `why_not`")
        if one.guide not in GUIDES:
            raise Mistake(f"{name}: begins with none of {', '.join(GUIDES)}")
        found.append(one)
    return tuple(found)


def causes() -> dict[str, tuple[Guide, Cause]]:
    """Return the causes of the shipped and the lab's guides by `guide.cause`; links are left out.

    Raises:
        Mistake: one of the guides does not compile.
    """
    own = sorted((ROOT / "lab" / "guides").glob("*.md"))
    texts = [*app.shipped_texts(), *(GuideText(path.name, Trust.OWN, path.read_text(encoding="utf-8")) for path in own)]
    system = _system()
    found: dict[str, tuple[Guide, Cause]] = {}
    for text in texts:
        try:
            guide = app.compile_text(text, system, others=texts)
        except GuideErrors as error:
            raise Mistake(f"{text.path} does not compile: {error}") from error
        for cause in (cause for problem in guide.problems for cause in problem.causes if cause.link is None):
            found[f"{guide.name}.{cause.id}"] = (guide, cause)
    return found


def _system() -> System:
    """Return a system with every target that any committed case has: a guide of a team may name them."""
    systems = [cases.read(path).system for path in sorted((ROOT / "cases" / "digest").glob("*.json"))]
    return replace(systems[0], targets={name: one for system in systems for name, one in system.targets.items()})


@dataclass(frozen=True, slots=True)
class Known:
    """What faults, the key to the exam and guides say."""

    faults: Mapping[str, Fault]
    truths: Mapping[str, str]
    causes: Mapping[str, tuple[Guide, Cause]]

    def cause_of(self, fault: Fault) -> tuple[str, Guide, Cause] | None:
        """Return the id, guide and cause of a fault; None when no guide covers it."""
        bound = self.truths.get(str(fault.truth))
        if bound is None:
            return None
        _, _, name = bound.partition("[")[0].partition(":")  # parameters of a link stand in brackets
        if name not in self.causes:
            raise Mistake(f"truths.toml: {bound} is no cause of any guide")
        return (bound, *self.causes[name])


def uncovered(found: tuple[Problem, ...], known: Known) -> list[str]:
    """Return what stands in the way of the page: faults that do not exist, or that no guide covers."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for problem in found:
        for name in problem.faults:
            wanted[name].append(problem.id)
    wrong = [f"there is no fault {name}: {', '.join(ids)}" for name, ids in wanted.items() if name not in known.faults]
    return wrong + [
        f"no guide covers {name}: {', '.join(ids)}"
        for name, ids in wanted.items()
        if name in known.faults and known.cause_of(known.faults[name]) is None
    ]


def page(found: tuple[Problem, ...], known: Known) -> str:
    """Return the page."""
    return "\n".join(_lines(found, known)) + "\n"


def _lines(found: tuple[Problem, ...], known: Known) -> Iterator[str]:
    with_fault = [one for one in found if one.faults]
    named = {name for one in found for name in one.faults}
    yield "# Problems of two guides, and what became of them"
    yield ""
    yield "Generated by `tools/write_problems.py` from `lab/problems.toml`, the lab's faults and the guides."
    yield ""
    yield "Two teams' troubleshooting guides are what the lab's faults for `digest` go by."
    yield "Below stands every entry of both, under its identifier and in our own words: the faults that cause it in the lab, or the reason why none does."
    yield "The second part tells for each fault which looks decide its cause."
    yield ""
    yield f"{len(with_fault)} of {len(found)} entries are covered, by {len(named)} of {len(known.faults)} faults."
    for guide in GUIDES:
        yield from ("", f"## The {guide} guide", "")
        yield "| entry | what goes wrong | faults | causes | not covered |"
        yield "|---|---|---|---|---|"
        yield from (_entry(one, known) for one in found if one.guide == guide)
    yield from ("", "## Faults, causes and looks", "")
    yield "Looks are the cause's own evidence, the likeliest first; symptoms that it shares with others are left out."
    yield ""
    for fault in known.faults.values():
        yield from _fault(fault, known, is_asked=fault.name in named)


def _entry(one: Problem, known: Known) -> str:
    faults = [known.faults[name] for name in one.faults if name in known.faults]
    links = ", ".join(f"[{fault.name}](#{fault.name})" for fault in faults)
    covered = [known.cause_of(fault) for fault in faults]
    bound = ", ".join(f"`{cause[0]}`" for cause in covered if cause is not None)
    return f"| `{one.id}` | {one.what} | {links} | {bound} | {one.but or one.why_not} |"


def _fault(fault: Fault, known: Known, *, is_asked: bool) -> Iterator[str]:
    yield f"### {fault.name}"
    yield ""
    yield f"{_sentence(fault.summary)}"
    yield f"A user says: *{fault.client_sees}*."
    if not is_asked:
        yield "Neither guide has it."
    yield ""
    covered = known.cause_of(fault)
    if covered is None:
        yield from ("No guide covers it yet.", "")
        return
    name, _, cause = covered
    yield f"Cause `{name}`: {cause.title}."
    yield ""
    yield from (f"- {look}" for look in _looks(cause))
    yield ""


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def _looks(cause: Cause) -> Iterator[str]:
    items = sorted(cause.evidence.checks, key=lambda item: -(item.likelihood.p if item.likelihood else 0.85))
    for item in items:
        word = item.likelihood.word if item.likelihood else ""
        yield f"{word or 'usually'}: `{item.check.text}`"
    for item in cause.only_if.checks:
        yield f"only if: `{item.check.text}`"


def read() -> tuple[tuple[Problem, ...], Known]:
    """Return the entries, and what is known besides."""
    known = Known({fault.name: fault for fault in FAULTS}, truths.load(), causes())
    return problems(SOURCE.read_text(encoding="utf-8")), known


def main() -> int:
    """Write or check; return the exit code."""
    is_check = "--check" in sys.argv[1:]
    try:
        found, known = read()
        text, wrong = page(found, known), uncovered(found, known)
    except Mistake as mistake:
        print(f"problems: {mistake}")
        return 1
    is_stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
    if is_stale and not is_check:
        PAGE.write_text(text, encoding="utf-8")
        print(f"written: {PAGE.relative_to(ROOT)}")
    for line in wrong:
        print(f"problems: {line}")
    if is_stale and is_check:
        print(f"stale: {PAGE.relative_to(ROOT)}; run `make docs`")
    return 1 if wrong or (is_stale and is_check) else 0


if __name__ == "__main__":
    sys.exit(main())
