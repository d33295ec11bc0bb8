"""What the command line itself finds wrong, drawn as all our errors are."""

from __future__ import annotations

import re
from typing import Final

import click

from crashcart.errors import draw

_NO_COMMAND: Final = re.compile(r"No such command '(?P<name>.*?)'\.(?: Did you mean '(?P<near>[\w-]+)')?", re.S)


def drawn(error: click.ClickException) -> str:
    """Return the error as text: what, which command, what to do."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    command = ctx.command_path if ctx is not None else "crashcart"
    what, hint = _what(error), f"`{command} --help`"
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        hint = " or ".join(sorted(error.possibilities)[:3])
    found = _NO_COMMAND.match(error.format_message())
    if found:
        what = f'there is no command "{found["name"]}"'
        hint = f"`{command} {found['near']}`" if found["near"] else hint
    return draw("usage", what, where=f"`{command}`" if ctx is not None else "", hint=hint)


def _what(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        return f'there is no option "{error.option_name}"'
    text = " ".join(error.format_message().split()).rstrip(".")
    return text[:1].lower() + text[1:]
