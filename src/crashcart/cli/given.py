"""`crashcart diagnose --log`: from logs alone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from crashcart import app, config
from crashcart.cli.common import on_interrupt, parse_since, tell_guide_errors
from crashcart.cli.logs import cores
from crashcart.cli.progress import progress
from crashcart.diagnosis import Brief
from crashcart.drive.diagnose import Limits, Result, diagnose
from crashcart.drive.given import Given, hand_over
from crashcart.drive.known import known_texts
from crashcart.drive.logged import (
    WINDOW_S,
    errors_given,
    in_utc,
    kinds_told,
    log_taker,
    seen_lately,
    supposed,
    time_of,
    with_logs,
    with_marks,
)
from crashcart.drive.scan import Request, scan, signatures_of
from crashcart.drive.take import log_broken
from crashcart.errors import GuideErrors, SystemFileError, UsageError
from crashcart.guides.words import hint_for
from crashcart.logs.conclude import Asked as LogsAsked
from crashcart.logs.conclude import conclude
from crashcart.model.case import GuideText
from crashcart.model.guide import Guide
from crashcart.model.logs import LogReport
from crashcart.model.observation import Moment
from crashcart.model.system import System
from crashcart.redact import Scrubber
from crashcart.report.given import LogGround, LogPages, window_begin
from crashcart.sources.names import set_of


@dataclass(frozen=True, slots=True)
class LogsAskedFor:
    """What a person asked of logs: `FILE`, or `TARGET=FILE` where a system file says what there is."""

    logs: tuple[str, ...]
    system_path: Path | None
    complaint: str
    since: str
    budget_s: float
    shows_progress: bool = False


@dataclass(frozen=True, slots=True)
class FromLogs:
    """A diagnosis from logs with all it rested on."""

    ready: app.Bench
    question: app.Question
    result: Result
    ground: LogGround

    def pages(self, result: Result) -> LogPages:
        """Return the texts of a diagnosis of these logs."""
        return LogPages(result.diagnosis, result.net, self.ready.system, result.observations, self.ground)


def diagnose_logs(asked: LogsAskedFor) -> FromLogs:
    """Diagnose from the logs that were named; nothing else is looked at.

    Raises:
        UsageError: none of them can be read, or it is not clear whose log one is.
    """
    loaded = _loaded(asked.system_path)
    owners = _owners(asked.logs, loaded.system) if loaded else {"": list(asked.logs)}
    handed = {name: hand_over(paths) for name, paths in owners.items()}
    given = _together(handed.values())
    scrubber = app.scrubber_of(loaded) if loaded else Scrubber(())
    guides, errors = _guides(loaded)
    tell_guide_errors(errors)
    report = _overview(given, guides, scrubber)
    when = time_of(report, written=_written(given), timezone=_timezone(loaded, handed))
    onset = parse_since(asked.since, when.end) if asked.since else None
    when = replace(when, now=when.end) if onset else when
    begin = window_begin(when.now, onset, WINDOW_S)
    if loaded:
        system = with_logs(loaded.system, {name: each.paths for name, each in handed.items()})
    else:
        kind_of = {guide.name: guide.target_kind for guide in guides}
        system = supposed(given.paths, kinds_told(seen_lately(report, when, begin=begin), kind_of))
    ready = app.bench(in_utc(system), _texts(loaded), loaded)
    question = app.Question(asked.complaint, onset, now=when.now, alerts=errors_given(report, ready.system, when))
    result = asyncio.run(_looked(ready, question, given, scrubber, asked))
    troubles = tuple(f"{trouble.file}: {trouble.detail}" for trouble in given.troubles)
    ground = LogGround(
        files=given.paths, report=report, begin=begin, now=when.now, end=when.end, is_zoned=when.is_zoned,
        has_stamps=when.has_stamps, is_supposed=loaded is None, troubles=troubles,
    )  # fmt: skip
    return FromLogs(ready, question, result, ground)


def _loaded(path: Path | None) -> config.Loaded | None:
    """Return the system file that was named or lies near; without one, the log has to do."""
    try:
        found = path or config.find(Path.cwd())
    except SystemFileError:
        return None
    return config.load(found, app.catalogue())


def _owners(logs: Sequence[str], system: System) -> dict[str, list[str]]:
    """Return the logs by the target whose they are."""
    found: dict[str, list[str]] = {}
    for log in logs:
        name, mark, path = log.partition("=")
        if mark and name in system.targets and not os.path.exists(log):
            found.setdefault(name, []).append(path)
        else:
            found.setdefault(_owner(log, system), []).append(log)
    return found


def _owner(log: str, system: System) -> str:
    """Return the target that writes a log of such a name, or the only one that writes any.

    Raises:
        UsageError: there are several, or none.
    """
    writers = {name: target.logs for name, target in sorted(system.targets.items()) if target.logs}
    base = os.path.basename(set_of(log))
    named = [name for name, own in writers.items() if any(fnmatch(base, os.path.basename(path)) for path in own)]
    candidates = named or list(writers)
    if len(candidates) == 1:
        return candidates[0]
    names = candidates or sorted(system.targets)
    prefix = log.partition("=")[0]
    hint = hint_for(prefix, names) if prefix != log else f"`--log {names[0]}={log}`, of {', '.join(names)}"
    raise UsageError(f'whose log is "{log}"?', where="--log", hint=hint)


def _together(handed: Iterable[Given]) -> Given:
    """Return all that was handed over.

    Raises:
        UsageError: that is nothing.
    """
    parts = list(handed)
    files = tuple(file for each in parts for file in each.files)
    troubles = tuple(trouble for each in parts for trouble in each.troubles)
    if not files:
        what = "; ".join(f"{trouble.file}: {trouble.detail}" for trouble in troubles) or "there is no file"
        raise UsageError(f"no log could be read: {what}", where="--log", hint="a file, a folder or a pattern")
    return Given(files, troubles)


def _texts(loaded: config.Loaded | None) -> tuple[GuideText, ...]:
    return (*app.shipped_texts(), *(app.own_texts(loaded) if loaded else ()))


def _guides(loaded: config.Loaded | None) -> tuple[tuple[Guide, ...], tuple[GuideErrors, ...]]:
    return app.compile_all(_texts(loaded), loaded.system if loaded else System("", "", {}))


def _overview(given: Given, guides: Sequence[Guide], scrubber: Scrubber) -> LogReport:
    """Return what one fast pass tells: times, errors, and what is spoken of."""
    known = with_marks(known_texts(guides))
    signatures = signatures_of(known)
    found = scan(Request(given.paths, signatures, workers=cores()))
    return conclude(found, LogsAsked(scrubber, known, signatures.places))


def _timezone(loaded: config.Loaded | None, owners: Iterable[str]) -> str:
    """Return the zone that the system file gives these logs, "" when there is none or they differ."""
    zones = {loaded.system.targets[name].timezone for name in owners} if loaded else set()
    return zones.pop() if len(zones) == 1 else ""


def _written(given: Given) -> datetime:
    return datetime.fromtimestamp(max(os.path.getmtime(path) for path in given.paths), UTC)


async def _looked(
    ready: app.Bench, question: app.Question, given: Given, scrubber: Scrubber, asked: LogsAskedFor
) -> Result:
    secrets = ready.loaded.secrets if ready.loaded else config.SecretValues({})
    clock, kinds = app.SystemClock(), app.catalogue().kinds
    moment = Moment(question.now, question.onset)
    taker = log_taker(ready.system, given.files, moment, clock, scrubber=scrubber, secrets=secrets, kinds=kinds)
    brief = Brief(
        net=ready.net, now=question.now, onset=question.onset, complaint=question.complaint, alerts=question.alerts
    )
    interrupted = asyncio.Event()
    on_interrupt(interrupted.set)
    limits = Limits(asked.budget_s, interrupted)
    with progress(ready.net, is_wanted=asked.shows_progress) as tell:
        result = await diagnose(brief, taker, app.catalogue(), clock, limits, rebind=ready.rebind, tell=tell)
    log_broken(taker.broken)
    return result
