"""Documents that show commands: run them, and put what they print in their place.

A fence `toml file=NAME` writes that file; a fence `console` holds commands behind `$ `, run one after the other in one
folder, and what they print. Times are shown as one fixed time, so that a document does not change by the minute.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

_FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=ticks)$", re.M | re.S)
_FIXED = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"), "2026-01-31 12:00:00 UTC"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b(?! UTC)"), "12:00:00"),
    (re.compile(r"\(\d+ (?:s|min) ago\)"), "(5 s ago)"),
    (re.compile(r"(looks?) in \d+\.\d\d s"), r"\1 in 0.05 s"),
)


def refreshed(text: str) -> str:
    """Return the document with every console fence as it really comes out."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": folder,
            "XDG_STATE_HOME": f"{folder}/.state",
            "COLUMNS": "100",
        }
        return _FENCE.sub(lambda found: _fence(found, Path(folder), environ), text)


def _fence(found: re.Match[str], folder: Path, environ: dict[str, str]) -> str:
    info, body, ticks = found["info"], found["body"], found["ticks"]
    name = re.search(r"file=(\S+)", info)
    if name:
        (folder / name[1]).write_text(body, encoding="utf-8")
    if info != "console":
        return found.group()
    commands = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
    return f"{ticks}console\n" + "".join(_shown(command, folder, environ) for command in commands) + ticks


def _shown(command: str, folder: Path, environ: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", f"{{ {command}\n}} 2>&1"], cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=120
    )  # fmt: skip
    out = done.stdout
    for pattern, fixed in _FIXED:
        out = pattern.sub(fixed, out)
    return f"$ {command}\n{out}"
