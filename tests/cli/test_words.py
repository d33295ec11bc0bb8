"""Help, completion, the man page and errors of the command line: one family."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from crashcart.cli.root import cli

ROOT = Path(__file__).parents[2]
ERROR = re.compile(r"error\[[a-z-]+\]: [^A-Z\n][^\n]*(?<!\.)\n(?:   at [^\n]+\n)?  try [^\n]+\n")


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its name."""
    todo: list[tuple[str, click.Command]] = [("crashcart", cli)]
    while todo:
        name, command = todo.pop()
        yield name, command
        if isinstance(command, click.Group):
            ctx = click.Context(command)
            todo += [
                (f"{name} {sub}", found)
                for sub in command.list_commands(ctx)
                if (found := command.get_command(ctx, sub))
            ]


COMMANDS = sorted(commands(), key=lambda entry: entry[0])


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_command_says_what_it_does_and_shows_two_examples_first(name: str, command: click.Command) -> None:
    text = command.get_help(click.Context(command, info_name=name))

    examples = getattr(command, "examples", ())
    first = (command.help or "").strip().split("\n")[0]
    assert len(examples) >= 2
    assert all(
        example.startswith("crashcart") or "| crashcart" in example or " crashcart " in example for example in examples
    )
    assert first[0].isupper()
    assert not first.endswith(".")
    assert text.index("Examples:") < text.index("Options:")


@pytest.mark.parametrize(
    "args",
    [
        ["chek"], ["guide", "lnt"], ["guide", "xyzzy"], ["check", "--onyl", "db"], ["check", "--budget", "0"], ["check", "--budget", "x"],
        ["report", "no-such-case", "--markdown"], ["completion", "tcsh"], ["check", "--only"], ["replay"], ["why", "a", "b"],
        ["check", "--system", "no-such-file.toml"], ["probe", "show", "htpp"], ["guide", "new", "htpp"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_error_says_what_and_what_to_do(run, args: list[str]) -> None:
    ran = run(*args)

    assert ran.code == 2
    assert ran.out == ""
    assert ERROR.fullmatch(ran.err), ran.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_what_their_shell_reads(run, shell: str) -> None:
    ran = run("completion", shell)

    assert ran.code == 0
    assert f"_CRASHCART_COMPLETE={shell}_complete" in ran.out
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=ran.out, capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr


def test_commands_are_completed_without_importing_any() -> None:
    code = "import sys\nsys.argv = ['crashcart']\nfrom crashcart.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
    code += "print('crashcart.cli.check' in sys.modules)"
    environ = {
        "PATH": "/usr/bin:/bin",
        "_CRASHCART_COMPLETE": "bash_complete",
        "COMP_WORDS": "crashcart ch",
        "COMP_CWORD": "1",
    }

    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)

    assert done.stdout.split() == ["plain,check", "plain,changes", "False"], done.stderr


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not here")
def test_the_man_page_is_read_without_a_warning() -> None:
    page = ROOT / "docs" / "man" / "crashcart.1"

    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z", str(page)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
