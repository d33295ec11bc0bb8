"""Claims about numbers: "> 2 s", "above 80 %", "p95 < 500 ms", "exceeds 25 MB", "for 5m"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from crashcart.guides.foreign.checks import checks_in, program
from crashcart.guides.foreign.code import is_script
from crashcart.guides.foreign.collect import FenceDraft, Statement
from crashcart.guides.foreign.drafts import Draft
from crashcart.guides.foreign.nouns import Meaning, Part, Threshold
from crashcart.guides.foreign.settings import settings_in
from crashcart.guides.foreign.text import plain, word_set
from crashcart.guides.foreign.units import RANGE, RATES, TIMES, Figure, figures, unit_of

_UP = (
    r">=?|≥|&gt;=?|above|over|more than|greater than|exceed(?:s|ed|ing)?|beyond|higher than|longer than|larger than|bigger than|slower than|older than|at least|"
    r"minimum(?: of)?|min\.?|not less than|no less than|reach(?:es|ed)?|über|mehr als|mindestens|größer als|länger als|höher als|überschreitet|übersteigt|más de|mayor que|superior a|"
    r"al menos|plus de|supérieur à|au moins|dépasse|mais de|maior que|pelo menos|超过|大于|高于|至少|超え|более|больше|выше|свыше|превышает|не менее|exceeding|crosses|rises above|grows beyond|passes"
)
_DOWN = (
    r"<=?|≤|&lt;=?|below|under|less than|fewer than|lower than|shorter than|faster than|smaller than|at most|no more than|not more than|up to|maximum(?: of)?|max\.?|within|unter|weniger als|"
    r"höchstens|maximal|kleiner als|innerhalb von|menos de|menor que|inferior a|como máximo|moins de|inférieur à|au plus|no máximo|小于|低于|不超过|少于|未満|менее|меньше|ниже|не более|drops to|falls to|"
    r"falls below|drops below|capped at|limited to"
)
_EXACT = {">=": ">=", "≥": ">=", "at least": ">=", "minimum": ">=", "minimum of": ">=", "min": ">=", "min.": ">=", "mindestens": ">=", "al menos": ">=", "au moins": ">=",
          "pelo menos": ">=", "至少": ">=", "не менее": ">=", "&gt;=": ">=", "not less than": ">=", "no less than": ">=", "reaches": ">=", "<=": "<=", "≤": "<=", "&lt;=": "<=",
          "at most": "<=", "no more than": "<=", "not more than": "<=", "up to": "<=", "maximum": "<=", "maximum of": "<=", "max": "<=", "max.": "<=", "within": "<=",
          "höchstens": "<=", "maximal": "<=", "como máximo": "<=", "au plus": "<=", "no máximo": "<=", "不超过": "<=", "не более": "<=", "capped at": "<=", "limited to": "<="}  # fmt: skip
_BEFORE = re.compile(
    rf"(?P<up>{_UP})\s*:?\s*(?:the |a |about |approximately |than |als |que )?[~≈(]?\s*$|(?P<down>{_DOWN})\s*:?\s*(?:the |a |about |than )?[~≈(]?\s*$|(?P<is>[=:]|==|\bis|\bequals|\bof|\bat)\s*[~≈(]?\s*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^\s*(?:\+|or (?:more|higher|above|greater|longer)|and (?:above|more|higher|up)|以上|oder mehr|o más|ou plus|ou mais)",
    re.IGNORECASE,
)
_AFTER_LESS = re.compile(
    r"^\s*(?:or (?:less|fewer|lower|below|shorter)|以下|以内|oder weniger|o menos|ou moins|ou menos)", re.IGNORECASE
)
_DURATION = re.compile(
    r"\b(?:for|over|during|within|in|für|durante|pendant|por|в течение|持续)\s+(?:the last |the past |at least |more than |over |a period of |up to )?$",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:limit|limits|max|maximum|quota|cap|capped|up to|at most|allowed|allows?|capacity|buffer|threshold|expects?|per chunk|timeout|retention|keep|reject|last|within|sample rate|ttl)\b|限制|上限|制限|лимит|límite|limite|Grenze",
    re.IGNORECASE,
)
_TARGET = re.compile(
    r"\b(?:expected|target|slos?|slas?|baseline|normal(?:ly)?|healthy|should be|should stay|must be|must stay|check that|ensure|verify that|make sure|keep (?:it )?(?:below|under|above)|benchmark|goal|objective|ideal(?:ly)?|recommended|sollte|debe|doit)\b|正常|预期|目标",
    re.IGNORECASE,
)
_ALARM = re.compile(
    r"\b(?:alert|alarm|warn|warning|critical|fires?|trigger\w*|if|when|page|wenn|falls|si|cuando|quando|если)\b|告警|如果",
    re.IGNORECASE,
)
_STEP = re.compile(
    r"\b(?:wait|sleep|retry|after|every|each|cache|run|re-?run|increase|raise|set|scale|restart|in|next|first|takes?|took|about|approximately|around|roughly|expire[sd]?|lasts?|refresh)\s+(?:\w+ ){0,3}[~(]?\s*$",
    re.IGNORECASE,
)
_ACTS = re.compile(
    r"\b(?:wait|sleep|retry|retries|re-?run|try again|restart|poll)\s+(?:\w+ ){0,3}[~(]?\s*$", re.IGNORECASE
)
_BOUNDED = re.compile(
    r"\b(?:limit|limits|max|maximum|max\.|quota|cap|threshold)\b(?:\s+[\w/-]+){0,3}\s*[:=]\s*[~≈(]?\s*$", re.IGNORECASE
)
_TRIES = re.compile(r"\bafter\s+$", re.IGNORECASE)
_KEEPS = re.compile(r"\b(?:keep|last|at most|up to|retain\w*|older than)\b[\w ]{0,20}$", re.IGNORECASE)
_READING = re.compile(r"(?:^|[(`\"“,])\s*[A-Za-z][\w /.-]{1,40}\s*[:=]\s*$")
_METRIC = re.compile(r"[A-Za-z_][\w/%.-]*(?:\s+[A-Za-z_][\w/%.-]*){0,4}\s*[:=]?\s*$")
_CLAIMS = frozenset({Part.SYMPTOM, Part.MESSAGE, Part.PROBLEM, Part.PROBLEMS, Part.CAUSE, Part.THRESHOLD})
_COMMENT = re.compile(r"(?:^\s*|\s)(?:#|//|--)\s+(.*)$")


_STOP = re.compile(r"[.;!?。]\s+(?=[A-Z\u0080-\uffff])")
_MOST = 40  # figures of one line that are looked at: a person compares fewer, and each costs a few searches
_NEAR = 160  # characters around a figure that may say what it is


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands: its line, part, problem, the word over its column, the title of its section."""

    line: int
    part: Part | None
    owner: Draft | None
    around: str


