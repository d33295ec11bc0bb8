"""`crashcart diagnose` and `crashcart why`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from crashcart import app, config
from crashcart.cli.common import load_bench, on_interrupt, parse_since
from crashcart.cli.help import Command
from crashcart.cli.progress import progress
from crashcart.diagnosis import Brief
from crashcart.drive.diagnose import Limits, Result
from crashcart.drive.diagnose import diagnose as drive_diagnose
from crashcart.drive.take import log_broken
from crashcart.errors import CaseError, UsageError
from crashcart.model.case import Case
from crashcart.model.diagnosis import Verdict
from crashcart.model.observation import Moment
from crashcart.report.document import to_json
from crashcart.report.text import Pages
from crashcart.storage import cases

LAST_CASE = "last-case.json"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asked for."""

    system_path: Path | None = None
    complaint: str = ""
    since: str = ""
    budget_s: float | None = None
    save: Path | None = None
    html: str = ""
    alert: str = ""
    logs: tuple[str, ...] = ()
    is_json: bool = False
    is_markdown: bool = False
    is_short: bool = False
    may_ask: bool = False
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Looked:
    """A diagnosis, what it was asked, and how its texts are made."""

    ready: app.Bench
    question: app.Question
    result: Result
    pages: Callable[[Result], Pages]


def run_diagnosis(asked: Asked) -> int:
    """Diagnose the system or the logs, print the report, keep the case; return the exit code."""
    found = _from_logs(asked) if asked.logs else _from_system(asked)
    ready, result = found.ready, found.result
    case = app.case_of(ready, found.question, result.observations, result)
    if asked.may_ask and not asked.is_json:
        case, result = _ask(ready, case, result)
    _keep(case, asked.save)
    if asked.html or asked.is_markdown:
        _tell_others(ready, result, asked)
        if asked.html == "-" or asked.is_markdown:
            return exit_code(result)
    if asked.is_json:
        click.echo(to_json(result.diagnosis, result.net, ready.system), nl=False)
    else:
        pages = found.pages(result)
        click.echo(pages.short() if asked.is_short else pages.long(), nl=False)
    return exit_code(result)


def _from_logs(asked: Asked) -> _Looked:
    from crashcart.cli.given import LogsAskedFor, diagnose_logs

    if asked.alert:
        raise UsageError("an alert tells of a running system", where="--alert", hint="`--log` or `--alert`, not both")
    budget_s = asked.budget_s or config.DEFAULT_BUDGET_S
    told = diagnose_logs(
        LogsAskedFor(
            asked.logs, asked.system_path, asked.complaint, asked.since, budget_s,
            shows_progress=sys.stderr.isatty() and not asked.is_json,
        )
    )  # fmt: skip
    return _Looked(told.ready, told.question, told.result, told.pages)


def _from_system(asked: Asked) -> _Looked:
    ready = load_bench(asked.system_path)
    now = datetime.now(UTC)
    onset = parse_since(asked.since, now) if asked.since else None
    question = app.Question(asked.complaint, onset, dict(asked.answers), now)
    if asked.alert and ready.loaded:
        from crashcart.cli.alert import with_alert

        question = with_alert(question, asked.alert, ready.loaded)
    result = asyncio.run(looked(ready, question, asked))
    return _Looked(
        ready, question, result, lambda last: Pages(last.diagnosis, last.net, ready.system, last.observations)
    )


def _tell_others(ready: app.Bench, result: Result, asked: Asked) -> None:
    from crashcart.cli.report import put_html, story_of
    from crashcart.report.page.markdown import markdown_page

    told = story_of(result, ready.system, result.observations)
    if asked.html:
        put_html(told, asked.html)
    if asked.is_markdown:
        click.echo(markdown_page(told), nl=False)


def exit_code(result: Result) -> int:
    """Return 0 when nothing wrong was seen, 2 when nothing could be seen at all, else 1."""
    if not result.diagnosis.judged:
        return 2
    return 0 if result.diagnosis.verdict is Verdict.NOTHING_WRONG else 1


async def looked(ready: app.Bench, question: app.Question, asked: Asked) -> Result:
    """Look until it is decided or the budget is over, with progress on a terminal."""
    assert ready.loaded is not None
    moment = Moment(question.now, question.onset)
    taker = app.world_taker(ready, moment)
    brief = Brief(
        net=ready.net, now=question.now, onset=question.onset, complaint=question.complaint, alerts=question.alerts
    )
    interrupted = asyncio.Event()
    # Ctrl-C ends the looking, not the answer: what is known by then is still told.
    on_interrupt(interrupted.set)
    limits = Limits(asked.budget_s or ready.loaded.budget_s, interrupted)
    with progress(ready.net, is_wanted=sys.stderr.isatty() and not asked.is_json) as tell:
        result = await drive_diagnose(
            brief,
            taker,
            app.catalogue(),
            app.SystemClock(),
            limits,
            answers=question.answers,
            rebind=ready.rebind,
            tell=tell,
        )
    log_broken(taker.broken)
    return result


