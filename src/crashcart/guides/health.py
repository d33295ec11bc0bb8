"""The **Healthy** items of guides: what they ask, and what became of each. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final

from crashcart.guides.judge import judge
from crashcart.model.health import Health, HealthLine, Mark
from crashcart.model.net import BoundHealth, Finding, Net
from crashcart.model.observation import Look, LookId, Observation
from crashcart.model.spec import Catalogue
from crashcart.model.truth import Truth

_SECTION: Final = re.compile(r" {0,3}##(?!#)")
_FENCE: Final = re.compile(r" {0,3}(?P<ticks>`{3,}|~{3,})")
_LABEL: Final = "**Healthy"


def opening(text: str) -> str:
    """Return a guide's text up to its first problem, where the Healthy items stand; every line keeps its number.

    Compiling that alone takes a fraction of the time. The whole text comes back when the label stands elsewhere.
    """
    lines = text.split("\n")
    fence = ""
    for number, line in enumerate(lines):
        found = _FENCE.match(line)
        if found and (not fence or found["ticks"].startswith(fence)):
            fence = "" if fence else found["ticks"]
        elif not fence and _SECTION.match(line):
            head = "\n".join(lines[:number]) + "\n"
            return head if _LABEL in head or _LABEL not in text else text
    return text


def health_looks(net: Net, only: Collection[str] = ()) -> tuple[Look, ...]:
    """Return the looks that the Healthy items ask, once each; of some targets alone when they are named."""
    found: dict[LookId, Look] = {}
    for item in _items(net, only):
        check = net.checks[item.check]
        found |= {look.id: look for look in (*check.looks, *check.others) if not check.is_question}
    return tuple(found[key] for key in sorted(found))


def health_lines(
    net: Net, observations: Mapping[LookId, Observation], catalogue: Catalogue, only: Collection[str] = ()
) -> tuple[HealthLine, ...]:
    """Judge the Healthy items by what was seen."""
    return tuple(_line(item, net, observations, catalogue) for item in _items(net, only))


def _items(net: Net, only: Collection[str]) -> list[BoundHealth]:
    """Return each item once: of two guides that ask the same, the one whose failure counts more is heard."""
    found: dict[tuple[str, str], BoundHealth] = {}
    for item in net.healthy:
        key = item.target, item.check
        if (not only or item.target in only) and (key not in found or item.is_failure > found[key].is_failure):
            found[key] = item
    return sorted(found.values(), key=lambda item: (item.target, item.source.path, item.source.span, item.check))


def _line(item: BoundHealth, net: Net, observations: Mapping[LookId, Observation], catalogue: Catalogue) -> HealthLine:
    check = net.checks[item.check]
    if check.is_question:
        finding = Finding(check.key, Truth.UNKNOWN, "a question to a person; nobody was asked")
    else:
        finding = judge(check, observations, catalogue)
    took = [observations[look.id].took_s for look in check.looks if look.id in observations]
    return HealthLine(item.target, check, _mark(finding.truth, item), finding.saw, max(took, default=0.0), item.source)


def _mark(truth: Truth, item: BoundHealth) -> Mark:
    if truth is Truth.UNKNOWN:
        return Mark.UNSEEN
    if truth is Truth.TRUE:
        return Mark.PASS
    return Mark.FAIL if item.is_failure else Mark.WARN


def changed(before: Health, after: Health) -> frozenset[tuple[str, str]]:
    """Return target and check of each item whose mark is another than before."""
    was = {(line.target, line.check.key): line.mark for line in before.lines}
    now = {(line.target, line.check.key): line.mark for line in after.lines}
    return frozenset(key for key, mark in now.items() if was.get(key) is not mark)