_SUM = re.compile(r"\$\{?\w+\}?\s*[<>]")  # a sum for `bc`, not words
# A time somebody promises to answer within: what is longer breaks the promise.
_PROMISED = re.compile(
    r"\W*(?:(?:first|target|initial|max(?:imum)?) )?(?:response|resolution|reaction|acknowledge?ment|escalation|reply) times?\b",
    re.IGNORECASE,
)
_LIST_ITEM = re.compile(r"^\s*[-*]\s+[A-Z][A-Za-z]+ [a-z]")  # words, whatever the fence is called
_ECHOED = re.compile(r"\b(?:echo|printf|print)\b[^\"'\n]{0,12}(?P<q>[\"'])(?P<text>[^\n]*?)(?P=q)")
_SIGNED = re.compile(r"[<>]=?\s*\d|\bwithin \d")


def _printed_bounds(line: str) -> Iterator[str]:
    """Yield what a program prints that has a bound in it: "Slow requests (>2s):"."""
    for found in _ECHOED.finditer(line[:1_000]):
        if _SIGNED.search(found["text"]) and "$(" not in found["text"] and not _SUM.search(found["text"]):
            yield found["text"]


class Measurer:
    """Finds the thresholds of one document."""

    def __init__(self) -> None:
        self.found: list[Threshold] = []
        self.seen: set[tuple[int, float, str, str]] = set()

    def all(self, statements: Sequence[Statement], fences: Sequence[FenceDraft]) -> tuple[Threshold, ...]:
        """Return all of them in the order of the source."""
        for said in statements:
            if said.sort != "raw":  # commands and answers
                self.text(said.text, Place(said.line, said.part, said.owner, f"{said.column} {said.section}"))
        for fence in fences:
            self.fence(fence)
        return tuple(sorted(self.found, key=lambda threshold: (threshold.line, threshold.value)))

    def fence(self, fence: FenceDraft) -> None:
        code = program(fence.element.text)
        waits: set[tuple[str, float, str]] = set()
        info = fence.element.info.split(" ")[0].casefold()
        is_plain = info in ("", "text", "txt", "plaintext", "none")
        for no, line in enumerate(code.lines):
            checks = list(checks_in(code, no))
            place = Place(fence.element.body_line + no, fence.part, fence.owner, fence.section)
            comment = _COMMENT.search(line)
            if is_plain and not fence.is_listing:
                self.text(line, place, is_table=True)
            elif _LIST_ITEM.match(line) and not fence.is_listing and not is_script(fence.element.text):
                self.text(line, place)
            elif comment and not fence.is_listing and not checks:  # beside code that compares, it says the same again
                self.comment(comment.group(1), place)
            for shown in _printed_bounds(line):
                self.text(shown, place)
            for check in checks:
                key = (check.metric, check.value, check.unit)
                if check.metric == "wait" and key in waits:
                    continue  # one bound, for one wait after another
                if check.metric == "timeout" and place.part in (Part.FIX, Part.ANSWER):
                    continue  # what to set, and nothing that bounds the system yet
                waits.add(key)
                self.add(check.relation, check.value, check.unit, "", check.metric, check.meaning, place)
            for setting in settings_in(line):
                self.add(setting.relation, setting.value, setting.unit, "", setting.metric, setting.meaning, place)

    def comment(self, text: str, place: Place) -> None:
        """Take what a comment compares; a bare number in one is a detail of the code."""
        for figure in figures(text)[:_MOST]:
            is_kept = figure.unit in TIMES and _KEEPS.search(text[: figure.start])
            if figure.unit and (_compared(text, figure) in (">", ">=", "<", "<=") or is_kept):
                self.text(text, place)
                return

    def text(self, raw: str, place: Place, *, is_table: bool = False) -> None:
        text = plain(raw.replace("|", " ¦ ")) if not is_table else raw
        known = figures(text)[:_MOST]
        skipped: set[int] = set()
        for found in islice(RANGE.finditer(text), _MOST):
            self.range(text, found, place)
        for at, figure in enumerate(known):
            if at in skipped or _is_status(figure):
                continue
            duration = ""
            if (
                at + 1 < len(known)
                and known[at + 1].unit in TIMES
                and _DURATION.search(text[figure.end : known[at + 1].start])
            ):
                duration = text[known[at + 1].start : known[at + 1].end].strip()
                skipped.add(at + 1)
            near, shift = _sentence(text, figure)
            self.figure(
                near, replace(figure, start=figure.start - shift, end=figure.end - shift), duration, place, is_table
            )

    def range(self, text: str, found: re.Match[str], place: Place) -> None:
        """Take "100-200 ms" for two bounds."""
        near, _ = _sentence(text, Figure(0.0, "", found.start(), found.end()))
        meaning = Meaning.TARGET if _TARGET.search(f"{place.around} {near}") else Meaning.QUOTED
        for relation, value in ((">=", found["low"]), ("<=", found["high"])):
            self.add(relation, float(value), unit_of(found["unit"]), "", _metric(text[: found.start()]), meaning, place)

    def figure(self, text: str, figure: Figure, duration: str, place: Place, is_table: bool) -> None:
        before = text[: figure.start]
        relation = _compared(text, figure)
        around = f"{place.around} {text}"
        if relation not in (">", ">=", "<", "<=") and figure.unit in TIMES and _PROMISED.match(text):
            relation, meaning = "<=", Meaning.TARGET
        elif relation in (">", ">=", "<", "<="):
            if not figure.unit and (not _has_metric(before) or _AFTER.match(text[figure.end : figure.end + 24])):
                return
            meaning = self.meaning(text, place, relation)
        elif figure.unit and (
            (self.is_reading(before, text, figure, place) if not is_table else _TARGET.search(around))
            or figure.unit in RATES
        ):
            relation, meaning = _bare_meaning(text, around, figure)
        else:
            return
        self.add(relation, figure.value, figure.unit, duration, _metric(before), meaning, place)

    def is_reading(self, before: str, text: str, figure: Figure, place: Place) -> bool:
        """Whether a bare number with a unit is a claim: a reading, a number in parentheses, or a limit."""
        if place.part in (Part.FIX, Part.ANSWER) and not _LIMIT.search(text):
            return False
        if (
            _READING.search(before)
            or _LIMIT.search(before[-40:])
            or _LIMIT.match(text[figure.end : figure.end + 40].lstrip())
        ):
            return True
        if _ACTS.search(before) or (_STEP.search(before) and place.part not in _CLAIMS):
            return False
        return place.part in _CLAIMS and figure.unit != ""

    def meaning(self, text: str, place: Place, relation: str) -> Meaning:
        if _TARGET.search(place.around) or _TARGET.search(text):
            return Meaning.TARGET
        if _LIMIT.search(text) and not _ALARM.search(text):
            return Meaning.LIMIT
        if place.part in (Part.FIX, Part.ANSWER) and not _ALARM.search(text):
            return Meaning.LIMIT
        if relation in ("<=",) and place.part not in _CLAIMS:
            return Meaning.LIMIT
        return Meaning.ALARM

    def add(
        self, relation: str, value: float, unit: str, duration: str, metric: str, meaning: Meaning, place: Place
    ) -> None:
        key = (place.line, value, unit, relation)
        if key in self.seen:
            return
        self.seen.add(key)
        owner = place.owner.id or None if place.owner else None
        self.found.append(Threshold(metric, relation, value, unit, duration, meaning, place.line, owner))


