"""What a newcomer was told, held against the truth: first and decided on the right part and cause, or it does not count. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from crashcart_lab.product import Answer
from crashcart_lab.score.judge import DECIDED, NOTHING_WRONG, blames_another, is_named, p_of

BEFORE, AMID = "before", "amid"  # the break, that is when `init` was run first
_NOBODY = "(no such target)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer about one break."""

    stranger: str
    fault: str
    init: str  # BEFORE or AMID
    words: str  # that the client saw
    truth: str  # TARGET:GUIDE.CAUSE
    verdict: str
    first: str  # the likeliest cause that was named
    p: float  # of the first
    p_truth: float
    is_right: bool
    is_wrong: bool  # confidently
    looks: int
    from_install_s: float
    from_break_s: float

    @property
    def word(self) -> str:
        """How it went, in one word."""
        if self.is_right:
            return "right"
        if self.is_wrong:
            return "WRONG"
        return "blind" if self.verdict == NOTHING_WRONG else "honest"


def judged(
    stranger: str, fault: str, init: str, *, words: str, target: str, cause: str, answer: Answer, from_install_s: float,
    from_break_s: float,
) -> Outcome:  # fmt: skip
    """Hold an answer against the truth; `target` is the name that `init` gave the part, empty when it missed it."""
    truth = f"{target or _NOBODY}:{cause}"
    first = answer.suspects[0] if answer.suspects else None
    return Outcome(
        stranger, fault, init, words, truth, answer.verdict, first.cause if first else "", first.p if first else 0.0,
        p_of(answer, truth), bool(target) and is_named(answer, truth), blames_another(answer, truth), answer.looks,
        round(from_install_s, 1), round(from_break_s, 1),
    )  # fmt: skip


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as Markdown, a line each, and a line with the sums of each way."""
    head = (
        "| service | break | init | how | verdict | named first | p | looks | s from the break | s from pip install |"
    )
    lines = [head, "|" + "---|" * head.count(" | ") + "---|"]
    lines += [
        f"| {one.stranger} | {one.fault} | {one.init} | {one.word} | {one.verdict} | {one.first} | {one.p:.3f} "
        f"| {one.looks} | {one.from_break_s:.0f} | {one.from_install_s:.0f} |"
        for one in outcomes
    ]
    return "\n".join([*lines, "", *(_sums(way, outcomes) for way in (BEFORE, AMID))]).rstrip() + "\n"


def _sums(way: str, outcomes: Sequence[Outcome]) -> str:
    of_way = [one for one in outcomes if one.init == way]
    if not of_way:
        return ""
    right, wrong = sum(one.is_right for one in of_way), sum(one.is_wrong for one in of_way)
    slowest = max(one.from_install_s for one in of_way)
    return (
        f"init {way} the break: {right} of {len(of_way)} right (first and decided), {wrong} confidently wrong, "
        f"the slowest {slowest:.0f} s after pip install began."
    )


def as_data(outcomes: Sequence[Outcome]) -> list[dict[str, object]]:
    """Return the outcomes as plain data, for JSON."""
    return [asdict(one) | {"how": one.word} for one in outcomes]


def has_passed(outcomes: Sequence[Outcome]) -> bool:
    """Whether every answer is right."""
    return all(one.is_right and one.verdict == DECIDED for one in outcomes)
