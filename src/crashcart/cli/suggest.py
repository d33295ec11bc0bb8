"""`crashcart guide suggest`: what logs say around errors and no guide knows, as a draft."""

from __future__ import annotations

from pathlib import Path

import click

from crashcart import app, config
from crashcart.cli.common import tell_guide_errors
from crashcart.cli.help import Command
from crashcart.errors import SystemFileError, UsageError
from crashcart.guides.words import hint_for
from crashcart.model.case import GuideText
from crashcart.model.guide import Trust
from crashcart.model.system import System
from crashcart.redact import Scrubber
from crashcart.report.plain import line

DRAFT = "the draft"


@click.command(
    "suggest",
    cls=Command,
    examples=("crashcart guide suggest app.log > guides/api.md", "crashcart guide suggest /var/log/app --kind worker"),
)
@click.argument("paths", nargs=-1, required=True)
@click.option("--kind", default="http", help="The kind of target whose logs these are; http unless said.")
@click.option("--name", default="suggested", help="The guide's name.")
@click.option("--most", type=click.IntRange(1, 50), default=8, help="At most so many problems; 8 unless said.")
@click.option(
    "--system", "system_path", type=click.Path(path_type=Path), help="The system file: its guides and its secrets."
)
def suggest(paths: tuple[str, ...], kind: str, name: str, most: int, system_path: Path | None) -> None:
    """Draft a guide from errors in logs that no guide knows yet

    PATHS are files, folders or patterns; compressed or not. The draft compiles; its causes are for a person to fill in.
    """
    from crashcart.cli.logs import cores
    from crashcart.drive.known import known_texts
    from crashcart.drive.scan import Request, scan, signatures_of
    from crashcart.drive.suggest import suggest as suggested
    from crashcart.guides.suggest import suggested_guide
    from crashcart.logs.conclude import Asked, conclude

    if kind not in app.catalogue().targets:
        raise UsageError(f'there is no kind of target "{kind}"', hint=hint_for(kind, app.catalogue().targets))
    loaded = _loaded(system_path)
    texts = (*app.shipped_texts(), *(app.own_texts(loaded) if loaded else ()))
    guides, errors = app.compile_all(texts, loaded.system if loaded else System("", "", {}))
    tell_guide_errors(errors)
    signatures = signatures_of(known_texts(guides))
    scrubber = app.scrubber_of(loaded) if loaded else Scrubber(())
    report = conclude(scan(Request(paths, signatures, workers=cores())), Asked(scrubber))
    for trouble in report.troubles:
        click.echo(line(f"not all was read: {trouble.file}: {trouble.kind}: {trouble.detail}"), err=True)
    found = suggested(report, signatures.signatures, limit=most)
    for note in found.notes():
        click.echo(note, err=True)
    if not found.found:
        code = 2 if not report.lines else 0
        click.echo(
            "no error is there that a guide does not know" if report.lines else "there is nothing to read", err=True
        )
        click.get_current_context().exit(code)
    draft = suggested_guide(found.found, name=name, kind=kind, source=", ".join(paths))
    app.compile_text(GuideText(DRAFT, Trust.DRAFT, draft))  # says why, should it not compile
    click.echo(draft, nl=False)


def _loaded(path: Path | None) -> config.Loaded | None:
    try:
        found = path or config.find(Path.cwd())
    except SystemFileError:
        return None
    return config.load(found, app.catalogue())
