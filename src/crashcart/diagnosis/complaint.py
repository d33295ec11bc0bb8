"""What a person says, compared with the problems that the guides know. Evidence, never a given."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from crashcart.diagnosis.weights import settle
from crashcart.model.net import BoundProblem, Finding
from crashcart.model.truth import Truth

COMPLAINT = "complaint"  # stands for the check that a person's words are

_WORD = re.compile(r"[^\W_]+")
# Words that say nothing about which problem it is.
_EMPTY_WORDS = """
    a about after all also always am an and any anything are as at be because been but by can cannot could did do
    does for from get gets getting got had has have help how i if in into is issue it its just like me my no not
    nothing now of off on or our out please problem since so some something still than that the their them then
    there they this to too up us very was we were what when where which while who why will with would wrong you your
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())
_ENDINGS = ("ingly", "edly", "ings", "ing", "ied", "ies", "ed", "es", "s", "ly")
# A problem is meant when it shares at least this part of what the best one shares.
_NEARLY = 0.5


def stems(words: Sequence[str]) -> frozenset[str]:
    """Return the stems of the words that mean something: lower case, common English endings cut off."""
    found = (part for word in words for part in _WORD.findall(word.lower()))
    return frozenset(_stem(word) for word in found if word not in _EMPTY)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + ("y" if ending in ("ies", "ied") else "")
            break
    word = word[:-1] if len(word) > 4 and word[-1] == word[-2] else word  # stopped -> stopp -> stop
    return word[:-1] if len(word) > 3 and word.endswith("e") else word  # time, timed


def complaint_findings(complaint: str, problems: Sequence[BoundProblem]) -> dict[str, Finding]:
    """Return for each problem that the words may mean, by id, a finding that says which words.

    A shared word weighs 1 / (number of problems that have it); a problem is meant when it reaches half of the best.
    """
    told = stems(complaint.split())
    shared = {problem.id: told & stems(problem.words) for problem in problems}
    common = Counter(word for words in shared.values() for word in words)
    weight = {key: settle(math.fsum(1.0 / common[word] for word in words)) for key, words in shared.items()}
    best = max(weight.values(), default=0.0)
    return {
        key: Finding(COMPLAINT, Truth.TRUE, f'"{complaint}" ({", ".join(sorted(shared[key]))})')
        for key in sorted(weight)
        if best > 0.0 and weight[key] >= _NEARLY * best
    }
