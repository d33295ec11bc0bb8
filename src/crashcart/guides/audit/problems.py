"""Remarks on problems: what shows them, what heals them, how one sees that they are over."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from crashcart.guides.foreign.nouns import Meaning, Origin, Problem, Role, Signature, Threshold
from crashcart.guides.shell import Command, Remark, Risk

from .commands import is_warned, may_lose_data
from .nouns import Text, flat

_VERIFIES = re.compile(
    r"\b(?:verif\w*|confirm\w*|check (?:that|whether|if|it)|make sure|should (?:now|see|return|show|be)|expect\w*|test (?:that|whether|again)|"
    r"(?:check|test)\b.{0,40}?\b(?:status|connection|connectivity|running|health\w*|works?)|"
    r"überprüf\w*|prüf\w*|comprueb\w*|vérifi\w*|провер\w*)|验证|確認",
    re.IGNORECASE,
)
_LOOKS = re.compile(
    r"\s*#+\s*(?:\d+[.)]\s*)?(?:test|check|verify|confirm|monitor)\b", re.IGNORECASE
)  # a comment above a look
_GOES_BACK = re.compile(
    r"\b(?:back ?up\w*|restor\w*|undo\w*|roll\w* ?back|revert\w*|snapshot\w*|dump\w*|save\w*)\b", re.IGNORECASE
)
_SHOWN = (Role.SYMPTOM, Role.LABEL, Role.TITLE)
_READING = re.compile(r"[:=]\s*\d|\d\s?%")
_FEWEST = 8  # letters and digits that a text must have to be told from others
_TWO_LEVELS = re.compile(
    r"\b(?:warn\w*|crit\w*|high|low|medium|severe|p[0-4]|sev\w*|yellow|red|orange|page|info)\b", re.IGNORECASE
)


def unverified(text: Text) -> Iterator[Remark]:
    """Without a way to see that it is over, a remedy is believed and not known."""
    parents = {problem.parent for problem in text.guide.problems}
    for problem in text.guide.problems:
        if problem.verify or not problem.options or problem.id in parents:
            continue
        lines = range(problem.lines.first, problem.lines.last + 1)
        if any(text.guide.roles[line - 1] is Role.VERIFY for line in lines):
            continue
        if _VERIFIES.search("\n".join(text.line(line) for line in lines)):
            continue
        changed = min((one.line for one in _commands(problem, text) if one.risk.rank >= Risk.CHANGES.rank), default=0)
        if not changed or _is_looked_at(problem, text, changed):
            continue
        yield Remark(
            "no-verify", problem.lines.first, flat(problem.title), "nothing says how to see that the problem is over",
            "add what shows it: a request that must succeed, a text that must not appear again",
        )  # fmt: skip


def no_way_back(text: Text) -> Iterator[Remark]:
    """What may lose data says what to save before, or how to go back."""
    for problem in text.guide.problems:
        said = "\n".join(text.line(line) for line in range(problem.lines.first, problem.lines.last + 1))
        if _GOES_BACK.search(said):
            continue
        worst = next((one for one in _commands(problem, text) if may_lose_data(one) and is_warned(one, text)), None)
        if worst is not None:
            yield Remark(
                "no-undo", worst.line, flat(worst.text), f"it may lose data ({flat(worst.why, 120)}), and the problem tells no way back",
                "say what to save before, or how to restore it",
            )  # fmt: skip


def _is_looked_at(problem: Problem, text: Text, changed: int) -> bool:
    """Whether something is looked at behind the first change: a look that stands there shows what came of it."""
    if any(one.line > changed and one.risk is Risk.READ_ONLY and one.is_known for one in _commands(problem, text)):
        return True
    return any(_LOOKS.match(text.line(line)) for line in range(changed + 1, problem.lines.last + 1))


def _commands(problem: Problem, text: Text) -> Iterator[Command]:
    for fence in text.fences(problem):
        yield from text.found[fence.lines.first]
    yield from (command for command in text.inline if problem.lines.holds(command.line))


def same_signature(text: Text) -> Iterator[Remark]:
    """A text that two problems show cannot tell which of them is there."""
    shown: dict[str, list[Signature]] = defaultdict(list)
    for sign in text.guide.signatures:
        if sign.problem is None or sign.origin in (Origin.STATUS, Origin.CODE):
            continue
        bare = " ".join(re.sub(r"<[^<>]*>", "<>", sign.text).casefold().split()).strip(".")
        if sum(char.isalnum() for char in bare) >= _FEWEST:
            shown[bare].append(sign)
    parents = {problem.id: problem.parent for problem in text.guide.problems}
    titles = {problem.id: problem.title for problem in text.guide.problems}
    for signs in shown.values():
        first = signs[0]
        for sign in signs[1:]:
            if sign.problem != first.problem and not _is_kin(str(sign.problem), str(first.problem), parents):
                yield Remark(
                    "same-signature", sign.line, flat(sign.raw),
                    f'"{flat(titles.get(str(first.problem), ""), 80)}" (line {first.line}) shows the same text',
                    "say what else tells them apart, or make one problem of them",
                )  # fmt: skip


def _is_kin(one: str, other: str, parents: dict[str, str | None]) -> bool:
    """Whether one problem is the other, or part of it."""
    for low, high in ((one, other), (other, one)):
        seen: set[str] = set()
        here: str | None = low
        while here is not None and here not in seen:
            if here == high:
                return True
            seen.add(here)
            here = parents.get(here)
    return False


def contradictions(text: Text) -> Iterator[Remark]:
    """Two alarms on one thing, in one unit and direction, with different numbers."""
    groups: dict[tuple[str, str, str, Meaning], list[Threshold]] = defaultdict(list)
    for number in text.guide.thresholds:
        name = " ".join(re.findall(r"\w+", number.metric.casefold()))
        is_named = "_" in name or len(name.split()) >= 2
        if is_named and number.meaning in (Meaning.ALARM, Meaning.TARGET):
            groups[name, number.unit, number.relation[0], number.meaning].append(number)
    for numbers in groups.values():
        first = numbers[0]
        for number in numbers[1:]:
            if number.value == first.value or number.duration != first.duration:
                continue
            if any(_TWO_LEVELS.search(text.around(at.line, 6, 3)) for at in (first, number)):
                continue  # two levels of one alarm
            yield Remark(
                "contradicting-thresholds", number.line, flat(text.line(number.line)),
                f"line {first.line} says {first.relation} {first.value:g} {first.unit} for the same, this one {number.value:g} {number.unit}",
                "decide for one, or say when which holds",
            )  # fmt: skip


def healthy_readings(text: Text) -> Iterator[Remark]:
    """Where an error is to stand, a number of a healthy system says nothing; what to look for in a log may be good news."""
    for sign in text.guide.signatures:
        is_reading = sign.is_healthy and _READING.search(sign.raw) is not None
        if is_reading and sign.problem is not None and text.guide.roles[sign.line - 1] in _SHOWN:
            yield Remark(
                "healthy-reading", sign.line, flat(sign.raw), "this reading is that of a system that is well, so it shows no trouble",
                "quote what is written when it goes wrong, or give the limit",
            )  # fmt: skip
