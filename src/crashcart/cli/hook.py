"""`crashcart hook`: alerts in, reports out."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crashcart import app, config
from crashcart.cli.help import Command
from crashcart.errors import UsageError
from crashcart.report.plain import line, plain

if TYPE_CHECKING:
    from crashcart.server.settings import HookSettings

SECRET = "CRASHCART_HOOK_SECRET"  # the variable that is taken when no --secret is given
INBOX = "alerts.sqlite"


@click.command(
    cls=Command,
    examples=(
        "crashcart hook --post slack://TOKEN/CHANNEL",
        "crashcart hook --secret env:HOOK_SECRET --post file:apprise.url",
    ),
)
@click.option(
    "--post", "posts", multiple=True, metavar="URL",
    help="Where reports go: a URL of Apprise, `env:NAME` or `file:PATH`. Several times: to all. None: standard output.",
)  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; others need a secret.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9095, show_default=True, help="The port; 0 is any free one."
)
@click.option(
    "--secret",
    default="",
    metavar="REF",
    help=f"What senders must present: `env:NAME` or `file:PATH`; {SECRET} unless said.",
)
@click.option(
    "--window", "window_min", type=click.FloatRange(0, 10080), default=60.0, show_default=True,
    help="Minutes in which an alert that still fires is not diagnosed again.",
)  # fmt: skip
@click.option(
    "--max-waiting",
    type=click.IntRange(1, 1_000_000),
    default=10_000,
    show_default=True,
    help="Alerts that may wait; beyond it senders are told to try again.",
)
@click.option(
    "--budget", "budget_s", type=click.FloatRange(0.1, 3600), help="Seconds that looking may take, for each diagnosis."
)
@click.option(
    "--inbox",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file that keeps accepted alerts; in the state folder unless said.",
)
@click.option(
    "--system", "system_paths", multiple=True, type=click.Path(path_type=Path),
    help="A system file; several times: the labels say which is meant, or the path: /alerts/NAME.",
)  # fmt: skip
@click.pass_obj
def hook(
    parent_system: Path | None, posts: tuple[str, ...], host: str, port: int, secret: str, window_min: float, max_waiting: int,
    budget_s: float | None, inbox: Path | None, system_paths: tuple[Path, ...],
) -> None:  # fmt: skip
    """Receive alerts, diagnose what they are about, and post the report

    Alertmanager, Grafana and PagerDuty post to /alerts. An accepted alert is on the disk. Ctrl-C ends it; what waits
    then is taken up at the next start.
    """
    from crashcart.server.settings import HookSettings, follow

    paths = system_paths or ((parent_system,) if parent_system else (config.find(Path.cwd()),))
    settings = HookSettings(
        systems=_systems(paths), inbox=inbox or app.state_folder() / INBOX, host=host, port=port,
        secret=_secret(secret), urls=tuple(follow(url, what="--post") for url in posts), window_s=window_min * 60,
        max_waiting=max_waiting, budget_s=budget_s,
    )  # fmt: skip
    _serve(settings)


def _systems(paths: tuple[Path, ...]) -> dict[str, config.Loaded]:
    systems: dict[str, config.Loaded] = {}
    for path in paths:
        loaded = config.load(path, app.catalogue())
        name = loaded.system.name
        if name in systems:
            raise UsageError(f'two systems are named "{name}"', where=str(path), hint="`name` under [system]")
        systems[name] = loaded
    return systems


def _secret(given: str) -> str:
    from crashcart.server.settings import follow

    if not given:
        return os.environ.get(SECRET, "").strip()
    if not given.startswith(("env:", "file:")):
        raise UsageError(
            "a secret does not belong on the command line", where="--secret", hint="`env:NAME` or `file:PATH`"
        )
    return follow(given, what="--secret")


def _serve(settings: HookSettings) -> None:
    try:
        from crashcart.server.run import serve
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed", hint="pip install 'crashcart[server]'") from error
    standing = asyncio.run(serve(settings, tell=_tell, show=_show))
    left = f"{standing.waiting} alerts wait and {standing.undelivered} reports have not arrived"
    click.echo(
        f"stopped; {left}" + ("; the next start takes them up" if standing.waiting + standing.undelivered else ""),
        err=True,
    )


def _tell(event: str) -> None:
    click.echo(f"at={datetime.now(UTC).isoformat(timespec='milliseconds')} {line(event, 500)}", err=True)


def _show(report: str) -> None:
    click.echo(plain(report))
