"""How long a thousand foreign pages take: each imported as a draft, and audited, in one process; and all by the command.

Run: python -m bench.foreign_pages [--pages N] [--seed N]

The pages are generated: sections of the samples of the tests (one-alert runbooks, questions and answers, tables, folded
blocks, admonitions, steps, several languages, fences full of output) and of a few of our own, in any number and order,
with names, numbers and commands of their own. The same seed gives the same pages.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from crashcart import app
from crashcart.guides.audit import audit
from crashcart.guides.importing import import_guide

SAMPLES = Path(__file__).resolve().parents[1] / "tests" / "guides" / "foreign" / "samples"
TARGET_S = 30.0
NAMES = [
    "shop",
    "orders",
    "cart",
    "mail",
    "search",
    "billing",
    "stock",
    "media",
    "ledger",
    "users",
    "gate",
    "queue",
    "cache",
    "board",
    "files",
]
TROUBLES = [
    "fails",
    "is slow",
    "does not start",
    "hangs",
    "returns 502",
    "is unavailable",
    "times out",
    "runs out of memory",
    "loses jobs",
    "is full",
]
COMMANDS = (
    "kubectl logs deploy/{name} -n prod --tail=200 | grep -i error",
    "kubectl rollout restart deployment/{name}",
    "docker compose exec {name} redis-cli -n {n} info memory",
    "curl -sS http://localhost:{port}/health | jq .status",
    'psql "$DATABASE_URL" -c "SELECT count(*) FROM {name} WHERE id > {n}"',
    "sudo systemctl restart {name}",
    "journalctl -u {name} --since '{n} min ago'",
    "for i in 1 2 3; do curl -s http://{name}:{port}/; done",
    "rm -rf /var/lib/{name}/tmp/*",
    "python -c \"import {name}; print({name}.check({n}))\"",
    "aws s3 ls s3://{name}-backups/ | tail -{n}",
    "df -h | awk '$5 > {n}'",
)  # fmt: skip


def sections() -> list[str]:
    """Return the sections of all samples."""
    found: list[str] = []
    for path in sorted(SAMPLES.glob("*.md")):
        found += re.split(r"(?m)^(?=#{1,4} )", path.read_text(encoding="utf-8"))
    return [section for section in found if section.strip()]


def pages(count: int, seed: int) -> Iterator[str]:
    """Generate pages: most short, a few of a thousand lines, as in the world."""
    chance = random.Random(seed)
    known = sections()
    for number in range(count):
        parts = [f"# {chance.choice(NAMES).title()} {number}\n\n"]
        for _ in range(max(1, int(chance.lognormvariate(1.6, 0.9)))):
            parts.append(chance.choice(known) if chance.random() < 0.5 else _problem(chance))
        yield "\n".join(parts)


def _problem(chance: random.Random) -> str:
    name, trouble = chance.choice(NAMES), chance.choice(TROUBLES)
    fill = {"name": name, "port": str(chance.randint(1_000, 9_999)), "n": str(chance.randint(1, 900))}
    commands = [chance.choice(COMMANDS).format(**fill) for _ in range(chance.randint(1, 8))]
    lines = [f"{'#' * chance.randint(2, 4)} {name.title()} {trouble}", ""]
    lines += ["**Symptoms**", f"- `ERROR {name}: request {fill['n']} failed after {fill['port']} ms`"]
    lines += [f"- p95 latency > {fill['n']} ms for 5m", "", "**Cause**: a deployment", "", "**Solution**", "```bash"]
    for command in commands:
        lines += [f"# look at {name}", command]
    lines += ["```", "", "**Verify**", "```bash", f"curl http://localhost:{fill['port']}/health", "```", ""]
    return "\n".join(lines)


def main() -> None:
    """Print how long all took, and the slowest."""
    parser = argparse.ArgumentParser(description="Import and audit generated pages.")
    parser.add_argument("--pages", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    catalogue = app.catalogue()
    texts = list(pages(given.pages, given.seed))
    took: list[float] = []
    counts: Counter[str] = Counter()
    began, cpu = time.perf_counter(), time.process_time()
    for text in texts:
        at = time.process_time()
        counts["problems"] += import_guide(text, catalogue, source="page.md").problems
        counts["remarks"] += len(audit(text, catalogue))
        took.append(time.process_time() - at)
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu
    lines = sum(text.count("\n") for text in texts)
    print(f"{len(texts)} pages, {lines} lines, {counts['problems']} problems, {counts['remarks']} remarks")
    print(
        f"{cpu_s:.1f} s of processor, {wall_s:.1f} s by the clock; slowest page {max(took):.2f} s, half below {sorted(took)[len(took) // 2] * 1000:.0f} ms"
    )
    command_s = by_the_command(texts)
    print(f"crashcart guide audit of all of them, on {os.cpu_count()} cores: {command_s:.1f} s by the clock")
    sys.exit(1 if given.pages <= 1_000 and max(cpu_s, command_s) > TARGET_S else 0)


def by_the_command(texts: Sequence[str]) -> float:
    """Return the seconds that `crashcart guide audit` takes for a folder of them, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, f"page-{number}.md") for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "crashcart", "guide", "audit", *map(str, paths), "--json"],
            stdout=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        if done.returncode not in (0, 1):
            raise RuntimeError(f"the command ended with {done.returncode}")
        return time.perf_counter() - began


if __name__ == "__main__":
    main()
