"""What a page tells, in order and in plain words; the pages only set it in type. Text in here is not harmless yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crashcart.model.diagnosis import NextLook, Ranked, Reason, Verdict
from crashcart.model.net import Finding, Source
from crashcart.model.observation import Observation, Record, Scalar, Unseen
from crashcart.model.truth import Truth
from crashcart.report.text import LONG_CAUSES, Pages, fact, look_text, look_words, place
from crashcart.report.words import headline, likely

_FEWEST_DB = 0.5  # weaker reasons are noise on a page; `crashcart why` has them
_EVENTS = 14
_INSTANTS = {"first": "first seen", "last": "last seen", "started": "started"}


@dataclass(frozen=True, slots=True)
class Sign:
    """Something seen that speaks for or against a cause."""

    fact: str
    sentence: str
    place: str
    decibans: float
    is_symptom: bool
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cause, or a row for what no guide covers (`is_known` False)."""

    id: str
    title: str
    target: str
    p: float
    words: str
    place: str
    is_known: bool
    signs: tuple[Sign, ...]
    unseen: tuple[tuple[str, str], ...]  # (what was asked, why it could not be seen)
    fixes: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """A moment of the timeline."""

    at: datetime
    what: str
    where: str = ""
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A look that was taken: what it saw, or why it could not see."""

    words: str
    id: str
    seen_at: datetime
    took_s: float
    fields: tuple[tuple[str, Scalar], ...]
    records: tuple[Record, ...]
    unseen: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything a page shows."""

    system: str
    environment: str
    now: datetime
    onset: datetime | None
    onset_is_told: bool
    complaint: str
    verdict: Verdict
    is_blind: bool
    headline: str
    broken: tuple[tuple[str, tuple[str, ...]], ...]  # (title of the problem, targets)
    given: tuple[tuple[str, str], ...]  # what should hold and does not: (text, target)
    also: tuple[str, ...]
    candidates: tuple[Candidate, ...]  # what remains, the likeliest first
    would_decide: tuple[tuple[str, str], ...]  # (look, why it could not be taken)
    ruled_out: tuple[tuple[str, str], ...]  # (cause, by what)
    events: tuple[Event, ...]
    taken: tuple[Taken, ...]
    unseen: tuple[tuple[str, tuple[str, ...]], ...]  # (reason, what could not be judged)
    guides: tuple[str, ...]
    engine: str
    rounds: int
    next_command: str

    @property
    def first(self) -> Candidate | None:
        """The cause that is named, when one is."""
        return self.candidates[0] if self.candidates and self.verdict is Verdict.DECIDED and not self.is_blind else None


def story(pages: Pages, observations: Sequence[Observation], *, engine: str) -> Story:
    """Return the story of a diagnosis."""
    diagnosis = pages.diagnosis
    looks = {look.id: look for look in pages.net.looks()}
    remaining = [entry for entry in diagnosis.ranked if entry.p >= 0.02][:LONG_CAUSES] if diagnosis.judged else []
    if diagnosis.verdict is Verdict.NOTHING_WRONG:
        remaining = []
    taken = tuple(
        _taken(entry, look_words(looks[entry.look]) if entry.look in looks else str(entry.look))
        for entry in observations
    )
    return Story(
        system=pages.system.name, environment=pages.system.environment, now=diagnosis.now, onset=diagnosis.onset,
        onset_is_told=diagnosis.onset_is_told, complaint=diagnosis.complaint, verdict=diagnosis.verdict,
        is_blind=not diagnosis.judged, headline=headline(diagnosis),
        broken=tuple((title, tuple(targets)) for title, targets in pages.broken_titles().items()),
        given=tuple((given.text.strip("`"), given.target) for given in diagnosis.given), also=tuple(pages.also()),
        candidates=tuple(_candidate(entry, pages) for entry in remaining),
        would_decide=tuple(_next(entry) for entry in diagnosis.would_decide), ruled_out=tuple(_ruled_out(pages)),
        events=_events(pages, taken), taken=taken, unseen=_unseen(diagnosis.unseen), engine=engine,
        guides=tuple(sorted({problem.source.path for problem in pages.net.problems})), rounds=len(diagnosis.rounds),
        next_command=pages.next_command(),
    )  # fmt: skip


def _candidate(ranked: Ranked, pages: Pages) -> Candidate:
    cause = pages.causes.get(ranked.cause)
    symptoms = {edge.check for edge in cause.edges if edge.is_symptom} if cause else set()
    telling = [reason for reason in ranked.reasons if reason.is_applied and abs(reason.decibans) >= _FEWEST_DB]
    return Candidate(
        id=ranked.cause, title=ranked.title, target=ranked.target, p=ranked.p, words=likely(ranked.p),
        place=place(cause.source) if cause else "", is_known=cause is not None,
        signs=tuple(_told_once([_sign(reason, pages, symptoms) for reason in telling])),
        unseen=tuple((look_text(finding.check), finding.saw) for finding in ranked.unseen),
        fixes=cause.fixes if cause else (),
        problems=tuple(pages.problems[name].title for name in cause.problems if name in pages.problems) if cause else (),
    )  # fmt: skip


