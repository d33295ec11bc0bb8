"""A pass to its report: forms become templates, counts become rows over time, and what they tell is judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs.engine import LogPass
from crashcart.logs.latency import Bins, quantiles
from crashcart.logs.levels import ERROR
from crashcart.logs.mining.miner import Miner
from crashcart.logs.mining.template import Template, template_id
from crashcart.logs.profile import Baseline, Known, Profile, missing
from crashcart.logs.shape.exceptions import Raised
from crashcart.logs.shape.levels import Level
from crashcart.logs.sheets import NEVER_FIRST, NEVER_LAST, Place, Times
from crashcart.logs.swings import FEWEST_BUCKETS, Swing, bursts, silences
from crashcart.logs.tally import LEVEL_BITS, coarser
from crashcart.model.logs import (
    AccessRefused,
    Burst,
    KnownSeen,
    KnownText,
    Latency,
    LogExample,
    LoggedError,
    LogReport,
    LogSpan,
    LogTemplate,
    LogTrouble,
    NewTemplate,
    Silence,
)
from crashcart.redact import Scrubber

_BUCKETS: Final = 240  # at most; enough to see a minute in four hours
_TEMPLATES: Final = 2_000
_ROWS: Final = 100  # templates whose counts over time are told
_TOLD: Final = 200  # of each kind of finding
_BASELINE_SHARE: Final = 0.3
# A statement that comes by chance is missing from the baseline with e^-8 or, told as an error's remark only, e^-3.
_DUE: Final = 8.0
_DUE_ERROR: Final = 3.0
_DUE_PROFILE: Final = 10.0
_FEWEST_TIMED: Final = 3
_EXAMPLE_CHARS: Final = 400

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a pass is to be judged with: `known` are the texts that were looked for, in that order."""

    scrubber: Scrubber
    known: Sequence[KnownText] = ()
    signature_of: Sequence[int] = ()  # for each known text the place of its signature, -1 when it was not looked for
    profile: Profile | None = None


def conclude(found: LogPass, asked: Asked) -> LogReport:
    """Return what the pass found. Everything in it is redacted."""
    found.end()
    return _Conclusion(found, asked).report()


def profile_of(report: LogReport) -> Profile:
    """Return what to keep of a report, to compare another log with."""
    hours = report.span.seconds / 3600 if report.span is not None else 0.0
    kept: dict[str, Known] = {}
    for template in report.templates:
        before = kept.get(template.id)
        count = template.count + (before.count if before is not None else 0)
        kept[template.id] = Known(template.id, template.text, count, round(count / hours, 3) if hours > 0 else 0.0)
    return Profile(round(hours, 4), tuple(kept.values()))


