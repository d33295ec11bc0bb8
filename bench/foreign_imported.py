"""A foreign guide, imported and completed: which faults of the lab it names, beside what the shipped guides name.

Run: python -m bench.foreign_imported [--shared PATH] [--cases FOLDER] [--write FILE] [-v]

The source is not part of this repository: `--shared` names the folder that has `guides/digest.md`. It is imported as it
stands, and completed by lab/guides/imported/digest.patch: at most 60 changed lines, and no problem that the draft lacks;
both are checked here. Each committed case is then diagnosed offline with

- *packs*: the shipped packs alone, as anybody has them who has no guide of this service;
- *draft*: the packs and the draft as the importer wrote it;
- *completed*: the packs and the completed draft;
- *written*: the packs and the guides that were written for the lab (lab/guides);
- *alone*: the completed draft by itself: what it links to, and nothing else of the packs.

A cause is *named* when the true one is first and decided, *first* when it is first and not decided; *wrong* is another
cause first and decided. `--write` keeps the completed guide, so that a system file can name it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crashcart import app
from crashcart.guides.captures import Captured
from crashcart.guides.importing import Draft, import_guide
from crashcart.model.case import Case, GuideText
from crashcart.model.diagnosis import Diagnosis, Verdict
from crashcart.model.guide import Guide, Trust
from crashcart.model.net import Net
from crashcart.storage import cases

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
PATCH = ROOT / "lab" / "guides" / "imported" / "digest.patch"
GUIDE = "digest"
MOST_CHANGES = 60
# What the completed draft calls what the lab's own guide of its database calls otherwise.
SAME = {"db:digest-db.index-missing": "digest:digest.index"}
COLUMNS = ("packs", "draft", "completed", "written", "alone")


class CannotScore(Exception):
    """Something that scoring needs is not there, or is not what it must be."""


def changed_lines(patch: str) -> int:
    """Return how many lines a patch takes away and adds."""
    return sum(line[:1] in ("+", "-") and line[:3] not in ("+++", "---") for line in patch.splitlines())


def completed(draft: str, patch: Path) -> str:
    """Return a draft with a patch applied.

    Raises:
        CannotScore: it does not fit, or there is no program to apply it.
    """
    if shutil.which("patch") is None:
        raise CannotScore("the program `patch` is needed")
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "draft.md"), Path(folder, "guide.md")
        before.write_text(draft, encoding="utf-8")
        done = subprocess.run(
            ["patch", "--silent", "--fuzz=0", "-o", str(after), str(before), str(patch)], capture_output=True, text=True
        )
        if done.returncode:
            raise CannotScore(f"{patch.name} does not fit the draft any more: {done.stdout.strip()}")
        return after.read_text(encoding="utf-8")


def checked(draft: Draft, text: str) -> Guide:
    """Return the completed guide, compiled.

    Raises:
        CannotScore: it has a problem that the draft lacks, or changes too much.
    """
    count = changed_lines(PATCH.read_text(encoding="utf-8"))
    if count > MOST_CHANGES:
        raise CannotScore(f"{PATCH.name} changes {count} lines, and {MOST_CHANGES} are allowed")
    before = app.compile_text(GuideText("draft.md", Trust.DRAFT, draft.text), others=app.shipped_texts())
    after = app.compile_text(GuideText("digest.md", Trust.OWN, text), others=app.shipped_texts())
    more = {problem.id for problem in after.problems} - {problem.id for problem in before.problems}
    if more:
        raise CannotScore(f"{PATCH.name} adds problems that the draft lacks: {', '.join(sorted(more))}")
    return after


def alone(net: Net) -> Net:
    """Return what the guide itself brings: its problems with their causes, and its healthy items."""
    problems = tuple(problem for problem in net.problems if problem.guide == GUIDE)
    mine = {problem.id for problem in problems}
    causes = tuple(cause for cause in net.causes if mine.intersection(cause.problems))
    healthy = tuple(item for item in net.healthy if item.source.guide == GUIDE)
    asked = {key for cause in causes for key in (*cause.only_if, *(edge.check for edge in cause.edges))}
    asked |= {key for problem in problems for key in problem.symptoms} | {item.check for item in healthy}
    checks = {key: check for key, check in net.checks.items() if key in asked}
    return replace(net, causes=causes, problems=problems, healthy=healthy, checks=checks)


class Alone(app.Bench):
    """A bench whose network stays that of the guide itself when captured values come in."""

    def rebind(self, caught: Captured) -> Net:
        """Return the network with what was captured."""
        return alone(super().rebind(caught))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one case came out with one set of guides: `how` is named, first, healthy, wrong or a verdict without a name."""

    how: str
    cause: str
    p: float


