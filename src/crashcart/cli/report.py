"""`crashcart report`: a case as something to hand on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from crashcart import __version__, app
from crashcart.cli.common import tell_guide_errors
from crashcart.cli.help import Command
from crashcart.cli.writing import write_text
from crashcart.drive.diagnose import Result
from crashcart.errors import UsageError
from crashcart.model.observation import Observation
from crashcart.model.system import System
from crashcart.report.page.story import Story, story
from crashcart.report.text import Pages
from crashcart.storage import cases

LAST_CASE = "last-case.json"


@click.command(
    cls=Command,
    examples=("crashcart report case.json --html report.html", "crashcart report --markdown"),
)
@click.argument("path", metavar="[CASE]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--html", "html_path", metavar="FILE", help='Write one web page that stands alone; "-" is standard output.'
)
@click.option("--markdown", "is_markdown", is_flag=True, help="Markdown on standard output.")
@click.option("--slack", "is_slack", is_flag=True, help="A message for a Slack webhook (JSON) on standard output.")
def report(path: Path | None, html_path: str | None, is_markdown: bool, is_slack: bool) -> None:
    """Tell a diagnosis to others: a web page, Markdown, a Slack message

    CASE is a file that `crashcart diagnose --save` wrote; the last diagnosis unless said. Nothing is looked at anew.
    """
    if not (html_path or is_markdown or is_slack):
        raise UsageError("no form was named", hint="--html FILE, --markdown or --slack")
    if sum((html_path == "-", is_markdown, is_slack)) > 1:
        raise UsageError("two forms want standard output", hint="one of them, or `--html FILE`")
    found = path or app.state_folder() / LAST_CASE
    if path is None and not found.exists():
        hint = "`crashcart diagnose` first, or naming a case: `crashcart report case.json --html report.html`"
        raise UsageError("there is no diagnosis yet to report", where=str(found), hint=hint)
    case = cases.read(found)
    tell_guide_errors(app.bench_of_case(case).guide_errors)
    result = app.replay_case(case)
    told = story_of(result, case.system, result.observations)
    if html_path:
        put_html(told, html_path)
    if is_markdown:
        from crashcart.report.page.markdown import markdown_page

        click.echo(markdown_page(told), nl=False)
    if is_slack:
        from crashcart.report.page.slack import slack_message

        click.echo(slack_message(told), nl=False)


def story_of(result: Result, system: System, observations: Sequence[Observation]) -> Story:
    """Return the story that pages tell of a diagnosis."""
    pages = Pages(result.diagnosis, result.net, system, observations)
    return story(pages, observations, engine=__version__)


def put_html(told: Story, path: str) -> None:
    """Write the web page; "-" is standard output.

    Raises:
        UsageError: it cannot be written.
    """
    from crashcart.report.page.html import html_page

    if path == "-":
        click.echo(html_page(told), nl=False)
        return
    write_text(Path(path), html_page(told))
    click.echo(f"the report is in {path}: one file, nothing to fetch", err=True)
