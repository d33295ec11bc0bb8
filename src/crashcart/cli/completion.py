"""`crashcart completion`: what a shell needs to complete our words."""

from __future__ import annotations

import click

from crashcart.cli.help import Command

_PROGRAM = "crashcart"
_VARIABLE = "_CRASHCART_COMPLETE"
_WHERE = {
    "bash": "~/.local/share/bash-completion/completions/crashcart",
    "zsh": "~/.zfunc/_crashcart    (with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc)",
    "fish": "~/.config/fish/completions/crashcart.fish",
}


@click.command(
    cls=Command,
    examples=(
        "crashcart completion bash > ~/.local/share/bash-completion/completions/crashcart",
        "crashcart completion fish > ~/.config/fish/completions/crashcart.fish",
    ),
)
@click.argument("shell", type=click.Choice(sorted(_WHERE)))
def completion(shell: str) -> None:
    """Print the completion script of a SHELL; where to put it is told beside it"""
    from click.shell_completion import ShellComplete, get_completion_class

    from crashcart.cli.root import cli

    found = get_completion_class(shell)
    assert found is not None  # click has all three
    # Not bash's own `source`: that asks the bash here for its version, and the script may be for another machine.
    click.echo(ShellComplete.source(found(cli, {}, _PROGRAM, _VARIABLE)))
    click.echo(f"put this into {_WHERE[shell]}", err=True)
