"""`crashcart`: its commands, loaded when they are called."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crashcart import __version__
from crashcart.cli.help import Group
from crashcart.errors import CrashcartError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# name -> (module, attribute, help line). The line stands here so that `--help` imports no command.
_COMMANDS = {
    "init": ("crashcart.cli.init", "init", "Find the parts of your service and write crashcart.toml"),
    "demo": ("crashcart.cli.demo", "demo", "Replay a recorded outage step by step, offline"),
    "check": ("crashcart.cli.check", "check", "Say whether the system is healthy"),
    "changes": ("crashcart.cli.changes", "changes", "Say what differs since all was well"),
    "diagnose": ("crashcart.cli.diagnose", "diagnose", "Name the likely cause of what is wrong, with reasons"),
    "why": ("crashcart.cli.diagnose", "why", "Show the reasons behind the last diagnosis"),
    "hook": ("crashcart.cli.hook", "hook", "Receive alerts, diagnose what they are about, and post the report"),
    "report": ("crashcart.cli.report", "report", "Tell a diagnosis to others: a web page, Markdown, a Slack message"),
    "fix": ("crashcart.cli.fix", "fix", "Show a plan, and after a yes carry it out, verify it, undo it if worse"),
    "undo": ("crashcart.cli.fix", "undo", "Take back what a run has done"),
    "runs": ("crashcart.cli.runs", "runs", "List what was done to this system"),
    "status": ("crashcart.cli.runs", "status", "Say whether this system may be touched now, and who is at it"),
    "handover": ("crashcart.cli.runs", "handover", "Print what the next person must know of a run"),
    "journal": ("crashcart.cli.runs", "journal", "Check and show the record of a run"),
    "replay": ("crashcart.cli.case", "replay", "Diagnose again from a case, offline"),
    "logs": ("crashcart.cli.logs", "logs", "Tell what happened in logs"),
    "guide": ("crashcart.cli.guide", "guide", "Check, show and begin guides"),
    "case": ("crashcart.cli.case", "case", "Record evidence, and prove guides by it"),
    "config": ("crashcart.cli.config", "config", "Show what the system file means"),
    "completion": ("crashcart.cli.completion", "completion", "Print the completion script of your shell"),
    "probe": ("crashcart.cli.probe", "probe", "List the kinds of look, and take one"),
}


class LazyGroup(Group):
    """A group whose commands are imported when they run: help stays fast and loads no driver."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which a person meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in _COMMANDS:
            return None
        module, name, _ = _COMMANDS[cmd_name]
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in _COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin so, without importing any."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=line) for name, (_, _, line) in _COMMANDS.items() if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one gets the nearest."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from crashcart.guides.words import nearest

            near = nearest(args[0], _COMMANDS)
            hint = f"crashcart {near}" if near else f'crashcart diagnose "{" ".join(args)}"'
            raise UsageError(f'there is no command "{args[0]}"', hint=f"`{hint}`")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    examples=("crashcart", 'crashcart diagnose "jobs fail since noon"'),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--system",
    "system_path",
    type=click.Path(path_type=Path),
    help="The system file; else crashcart.toml here or above.",
)
@click.option(
    "--budget", "budget_s", type=click.FloatRange(0.1, 3600), help="Seconds that looking may take; 60 unless said."
)
@click.version_option(__version__, prog_name="crashcart", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, system_path: Path | None, budget_s: float | None) -> None:
    """Name the cause of what is broken, show why, touch nothing

    Without a command: look at everything the guides know, within the budget, and answer in 20 lines.
    """
    ctx.obj = system_path
    if ctx.invoked_subcommand is None:
        from crashcart.cli.diagnose import Asked, run_diagnosis

        ctx.exit(run_diagnosis(Asked(system_path=system_path, budget_s=budget_s, is_short=True)))


def run() -> None:
    """Run, and turn every error a person may see into text and exit code 2"""
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        sys.exit(2)
    except click.ClickException as error:
        from crashcart.cli.wrong import drawn
        from crashcart.report.plain import plain

        click.echo(plain(drawn(error)), err=True)
        sys.exit(2)
    except CrashcartError as error:
        from crashcart.report.plain import plain

        click.echo(plain(error.draw()), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("stopped; nothing was touched", err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output went away, as `| head` does
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)
