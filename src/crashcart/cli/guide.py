"""`crashcart guide`: lint, show, new, import, audit, suggest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from crashcart import app
from crashcart.cli.common import load_bench
from crashcart.cli.foreign import audit, import_
from crashcart.cli.help import Group
from crashcart.cli.render import render
from crashcart.cli.suggest import suggest
from crashcart.errors import GuideErrors, UsageError
from crashcart.guides.lint import errors, remarks
from crashcart.guides.show import show_guide
from crashcart.guides.template import new_guide
from crashcart.guides.words import hint_for
from crashcart.model.case import GuideText
from crashcart.model.guide import Guide, Trust
from crashcart.model.system import System
from crashcart.report.plain import plain

MAX_GUIDE_BYTES = 10_000_000


@click.group(cls=Group, examples=("crashcart guide lint guides/*.md", "crashcart guide new http > guides/api.md"))
def guide() -> None:
    """Check, show and begin guides"""


@guide.command(examples=("crashcart guide lint guides/api.md", "crashcart guide lint --shipped"))
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--shipped", "is_shipped", is_flag=True, help="The guides that come with crashcart.")
@click.option(
    "--system", "system_path", type=click.Path(path_type=Path), help="A system file whose targets the guide may name."
)
def lint(paths: tuple[Path, ...], is_shipped: bool, system_path: Path | None) -> None:
    """Say everything that is wrong in guides, with line, column and the nearest word"""
    texts = [*(read_guide(path) for path in paths), *(app.shipped_texts() if is_shipped else ())]
    if not texts:
        raise UsageError("no guide was named", hint="`crashcart guide lint PATH`, or `--shipped`")
    system = _system(system_path)
    others = (*app.shipped_texts(), *texts)
    wrong = 0
    for text in texts:
        try:
            compiled = app.compile_text(text, system, others=others)
        except GuideErrors as broken:
            wrong += len(broken.complaints)
            click.echo(plain(broken.draw()))
            continue
        found = errors(compiled, app.catalogue())
        if found:
            wrong += len(found)
            click.echo(plain(GuideErrors(found).draw()))
            continue
        causes = sum(len(problem.causes) for problem in compiled.problems)
        problems = len(compiled.problems)
        click.echo(f"{plain(text.path)}: fine: {_count(problems, 'problem')}, {_count(causes, 'cause')}")
        for remark in remarks(compiled):
            click.echo(f"  note: {plain(remark)}")
    if wrong:
        click.echo(f"\n{wrong} error{'s' if wrong > 1 else ''}", err=True)
    click.get_current_context().exit(1 if wrong else 0)


@guide.command(examples=("crashcart guide show guides/api.md", "crashcart guide show http-provider"))
@click.argument("guide_", metavar="GUIDE")
@click.option(
    "--system", "system_path", type=click.Path(path_type=Path), help="A system file whose targets the guide may name."
)
def show(guide_: str, system_path: Path | None) -> None:
    """Print what the machine understood, in the guide language; it compiles to the same guide"""
    compiled = compiled_guide(guide_, system_path)
    click.echo(plain(show_guide(compiled, app.catalogue())), nl=False)


@guide.command(examples=("crashcart guide new http", "crashcart guide new sqlite > guides/db.md"))
@click.argument("kind")
@click.option("--name", default="", help="The guide's name; that of the kind unless said.")
def new(kind: str, name: str) -> None:
    """Begin a guide for a KIND of target: ten lines that compile"""
    targets = app.catalogue().targets
    if kind not in targets:
        raise UsageError(f'there is no kind of target "{kind}"', hint=hint_for(kind, targets))
    click.echo(new_guide(targets[kind], name or kind), nl=False)


@guide.command(
    "tell-apart",
    examples=("crashcart guide tell-apart", "crashcart guide tell-apart --system prod/crashcart.toml"),
)
@click.option("--system", "system_path", type=click.Path(path_type=Path), help="The system file; ./crashcart.toml.")
def tell_apart(system_path: Path | None) -> None:
    """List the pairs of causes that no look distinguishes, and what would"""
    from crashcart.diagnosis.apart import ENOUGH_DB, twins
    from crashcart.report.apart import twins_text

    ready = load_bench(system_path)
    pairs = twins(ready.net)
    click.echo(plain(twins_text(pairs, ready.net, enough_db=ENOUGH_DB)), nl=False)
    click.get_current_context().exit(1 if pairs else 0)


guide.add_command(import_)
guide.add_command(audit)
guide.add_command(render)
guide.add_command(suggest)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def compiled_guide(name: str, system_path: Path | None) -> Guide:
    """Return a guide by the name of a shipped one, or by its file; it may link to shipped ones and to those beside it."""
    return with_linked(name, system_path)[0]


def with_linked(name: str, system_path: Path | None) -> tuple[Guide, tuple[Guide, ...]]:
    """Return a guide and those from which it takes causes."""
    shipped = {Path(text.path).parent.name: text for text in app.shipped_texts()}
    text = shipped[name] if name in shipped else read_guide(Path(name))
    others = (*shipped.values(), *(() if name in shipped else _beside(Path(name))), text)
    system = _system(system_path)
    guide = app.compile_text(text, system, others=others)
    names = {cause.link.guide for problem in guide.problems for cause in problem.causes if cause.link is not None}
    meant = [other for other in others if any(f"\nguide: {each}\n" in other.text for each in names - {"", guide.name})]
    return guide, tuple(app.compile_text(other, system, others=others) for other in meant)


def _beside(path: Path) -> Iterator[GuideText]:
    """Yield the texts in the same folder that begin as guides do."""
    for other in sorted(path.parent.glob("*.md")):
        with suppress(OSError, UnicodeDecodeError):
            if not other.samefile(path) and other.stat().st_size <= MAX_GUIDE_BYTES:
                text = other.read_text(encoding="utf-8")
                if text.startswith("---\n"):
                    yield GuideText(str(other), Trust.OWN, text)


def read_guide(path: Path) -> GuideText:
    """Return the text of a guide file.

    Raises:
        UsageError: it cannot be read, is too large or no text.
    """
    try:
        if path.is_dir():
            raise UsageError("this is a folder, not a guide", where=str(path), hint=f"{path}/*.md")
        if path.stat().st_size > MAX_GUIDE_BYTES:
            raise UsageError(f"the file has more than {MAX_GUIDE_BYTES:,} bytes", where=str(path), hint="a guide")
        return GuideText(str(path), Trust.OWN, path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the guide is not UTF-8: byte {error.start}", where=str(path), hint="saving it as UTF-8"
        ) from error
    except OSError as error:
        shipped = [Path(text.path).parent.name for text in app.shipped_texts()]
        raise UsageError(
            f"the guide cannot be read: {error.strerror}", where=str(path), hint=hint_for(str(path), shipped)
        ) from error


def _system(path: Path | None) -> System | None:
    from crashcart import config

    found = path or next(
        (folder / config.FILE_NAME for folder in (Path.cwd(),) if (folder / config.FILE_NAME).is_file()), None
    )
    return config.load(found, app.catalogue()).system if found else None
