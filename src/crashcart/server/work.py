"""What the processes that a receiver starts are told, and what they answer. One JSON document each way."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec

from crashcart.alerts import AlertGroup

_GRACE_S = 20.0  # to start the interpreter, read the guides and write the case, beside the budget for looking
_ANSWER_LIMIT = 4_000_000
_ERROR_LIMIT = 300

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class DiagnosisOrder:
    """Diagnose a system because of these alerts, and keep the case in a file."""

    system_path: str
    groups: tuple[AlertGroup, ...]
    received_at: datetime
    case_path: str
    budget_s: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What is posted, and how the diagnosis ended."""

    title: str
    body: str
    verdict: str


@dataclass(frozen=True, slots=True)
class PostOrder:
    """Post a text to services of Apprise; without a title, only say whether the URLs can be used."""

    urls: tuple[str, ...]
    title: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of it: the places in `urls` of those that failed, and why the first of them did."""

    failed: tuple[int, ...] = ()
    error: str = ""


class ChildFailed(Exception):
    """The process ended without an answer; the text says why."""


async def ask(module: str, order: object, answer: type[Answer], *, within_s: float) -> Answer:
    """Run a module in a process of its own and return its answer; it is killed when it takes too long.

    In a process of its own a diagnosis cannot hold up the receiver, keeps no memory, and ends when it must.

    Raises:
        ChildFailed: it took too long, or ended without an answer.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    try:
        async with asyncio.timeout(within_s + _GRACE_S):
            out, err = await child.communicate(msgspec.json.encode(order))
    except TimeoutError as error:
        raise ChildFailed(f"it took more than {within_s + _GRACE_S:.0f} s") from error
    finally:
        await _end(child)
    if child.returncode != 0 or len(out) > _ANSWER_LIMIT:
        lines = err.decode("utf-8", "replace").strip().splitlines() or [f"exit code {child.returncode}"]
        raise ChildFailed(" ".join(lines[-3:])[:_ERROR_LIMIT])
    try:
        return msgspec.json.decode(out, type=answer)
    except msgspec.MsgspecError as error:
        raise ChildFailed(f"its answer cannot be read: {error}") from error


async def _end(child: asyncio.subprocess.Process) -> None:
    """Kill the process and all that it started, when it is still there."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        await child.wait()
