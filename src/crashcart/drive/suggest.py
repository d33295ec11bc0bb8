"""What logs say around errors and no guide knows: statements to signatures, the most valuable first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from crashcart.guides.suggest import Quote, Suggestion, is_writable
from crashcart.logs.signatures.signature import BadSignature, Matcher, Signature, matcher_of, stands_in, tree_of
from crashcart.model.logs import LogExample, LoggedError, LogReport, LogTemplate
from crashcart.redact import MARK
from crashcart.report.plain import end_of, line

_SAMPLES = 3
_SAMPLE_CHARS = 240
_SIGNATURE_CHARS = 140
_FEWEST_LETTERS = 8
_NAMED_HOLES = 4
_DROPPED_WORDS = 4
_AROUND = 2
_ONLY_WITH = 0.9  # of what came around an error, this share came in its buckets
_RARE = 0.5  # and those are not most of all buckets

_HOLE = "<*>"
_LEVELS = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|CRITICAL|CRIT|FATAL)"
_HEAD = re.compile(rf"(?:<\*>|[\s\[\]:,|\-.;()]|\b{_LEVELS}\b|\b{_LEVELS.lower()}\b)+")
# What stands for one thing of many. A template has its own holes; the text of an exception has none yet.
_VALUES = re.compile(
    "|".join(
        (
            re.escape(MARK), r"<[^<>]*>", r"[A-Za-z][A-Za-z0-9+.\-]*://[^\s\"'<>)\]]+", r"(?<!\w)'[^']*'(?!\w)", r'(?<!\w)"[^"]*"(?!\w)',
            r"(?<![\w.])[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+", r"(?<![\w.])~?/[^\s:,;\"'<>()]+", r"(?<!\w)(?=[\w\-]*\d)[A-Fa-f0-9\-]{8,}(?!\w)",
            r"(?<![\w.])[\w\-]*\d[\w\-]*(?:[.:]\d+[A-Za-z]*)*%?(?!\w|\.[A-Za-z_])", r"\{[^{}]*\}", r"[`{}]", r"[^ -~]+",
        )
    )
)  # fmt: skip
_RUN = re.compile(r"<\*>(?:[\s,;:=/._\-]*<\*>)+")
_CONTEXT = re.compile(r"([A-Za-z][A-Za-z_]{1,19})[\s=:#]*\Z")
_RESERVED = frozenset({"self", "dependants", "onset", "old"})


@dataclass(frozen=True, slots=True)
class Suggested:
    """Suggestions, the most valuable first, and how many statements more there are of each reason."""

    found: tuple[Suggestion, ...]
    more: int  # beyond the bound
    unfit: int  # too general, or not to be written as log text of a guide

    def notes(self) -> tuple[str, ...]:
        """Return what is not in the draft, in words."""
        more = f"{self.more} more that no guide knows: `--most {len(self.found) + self.more}`"
        unfit = f"{self.unfit} too general to be told from other lines: `crashcart logs` has them"
        return (*((more,) if self.more else ()), *((unfit,) if self.unfit else ()))


def suggest(report: LogReport, known: Sequence[Signature], *, limit: int) -> Suggested:
    """Return what the errors of a log say that no known signature matches."""
    matchers = [matcher_of(signature) for signature in known]
    merged: dict[str, Suggestion] = {}
    unfit = 0
    for error in sorted(report.problems, key=_worth):
        if _is_known(error, matchers):
            continue
        signature = _signature_of(error)
        if not signature:
            unfit += 1
        elif signature in merged:
            merged[signature] = _joined(merged[signature], error)
        else:
            merged[signature] = _suggestion(signature, error)
    found = tuple(merged.values())
    told = _with_around(found[:limit], report, matchers)
    return Suggested(told, len(found) - len(told), unfit)


def _worth(error: LoggedError) -> tuple[bool, bool, bool, int, str, str, str]:
    """Return what sorts the most valuable first: new ones, then the worst, then what was raised, then the many."""
    is_critical = error.template.level == "critical"
    return not error.new_because, not is_critical, not error.raised, -error.count, error.template.text, error.raised, error.where  # fmt: skip


def _is_known(error: LoggedError, matchers: Sequence[Matcher]) -> bool:
    texts = [error.raised, error.template.text, error.example.text if error.example else ""]
    return any(stands_in(matcher, text.encode()) for text in texts if text for matcher in matchers)


def _suggestion(signature: str, error: LoggedError) -> Suggestion:
    return Suggestion(signature, error.count, _when(error), end_of(error.where, 80), _samples(error))


def _joined(one: Suggestion, error: LoggedError) -> Suggestion:
    samples = tuple(dict.fromkeys((*one.samples, *_samples(error))))[:_SAMPLES]
    return replace(one, count=one.count + error.count, samples=samples)


def _samples(error: LoggedError) -> tuple[Quote, ...]:
    example = error.example
    if example is None:
        return ()
    text = line(example.text, _SAMPLE_CHARS)
    if error.raised and error.raised not in text:
        # What was raised stands below the line, or so far into it that it would be cut off.
        text = f"{line(example.text, _SAMPLE_CHARS // 2)} {line(error.raised, _SAMPLE_CHARS // 2)}"
    return (Quote(text, f"{line(example.file)}, line {example.line}"),)


def _when(error: LoggedError) -> str:
    if error.first is None or error.last is None:
        return "at times unknown"
    if error.first == error.last:
        return f"at {error.first:%Y-%m-%d %H:%M:%S}"
    return f"from {error.first:%Y-%m-%d %H:%M:%S} to {error.last:%Y-%m-%d %H:%M:%S}"


# --- signatures -------------------------------------------------------------------------------------------------------


def _signature_of(error: LoggedError) -> str:
    """Return log text that such records hold, "" when there is none that tells anything."""
    if error.raised:
        kind, mark, message = error.raised.partition(": ")
        return next(_fit([f"{kind}{mark}{masked(message)}"], None), "")
    return _of_template(error.template, error.example)


def _of_template(template: LogTemplate, example: LogExample | None) -> str:
    text = masked(_HEAD.sub("", template.text, count=1) if _HEAD.match(template.text) else template.text)
    words = text.split(" ")
    # The head of a line may have more blanks than its template, and the name of a logger that comes with others too.
    shorter = [" ".join(words[dropped:]) for dropped in range(min(_DROPPED_WORDS, len(words)))]
    pieces = sorted((piece.strip() for piece in text.split(_HOLE)), key=lambda piece: (-len(piece), piece))
    return next(_fit([*shorter, *pieces[:1]], example), "")


def _fit(texts: Sequence[str], example: LogExample | None) -> Iterator[str]:
    """Yield those texts, with names for their holes, that tell something and stand where they come from."""
    for text in texts:
        cut = named(_trimmed(text))
        if sum(char.isalpha() for char in _without_holes(cut)) < _FEWEST_LETTERS or not is_writable(cut):
            continue
        signature = Signature("suggested", cut)
        try:
            tree_of(signature)
        except BadSignature:
            continue
        if example is None or stands_in(matcher_of(signature), example.text.encode()):
            yield cut


def masked(text: str) -> str:
    """Return text in which values, and what would be no text in a guide, are holes."""
    flat = " ".join(text.split())
    held = _VALUES.sub(_HOLE, flat)
    if '"' in held and "'" in held:
        held = held.replace('"', _HOLE)
    return _RUN.sub(_HOLE, held)


def _trimmed(text: str) -> str:
    """Return text that ends with a whole word, and neither begins nor ends with a hole."""
    if len(text) > _SIGNATURE_CHARS:
        text = text[: text.rfind(" ", 0, _SIGNATURE_CHARS)] if " " in text[:_SIGNATURE_CHARS] else ""
    before = ""
    while before != text:
        before = text
        text = text.strip(" ,;:=").removeprefix(_HOLE).removesuffix(_HOLE)
    return text


def named(text: str) -> str:
    """Return text whose first holes are called after the word before them: what a guide can then say again."""
    parts = text.split(_HOLE)
    taken: set[str] = set()
    built = parts[0]
    for part in parts[1:]:
        context = _CONTEXT.search(built)
        name = context.group(1).lower() if context else ""
        is_named = name and name not in taken | _RESERVED and len(taken) < _NAMED_HOLES
        if is_named:
            taken.add(name)
        built += (f"<{name}>" if is_named else _HOLE) + part
    return built


def _without_holes(text: str) -> str:
    return re.sub(r"<[^<>]*>", "", text)


# --- what came with it ------------------------------------------------------------------------------------------------


def _with_around(found: Sequence[Suggestion], report: LogReport, matchers: Sequence[Matcher]) -> tuple[Suggestion, ...]:
    """Return the suggestions; the first, which is worth most, with the warnings that came only where errors were."""
    around = tuple(_around(report, matchers))[:_AROUND]
    return tuple(replace(each, around=around) if number == 0 else each for number, each in enumerate(found))


def _around(report: LogReport, matchers: Sequence[Matcher]) -> Iterator[str]:
    bad = [at for at, count in enumerate(report.errors) if count]
    busy = sum(1 for count in report.records if count)
    if not bad or len(bad) > _RARE * busy:
        return
    for template in report.templates:
        inside = sum(template.counts[at] for at in bad) if template.counts else 0
        if template.level != "warning" or inside < 2 or inside < _ONLY_WITH * template.count:
            continue
        text = _of_template(template, None)
        if text and not any(stands_in(matcher, template.text.encode()) for matcher in matchers):
            yield text
