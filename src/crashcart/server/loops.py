"""The way out: one diagnosis at a time for each system, and the posting of reports until they have arrived."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import msgspec

from crashcart.alerts import AlertGroup
from crashcart.redact import fingerprint
from crashcart.report.plain import line
from crashcart.server.counts import Counts
from crashcart.server.reception import NOWHERE, Reception
from crashcart.server.settings import HookSettings
from crashcart.server.work import ChildFailed, DiagnosisOrder, Posted, PostOrder, Report, ask
from crashcart.storage.alerts import Batch, Inbox, StoredReport

CASES = "alert-cases"  # a folder beside the inbox
_POST_WITHIN_S = 20.0
_FORGET_EVERY_S = 3600.0
_AFTER_ERROR_S = 5.0
_FAILED = "failed"

Show = Callable[[str], None]
Step = Callable[[], Awaitable[Awaitable[object]]]


class Loops:
    """What goes on beside the requests. `tell` gets a line for each event, `show` the reports when no URL is given."""

    def __init__(self, settings: HookSettings, reception: Reception, counts: Counts, *, tell: Show, show: Show) -> None:
        self._settings = settings
        self._reception = reception
        self._counts = counts
        self._tell = tell
        self._show = show
        self._places = asyncio.Semaphore(settings.diagnoses_at_once)
        self._written = asyncio.Event()
        self._errors: dict[str, str] = {}  # by step
        self._outcomes: dict[int, Posted] = {}  # of reports, until the disk takes them: nothing is posted twice

    @property
    def error(self) -> str:
        """What does not work right now, "" when all does."""
        return "; ".join(self._errors.values())

    async def run(self) -> None:
        """Go on until cancelled, beginning with what an earlier life left."""
        async with asyncio.TaskGroup() as group:
            for system in self._reception.arrived:
                group.create_task(self._again(f"diagnose {system}", partial(self._diagnose_next, system)))
            group.create_task(self._again("post", self._post_next))
            group.create_task(self._again("forget", self._forget))

    async def _again(self, name: str, step: Step) -> None:
        """Take the step again and again; each ends by waiting for more to do, which it returns."""
        while True:
            try:
                more = await step()
                self._errors.pop(name, None)
                await more
            except (sqlite3.Error, OSError) as error:  # a full disk, no memory for a process: it may pass
                await self._ail(name, error)

    async def _ail(self, name: str, error: Exception) -> None:
        self._errors[name] = f"{name}: {error}"
        self._tell(f"event=error step={name!r} why={str(error)!r}")
        await asyncio.sleep(_AFTER_ERROR_S)

    # -- diagnoses

    async def _diagnose_next(self, system: str) -> Awaitable[object]:
        arrived = self._reception.arrived[system]
        arrived.clear()
        batch = await self._reception.inbox(lambda inbox: inbox.take(system))
        if batch is None:
            return arrived.wait()
        async with self._places:
            report = await self._report(batch)
        await self._keep(batch, report)
        self._counts.diagnosed(report.verdict)
        after_s = (datetime.now(UTC) - batch.first_at).total_seconds()
        told = f"system={system} deliveries={len(batch.ids)} verdict={report.verdict!r} after_s={after_s:.1f}"
        self._tell(f"event=diagnosed {told}")
        self._written.set()
        return asyncio.sleep(0)

    async def _keep(self, batch: Batch, report: Report) -> None:
        """Write the report down. While that cannot be, as on a full disk, it is posted unwritten, once."""
        unwritten = StoredReport(0, batch.system, report.title, report.body, 0, frozenset())
        has_arrived = False
        while True:
            try:
                finish = partial(_finish, batch=batch, report=report, has_arrived=has_arrived)
                await self._reception.inbox(finish)
                return
            except sqlite3.Error as error:
                has_arrived = has_arrived or not (await self._posted(unwritten, self._settings.urls)).failed
                await self._ail(f"diagnose {batch.system}", error)

    async def _report(self, batch: Batch) -> Report:
        try:
            groups = tuple(_as_of_now(msgspec.json.decode(body, type=AlertGroup), batch) for body in batch.bodies)
        except msgspec.MsgspecError as error:
            return Report(f"{batch.system}: not diagnosed", f"What the inbox holds cannot be read: {error}\n", _FAILED)
        if batch.system == NOWHERE:
            known = ", ".join(self._settings.systems)
            return Report(
                "alerts that no system is meant by", _told_only(groups, f"No label names a target of {known}."), _FAILED
            )
        loaded = self._settings.systems[batch.system]
        budget_s = self._settings.budget_s or loaded.budget_s
        case = self._settings.inbox.resolve().parent / CASES / f"{batch.first_at:%Y%m%d-%H%M%S}-{batch.ids[0]}.json"
        order = DiagnosisOrder(str(loaded.path.resolve()), groups, batch.first_at, str(case), budget_s)
        try:
            return await ask("crashcart.server.diagnosis", order, Report, within_s=budget_s)
        except ChildFailed as error:
            # A diagnosis that fails once would fail again: people are told, and the alerts go on to the next.
            self._tell(f"event=diagnosis-failed system={batch.system} why={str(error)!r}")
            return Report(
                f"{batch.system}: not diagnosed", _told_only(groups, f"The diagnosis failed: {error}"), _FAILED
            )

    # -- posting

    async def _post_next(self) -> Awaitable[object]:
        self._written.clear()
        now = datetime.now(UTC)
        report = await self._reception.inbox(lambda inbox: inbox.due(now))
        if report is not None:
            await self._post(report)
            return asyncio.sleep(0)
        due = await self._reception.inbox(lambda inbox: inbox.next_due())
        wait_s = None if due is None else max(0.0, due - now.timestamp())
        return _until(self._written, wait_s)

    async def _post(self, report: StoredReport) -> None:
        urls = {fingerprint(url): url for url in self._settings.urls}
        left = {key: url for key, url in urls.items() if key not in report.arrived}
        if report.id not in self._outcomes:
            self._outcomes[report.id] = await self._posted(report, tuple(left.values()))
            self._counts.posted(has_arrived=not self._outcomes[report.id].failed)
        posted = self._outcomes[report.id]
        now = datetime.now(UTC)
        if posted.failed:
            arrived = frozenset(key for place, key in enumerate(left) if place not in posted.failed)
            await self._reception.inbox(lambda inbox: inbox.failed(report, posted.error, now, arrived=arrived))
            self._tell(f"event=post-failed report={report.id} try={report.tries + 1} why={posted.error!r}")
        else:
            await self._reception.inbox(lambda inbox: inbox.delivered(report.id, now))
            self._tell(f"event=posted report={report.id} system={report.system}")
        del self._outcomes[report.id]

    async def _posted(self, report: StoredReport, urls: tuple[str, ...]) -> Posted:
        if not self._settings.urls:
            self._show(f"{report.title}\n\n{report.body}")
            return Posted()
        try:
            return await ask(
                "crashcart.server.post", PostOrder(urls, report.title, report.body), Posted,
                within_s=_POST_WITHIN_S * len(urls),
            )  # fmt: skip
        except ChildFailed as error:
            return Posted(tuple(range(len(urls))), str(error))

    async def _forget(self) -> Awaitable[object]:
        now = datetime.now(UTC)
        await self._reception.inbox(lambda inbox: inbox.forget(now))
        return asyncio.sleep(_FORGET_EVERY_S)


def _finish(inbox: Inbox, *, batch: Batch, report: Report, has_arrived: bool) -> None:
    inbox.finish(batch, title=report.title, body=report.body, now=datetime.now(UTC), has_arrived=has_arrived)


async def _until(event: asyncio.Event, wait_s: float | None) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), wait_s)


def _as_of_now(group: AlertGroup, batch: Batch) -> AlertGroup:
    """Return the group with what was resolved while it waited."""
    alerts = (
        replace(alert, is_firing=False) if alert.fingerprint in batch.resolved else alert for alert in group.alerts
    )
    return replace(group, alerts=tuple(alerts))


def _told_only(groups: tuple[AlertGroup, ...], why: str) -> str:
    named = dict.fromkeys(line(f"{alert.name}: {alert.summary}", 160) for group in groups for alert in group.firing)
    return "\n".join((why, "", *(f"- {text}" for text in list(named)[:10]))) + "\n"
