"""Write the generated reference pages; with --check, fail when one on disk is not what would be written."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from crashcart import __version__, errors
from crashcart.app import catalogue
from crashcart.cli.root import cli
from crashcart.guides.manual import errors_page, language_page
from crashcart.report.reference import actions_page, kinds_page
from crashcart.report.schemas import SCHEMAS, schema

sys.path.insert(0, str(Path(__file__).parent))
from console import refreshed
from man import man_page

ROOT = Path(__file__).parents[1]
REFERENCE = "docs/reference"
RUN = (
    "docs/tutorial/first-guide.md",
    "docs/how-to/import-a-guide.md",
    "docs/how-to/read-logs.md",
    "docs/how-to/check.md",
    "docs/how-to/changes.md",
    "docs/how-to/report.md",
    "docs/how-to/alerts.md",
    "docs/how-to/diagnose.md",
    "docs/how-to/fix.md",
    "docs/how-to/prove-a-guide.md",
    "docs/how-to/init.md",
)  # documents whose commands are run


def pages() -> dict[str, str]:
    """Return the text of every generated page by its file name."""
    return {
        f"{REFERENCE}/language.md": language_page(),
        f"{REFERENCE}/kinds.md": kinds_page(catalogue()) + _kind_pages("probes", "looks"),
        f"{REFERENCE}/actions.md": actions_page(catalogue()) + _kind_pages("actions", "touches"),
        f"{REFERENCE}/commands.md": commands_page(),
        f"{REFERENCE}/errors.md": errors_page(_other_codes()),
        "docs/man/crashcart.1": man_page(_walk("crashcart", cli), __version__),
        **{f"{REFERENCE}/schemas/{name}.json": schema(name).decode() for name in SCHEMAS},
        **{name: refreshed((ROOT / name).read_text(encoding="utf-8")) for name in RUN},
    }


def _kind_pages(package: str, does: str) -> str:
    folder = ROOT / "src" / "crashcart" / package
    texts = [path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*/doc.md"))]
    return f"\n# How each kind {does}\n\n" + "\n\n".join(re.sub(r"(?m)^#", "##", text) for text in texts) + "\n"


def commands_page() -> str:
    """Return the help of every command."""
    lines = [
        "# Commands",
        "",
        "Generated from `--help`. Exit codes: 0 nothing wrong seen, 1 something found or undecided, 2 could not look.",
        "",
    ]
    for name, command in _walk("crashcart", cli):
        with click.Context(command, info_name=name, terminal_width=100, max_content_width=100) as ctx:
            lines += [f"## `{name}`", "", "```text", command.get_help(ctx), "```", ""]
    return "\n".join(lines)


def _walk(name: str, command: click.Command) -> list[tuple[str, click.Command]]:
    found = [(name, command)]
    if isinstance(command, click.Group):
        ctx = click.Context(command, info_name=name)
        for sub in command.list_commands(ctx):
            child = command.get_command(ctx, sub)
            assert child is not None
            found += _walk(f"{name} {sub}", child)
    return found


def _other_codes() -> dict[str, str]:
    classes = [
        errors.SystemFileError,
        errors.UsageError,
        errors.CaseError,
        errors.JournalError,
        errors.LeaseError,
        errors.BrokenLook,
    ]
    return {found.code: " ".join((found.__doc__ or "").split()) for found in classes}


def main() -> int:
    """Write or check; return the exit code."""
    is_check = "--check" in sys.argv[1:]
    stale = []
    for name, text in pages().items():
        path = ROOT / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not is_check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"{'stale' if is_check else 'written'}: {', '.join(stale)}" + ("; run `make docs`" if is_check else ""))
    return 1 if stale and is_check else 0


if __name__ == "__main__":
    sys.exit(main())
