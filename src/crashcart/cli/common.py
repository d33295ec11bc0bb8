"""What several commands share: finding the system file, saying what could not be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from crashcart import app, config
from crashcart.errors import GuideErrors, UsageError
from crashcart.report.plain import plain

_AGO = re.compile(r"(?P<n>\d+(?:\.\d+)?)\s*(?P<unit>s|min|h|d)(?:\s+ago)?")
_CLOCK = re.compile(r"(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400}


def load_bench(system_path: Path | None) -> app.Bench:
    """Return the system with its guides; guides that do not compile are told on standard error, and the rest goes on."""
    path = system_path or config.find(Path.cwd())
    ready = app.bench_of_world(config.load(path, app.catalogue()))
    tell_guide_errors(ready.guide_errors)
    return ready


def tell_guide_errors(errors: tuple[GuideErrors, ...]) -> None:
    """Write what is wrong with guides to standard error"""
    for error in errors:
        click.echo(plain(error.draw()), err=True)
        click.echo("  this guide is left out; the others go on\n", err=True)


def parse_since(text: str, now: datetime) -> datetime:
    """Return the onset that a person told: "20 min", "2 h ago", "14:30" (UTC), or ISO 8601 with a zone.

    Raises:
        UsageError: it is none of these, or lies in the future.
    """
    found = _since(text.strip(), now)
    if found is None:
        raise UsageError(f'"{text}" is no time', where="--since", hint='"20 min", "14:30" (UTC) or "2026-01-31T14:30Z"')
    if found > now:
        raise UsageError(f'"{text}" lies in the future', where="--since", hint="a time that has passed")
    return found


def _since(text: str, now: datetime) -> datetime | None:
    ago = _AGO.fullmatch(text)
    if ago:
        return now - timedelta(seconds=float(ago.group("n")) * _SECONDS[ago.group("unit")])
    clock = _CLOCK.fullmatch(text)
    if clock:
        told = now.replace(
            hour=int(clock.group("h")), minute=int(clock.group("m")), second=int(clock.group("s") or 0), microsecond=0
        )
        return told if told <= now else told - timedelta(days=1)
    try:
        iso = datetime.fromisoformat(text)
    except ValueError:
        return None
    return iso.astimezone(UTC) if iso.tzinfo else None


def on_interrupt(act: Callable[[], None]) -> None:
    """Let Ctrl-C do that in the running loop, and no more; where loops know no signals it ends the command as ever."""
    import asyncio
    import contextlib
    import signal

    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, act)