_TRIED = word_set("errors error failures failure attempts attempt retries tries times")


def _sentence(text: str, figure: Figure) -> tuple[str, int]:
    """Return the sentence around a figure and where it begins; at most _NEAR characters on each side."""
    start = max(0, figure.start - _NEAR)
    for found in _STOP.finditer(text, start, figure.start):
        start = found.end()
    end = _STOP.search(text, figure.end, figure.end + _NEAR)
    return text[start : end.start() if end else figure.end + _NEAR], start


def _is_status(figure: Figure) -> bool:
    """Whether a number is an HTTP status and no count ("429 errors")."""
    return figure.unit in ("errors", "error", "requests", "") and figure.value in range(400, 600)


def _compared(text: str, figure: Figure) -> str:
    """Return the relation that words around a number give it, "" when there is none."""
    behind = text[figure.end : figure.end + 24]
    if _AFTER.match(behind):
        return ">="
    if _AFTER_LESS.match(behind):
        return "<="
    before = text[max(0, figure.start - 50) : figure.start]
    if _BOUNDED.search(before):
        return "<="
    if _TRIES.search(before) and figure.unit in _TRIED:
        return ">="
    found = _BEFORE.search(before)
    if not found:
        return ""
    word = (found["up"] or found["down"] or found["is"]).casefold()
    if found["up"]:
        return _EXACT.get(word, ">")
    return _EXACT.get(word, "<") if found["down"] else "="


def _bare_meaning(text: str, around: str, figure: Figure) -> tuple[str, Meaning]:
    """Return the relation and meaning of a number that nothing compares: a target, a limit ("at most"), or a reading."""
    near = text[max(0, figure.start - 60) : figure.end + 20]
    if _TARGET.search(around):
        return "=", Meaning.TARGET
    if re.search(
        r"\b(?:limit|max|maximum|quota|cap|per chunk|within|rpm|tpm)\b|限制|上限|лимит|límite|limite",
        near,
        re.IGNORECASE,
    ):
        return "<=", Meaning.LIMIT
    return "=", Meaning.LIMIT if _LIMIT.search(near) else Meaning.QUOTED


def _has_metric(before: str) -> bool:
    return re.search(r"[A-Za-z_\u0080-\uffff]{2,}", before) is not None


def _metric(before: str) -> str:
    """Return the words before a number that say what is measured."""
    bare = _BEFORE.sub("", before[-120:]).strip(" ¦`\"'(:=~")
    found = _METRIC.search(bare)
    return found.group().strip(" :=") if found else ""
