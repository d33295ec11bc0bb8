"""A diagnosis in a process of its own: an order on standard input, the report on standard output."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from crashcart import app, config
from crashcart.alerts import AlertGroup, Told, redacted, told
from crashcart.diagnosis import Brief
from crashcart.drive.diagnose import Limits, Result, diagnose
from crashcart.drive.take import log_broken
from crashcart.errors import CaseError, CrashcartError
from crashcart.model.observation import Moment
from crashcart.report.plain import line, plain
from crashcart.report.text import Pages
from crashcart.report.words import headline
from crashcart.server.work import DiagnosisOrder, Report
from crashcart.storage import cases

_ALERTS_SHOWN = 5
_CASES_KEPT = 50


def main() -> None:
    """Diagnose what the order says."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=DiagnosisOrder)
    try:
        report = asyncio.run(report_of(order))
    except CrashcartError as error:
        sys.exit(plain(error.draw()))
    sys.stdout.buffer.write(msgspec.json.encode(report))


async def report_of(order: DiagnosisOrder) -> Report:
    """Return the report about the alerts of an order; the case is kept when it can be."""
    ready = app.bench_of_world(config.load(Path(order.system_path), app.catalogue()))
    assert ready.loaded is not None
    scrubber = app.scrubber_of(ready.loaded)
    now = datetime.now(UTC)
    group = merged(tuple(redacted(one, scrubber) for one in order.groups))
    found = told(group, ready.system, now)
    question = app.Question(found.complaint, found.onset, {}, now, found.given)
    result = await _looked(ready, question, order.budget_s or ready.loaded.budget_s)
    note = _kept(ready, question, result, Path(order.case_path))
    pages = Pages(result.diagnosis, result.net, ready.system, result.observations)
    told_lines = [*_alert_lines(group, found, order.received_at), ""]
    for error in ready.guide_errors:
        told_lines.insert(-1, f"Note: a guide does not compile and was left out: {line(error.complaints[0].path, 80)}")
    body = "\n".join(told_lines) + pages.short(next_command=note)
    title = line(f"{ready.system.name}: {headline(result.diagnosis)}", 150)
    return Report(title, body, result.diagnosis.verdict.value)


def merged(groups: tuple[AlertGroup, ...]) -> AlertGroup:
    """Return the groups as one: each alert once, as it was told last."""
    alerts = {alert.fingerprint: alert for group in groups for alert in group.alerts}
    left_out = sum(group.left_out for group in groups)
    return replace(groups[-1], alerts=tuple(alerts.values()), left_out=left_out)


async def _looked(ready: app.Bench, question: app.Question, budget_s: float) -> Result:
    taker = app.world_taker(ready, Moment(question.now, question.onset))
    brief = Brief(
        net=ready.net, now=question.now, onset=question.onset, complaint=question.complaint, alerts=question.alerts
    )
    result = await diagnose(brief, taker, app.catalogue(), app.SystemClock(), Limits(budget_s), rebind=ready.rebind)
    log_broken(taker.broken)
    return result


def _kept(ready: app.Bench, question: app.Question, result: Result, path: Path) -> str:
    """Keep the case and return the command that shows all of it; "" when it could not be kept."""
    try:
        cases.write(path, app.case_of(ready, question, result.observations, result))
        _forget_old(path.parent)
    except (CaseError, OSError):
        return ""  # a report without its case is worth more than none
    return f"crashcart report {path} --html report.html"


def _forget_old(folder: Path) -> None:
    found = sorted(folder.glob("*.json"), key=lambda path: path.name)
    for path in found[:-_CASES_KEPT]:
        path.unlink(missing_ok=True)


def _alert_lines(group: AlertGroup, found: Told, received_at: datetime) -> list[str]:
    firing, gone = len(group.firing), len(group.alerts) - len(group.firing)
    resolved = f", {gone} resolved" if gone else ""
    head = f"{group.sender.value}: {firing} firing{resolved}; received {received_at:%H:%M:%S} UTC"
    named = (f"{alert.name or alert.fingerprint}: {alert.summary}" for alert in group.firing or group.alerts)
    shown = [f"- {line(text, 160)}" for text in dict.fromkeys(named)]
    more = [f"- and {len(shown) - _ALERTS_SHOWN} more"] if len(shown) > _ALERTS_SHOWN else []
    places = [f"Means {line(one.target, 40)}: {line(one.because, 120)}" for one in found.matches[:3]]
    return [head, *shown[:_ALERTS_SHOWN], *more, *places, *(f"Note: {line(note, 200)}" for note in found.notes)]


if __name__ == "__main__":
    main()