class _Conclusion:
    """The templates of a pass with their rows: `rows[place, bucket]`."""

    def __init__(self, found: LogPass, asked: Asked) -> None:
        self.found, self.asked = found, asked
        self.templates = found.miner.result()
        self.places = found.miner.places().astype(np.int64)
        self.shown: dict[int, LogTemplate] = {}
        bucket, form, level, count = found.tally.cells()
        place = self.places[form] if len(form) else form
        size = len(self.templates)
        self.count_of = _summed(form, count, len(self.places))
        self.levels = _summed(level, count, 1 << LEVEL_BITS)
        self.undated = int(count[bucket < 0].sum())
        self.errors_of = _summed(place[level >= ERROR], count[level >= ERROR], size)
        self.worst = np.zeros(size, np.int64)
        np.maximum.at(self.worst, place, level)
        self._span()
        width = found.tally.width_s
        self.width_s = coarser(width, at_least=(self.last_s - self.first_s + 1) / _BUCKETS) if self.is_dated else width
        dated = bucket >= 0
        self.from_bucket = self.first_s // self.width_s if self.is_dated else 0
        self.buckets = self.last_s // self.width_s - self.from_bucket + 1 if self.is_dated else 0
        at = bucket[dated] * width // self.width_s - self.from_bucket
        self.rows = _summed(place[dated] * self.buckets + at, count[dated], size * self.buckets).reshape(
            size, self.buckets
        )
        is_error = dated & (level >= ERROR)
        at_errors = bucket[is_error] * width // self.width_s - self.from_bucket
        self.error_row = _summed(at_errors, count[is_error], self.buckets)
        self.total_row = self.rows.sum(axis=0) if size else np.zeros(self.buckets, np.int64)

    def _span(self) -> None:
        slots, size = self.found.slots, len(self.templates)
        met = np.flatnonzero(slots.last >= 0)
        met = met[met >> LEVEL_BITS < len(self.places)]
        place = self.places[met >> LEVEL_BITS]
        level = met & ((1 << LEVEL_BITS) - 1)
        self.first, self.last = np.full(size, NEVER_FIRST), np.full(size, NEVER_LAST)
        self.error_first, self.error_last = self.first.copy(), self.last.copy()
        np.minimum.at(self.first, place, slots.first[met])
        np.maximum.at(self.last, place, slots.last[met])
        bad = level >= ERROR
        np.minimum.at(self.error_first, place[bad], slots.first[met[bad]])
        np.maximum.at(self.error_last, place[bad], slots.last[met[bad]])
        self.is_dated = len(met) > 0
        self.first_s = int(slots.first[met].min()) if self.is_dated else 0
        self.last_s = int(slots.last[met].max()) if self.is_dated else 0

    def report(self) -> LogReport:
        found, totals = self.found, self.found.totals
        new, baseline = self._new()
        return LogReport(
            files=sum(1 for facts in found.files.values() if facts.lines),
            size_bytes=sum(facts.size_bytes for facts in found.files.values()),
            lines=sum(facts.lines for facts in found.files.values()),
            kept=totals.kept,
            undated=self.undated,
            span=LogSpan(_moment(self.first_s), _moment(self.last_s), 2 * totals.zoned >= totals.dated)
            if self.is_dated
            else None,
            levels=tuple((level.name.lower(), int(self.levels[level + 1])) for level in Level),
            bucket_s=self.width_s,
            buckets_from=_moment(self.from_bucket * self.width_s) if self.is_dated else None,
            records=tuple(self.total_row.tolist()),
            errors=tuple(self.error_row.tolist()),
            templates=tuple(self.template(place, with_counts=place < _ROWS) for place in range(self._told())),
            templates_total=len(self.templates),
            problems=tuple(self._problems()[:_TOLD]),
            new=tuple(new[:_TOLD]),
            baseline=baseline,
            bursts=tuple(self._bursts()[:_TOLD]),
            silences=tuple(self._silences()[:_TOLD]),
            latencies=tuple(self._latencies()[:_TOLD]),
            refused=tuple(self._refused()[:_TOLD]),
            known=tuple(self._known()),
            troubles=tuple(self._troubles()),
            is_crowded=found.miner.is_crowded,
        )

    def _told(self) -> int:
        return min(len(self.templates), _TEMPLATES)

    # --- nouns --------------------------------------------------------------------------------------------------------

    def template(self, place: int, *, with_counts: bool = False) -> LogTemplate:
        kept = self.shown.get(place)
        if kept is None:
            text = _shown(self.templates[place], self.asked.scrubber)
            level = Level(int(self.worst[place]) - 1).name.lower()
            kept = self.shown[place] = LogTemplate(
                template_id(text), text, self.templates[place].count, level,
                _moment_of(int(self.first[place])), _moment_of(int(self.last[place])),
            )  # fmt: skip
        if not with_counts:
            return kept
        return LogTemplate(
            kept.id, kept.text, kept.count, kept.level, kept.first, kept.last, tuple(self.rows[place].tolist())
        )

    def example(self, place: Place | None) -> LogExample | None:
        if place is None:
            return None
        text = place.text.rstrip(b"\r\n").decode("utf-8", "replace")
        text = self.asked.scrubber.text(text, is_cut=True)[:_EXAMPLE_CHARS]
        return LogExample(self.found.name_of(place), place.line + 1, place.offset, text)

    def _examples(self, least: int) -> dict[int, Place]:
        """Return the first line of each template at that level or above."""
        found: dict[int, Place] = {}
        for slot, place in self.found.examples.items():
            if slot & ((1 << LEVEL_BITS) - 1) >= least:
                at = int(self.places[slot >> LEVEL_BITS])
                if at not in found or (place.file, place.line) < (found[at].file, found[at].line):
                    found[at] = place
        return found

    # --- findings -----------------------------------------------------------------------------------------------------

    def _problems(self) -> list[LoggedError]:
        raised = self._raised()
        examples = self._examples(ERROR)
        told = [self._raised_error(*each) for each in raised]
        brought = _by_place((place, times.count) for place, _, _, times in raised)
        for place in np.flatnonzero(self.errors_of).tolist():
            left = int(self.errors_of[place]) - brought.get(place, 0)
            if left > 0:
                first, last = _moment_of(int(self.error_first[place])), _moment_of(int(self.error_last[place]))
                example = self.example(examples.get(place))
                told.append(
                    LoggedError(self.template(place), left, first, last, example, new_because=self._why_new(place))
                )
        return sorted(told, key=lambda error: (-error.count, error.template.text, error.raised, error.where))

    def _raised(self) -> list[tuple[int, Raised, str, Times]]:
        """Return exceptions by template, type and own frame."""
        found: dict[tuple[int, str, str], tuple[Raised, Times]] = {}
        for (form, kind, where), kept in self.found.raised.items():
            key = (int(self.places[form]), kind, where)
            if key in found:
                found[key][1].merge(kept.times, kept.times.place)
            else:
                times = Times()
                times.merge(kept.times, kept.times.place)
                found[key] = (kept.raised, times)
        return [(place, raised, where, times) for (place, _, where), (raised, times) in found.items()]

    def _raised_error(self, place: int, raised: Raised, where: str, times: Times) -> LoggedError:
        message = raised.message.partition("\n")[0]
        text = self.asked.scrubber.text(f"{raised.type}: {message}" if message else raised.type)[:_EXAMPLE_CHARS]
        return LoggedError(
            self.template(place), times.count, _moment_of(times.first), _moment_of(times.last), self.example(times.place),
            text, self.asked.scrubber.text(where), self._why_new(place),
        )  # fmt: skip

    def _new(self) -> tuple[list[NewTemplate], str]:
        if self.asked.profile is not None:
            return self._new_against(self.asked.profile), "the profile"
        cut = self._baseline_buckets()
        if not cut:
            return [], ""
        until = _moment((self.from_bucket + cut) * self.width_s)
        late = np.flatnonzero((self.rows[:, :cut].sum(axis=1) == 0) & (self.rows.sum(axis=1) > 0))
        told = [place for place in late.tolist() if self._due(place, cut) >= _DUE]
        examples = self._examples(0)
        found = [
            NewTemplate(self.template(at), self._new_reason(at, cut), self.example(examples.get(at))) for at in told
        ]
        return found, f"the first part of the log, until {until.isoformat()}"

    def _new_against(self, profile: Profile) -> list[NewTemplate]:
        baseline = Baseline(profile)
        examples = self._examples(0)
        found = []
        for at in range(self._told()):
            template = self.template(at)
            if not baseline.knows(template.id, template.text):
                found.append(NewTemplate(template, "the profile does not have it", self.example(examples.get(at))))
        return found

    def _baseline_buckets(self) -> int:
        cut = int(self.buckets * _BASELINE_SHARE)
        return cut if self.buckets >= FEWEST_BUCKETS and cut else 0

    def _due(self, place: int, cut: int) -> float:
        """Return how often the statement was due in the baseline, had it always come as later."""
        return float(self.rows[place, cut:].sum()) * cut / (self.buckets - cut)

    def _new_reason(self, place: int, cut: int) -> str:
        return f"not once in the first {_length(cut * self.width_s)}, where {self._due(place, cut):.0f} were due at its later rate"

    def _why_new(self, place: int) -> str:
        if self.asked.profile is not None:
            template = self.template(place)
            return (
                "" if Baseline(self.asked.profile).knows(template.id, template.text) else "the profile does not have it"
            )
        cut = self._baseline_buckets()
        if not cut or self.rows[place, :cut].sum() or self._due(place, cut) < _DUE_ERROR:
            return ""
        return self._new_reason(place, cut)

    def _bursts(self) -> list[Burst]:
        if 2 * np.count_nonzero(self.total_row) < self.buckets:
            return []  # a log that is silent most of the time has sessions, and each would be a burst
        found: list[tuple[Swing, int]] = []
        for place in np.flatnonzero(self.rows.max(axis=1, initial=0) >= FEWEST_BUCKETS).tolist():
            found += [(swing, place) for swing in bursts(self.rows[place])]
        # What all lines together do is told only where no statement does it.
        whole = [swing for swing in bursts(self.total_row) if not any(_overlap(swing, each) for each, _ in found)]
        found += [(swing, -1) for swing in whole]
        found.sort(key=lambda each: (each[0].usual - each[0].count, each[1], each[0].first))
        return [self._burst(swing, place) for swing, place in found]

    def _burst(self, swing: Swing, place: int) -> Burst:
        reason = f"{swing.count} in {_length((swing.last - swing.first + 1) * self.width_s)}, where {max(swing.usual, 0):.3g} are usual"
        template = self.template(place) if place >= 0 else None
        return Burst(
            template, self._at(swing.first), self._at(swing.last + 1), swing.count, round(swing.factor, 1), reason
        )

    def _silences(self) -> list[Silence]:
        whole = silences(self.total_row)
        found = [self._silence(swing, -1) for swing in whole]
        for place in np.flatnonzero((self.rows > 0).sum(axis=1) >= FEWEST_BUCKETS).tolist():
            alone = [swing for swing in silences(self.rows[place]) if not any(_overlap(swing, each) for each in whole)]
            found += [self._silence(swing, place) for swing in alone]
        return found + self._gone()

    def _silence(self, swing: Swing, place: int) -> Silence:
        is_over = swing.last < self.buckets - 1
        due = f"{swing.usual:.0f} were due at its usual rate"
        reason = f"none for {_length((swing.last - swing.first + 1) * self.width_s)}, where {due}"
        template = self.template(place) if place >= 0 else None
        return Silence(template, self._at(swing.first), self._at(swing.last + 1) if is_over else None, reason)

    def _gone(self) -> list[Silence]:
        """Return what the profile has, is due, and does not come."""
        profile = self.asked.profile
        if profile is None or not self.is_dated:
            return []
        hours = (self.last_s - self.first_s) / 3600
        here = [(self.template(at).id, self.template(at).text) for at in range(self._told())]
        found = []
        for known in missing(profile, here, hours=hours, fewest=_DUE_PROFILE):
            template = LogTemplate(known.id, known.text, 0, Level.UNKNOWN.name.lower(), None, None)
            reason = (
                f"not once, and {known.per_hour * hours:.0f} were due at the profile's {known.per_hour:.3g} an hour"
            )
            found.append(Silence(template, _moment(self.first_s), None, reason))
        return found

    def _latencies(self) -> list[Latency]:
        by_place: dict[int, Bins] = {}
        for form, bins in self.found.durations.items():
            place = int(self.places[form])
            by_place[place] = by_place[place] + bins if place in by_place else bins
        found = []
        for place, bins in by_place.items():
            if (count := int(bins.sum())) >= _FEWEST_TIMED:
                p50, p95, p99 = (float(f"{value:.3g}") for value in quantiles(bins, (0.5, 0.95, 0.99)))
                found.append(Latency(self.template(place), count, p50, p95, p99))
        return sorted(found, key=lambda each: (-each.p95_s, -each.count, each.template.text))

    def _refused(self) -> list[AccessRefused]:
        by_place: dict[int, Times] = {}
        for form, times in (*self.found.refusals.items(), *self._said_refused()):
            by_place.setdefault(int(self.places[form]), Times()).merge(times, times.place)
        found = [
            AccessRefused(
                self.template(at),
                times.count,
                _moment_of(times.first),
                _moment_of(times.last),
                self.example(times.place),
            )
            for at, times in by_place.items()
        ]
        return sorted(found, key=lambda each: (-each.count, each.template.text))

    def _said_refused(self) -> Iterable[tuple[int, Times]]:
        """Yield the forms whose words speak of a refusal."""
        examples, slots = self.found.examples, self.found.slots
        for form, sheet in self.found.sheets.by_form.items():
            if sheet.is_refusal:
                mine = slice(form << LEVEL_BITS, (form + 1) << LEVEL_BITS)
                first = [examples[slot] for slot in range(mine.start, mine.stop) if slot in examples]
                place = min(first, key=lambda each: (each.file, each.line), default=None)
                count = int(self.count_of[form])
                yield form, Times(count, int(slots.first[mine].min()), int(slots.last[mine].max()), place)

    def _known(self) -> list[KnownSeen]:
        found = []
        for known, signature in zip(self.asked.known, self.asked.signature_of, strict=True):
            times = self.found.known.get(signature)
            if times is not None:
                moments = _moment_of(times.first), _moment_of(times.last)
                found.append(KnownSeen(known, times.count, *moments, self.example(times.place)))
        return sorted(found, key=lambda each: (-each.count, each.known.guide, each.known.problem, each.known.cause))

    def _troubles(self) -> Iterable[LogTrouble]:
        yield from sorted(self.found.totals.trouble.values(), key=lambda trouble: (trouble.file, trouble.kind))
        for name, facts in sorted(self.found.files.items()):
            if facts.is_out_of_order:
                yield LogTrouble("out of order", name, "some stamps are before those of earlier lines", 1)

    def _at(self, bucket: int) -> datetime:
        return _moment((self.from_bucket + bucket) * self.width_s)


