"""Commands that the system file declares: an argument vector, no shell, ended at the deadline."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from crashcart.redact import Scrubber

_TOLD_CHARS = 300


def run(argv: Sequence[str], *, folder: str, timeout_s: float) -> str:
    """Run it in a session of its own, and return the end of what it wrote, redacted.

    Raises:
        OSError: it cannot be started, ended with another code than 0, or was ended by us with all it had started.
    """
    process = subprocess.Popen(
        argv,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise OSError(f"{argv[0]} was ended after {timeout_s:g} s") from error
    told = Scrubber(()).text(output.decode("utf-8", "replace"))[-_TOLD_CHARS:].strip()
    if process.returncode:
        raise OSError(f"{argv[0]} ended with code {process.returncode}: {told}")
    return told
