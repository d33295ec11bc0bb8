"""Causes that nobody can tell apart, told to whoever writes the guides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from crashcart.model.diagnosis import Difference, Twins
from crashcart.model.net import BoundCause, Net
from crashcart.report.plain import line
from crashcart.report.text import look_text, place

_SHOWN = 3


def twins_text(pairs: Sequence[Twins], net: Net, *, enough_db: float) -> str:
    """Return the page: each pair, what tells a little, and what to do about it."""
    causes = {cause.id: cause for cause in net.causes}
    if not pairs:
        return f"Every pair of {len(causes)} causes can be told apart by the looks at hand.\n"
    rows = [
        f"{len(pairs)} pair{'s' if len(pairs) > 1 else ''} of causes cannot be told apart by the looks at hand "
        f"({enough_db:.0f} dB would decide between two that are equally likely)."
    ]
    for pair in pairs:
        rows += ["", *_pair(pair, causes, net)]
    return "\n".join(rows) + "\n"


def _pair(pair: Twins, causes: Mapping[str, BoundCause], net: Net) -> Iterator[str]:
    both = (causes[pair.first], causes[pair.second])
    for cause in both:
        yield f"  {line(cause.title)} ({cause.id})  {place(cause.source)}"
    yield f"    all looks together tell {pair.db:.1f} dB"
    yield from (_difference(one) for one in pair.differences[:_SHOWN])
    if not pair.is_curable:
        kinds = sorted(_unused(both, net))
        more = f": neither asks {', '.join(kinds)}" if kinds else ""
        yield f"    to do: give one of them evidence that the other cannot have{more}"


def _unused(both: Sequence[BoundCause], net: Net) -> set[str]:
    """Return the kinds of look that other causes at the same targets use, and neither of these."""
    targets = {cause.target for cause in both}
    around = {kind for cause in net.causes if cause.target in targets for kind in _kinds(cause, net)}
    return around - {kind for cause in both for kind in _kinds(cause, net)}


def _kinds(cause: BoundCause, net: Net) -> set[str]:
    return {look.kind for edge in cause.edges for look in net.checks[edge.check].looks}


def _difference(one: Difference) -> str:
    why = f"  (cannot be taken: {line(one.blocked_because)})" if one.blocked_because else ""
    return f"    {one.db:5.1f} dB  {line(look_text(one.look))}{why}"
