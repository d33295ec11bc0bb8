"""Commands that the system file or a team's own guide writes out: an argument vector, no shell, ended at the deadline."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

from crashcart.redact import Scrubber

_TOLD_CHARS = 300
_TAIL_BYTES = 1 << 16  # a program may write for as long as it runs; only the end is told
_DRAIN_S = 0.5  # what it has left running may hold the pipe open for ever


class NotStarted(OSError):
    """The program did not even begin: nothing has happened."""


def run(
    argv: Sequence[str],
    *,
    folder: str,
    timeout_s: float,
    environ: Mapping[str, str] | None = None,
    scrubber: Scrubber | None = None,
) -> str:
    """Run it in a session of its own, and return the end of what it wrote, redacted. Without `environ` it has ours.

    Raises:
        NotStarted: it cannot be started.
        OSError: it ended with another code than 0, or was ended by us with all it had started.
    """
    try:
        process = subprocess.Popen(
            argv, cwd=folder, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise NotStarted(error.errno, error.strerror, error.filename) from error
    assert process.stdout is not None
    tail = _Tail(process.stdout)
    try:
        process.wait(timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        tail.end()
        raise OSError(f"{argv[0]} was ended after {timeout_s:g} s") from error
    told = (scrubber or Scrubber(())).text(tail.end().decode("utf-8", "replace"))[-_TOLD_CHARS:].strip()
    if process.returncode:
        raise OSError(f"{argv[0]} ended with code {process.returncode}: {told}")
    return told


class _Tail:
    """Reads a pipe to its end, and keeps the last of it."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._kept = b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def end(self) -> bytes:
        """Return what was written last; a program that still holds the pipe is not waited for."""
        self._thread.join(_DRAIN_S)
        return self._kept

    def _read(self) -> None:
        with self._pipe:
            while data := os.read(self._pipe.fileno(), _TAIL_BYTES):
                self._kept = (self._kept + data)[-_TAIL_BYTES:]
