"""A diagnosis told step by step, to somebody who has never seen one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crashcart.model.diagnosis import Diagnosis, NextLook, Ranked
from crashcart.model.net import Net
from crashcart.model.observation import LookId, Observation, Seen, Unseen
from crashcart.model.system import System
from crashcart.report.page.story import shown_value
from crashcart.report.plain import line
from crashcart.report.text import look_words
from crashcart.report.words import likely

_LOOK = 46
_SAW = 46
_LEADING = 3
_FIELDS = ("says", "is_seen", "is_set", "status", "connect")  # what tells most of a look, first


def opening(system: System, complaint: str) -> list[str]:
    """Say what there is, and what people say."""
    rows = ["A real outage of a small service, recorded; it is replayed here step by step, offline.", ""]
    for target in system.targets.values():
        needs = f", needs {', '.join(target.depends)}" if target.depends else ""
        rows.append(f"  {line(target.name, 30):<10} {target.kind}{needs}")
    return [*rows, "", f'  somebody says: "{line(complaint, 80)}"']


def step(number: int, diagnosis: Diagnosis, net: Net, observations: Sequence[Observation]) -> list[str]:
    """Tell one round: what was looked at and why, what was seen, and who leads now."""
    chosen = diagnosis.rounds[number - 1]
    seen = {entry.look: entry for entry in observations}
    rows = ["", f"Round {number}: {_why(number, chosen.looks, net)}"]
    rows += [_look_row(look, net, seen) for entry in chosen.looks for look in entry.looks]
    return [*rows, "", "  Now:", *_leading(diagnosis)]


def _why(number: int, looks: Sequence[NextLook], net: Net) -> str:
    count = f"{len(looks)} look{'' if len(looks) == 1 else 's'}"
    if number == 1:
        return f"{count}, to see what is broken at all; the cheapest that tell most"
    titles = {cause.id: cause.title for cause in net.causes}
    names = dict.fromkeys(titles.get(cause, "something else") for entry in looks for cause in entry.separates)
    told = ", or ".join(f'"{line(name, 60)}"' for name in list(names)[:3])
    return f"{count}, chosen because they tell these apart:\n         {told}"


def _look_row(look: LookId, net: Net, seen: Mapping[LookId, Observation]) -> str:
    bound = next((entry for entry in net.looks() if entry.id == look), None)
    words = look_words(bound) if bound else str(look)
    return f"  {line(words, _LOOK):<{_LOOK}}  {line(_saw(seen.get(look)), _SAW)}"


def _saw(observation: Observation | None) -> str:
    if observation is None:
        return "not taken"
    match observation.outcome:
        case Unseen(reason):
            return f"could not be seen: {reason}"
        case Seen(fields):
            name = next((name for name in _FIELDS if name in fields), next(iter(fields), ""))
            if name == "is_seen":
                return f"seen {fields.get('count', '')} times" if fields[name] else "not in the log"
            return f"{name} = {shown_value(fields[name])}" if name else "nothing"


def _leading(diagnosis: Diagnosis) -> Iterator[str]:
    for ranked in diagnosis.ranked[:_LEADING]:
        if ranked.p >= 0.01:
            yield f"  {_bar(ranked)} {ranked.p:.2f}  {line(ranked.title, 62)} ({likely(ranked.p)})"


def _bar(ranked: Ranked) -> str:
    full = round(ranked.p * 12)
    return "█" * full + "░" * (12 - full)


def truth_row(truth: Sequence[str], net: Net) -> str:
    """Say what had really been done to the service when this was recorded."""
    titles = [cause.title for cause in net.causes if cause.id in truth]
    return f"What it really was: {line(', '.join(titles) or ', '.join(truth), 90)}"
