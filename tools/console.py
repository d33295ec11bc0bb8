"""Documents that show commands: run them, and put what they print in their place.

A fence `toml file=NAME` writes that file; a fence `console` holds commands behind `$ `, run one after the other in one
folder, and what they print. What is another one each time (times, ids, ports, how long it took) is no difference: the
document keeps what it shows, as it once really came out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

_FENCE = re.compile(r"^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=ticks)$", re.M | re.S)
# The folder is another one each time, and of no interest.
SHOWN_AS = "/srv/shop"
_EVER_OTHER = (
    re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?: UTC|Z|\+00:00)?"),
    re.compile(r"\b\d\d:\d\d:\d\d\b(?: UTC)?"),
    re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{4}\b"),  # of a run
    re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,64}\b"),  # a hash
    re.compile(r"\b\d\d:[\d:]*…"),
    re.compile(r"\b\d+ (?:s|min) ago\b"),
    re.compile(r"(?<= in )\d+\.\d\d s"),
    re.compile(r"(?<=plan )\d+ s old"),
)


def refreshed(text: str) -> str:
    """Return the document with every console fence as it really comes out."""
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above) / Path(SHOWN_AS).name
        folder.mkdir()
        environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_STATE_HOME": f"{folder}/.state",
            "COLUMNS": "100",
            "TZ": "UTC",
        }
        return _FENCE.sub(lambda found: _fence(found, folder, environ), text)


def _fence(found: re.Match[str], folder: Path, environ: dict[str, str]) -> str:
    info, body, ticks = found["info"], found["body"], found["ticks"]
    name = re.search(r"file=(\S+)", info)
    if name:
        (folder / name[1]).write_text(body, encoding="utf-8")
    if info != "console":
        return found.group()
    commands = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
    now = f"{ticks}console\n" + "".join(_shown(command, folder, environ) for command in commands) + ticks
    return found.group() if _masked(now) == _masked(found.group()) else now


def _shown(command: str, folder: Path, environ: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", f"{{ {command}\n}} 2>&1"], cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=120
    )  # fmt: skip
    return f"$ {command}\n{done.stdout.replace(str(folder), SHOWN_AS)}"


def _masked(text: str) -> str:
    for pattern in _EVER_OTHER:
        text = pattern.sub("~", text)
    # Columns are as wide as the widest of them.
    return re.sub(r" {2,}", "  ", text)
