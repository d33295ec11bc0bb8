"""`crashcart probe`: the kinds of look."""

from __future__ import annotations

import click

from crashcart import app
from crashcart.cli.help import Group
from crashcart.errors import UsageError
from crashcart.guides.words import hint_for
from crashcart.report.reference import kind_text


@click.group(cls=Group, examples=("crashcart probe list", "crashcart probe show http"))
def probe() -> None:
    """List the kinds of look, with their words"""


@probe.command("list", examples=("crashcart probe list", "crashcart probe list | grep -i database"))
def list_kinds() -> None:
    """List every kind of look"""
    for name, spec in sorted(app.catalogue().kinds.items()):
        click.echo(f"{name:<10} {spec.summary}")


@probe.command("show", examples=("crashcart probe show http", "crashcart probe show log"))
@click.argument("kind")
def show_kind(kind: str) -> None:
    """Show the looks, arguments, fields and states of one KIND"""
    spec = app.catalogue().kinds.get(kind)
    if spec is None:
        raise UsageError(f'there is no kind "{kind}"', hint=hint_for(kind, app.catalogue().kinds))
    click.echo(kind_text(spec), nl=False)
