"""`crashcart guide import` and `guide audit`: guides of any team. Nothing that stands in one is ever run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from crashcart import __version__, app
from crashcart.cli.help import Command
from crashcart.errors import UsageError
from crashcart.guides.words import hint_for
from crashcart.model.case import GuideText
from crashcart.model.guide import Trust
from crashcart.report.plain import line, plain

if TYPE_CHECKING:
    from crashcart.guides.audit import Place
    from crashcart.guides.importing import Draft
    from crashcart.guides.shell import Remark
    from crashcart.model.system import System

_ENV_FILE_LIMIT = 1_000_000  # characters of an env file that are read
_WORTH_SHARING = 200_000  # characters of guides, about two seconds: processes take half of one to start
_AT_ONCE = 16  # guides that one process is given at a time


@click.command(
    "import",
    cls=Command,
    examples=("crashcart guide import runbook.md > guides/api.md", "crashcart guide import runbook.md --report"),
)
@click.argument("source", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--kind", default="http", help="The kind of target that the guide is for; http unless said.")
@click.option("--name", default="", help="The guide's name; that of the file unless said.")
@click.option("--report", "is_report", is_flag=True, help="Say what each line became, and what to do next.")
@click.option("--json", "is_json", is_flag=True, help="The draft and the account of its source as JSON.")
@click.option(
    "--into", "draft_path", metavar="DRAFT", type=click.Path(path_type=Path),
    help="Bring an earlier import up to date: what was edited since stays, and differences are shown.",
)  # fmt: skip
def import_(source: Path, kind: str, name: str, is_report: bool, is_json: bool, draft_path: Path | None) -> None:
    """Turn any team's guide into a draft in our language; its commands are shown, never run"""
    from crashcart.cli.guide import read_guide
    from crashcart.guides.importing import import_guide
    from crashcart.report.foreign import import_json, import_text

    if kind not in app.catalogue().targets:
        raise UsageError(f'there is no kind of target "{kind}"', hint=hint_for(kind, app.catalogue().targets))
    draft = import_guide(read_guide(source).text, app.catalogue(), source=source.name, kind=kind, name=name)
    app.compile_text(GuideText(f"draft of {source.name}", Trust.DRAFT, draft.text))  # says why, should it not compile
    if draft_path is not None:
        _bring_up_to_date(draft_path, draft)
    elif not (is_report or is_json):
        click.echo(draft.text, nl=False)
    if is_json:
        click.echo(import_json(draft, source.name), nl=False)
    elif is_report:
        click.echo(plain(import_text(draft, source.name)), nl=False)
    if not draft.problems:
        click.echo(f"{line(source.name)}: no problem was recognised; `--report` says what each line is", err=True)


def _bring_up_to_date(path: Path, draft: Draft) -> None:
    from crashcart.cli.guide import read_guide
    from crashcart.guides.importing import Change, merge

    if not path.exists():
        _write(path, draft.text)
        click.echo(f"{line(str(path))}: written", err=True)
        return
    merged = merge(read_guide(path).text, draft.text)
    app.compile_text(GuideText(str(path), Trust.DRAFT, merged.text))
    for name, change in merged.changes:
        if change is not Change.SAME:
            click.echo(f"{line(name)}: {change.value}", err=True)
    for name, difference in merged.differences:
        click.echo(f"\n{line(name)} was edited, and its source changed; the edited text stays:", err=True)
        click.echo(plain(difference), err=True)
    _write(path, merged.text)


def _write(path: Path, text: str) -> None:
    """Write all or nothing: an edited draft must not be lost to a full disk."""
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=".draft-", delete=False
        ) as file:
            file.write(text)
        os.chmod(file.name, mode)
        os.replace(file.name, path)
    except OSError as error:
        raise UsageError(f"the draft cannot be written: {error.strerror}", where=str(path)) from error


@click.command(
    "audit",
    cls=Command,
    examples=("crashcart guide audit runbook.md", "crashcart guide audit docs/*.md --strict --sarif audit.sarif"),
)
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--strict", "is_strict", is_flag=True, help="Exit with 1 on any remark, not only on errors.")
@click.option("--sarif", "sarif_path", metavar="FILE", type=click.Path(path_type=Path), help="Also write SARIF 2.1.0.")
@click.option("--json", "is_json", is_flag=True, help="The remarks as JSON.")
@click.option("--system", "system_path", type=click.Path(path_type=Path), help="A system file: what it does not know.")
@click.option(
    "--healthy", "healthy", metavar="CASE", multiple=True, type=click.Path(path_type=Path),
    help="A sweep in which nothing was wrong: evidence that is true in it is told. For guides in our language.",
)  # fmt: skip
def audit(
    paths: tuple[Path, ...],
    is_strict: bool,
    sarif_path: Path | None,
    is_json: bool,
    system_path: Path | None,
    healthy: tuple[Path, ...],
) -> None:
    """Say what is wrong with guides as they stand, of any team or in our language"""
    from crashcart.cli.guide import read_guide
    from crashcart.guides.audit import level_of, summary_of
    from crashcart.report.foreign import audit_json, audit_text, sarif

    texts = [read_guide(path) for path in paths]
    found = _audited(texts, _system(system_path))
    if healthy:
        _add_healthy(found, texts, healthy)
    codes = {told.code for remarks in found.values() for told in remarks}
    levels = {code: (level_of(code).value, summary_of(code)) for code in codes}
    if sarif_path is not None:
        try:
            sarif_path.write_bytes(sarif(found, levels, version=__version__))
        except OSError as error:
            raise UsageError(f"the file cannot be written: {error.strerror}", where=str(sarif_path)) from error
    if is_json:
        click.echo(audit_json(found, levels), nl=False)
    else:
        for path, remarks in found.items():
            click.echo(plain(audit_text(path, remarks, levels)), nl=False)
    is_wrong = bool(codes) if is_strict else any(level == "error" for level, _ in levels.values())
    click.get_current_context().exit(1 if is_wrong else 0)


