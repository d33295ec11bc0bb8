"""`crashcart config`: what is in force, and why."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from crashcart import app
from crashcart import config as system_file
from crashcart.cli.help import Group
from crashcart.cli.writing import as_typed
from crashcart.redact import Scrubber
from crashcart.report.origins import origins_json, origins_text
from crashcart.survey.origins import Ground, origins

_ENV_FILE_BYTES = 1_000_000


@click.group(cls=Group, examples=("crashcart config show", "crashcart config show --json"))
def config() -> None:
    """Show what the system file means"""


@config.command(examples=("crashcart config show", "crashcart config show --system prod/crashcart.toml"))
@click.option("--json", "is_json", is_flag=True, help="Everything as JSON.")
@click.option(
    "--system",
    "system_path",
    type=click.Path(path_type=Path),
    help="The system file; else crashcart.toml here or above.",
)
@click.pass_obj
def show(parent_system: Path | None, is_json: bool, system_path: Path | None) -> None:
    """Show every value in force, and where it comes from

    A line of the system file, the environment, an env file, a default. Of a secret: set or unset, length, fingerprint.
    """
    path = system_path or parent_system or system_file.find(Path.cwd())
    loaded = system_file.load(path, app.catalogue())
    scrubber = Scrubber((*loaded.secrets.all(), *loaded.known_secrets))
    found = origins(_ground(path, loaded), app.catalogue(), scrubber)
    if is_json:
        click.echo(origins_json(found, as_typed(path)), nl=False)
    else:
        click.echo(origins_text(found), nl=False)


def _ground(path: Path, loaded: system_file.Loaded) -> Ground:
    targets = loaded.system.targets
    first = next(iter(targets.values()))
    env_files = {target.env_file for target in targets.values()} - {""}
    return Ground(
        name=as_typed(path), text=path.read_text(encoding="utf-8"), system=loaded.system,
        defaults={
            "system.name": loaded.system.name, "system.environment": loaded.system.environment,
            "system.known_good": as_typed(Path(first.known_good)),
            "settings.budget_s": f"{loaded.budget_s:g}", "settings.deadline_s": f"{loaded.deadline_s:g}",
        },
        secrets={(name, key): loaded.secrets.value(name, key) for name in targets for key in targets[name].attributes},
        environ=os.environ, env_texts=_env_texts(env_files), env_names={path: as_typed(Path(path)) for path in env_files},
    )  # fmt: skip


def _env_texts(paths: set[str]) -> Mapping[str, str]:
    """Return the texts of the env files; one that cannot be read is left out, and its settings are said to be unset."""
    found = {}
    for path in paths:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                found[path] = file.read(_ENV_FILE_BYTES)
        except OSError:
            continue
    return found
