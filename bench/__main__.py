"""All benchmarks, one after the other. Run: make bench (nothing else should run meanwhile)."""

from __future__ import annotations

import runpy
from pathlib import Path

for name in ("guides", "start", "diagnosis"):
    print(f"== {name}")
    runpy.run_path(str(Path(__file__).with_name(f"{name}.py")), run_name="__main__")
