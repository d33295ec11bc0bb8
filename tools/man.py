"""The man page, made from the same definitions as `--help`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click

_FILES = (
    ("crashcart.toml", "the system file: what is looked at; here or in a folder above"),
    ("known-good.json", "beside it: what was there when all was well (`crashcart check --save`)"),
    ("$XDG_STATE_HOME/crashcart/last-case.json", "the last diagnosis, for `crashcart why` and `crashcart report`"),
)
_CODES = (
    ("0", "done, and nothing wrong was seen"),
    ("1", "done, and something was found or left undecided"),
    ("2", "it could not look"),
)


def man_page(commands: Iterable[tuple[str, click.Command]], version: str) -> str:
    """Return the page in roff, for section 1."""
    found = list(commands)
    root = found[0][1]
    rows = [
        f'.TH CRASHCART 1 "" "crashcart {roff(version)}" "User Commands"',
        ".SH NAME", f"crashcart \\- {roff(_first_line(root))}",
        ".SH SYNOPSIS", ".B crashcart", "[\\fIOPTIONS\\fR] [\\fICOMMAND\\fR] [\\fIARGS\\fR]...",
        ".SH DESCRIPTION", *_paragraphs(root),
        ".SH OPTIONS", *_options(root, "crashcart"),
        ".SH EXAMPLES", *_examples(root),
        ".SH COMMANDS",
    ]  # fmt: skip
    for name, command in found[1:]:
        rows += _command(name, command)
    rows += [".SH EXIT STATUS", *_terms(_CODES), ".SH FILES", *_terms(_FILES)]
    return "\n".join(rows) + "\n"


def roff(text: str) -> str:
    """Return text that roff shows as it stands."""
    shown = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{shown}" if shown.startswith((".", "'")) else shown


def _command(name: str, command: click.Command) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(click.Context(command, info_name=name)))
    yield f'.SS "{roff(name)} {roff(usage)}"'
    yield from _paragraphs(command)
    if isinstance(command, click.Group):
        return
    yield from _examples(command)
    yield from _options(command, name)


def _first_line(command: click.Command) -> str:
    return (command.help or "").strip().split("\n")[0]


def _paragraphs(command: click.Command) -> Iterator[str]:
    texts = re.split(r"\n\s*\n", (command.help or "").strip())
    for number, text in enumerate(texts):
        if number:
            yield ".PP"
        flat = " ".join(text.split())
        yield roff(flat if flat.endswith((".", ":")) else f"{flat}.")


def _examples(command: click.Command) -> Iterator[str]:
    examples = getattr(command, "examples", ())
    if examples:
        yield from (".PP", ".nf", ".RS", *(roff(example) for example in examples), ".RE", ".fi")


def _options(command: click.Command, name: str) -> Iterator[str]:
    ctx = click.Context(command, info_name=name)
    records = [record for param in command.get_params(ctx) if (record := param.get_help_record(ctx)) is not None]
    yield from _terms((head, f"{text}." if text and not text.endswith((".", "]")) else text) for head, text in records)


def _terms(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for head, text in pairs:
        yield from (".TP", f"\\fB{roff(head)}\\fR", roff(text))