def _ask(ready: app.Bench, case: Case, result: Result) -> tuple[Case, Result]:
    """Ask the person what would decide, and weigh the answers with what was seen."""
    questions = {check.looks[0].id: check for check in ready.net.checks.values() if check.is_question}
    while result.diagnosis.verdict is not Verdict.DECIDED:
        wanted = [look for entry in result.diagnosis.would_decide for look in entry.looks if look in questions]
        texts = [questions[look].looks[0].arg("question") or "" for look in wanted]
        left = [text for text in texts if text not in case.answers]
        if not left:
            break
        answer = click.prompt(left[0], type=click.Choice(["yes", "no", "do not know"]), default="do not know", err=True)
        case = replace(case, answers={**case.answers, left[0]: answer}, stopped_after=None, stop="")
        result = app.replay_case(case)
    return case, result


def _keep(case: Case, save: Path | None) -> None:
    if save is not None:
        cases.write(save, case)
        click.echo(f"case kept in {save}; again, offline: crashcart replay {save}", err=True)
    try:
        cases.write(app.state_folder() / LAST_CASE, case)
    except (CaseError, OSError) as error:
        # Diagnosing needs no writable disk: only `why` without a case file is lost.
        click.echo(f"note: {error}; `crashcart why` will need `--case FILE`", err=True)


@click.command(
    cls=Command,
    examples=(
        "crashcart diagnose",
        'crashcart diagnose "uploads fail for everybody" --since "20 min"',
        "crashcart diagnose --log app.log",
    ),
)
@click.argument("words", nargs=-1)
@click.option("--since", default="", help='When it began: "20 min", "14:30" (UTC), or ISO 8601.')
@click.option(
    "--alert", default="", metavar="FILE",
    help='A payload of Alertmanager, Grafana or PagerDuty tells what is wrong, where, and since when; "-" is standard input.',
)  # fmt: skip
@click.option(
    "--log", "logs", multiple=True, metavar="[TARGET=]FILE",
    help="From this log alone, with no running system; TARGET says whose it is when there is a system file.",
)  # fmt: skip
@click.option("--json", "is_json", is_flag=True, help="The whole diagnosis as JSON.")
@click.option("--markdown", "is_markdown", is_flag=True, help="The report as Markdown.")
@click.option("--html", default="", metavar="FILE", help="Write the report as one web page that stands alone.")
@click.option(
    "--save", type=click.Path(path_type=Path, dir_okay=False), help="Keep the case in this file, to replay it."
)
@click.option(
    "--budget", "budget_s", type=click.FloatRange(0.1, 3600), help="Seconds that looking may take; 60 unless said."
)
@click.option("--ask", "may_ask", is_flag=True, help="Ask what only a person knows, when that would decide.")
@click.option(
    "--system",
    "system_path",
    type=click.Path(path_type=Path),
    help="The system file; else crashcart.toml here or above.",
)
@click.pass_obj
def diagnose(
    parent_system: Path | None, words: tuple[str, ...], since: str, alert: str, logs: tuple[str, ...], is_json: bool, is_markdown: bool,
    html: str, save: Path | None, budget_s: float | None, may_ask: bool, system_path: Path | None,
) -> None:  # fmt: skip
    """Name the likely cause of what is wrong, with reasons

    WORDS are what people say ("jobs fail since noon"): evidence, not a fact. Nothing is touched.
    """
    asked = Asked(
        system_path=system_path or parent_system, complaint=" ".join(words), since=since, budget_s=budget_s, save=save,
        is_json=is_json, is_markdown=is_markdown, may_ask=may_ask, html=html, alert=alert, logs=logs,
    )  # fmt: skip
    if sum((is_json, is_markdown, html == "-")) > 1:
        raise UsageError("two forms want standard output", hint="one of them, or `--html FILE`")
    click.get_current_context().exit(run_diagnosis(asked))


@click.command(cls=Command, examples=("crashcart why", "crashcart why key-refused"))
@click.argument("cause", default="")
@click.option(
    "--case",
    "case_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A case file; the last diagnosis unless said.",
)
def why(cause: str, case_path: Path | None) -> None:
    """Show the reasons behind the last diagnosis, or for and against one CAUSE"""
    path = case_path or app.state_folder() / LAST_CASE
    if not path.exists():
        raise UsageError(
            "there is no diagnosis yet to explain", where=str(path), hint="`crashcart diagnose` first, or `--case FILE`"
        )
    case = cases.read(path)
    result = app.replay_case(case)
    pages = Pages(result.diagnosis, result.net, case.system, result.observations)
    click.echo("\n".join(pages.why(name) for name in _meant(cause, result)), nl=False)


def _meant(cause: str, result: Result) -> tuple[str, ...]:
    if not cause:
        return ("",)
    ranked = {entry.cause for entry in result.diagnosis.ranked}
    if cause in ranked:
        return (cause,)
    meant = app.find_causes(result.net, cause)
    return tuple(name for name in meant if name in ranked) or ("",)
