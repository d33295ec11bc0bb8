"""Pressure as newer kernels measure it: for how much of the last 10 s somebody had to wait."""

from __future__ import annotations

import re

from crashcart.ports import Files
from crashcart.probes.cgroup import read_text

_SOME = re.compile(r"^some avg10=(?P<percent>[0-9.]+)", re.MULTILINE)


def pressure(files: Files, what: str) -> float | None:
    """Return the percentage for `cpu`, `memory` or `io`; None where it is not measured."""
    match = _SOME.search(read_text(files, f"/proc/pressure/{what}"))
    return float(match["percent"]) if match else None
