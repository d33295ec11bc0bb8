"""The words by which a text compares a number: above, at most, or more; in the languages of the lexicon."""

from __future__ import annotations

import re

from crashcart.guides.foreign.text import word_set
from crashcart.guides.foreign.units import Figure


def _any(*lines: str) -> str:
    """Return an expression for any of the phrases between commas; longer ones first, so that none hides another."""
    phrases = [phrase for line in lines for phrase in line.split(", ")]
    return "|".join(sorted(phrases, key=len, reverse=True))


_ABOVE = _any(
    r">, &gt;, above, over, more than, greater than, exceed(?:s|ed|ing)?, beyond, higher than, longer than, larger than, bigger than, slower than, older than, later than, hotter than, warmer than, heavier than, crosses, rises above, grows beyond, passes, surpass(?:es|ing)?",
    r"über, mehr als, größer als, länger als, höher als, älter als, überschreitet, übersteigt, oberhalb(?: von)?",
    r"más de, mayor(?:es)? (?:que|a|de), superior(?:es)? a, supera, excede, por encima de, más alto que",
    r"plus de, supérieure?s? à, dépasse(?:nt)?, au-dessus de, au-delà de, excède(?:nt)?",
    r"mais de, maior(?:es)? (?:que|do que), superior(?:es)? a, ultrapassa, acima de",
    r"超过, 大于, 高于, 超出, 多于, を超える, を超えた, 超え, より大きい, 超過, 초과",
    r"более(?: чем)?, больше(?: чем)?, выше, свыше, превышает, превысил[аои]?, дольше",
)
_AT_LEAST = _any(
    r">=, ≥, &gt;=, at least, minimum of, minimum, min\., min, not less than, no less than, reach(?:es|ed)?, mindestens, wenigstens, al menos, como mínimo, au moins, pelo menos, no mínimo, 至少, 不少于, 不低于, 达到, 少なくとも, 最低, 최소, не менее, не меньше, как минимум",
)
_BELOW = _any(
    r"<, &lt;, below, under, less than, fewer than, lower than, shorter than, faster than, smaller than, earlier than, sooner than, cooler than, colder than, lighter than, newer than, drops to, falls to, falls below, drops below",
    r"unter, weniger als, kleiner als, niedriger als, unterhalb(?: von)?, unterschreitet",
    r"menos de, menor(?:es)? (?:que|a|de|do que), inferior(?:es)? a, por debajo de, abaixo de",
    r"moins de, inférieure?s? à, en dessous de, en-dessous de",
    r"小于, 低于, 少于, 不足, 未満, より小さい, を下回る, 미만",
    r"менее(?: чем)?, меньше(?: чем)?, ниже",
)
_AT_MOST = _any(
    r"<=, ≤, &lt;=, at most, no more than, not more than, up to, maximum of, maximum, max\., max, within, capped at, limited to",
    r"höchstens, maximal, bis zu, innerhalb von, como máximo, hasta, máximo de, au plus, au maximum, jusqu['’]à, maximum de, no máximo, até, 最多, 不超过, 不多于, 最大, 以内で, 최대, не более, не больше, до, максимум",
)
# What may stand between the words and the number: an article, a sign, a bracket.
_LINK = r"\s*:?\s*(?:the |a |an |about |approximately |around |roughly |than |als |que |de |на |auf |los |las |les |den |die |um |etwa |circa |ca\. |environ |unos |cerca de )?[~≈(\[]?\s*$"
BEFORE = re.compile(
    rf"(?P<least>{_AT_LEAST}){_LINK}|(?P<most>{_AT_MOST}){_LINK}|(?P<above>{_ABOVE}){_LINK}|(?P<below>{_BELOW}){_LINK}|(?P<is>[=:]|==|\bis|\bequals|\bof|\bat)\s*[~≈(\[]?\s*$",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")
MORE = re.compile(
    r"^\s*(?:\+|or (?:more|higher|above|greater|longer)|and (?:above|more|higher|up)|以上|이상|oder mehr|und mehr|o más|ou plus|et plus|ou mais|и (?:более|выше)|или (?:более|больше))",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"^\s*(?:or (?:less|fewer|lower|below|shorter)|以下|以内|이하|이내|oder weniger|o menos|ou moins|ou menos|и менее|или (?:менее|меньше))",
    re.IGNORECASE,
)
_ABOVE_BEHIND = re.compile(r"^\s*(?:を超え|超え|を上回|초과)")
_BELOW_BEHIND = re.compile(r"^\s*(?:未満|を下回|미만)")
_BOUNDED = re.compile(
    r"\b(?:limit|limits|max|maximum|max\.|quota|cap|threshold)\b(?:\s+[\w/-]+){0,3}\s*[:=]\s*[~≈(]?\s*$", re.IGNORECASE
)
_TRIES = re.compile(r"\bafter\s+$", re.IGNORECASE)
_TRIED = word_set("errors error failures failure attempts attempt retries tries times")
_PLACEHOLDER = re.compile(r"<[A-Za-z_][\w -]*>")  # its `>` compares nothing
_NEAR = 50  # characters before a number


def compared(text: str, figure: Figure) -> str:
    """Return the relation that words around a number give it, "" when there is none."""
    behind = text[figure.end : figure.end + 24]
    for pattern, relation in ((MORE, ">="), (_LESS, "<="), (_ABOVE_BEHIND, ">"), (_BELOW_BEHIND, "<")):
        if pattern.match(behind):
            return relation
    before = _PLACEHOLDER.sub(" ", text[max(0, figure.start - _NEAR) : figure.start])
    if _BOUNDED.search(before):
        return "<="
    if _TRIES.search(before) and figure.unit in _TRIED:
        return ">="
    found = BEFORE.search(before)
    if not found or _is_inside(before, found.start()):
        return ""
    names = {"least": ">=", "most": "<=", "above": ">", "below": "<", "is": "="}
    return names[found.lastgroup or "is"]


def _is_inside(text: str, start: int) -> bool:
    """Whether a phrase begins within a word: "takeover", "admin". Scripts without spaces have no such edge."""
    return start > 0 and text[start].isascii() and _LETTER.match(text[start]) is not None and text[start - 1].isalnum()
