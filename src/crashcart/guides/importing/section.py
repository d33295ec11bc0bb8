"""One foreign problem as a section of the draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from crashcart.guides.foreign.nouns import Fence, Lines, Option, Problem, Role

from . import safe
from .checks import Line, Reader, signs_at
from .ledger import Ledger
from .nouns import Became
from .sharing import assigned, of_roles, shared
from .steps import MOST_LINES, Material, Piece, by_hand, is_listed, pieces_of, shown_body


@dataclass(slots=True)
class Section:
    """A section while it is written, and what it still lacks."""

    id: str
    line: int
    lines: list[str] = field(default_factory=list)
    has_symptom_look: bool = False
    has_verify: bool = False
    has_cause: bool = False
    has_undo: bool = True
    dangers: list[int] = field(default_factory=list)
    by_hand: list[int] = field(default_factory=list)


class Writer:
    """Writes the sections of one draft; ids are taken once."""

    def __init__(self, reader: Reader, material: Material, source: str, text: Sequence[str]) -> None:
        self.reader = reader
        self.material = material
        self.ledger = Ledger()  # of the section that is being written
        self.source = source
        self.text = text
        self.ids: set[str] = set()
        self.owned = _owned(material.guide.problems)

    def section(self, problem: Problem) -> Section:
        """Return the section of a problem."""
        name = safe.title(problem.title, f"line {problem.lines.first}")
        here = Section(safe.identity(problem.id, "p", self.ids), problem.lines.first)
        self.ledger = Ledger()
        self.ledger.put(Lines(here.line, here.line), Became.TITLE, f"problem {here.id}")
        fences = [fence for fence in self.material.guide.fences if fence.problem == problem.id]
        options, rest = shared(problem, fences)
        causes = self.causes(problem, here, rest)
        symptoms = self.symptoms(problem, here, rest, is_one_cause=len(causes) == 1)
        here.lines += [f"## {name} {{#{here.id}}}", "", *self.origin(problem), ""]
        self.notes(problem, here, rest)
        notes_end = len(here.lines)
        self.put_list(here, "Symptoms", symptoms)
        groups = self.remedies(options, rest)
        self.put_list(here, "Verify", self.verify(problem, here, rest, groups))
        steps = assigned(groups, [title for title, _ in causes])
        for at, (title, evidence) in enumerate(causes):
            self.put_cause(here, problem, title, evidence, steps[at])
        here.lines[notes_end:notes_end] = self.others(problem, here)
        self.cut(fences)
        return here

    def cut(self, fences: Sequence[Fence]) -> None:
        """Say of blocks that are quoted only in part which lines were left out."""
        for fence in fences:
            left = Lines(fence.lines.first + MOST_LINES, fence.lines.last)
            if left.first <= left.last and not is_listed(fence, self.material):
                self.ledger.cut(left, f"of one block {MOST_LINES} lines are quoted")

    def origin(self, problem: Problem) -> list[str]:
        """Return where the section comes from, as a quotation."""
        told = [f"{safe.words(self.source, 100)}, lines {problem.lines.first}-{problem.lines.last}"]
        told += [f"part of {safe.words(problem.parent, 80)}"] if problem.parent else []
        told += [f"severity {safe.words(problem.severity, 40)}"] if problem.severity else []
        told += [f"category {safe.words(problem.category, 60)}"] if problem.category else []
        return [f"> {'; '.join(told)}"]

    def others(self, problem: Problem, here: Section) -> list[str]:
        """Return the lines of the problem that stand nowhere else in the draft, as quotations."""
        found: list[str] = []
        last = 0
        for line in self.ledger.untold(self.material.guide, self.owned.get(problem.id, ())):
            if found and line > last + 1:
                found.append("")
            found += safe.quoted([self.text[line - 1]])
            last = line
            self.ledger.put(
                Lines(line, line), Became.PROSE, f"quoted in {here.id}", "it says neither what to see nor what to do"
            )
        return [*found, ""] if found else []

    # -- parts

    def notes(self, problem: Problem, here: Section, rest: Sequence[Fence]) -> None:
        """Quote what is neither symptom nor cause nor remedy."""
        told = list(problem.notes)
        for item in told:
            here.lines += [*safe.quoted([safe.words(item.text)]), ""]
            self.ledger.put(item.lines, Became.PROSE, f"a note of {here.id}", "it names nothing to look at or to do")
        own = set(self.owned.get(problem.id, ()))
        for fence in rest:  # statements of a fence may be problems of their own
            if fence.role is Role.NOTE and own.issuperset(range(fence.lines.first, fence.lines.last + 1)):
                self.quote(here, shown_body(fence))
                self.ledger.put(fence.lines, Became.PROSE, f"a note of {here.id}", "a block that belongs to a note")

    def symptoms(self, problem: Problem, here: Section, rest: Sequence[Fence], *, is_one_cause: bool) -> list[Line]:
        """Return what shows that the problem is there: as told, then signatures that stand elsewhere in it."""
        signs = signs_at(self.material.guide, problem.id)
        numbers = [number for number in self.material.guide.thresholds if number.problem == problem.id]
        found: list[Line] = []
        for piece in pieces_of(problem.symptoms, of_roles(rest, (Role.SYMPTOM,)), self.material):
            held = [sign for sign in signs if piece.lines.holds(sign.line)]
            found.append(self.reader.symptom(piece, held, [n for n in numbers if piece.lines.holds(n.line)]))
        shown = {line.look for line in found}
        told = [item.lines for item in (*problem.symptoms, *problem.causes)]
        for sign in signs:
            if any(lines.holds(sign.line) for lines in told):
                continue
            line = self.reader.symptom(Piece(safe.words(sign.raw), Lines(sign.line, sign.line)), [sign], [])
            if line.look and line.look not in shown:
                found.append(line)
                shown.add(line.look)
        if not is_one_cause:
            found += [self.reader.trouble(piece) for piece in self.checks(problem, rest)]
        here.has_symptom_look = any(line.look for line in found)
        return found

    def checks(self, problem: Problem, rest: Sequence[Fence]) -> list[Piece]:
        """Return what the guide looks at."""
        return pieces_of(problem.checks, of_roles(rest, (Role.CHECK,)), self.material)

    def verify(
        self, problem: Problem, here: Section, rest: Sequence[Fence], groups: Sequence[tuple[str, list[Piece]]]
    ) -> list[Line]:
        """Return what shows that it is over; also looks that stand among the steps and say that this is their use."""
        pieces = pieces_of(problem.verify, of_roles(rest, (Role.VERIFY,)), self.material)
        found = [self.reader.well(piece) for piece in pieces]
        for _, steps in groups:
            lines = [(piece, self.reader.well(piece)) for piece in steps if piece.is_verify]
            found += [line for _, line in lines if line.look]
            steps[:] = [piece for piece in steps if all(piece is not told or not line.look for told, line in lines)]
        here.has_verify = bool(found)
        return found

    def causes(self, problem: Problem, here: Section, rest: Sequence[Fence]) -> list[tuple[str, list[Line]]]:
        """Return the causes with what tells them; one without a name when the guide names none."""
        signs = signs_at(self.material.guide, problem.id)
        found: list[tuple[str, list[Line]]] = []
        for item in problem.causes:
            name = safe.title(item.text, f"line {item.lines.first}")
            held = [sign for sign in signs if item.lines.holds(sign.line)]
            evidence = [self.reader.symptom(Piece(safe.words(item.text), item.lines), held, [])] if held else []
            found.append((name, [line for line in evidence if line.look]))
            self.ledger.put(item.lines, Became.TITLE, f"a cause of {here.id}")
        here.has_cause = bool(found)
        if not found:
            found.append((f"not named: {safe.title(problem.title, 'see above')}".replace(": ", " - ", 1), []))
        if len(found) == 1:
            found[0][1].extend(self.reader.trouble(piece) for piece in self.checks(problem, rest))
        return found

    def remedies(
        self, options: Sequence[tuple[Option, Sequence[Fence]]], rest: Sequence[Fence]
    ) -> list[tuple[str, list[Piece]]]:
        """Return the ways to fix it, with their names."""
        groups = [(option.title, pieces_of(option.items, fences, self.material)) for option, fences in options]
        loose = of_roles(rest, (Role.FIX, Role.PROSE, Role.CAUSE))
        if loose:
            groups.append(("", pieces_of((), loose, self.material)))
        return groups

    # -- writing

    def put_cause(
        self,
        here: Section,
        problem: Problem,
        title: str,
        evidence: Sequence[Line],
        remedies: Sequence[tuple[str, list[Piece]]],
    ) -> None:
        """Write a cause."""
        words = f"{here.id[:30]}-{title[:29]}" if here.has_cause else f"{here.id[:50]}-cause"
        name = safe.identity(words, "c", self.ids)
        here.lines += [f"### Cause: {title} {{#{name}}} (common)", ""]
        for _, pieces in remedies:
            for piece in pieces:
                if piece.block:
                    here.lines += [*safe.quoted([f"Lines {piece.lines.first}-{piece.lines.last}:"]), ">"]
                    here.lines += [*safe.fenced(list(piece.block)), ""]
        self.put_list(here, "Evidence", evidence)
        taken: set[str] = set()
        for option, pieces in remedies:
            self.put_steps(here, option, pieces, taken)
        if not remedies and here.has_cause and problem.options:
            here.lines += [
                "> The source does not say which remedy belongs to this cause; they stand with the first.",
                "",
            ]

    def put_steps(self, here: Section, option: str, pieces: Sequence[Piece], taken: set[str]) -> None:
        """Write one way to fix it."""
        steps = [piece for piece in pieces if not piece.is_only_shown]
        for piece in pieces:
            if piece.is_only_shown:
                self.ledger.put(piece.lines, Became.PROSE, f"quoted in {here.id}", "output: nothing to do")
        if not steps:
            return
        name = re.sub(r"[*:]", " ", safe.title(option, ""))[:80].strip() if option else ""
        wanted, number = name, 2
        while wanted in taken:
            wanted, number = f"{name or 'way'} {number}", number + 1
        taken.add(wanted)
        here.lines += [f"**Fix{': ' + wanted if wanted else ''}**", ""]
        for number, piece in enumerate(steps, start=1):
            here.lines.append(f"{number}. {by_hand(piece)}")
            here.by_hand.append(piece.lines.first)
            if piece.command is not None and piece.command.risk.name == "DATA_LOSS":
                here.dangers.append(piece.command.line)
            self.ledger.put(piece.lines, Became.BY_HAND, f"a step of {here.id}", _why_by_hand(piece))
        here.lines.append("")

    def put_list(self, here: Section, label: str, lines: Iterable[Line]) -> None:
        """Write a list of checks."""
        found, shown = list(lines), set[str]()
        if not found:
            return
        for line in found:
            if line.piece.block:
                self.quote(here, list(line.piece.block))
        items = []
        for line in found:
            if line.piece.is_only_shown:
                self.ledger.put(line.piece.lines, Became.PROSE, f"quoted in {here.id}", "output: nothing to do")
                continue
            became = Became.LOOK if line.look else Became.BY_HAND
            what = line.look or f"{label} of {here.id}"
            self.ledger.put(line.piece.lines, became, what, line.why)
            if line.look and line.look in shown:
                continue
            shown.add(line.look)
            items.append(f"- {line.text}")
        if items:
            here.lines += [f"**{label}**", "", *items, ""]

    def quote(self, here: Section, body: list[str]) -> None:
        """Write a block as a quotation."""
        here.lines += [*safe.fenced(body), ""]


def _owned(problems: Sequence[Problem]) -> dict[str, list[int]]:
    """Return the lines of each problem without those of the problems in it."""
    owner: dict[int, str] = {}
    for problem in sorted(problems, key=lambda problem: problem.lines.first - problem.lines.last):
        owner.update(dict.fromkeys(range(problem.lines.first, problem.lines.last + 1), problem.id))
    found: dict[str, list[int]] = {}
    for line, name in sorted(owner.items()):
        found.setdefault(name, []).append(line)
    return found


def _why_by_hand(piece: Piece) -> str:
    if piece.command is not None:
        return f"no action of ours carries it out ({piece.command.risk.value}), and a stranger's command is never run"
    return "words for a person"