def outcome(case: Case, texts: Sequence[GuideText], *, is_alone: bool = False) -> Outcome:
    """Diagnose a case with these guides."""
    ready = app.bench_of_case(case, texts)
    if ready.guide_errors:
        raise CannotScore(f"a guide does not compile: {ready.guide_errors[0]}")
    if is_alone:
        ready = Alone(ready.system, ready.texts, alone(ready.net), ready.guides)
    return judged(app.replay_case(case, ready, texts=texts).diagnosis, case.truth)


def judged(diagnosis: Diagnosis, truth: Iterable[str]) -> Outcome:
    """Say how a diagnosis stands to the truth."""
    wanted = {name for cause in truth for name in (cause, SAME.get(cause, cause))}
    first = diagnosis.first
    if diagnosis.verdict is Verdict.NOTHING_WRONG or first is None:
        return Outcome("healthy" if "nothing" in wanted else "nothing wrong", "", diagnosis.p_nothing)
    if first.cause in wanted:
        return Outcome("named" if diagnosis.verdict is Verdict.DECIDED else "first", first.cause, first.p)
    how = "wrong" if diagnosis.verdict is Verdict.DECIDED else diagnosis.verdict.value
    return Outcome(how, first.cause, first.p)


def score(folder: Path, draft: str, text: str) -> dict[str, dict[str, Outcome]]:
    """Return the outcome of each case with each set of guides."""
    packs = app.shipped_texts()
    written = sorted((ROOT / "lab" / "guides").glob("*.md"))
    sets: Mapping[str, tuple[GuideText, ...]] = {
        "packs": packs,
        "draft": (*packs, GuideText("draft.md", Trust.OWN, draft)),
        "completed": (*packs, GuideText("digest.md", Trust.OWN, text)),
        "written": (*packs, *(GuideText(path.name, Trust.OWN, path.read_text(encoding="utf-8")) for path in written)),
        "alone": (*packs, GuideText("digest.md", Trust.OWN, text)),
    }
    return {
        path.stem: {name: outcome(cases.read(path), texts, is_alone=name == "alone") for name, texts in sets.items()}
        for path in sorted(folder.glob("*.json"))
    }


def table(found: Mapping[str, Mapping[str, Outcome]], reach: Iterable[str]) -> str:
    """Return the counts of each set of guides; `reach` are the cases whose cause the completed guide has."""
    within = set(reach)
    lines = [f"{'':28}{''.join(f'{name:>11}' for name in COLUMNS)}"]
    for title, names in ((f"all {len(found)} cases", set(found)), (f"the {len(within)} in its reach", within)):
        counts = {column: Counter(found[name][column].how for name in names) for column in COLUMNS}
        for how in ("named", "first", "healthy", "wrong"):
            shown = "".join(f"{counts[column][how]:>11}" for column in COLUMNS)
            lines.append(f"{title + ': ' + how:28}{shown}")
    return "\n".join(lines)


def main() -> None:
    """Import, complete, score, print."""
    parser = argparse.ArgumentParser(description="Score an imported and completed guide on the lab's cases.")
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--cases", type=Path, default=ROOT / "cases" / "digest")
    parser.add_argument("--write", type=Path, help="keep the completed guide in this file")
    parser.add_argument("-v", "--verbose", action="store_true", help="print the outcome of each case")
    given = parser.parse_args()
    source = given.shared / "guides" / f"{GUIDE}.md"
    if not source.is_file():
        print(f"skipped: there is no {source}; `--shared` names the folder with the guides")
        return
    draft = import_guide(source.read_text(encoding="utf-8"), app.catalogue(), source=source.name)
    try:
        text = completed(draft.text, PATCH)
        guide = checked(draft, text)
        if given.write is not None:
            given.write.write_text(text, encoding="utf-8")
        found = score(given.cases, draft.text, text)
    except CannotScore as error:
        sys.exit(f"bench: {error}")
    print(f"{changed_lines(PATCH.read_text(encoding='utf-8'))} changed lines, {len(guide.problems)} problems")
    reach = [name for name, row in found.items() if _is_known(cases.read(given.cases / f"{name}.json"), guide)]
    print(table(found, reach))
    if given.verbose:
        for name, row in found.items():
            shown = "  ".join(f"{column} {row[column].how} {row[column].p:.2f}" for column in COLUMNS)
            print(f"{'*' if name in reach else ' '} {name:28}{shown}")


def _is_known(case: Case, guide: Guide) -> bool:
    """Whether the completed guide has the cause of a case, as its own or as a link."""
    own = {f"{guide.name}.{cause.id}" for problem in guide.problems for cause in problem.causes}
    links = {
        f"{cause.link.guide}.{cause.link.cause}"
        for problem in guide.problems
        for cause in problem.causes
        if cause.link is not None
    }
    return any(SAME.get(truth, truth).split(":")[-1] in own | links for truth in case.truth)


if __name__ == "__main__":
    main()