def _sign(reason: Reason, pages: Pages, symptoms: set[str]) -> Sign:
    sentence = "" if reason.source.sentence.startswith("`") else reason.source.sentence
    is_symptom = reason.is_shared or reason.finding.check in symptoms
    records = pages.records(reason)[-2:]
    return Sign(fact(reason, pages.net), sentence, _place(reason.source), reason.decibans, is_symptom, records)


def _told_once(signs: Sequence[Sign]) -> Iterator[Sign]:
    """Keep of each sign's records the newest that no sign before it shows."""
    shown: set[str] = set()
    for sign in signs:
        new = [record for record in sign.records if record.where not in shown][-1:]
        shown |= {record.where for record in sign.records}
        yield replace(sign, records=tuple(new))


def _place(source: Source) -> str:
    return f"{source.path or source.guide}:{source.span.line}" if source.span.line else ""


def _next(entry: NextLook) -> tuple[str, str]:
    return look_text(entry.look_key), entry.blocked_because


def _ruled_out(pages: Pages) -> Iterator[tuple[str, str]]:
    for ranked in pages.diagnosis.ranked:
        if ranked.ruled_out_by is not None:
            name = f"{ranked.title} ({ranked.target})" if ranked.target else ranked.title
            yield name, f"{look_text(ranked.ruled_out_by.check)}: {ranked.ruled_out_by.saw}"


def _taken(entry: Observation, words: str) -> Taken:
    outcome = entry.outcome
    if isinstance(outcome, Unseen):
        return Taken(words, entry.look, entry.seen_at, entry.took_s, (), (), outcome.reason)
    return Taken(
        words, entry.look, entry.seen_at, entry.took_s, tuple(sorted(outcome.fields.items())), outcome.records, ""
    )


def _unseen(findings: Sequence[Finding]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    reasons: dict[str, dict[str, None]] = {}
    for finding in findings:
        reasons.setdefault(finding.saw, {})[look_text(finding.check)] = None
    return tuple((reason, tuple(checks)) for reason, checks in reasons.items())


# -- the timeline


def _events(pages: Pages, taken: Sequence[Taken]) -> tuple[Event, ...]:
    """Return the moments that the evidence of what is named holds, and the onset and the end; at most _EVENTS."""
    diagnosis = pages.diagnosis
    telling = _telling(pages)
    found = _merged(event for entry in taken if entry.id in telling for event in _moments(entry))
    room = _EVENTS - 2
    if len(found) > room:  # the beginning and the end tell most
        found = [*found[: room // 2], *found[-(room - room // 2) :]]
    if diagnosis.onset is not None:
        told = "people say it began" if diagnosis.onset_is_told else "the first sign of it"
        found.append(Event(diagnosis.onset, told, is_main=True))
    found.append(Event(diagnosis.now, "crashcart looked", is_main=True))
    return tuple(sorted(found, key=lambda event: (event.at, not event.is_main, event.what)))


def _merged(events: Iterable[Event]) -> list[Event]:
    """Return the events in order; a line of a log that several looks saw comes once, with its longest text."""
    found: dict[tuple[datetime, str], Event] = {}
    for event in events:
        key = event.at, event.where or event.what
        if key not in found or len(found[key].what) < len(event.what):
            found[key] = event
    return sorted(found.values(), key=lambda event: (event.at, event.where, event.what))


def _telling(pages: Pages) -> set[str]:
    """Return the looks whose findings came out true for what is named or what is broken."""
    diagnosis = pages.diagnosis
    findings = [finding for _, finding in diagnosis.problems]
    for ranked in diagnosis.ranked[:2]:
        findings += [reason.finding for reason in ranked.reasons if abs(reason.decibans) >= _FEWEST_DB]
    return {look for finding in findings if finding.truth is Truth.TRUE for look in finding.looks}


def _moments(entry: Taken) -> Iterator[Event]:
    times = {record.at for record in entry.records}
    for record in entry.records:
        if (at := _instant(record.at)) is not None:
            yield Event(at, record.text, record.where)
    for name, value in entry.fields:
        if name in _INSTANTS and value not in times and (at := _instant(value)) is not None:
            yield Event(at, f"{entry.words}: {_INSTANTS[name]}")


def _instant(value: Scalar) -> datetime | None:
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def shown_value(value: Scalar) -> str:
    """Return a field's value as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
