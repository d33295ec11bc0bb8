"""An answer held against the truth. Pure; every threshold of the score stands here."""

from __future__ import annotations

from crashcart_lab.product import Answer, Suspect

DECIDED = "decided"
NOTHING_WRONG = "nothing wrong"
# Whoever claims a wrong cause with more than this is confidently wrong.
CONFIDENT = 0.8


def is_first(answer: Answer, truth: str) -> bool:
    """Whether the true cause alone stands first, before all others and before "nothing".

    A tie is no first place: whoever knows nothing gives all causes the same probability.
    """
    if not answer.suspects or answer.verdict == NOTHING_WRONG:
        return False
    head, rest = answer.suspects[0], answer.suspects[1:]
    return head.cause == truth and head.p > max([answer.p_nothing, *(one.p for one in rest)])


def is_named(answer: Answer, truth: str) -> bool:
    """Whether the true cause is first and decided."""
    return answer.verdict == DECIDED and is_first(answer, truth)


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
