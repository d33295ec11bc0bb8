"""An answer held against the truth. Pure; every threshold of one answer stands here."""

from __future__ import annotations

from crashcart_lab.product import Answer, Suspect

DECIDED = "decided"
NOTHING_WRONG = "nothing wrong"
# Whoever claims a wrong cause with more than this is confidently wrong.
CONFIDENT = 0.8
# So far down a list people read under stress.
TOP = 3


def rank_of(answer: Answer, truth: str) -> int:
    """Return the place of the true cause among all that was said, "nothing" included; 0 when it is not there.

    Whoever is tied takes the last place of the tie: who knows nothing must not score by the order of a list.
    """
    mine = p_of(answer, truth)
    if mine <= 0.0 or answer.verdict == NOTHING_WRONG:
        return 0
    rivals = [answer.p_nothing, *(one.p for one in answer.suspects if one.cause != truth)]
    return 1 + sum(p >= mine for p in rivals)


def is_first(answer: Answer, truth: str) -> bool:
    """Whether the true cause alone stands first, before all others and before "nothing"."""
    return rank_of(answer, truth) == 1


def is_among_first(answer: Answer, truth: str) -> bool:
    """Whether the true cause is one of the first three."""
    return 1 <= rank_of(answer, truth) <= TOP


def is_named(answer: Answer, truth: str) -> bool:
    """Whether the true cause is first and decided."""
    return answer.verdict == DECIDED and is_first(answer, truth)


def is_silent(answer: Answer) -> bool:
    """Whether a healthy world is called so: "I cannot tell" does not count as silence."""
    return answer.verdict == NOTHING_WRONG


def best_other(answer: Answer, truth: str) -> Suspect | None:
    """Return the likeliest known cause that is not the true one."""
    others = [one for one in answer.suspects if one.is_known and one.cause != truth]
    return max(others, key=lambda one: one.p, default=None)


def blames_another(answer: Answer, truth: str) -> bool:
    """Whether a known cause that is not the true one has more than 0.8, or was decided on."""
    other = best_other(answer, truth)
    if other is None:
        return False
    return other.p > CONFIDENT or (answer.verdict == DECIDED and not is_first(answer, truth))


def p_of(answer: Answer, truth: str) -> float:
    return next((one.p for one in answer.suspects if one.cause == truth), 0.0)
