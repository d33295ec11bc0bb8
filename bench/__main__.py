"""All benchmarks, one after the other. Run: make bench (nothing else should run meanwhile)."""

from __future__ import annotations

import subprocess
import sys

for name in ("guides", "start", "diagnosis", "logs", "log_signatures", "log_mining", "log_looks"):
    print(f"== {name}", flush=True)
    # Each in a process of its own: what one holds would count as memory of the next.
    subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True)