def _audited(texts: Sequence[GuideText], system: System | None) -> dict[str, tuple[Remark, ...]]:
    """Return the remarks by path, in the order of the texts; a folder full of guides is shared among all cores."""
    from crashcart.guides.compile import outline

    known = dict(outline(text.text) for text in (*app.shipped_texts(), *texts))
    targets = {target.name: target.kind for target in system.targets.values()} if system else {}
    judge = partial(_audit_one, place=_place(system) if system else None, targets=targets, known=known)
    sources = [text.text for text in texts]
    cores = os.cpu_count() or 1
    if cores == 1 or len(sources) < 2 or sum(map(len, sources)) < _WORTH_SHARING:
        return dict(zip((text.path for text in texts), map(judge, sources), strict=True))
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    share = max(1, min(_AT_ONCE, len(sources) // cores))
    with ProcessPoolExecutor(min(cores, len(sources)), mp_context=get_context("spawn")) as pool:
        return dict(zip((text.path for text in texts), pool.map(judge, sources, chunksize=share), strict=True))


def _audit_one(
    text: str, *, place: Place | None, targets: Mapping[str, str], known: Mapping[str, frozenset[str]]
) -> tuple[Remark, ...]:
    from crashcart.guides.audit import audit as audit_guide

    return tuple(audit_guide(text, app.catalogue(), place=place, targets=targets, known=known))


def _add_healthy(found: dict[str, tuple[Remark, ...]], texts: Sequence[GuideText], paths: Sequence[Path]) -> None:
    """Add what sweeps of a healthy system say of the evidence of the guides in our language among the texts."""
    from crashcart.guides.audit import HealthyRun, is_ours, true_when_well
    from crashcart.guides.compile import outline
    from crashcart.storage import cases

    ours = [text for text in texts if is_ours(text.text)]
    runs = []
    for path in paths:
        case = cases.read(path)
        if case.truth != ("nothing",):
            raise UsageError(
                "the case is not one of a healthy system", where=str(path), hint="`crashcart case record -o FILE --truth nothing`"
            )  # fmt: skip
        ready = app.bench_of_case(case, (*app.shipped_texts(), *ours))
        runs.append(HealthyRun(ready.net, {seen.look: seen for seen in case.observations}))
    for text in ours:
        name, _ = outline(text.text)
        told = (*found[text.path], *true_when_well(name, runs, app.catalogue()))
        found[text.path] = tuple(sorted(told, key=lambda remark: (remark.line, remark.code, remark.why)))


def _system(path: Path | None) -> System | None:
    from crashcart import config

    return config.load(path, app.catalogue()).system if path else None


def _place(system: System) -> Place:
    """Return what the audit compares with: of env files the names alone, of secrets nothing."""
    from crashcart.guides.audit import Place

    targets = system.targets.values()
    hosts: set[tuple[str, int]] = set()
    paths: set[str] = set()
    for target in targets:
        url = urlsplit(target.attributes.get("url", ""))
        host = url.hostname or target.attributes.get("host", "")
        port = target.attributes.get("port", "")
        if host:
            hosts.add((host, url.port or (int(port) if port.isdigit() else 0)))
        own = (target.env_file, target.pid_file, *(target.attributes.get(name, "") for name in ("path", "backups")))
        paths |= {path for path in (*own, *target.logs, *target.touch.get("settings_file", ())) if path}
    keys = {target.attributes.get("key", "") for target in targets} - {""}
    settings = {name for target in targets for name in _setting_names(target.env_file)}
    has_metrics = any(target.kind == "http" or "metrics" in target.attributes for target in targets)
    known = frozenset(settings | keys) if settings else frozenset()
    return Place(frozenset(hosts), frozenset(system.targets), known, frozenset(paths), has_metrics)


def _setting_names(env_file: str) -> Iterable[str]:
    """Return the names in an env file; none when it cannot be read: then nothing is known about settings."""
    from crashcart.probes.env.dotenv import parse

    if not env_file:
        return ()
    try:
        with open(env_file, encoding="utf-8", errors="replace") as file:
            return tuple(parse(file.read(_ENV_FILE_LIMIT)))
    except OSError:
        return ()