def _shown(template: Template, scrubber: Scrubber) -> str:
    """Return the text of a template without secrets.

    A hole may have taken the middle out of a secret, so that its ends would not be known again: where a sample holds a
    secret, the template is mined anew from scrubbed samples.
    """
    text = scrubber.text(template.text)
    samples = [sample.decode("utf-8", "replace") for sample in template.samples]
    if not samples or (text == template.text and scrubber.text(samples[0], is_cut=True) == samples[0]):
        return text
    again = Miner()
    again.feed("".join(" ".join(scrubber.text(one, is_cut=True).split("\n")) + "\n" for one in samples).encode())
    return scrubber.text(again.result()[0].text)


def _summed(places: Ints, counts: Ints, size: int) -> Ints:
    # Weights are floats, exact up to 2**53.
    return (
        np.bincount(places, weights=counts, minlength=size)[:size].astype(np.int64) if size else np.empty(0, np.int64)
    )


def _by_place(counted: Iterable[tuple[int, int]]) -> dict[int, int]:
    found: dict[int, int] = {}
    for place, count in counted:
        found[place] = found.get(place, 0) + count
    return found


def _overlap(one: Swing, other: Swing) -> bool:
    return one.first <= other.last + 1 and other.first <= one.last + 1


def _moment(second: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)


def _moment_of(second: int) -> datetime | None:
    return _moment(second) if 0 <= second < NEVER_FIRST else None


def _length(seconds: float) -> str:
    """Return a length of time in the unit that suits it."""
    units: Sequence[tuple[float, str]] = ((172_800, "d"), (7_200, "h"), (120, "min"))
    factor: Callable[[str], int] = {"d": 86_400, "h": 3_600, "min": 60}.__getitem__
    unit = next((name for least, name in units if seconds >= least), "s")
    return f"{seconds / factor(unit) if unit != 's' else seconds:.3g} {unit}"
