"""`crashcart check` of a hundred local looks, from the shell's point of view: interpreter, imports, guides and all."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 9
TARGETS = 20
GUIDE = """\
---
guide: bench
for: host
severity: low
---
# bench

**Healthy**
- `env {self} "MODE" => set`
- `file {self} "/etc/hostname" => present`
- `file {self} "/tmp" => writable`
- `log {self} "no such line" => unseen`
- `disk {self} => used < 101%`
"""
TARGET = """
[targets.w{n}]
kind = "host"
env_file = "w{n}.env"
logs = ["w{n}.log"]
"""


def system(folder: Path) -> Path:
    """Write a system of twenty targets with five items each; return its file."""
    (folder / "bench.md").write_text(GUIDE)
    text = '[system]\nname = "bench"\nguides = ["bench.md"]\n'
    for number in range(TARGETS):
        (folder / f"w{number}.env").write_text("MODE=on\n")
        (folder / f"w{number}.log").write_text("2026-01-31T12:00:00Z INFO started\n" * 50)
        text += TARGET.format(n=number)
    path = folder / "crashcart.toml"
    path.write_text(text)
    return path


def measure(*command: str) -> tuple[float, float]:
    """Return the best wall time and the best processor time of a command, in seconds."""
    walls, cpus = [], []
    for _ in range(ROUNDS):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        walls.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(walls), min(cpus)


def main() -> None:
    """Print the times."""
    with tempfile.TemporaryDirectory() as name:
        path = str(system(Path(name)))
        done = subprocess.run(
            [sys.executable, "-m", "crashcart", "check", "--system", path], capture_output=True, text=True
        )
        print("  " + done.stdout.splitlines()[0], done.stdout.splitlines()[-1], done.stderr)
        bare = measure(sys.executable, "-c", "pass")
        help_ = measure(sys.executable, "-m", "crashcart", "--help")
        check = measure(sys.executable, "-m", "crashcart", "check", "--system", path)
    for what, (wall, cpu) in (("python -c pass", bare), ("crashcart --help", help_), ("crashcart check", check)):
        print(f"  {what:<20} {wall * 1000:5.0f} ms wall, {cpu * 1000:5.0f} ms of processor (best of {ROUNDS})")


if __name__ == "__main__":
    main()
