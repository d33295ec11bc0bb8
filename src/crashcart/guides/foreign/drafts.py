"""Problems while they are being gathered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crashcart.guides.foreign.nouns import Item, Lines, Option, Part, Problem
from crashcart.guides.foreign.text import slug


@dataclass(slots=True)
class OptionDraft:
    """One way to fix a problem."""

    title: str
    first: int
    last: int
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Draft:
    """A problem that is being gathered. `loose`: statements under no label."""

    title: str
    first: int
    last: int
    parent: Draft | None
    evidence: list[str]
    category: str = ""
    severity: str = ""
    items: dict[Part, list[Item]] = field(default_factory=dict)
    options: list[OptionDraft] = field(default_factory=list)
    loose: list[Item] = field(default_factory=list)
    loose_fences: list[Lines] = field(default_factory=list)
    id: str = ""

    def add(self, part: Part | None, item: Item) -> None:
        """Put a statement where it belongs."""
        if part is None:
            self.loose.append(item)
        elif part in (Part.FIX, Part.ANSWER):
            self.option(item.lines.first).items.append(item)
            self.options[-1].last = max(self.options[-1].last, item.lines.last)
        else:
            self.items.setdefault(part, []).append(item)

    def option(self, line: int) -> OptionDraft:
        """Return the option that is open; open one when none is."""
        if not self.options:
            self.options.append(OptionDraft("", line, line))
        return self.options[-1]

    def has_body(self) -> bool:
        """Whether the problem says anything but its title."""
        return bool(self.items or self.options or self.loose or self.loose_fences)


_SYMPTOMS = (Part.SYMPTOM, Part.MESSAGE, Part.PROBLEM)
_NOTES = (Part.NOTE, Part.IMPACT, Part.PREVENTION, Part.EXPECTED, Part.THRESHOLD)


def finished(drafts: Sequence[Draft]) -> tuple[Problem, ...]:
    """Return the problems, with ids that differ, in the order of the source."""
    ordered = sorted(drafts, key=lambda draft: (draft.first, -draft.last))
    taken: set[str] = set()
    for draft in ordered:
        draft.id = _fresh(slug(draft.title) or f"line-{draft.first}", draft, taken)
        taken.add(draft.id)
    return tuple(_problem(draft) for draft in ordered)


def _fresh(wanted: str, draft: Draft, taken: set[str]) -> str:
    if wanted in taken and draft.parent is not None and draft.parent.id:
        wanted = f"{draft.parent.id}-{wanted}"[:80].strip("-")
    return wanted if wanted not in taken else f"{wanted}-{draft.first}"


def _problem(draft: Draft) -> Problem:
    options = [option for option in draft.options if option.items or option.title or option.last > option.first]
    loose = tuple(draft.loose)
    is_told = Part.CAUSE in draft.items or Part.CHECK in draft.items  # then loose words describe, and do not help
    if not options and (draft.loose_fences or (loose and not is_told)):
        lines = [item.lines for item in loose] + draft.loose_fences
        options = [OptionDraft("", min(span.first for span in lines), max(span.last for span in lines), list(loose))]
        loose = ()
    return Problem(
        draft.id,
        draft.title,
        Lines(draft.first, draft.last),
        draft.parent.id if draft.parent else None,
        draft.category,
        draft.severity,
        tuple(_gathered(draft, _SYMPTOMS)),
        tuple(_gathered(draft, (Part.CAUSE,))),
        tuple(_gathered(draft, (Part.CHECK,))),
        tuple(Option(option.title, tuple(option.items), Lines(option.first, option.last)) for option in options),
        tuple(_gathered(draft, (Part.VERIFY,))),
        (*_gathered(draft, _NOTES), *loose),
        tuple(draft.evidence),
    )


def _gathered(draft: Draft, parts: Sequence[Part]) -> Iterator[Item]:
    items = [item for part in parts for item in draft.items.get(part, ())]
    return iter(sorted(items, key=lambda item: item.lines.first))
