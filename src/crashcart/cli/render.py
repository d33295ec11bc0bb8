"""`crashcart guide render`."""

from __future__ import annotations

from pathlib import Path

import click

from crashcart import __version__, app
from crashcart.cli.help import Command
from crashcart.cli.writing import write_text


@click.command(
    cls=Command,
    examples=("crashcart guide render guides/api.md --html api.html", "crashcart guide render http-provider --html -"),
)
@click.argument("guide_", metavar="GUIDE")
@click.option(
    "--html", "html_path", metavar="FILE", required=True, help='The page, which stands alone; "-" is standard output.'
)
@click.option(
    "--system", "system_path", type=click.Path(path_type=Path), help="A system file whose targets the guide may name."
)
def render(guide_: str, html_path: str, system_path: Path | None) -> None:
    """Write a guide as one web page, with a decision drawing for each problem

    GUIDE is a file, or the name of a shipped guide.
    """
    from crashcart.cli.guide import with_linked
    from crashcart.guides.telling import tell_guide
    from crashcart.report.page.guide import guide_page

    found, linked = with_linked(guide_, system_path)
    page = guide_page(tell_guide(found, app.catalogue(), linked), engine=__version__)
    if html_path == "-":
        click.echo(page, nl=False)
        return
    write_text(Path(html_path), page)
    click.echo(f"the guide is in {html_path}: one file, nothing to fetch", err=True)
