"""Claims about numbers: "> 2 s", "above 80 %", "p95 < 500 ms", "exceeds 25 MB", "for 5m"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from crashcart.guides.foreign.checks import checks_in, program
from crashcart.guides.foreign.code import is_script
from crashcart.guides.foreign.collect import FenceDraft, Statement
from crashcart.guides.foreign.comparing import BEFORE, MORE, compared
from crashcart.guides.foreign.drafts import Draft
from crashcart.guides.foreign.nouns import Meaning, Part, Threshold
from crashcart.guides.foreign.paragraphs import Paragraphs
from crashcart.guides.foreign.settings import settings_in
from crashcart.guides.foreign.text import plain
from crashcart.guides.foreign.units import RANGE, RATES, TIMES, Figure, figures, unit_of

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
_KEEPS = re.compile(r"\b(?:keep|last|at most|up to|retain\w*|older than)\b[\w ]{0,20}$", re.IGNORECASE)
_READING = re.compile(r"(?:^|[(`\"“,])\s*[A-Za-z][\w /.-]{1,40}\s*[:=]\s*$")
_METRIC = re.compile(r"[A-Za-z_][\w/%.-]*(?:\s+[A-Za-z_][\w/%.-]*){0,4}\s*[:=]?\s*$")
_CLAIMS = frozenset({Part.SYMPTOM, Part.MESSAGE, Part.PROBLEM, Part.PROBLEMS, Part.CAUSE, Part.THRESHOLD})
_COMMENT = re.compile(r"(?:^\s*|\s)(?:#|//|--)\s+(.*)$")


_STATUS_WORD = re.compile(r"\b(?:status|code|codes|http|response|statuscode)\b|状态码|код", re.IGNORECASE)
_COUNTS_NOUN = re.compile(r"\s+[^\W\d_]{4,}")  # "At most 500 parcels per batch"
# Columns over figures that raise an alarm when they are passed, and a figure alone in its cell.
_ALARM_COLUMN = re.compile(
    r"(?:(?:alert|alarm)(?: (?:threshold|at|when))?|warn(?:ing)?(?: (?:threshold|level|at))?|critical(?: (?:threshold|level|at))?|page(?: at)?|threshold|warnung|kritisch|schwellwert|umbral|crítico|aviso|seuil|critique|limiar|порог|阈值|告警阈值|閾値|しきい値)\W*",
    re.IGNORECASE,
)
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

    def __init__(self, paragraphs: Paragraphs) -> None:
        self.paragraphs = paragraphs
        self.found: list[Threshold] = []
        self.seen: set[tuple[int, float, str, str]] = set()

    def all(self, statements: Sequence[Statement], fences: Sequence[FenceDraft]) -> tuple[Threshold, ...]:
        """Return all of them in the order of the source."""
        for said in statements:
            if said.sort != "raw":  # commands and answers
                self.statement(said)
        for fence in fences:
            self.fence(fence)
        return tuple(sorted(self.found, key=lambda threshold: (threshold.line, threshold.value)))

    def statement(self, said: Statement) -> None:
        place = Place(said.line, said.part, said.owner, f"{said.column} {said.section}")
        if said.sort != "text":
            self.text(said.text, place)
            if said.sort == "cell" and _ALARM_COLUMN.fullmatch(plain(said.column)):
                self.alarm_cell(plain(said.text), place)
            return
        before, behind = self.paragraphs.before(said.line), self.paragraphs.behind(said.line)
        self.text(said.text, place, before=f"{before} " if before else "", behind=f" {behind}" if behind else "")

    def alarm_cell(self, text: str, place: Place) -> None:
        """Take a figure alone in a cell below "Warning" or "Critical"."""
        known = figures(text)
        if len(known) != 1 or len(text) - known[0].end > 2:
            return
        relation = compared(text, known[0])
        if relation or (known[0].unit and text[: known[0].start].strip(" ~≈") == ""):
            self.add(relation or ">", known[0].value, known[0].unit, "", "", Meaning.ALARM, place)

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
            if figure.unit and (compared(text, figure) in (">", ">=", "<", "<=") or is_kept):
                self.text(text, place)
                return

    def text(self, raw: str, place: Place, *, is_table: bool = False, before: str = "", behind: str = "") -> None:
        """Take the figures of a line; `before` and `behind` stand around it in its paragraph and give no figures."""
        line = plain(raw.replace("|", " ¦ ")) if not is_table else raw
        text = f"{before}{line}{behind}"
        ours = range(len(before), len(before) + len(line))
        known = figures(text)[:_MOST]
        skipped: set[int] = set()
        for found in islice(RANGE.finditer(text), _MOST):
            if found.start() in ours:
                self.range(text, found, place)
        for at, figure in enumerate(known):
            if at in skipped or _is_status(text, figure):
                continue
            duration = ""
            if (
                at + 1 < len(known)
                and known[at + 1].unit in TIMES
                and _DURATION.search(text[figure.end : known[at + 1].start])
            ):
                duration = text[known[at + 1].start : known[at + 1].end].strip()
                skipped.add(at + 1)
            if figure.start not in ours:
                continue
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
        relation = compared(text, figure)
        around = f"{place.around} {text}"
        if relation not in (">", ">=", "<", "<=") and figure.unit in TIMES and _PROMISED.match(text):
            relation, meaning = "<=", Meaning.TARGET
        elif relation in (">", ">=", "<", "<="):
            behind = text[figure.end : figure.end + 24]
            is_named = _has_metric(before) or (_COUNTS_NOUN.match(behind) is not None and not before.strip().isdigit())
            if not figure.unit and (not is_named or MORE.match(behind)):
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


def _sentence(text: str, figure: Figure) -> tuple[str, int]:
    """Return the sentence around a figure and where it begins; at most _NEAR characters on each side."""
    start = max(0, figure.start - _NEAR)
    for found in _STOP.finditer(text, start, figure.start):
        start = found.end()
    end = _STOP.search(text, figure.end, figure.end + _NEAR)
    return text[start : end.start() if end else figure.end + _NEAR], start


def _is_status(text: str, figure: Figure) -> bool:
    """Whether a number is an HTTP status and no count ("429 errors"); "more than 500 parcels" is a count."""
    if figure.unit not in ("errors", "error", "requests", "") or figure.value not in range(400, 600):
        return False
    is_named = _STATUS_WORD.search(text[max(0, figure.start - 40) : figure.start]) is not None
    return is_named or compared(text, figure) not in (">", ">=", "<", "<=")


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
    bare = BEFORE.sub("", before[-120:]).strip(" ¦`\"'(:=~")
    found = _METRIC.search(bare)
    return found.group().strip(" :=") if found else ""
