"""`--alert`: what somebody else's alert tells a diagnosis."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from crashcart import app
from crashcart.alerts import MAX_PAYLOAD_BYTES, told
from crashcart.config import Loaded
from crashcart.errors import UsageError
from crashcart.report.plain import line, plain

STDIN = "-"


def with_alert(question: app.Question, path: str, loaded: Loaded) -> app.Question:
    """Return the question with what the alert in a file tells; a person's own words and time go first.

    Raises:
        UsageError: it cannot be read, is no payload that we know, or holds no alert.
    """
    where = "standard input" if path == STDIN else path
    group = app.read_alerts(_read(path), loaded, where=where)
    if not group.alerts:
        raise UsageError(f"this event of {group.sender.value} holds no alert", where=where, hint="an alert that fires")
    found = told(group, loaded.system, question.now)
    firing, places = len(group.firing), "; ".join(f"{one.target}: {one.because}" for one in found.matches[:4])
    click.echo(
        plain(f"{group.sender.value}: {firing} of {len(group.alerts)} alerts firing{f' ({places})' if places else ''}"),
        err=True,
    )
    for note in found.notes:
        click.echo(line(f"note: {note}"), err=True)
    complaint = "; ".join(text for text in (question.complaint, found.complaint) if text)
    return replace(question, complaint=complaint, onset=question.onset or found.onset, alerts=found.given)


def _read(path: str) -> bytes:
    try:
        if path == STDIN:
            return sys.stdin.buffer.read(MAX_PAYLOAD_BYTES + 1)
        with Path(path).open("rb") as file:
            return file.read(MAX_PAYLOAD_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"the alert cannot be read: {error.strerror or error}", where=path, hint="`--alert -` for standard input"
        ) from error
