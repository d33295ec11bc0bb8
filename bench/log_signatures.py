"""2,000 signatures over a large log, both back ends beside ripgrep. Run: python bench/log_signatures.py [LOG SIGNATURES]

Without files it draws 200 MB of lines and signatures of its own. SIGNATURES has a JSON object a line: `pat`, `kind`
(`lit` or `re`) and `flags` (`i` or nothing).
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from crashcart.logs.signatures.scanner import Backend, compile
from crashcart.logs.signatures.signature import Kind, Signature
from crashcart.sources.block import Block
from crashcart.sources.reading import read

SIGNATURES, LOG_MB = 2_000, 200
NOUNS = [
    "lease",
    "shard",
    "token",
    "webhook",
    "quota",
    "mailbox",
    "pipeline",
    "cursor",
    "index",
    "manifest",
    "volume",
    "replica",
    "broker",
    "session",
]
VERBS = [
    "failed",
    "refused",
    "expired",
    "rejected",
    "stalled",
    "dropped",
    "leaked",
    "aborted",
    "denied",
    "throttled",
    "terminated",
]
PARTS = [
    "billing",
    "auth",
    "search",
    "ingest",
    "export",
    "payments",
    "catalog",
    "notifier",
    "warehouse",
    "ledger",
    "crawler",
    "gateway",
]
PLAIN = [
    "request",
    "finished",
    "started",
    "retry",
    "worker",
    "cache",
    "hit",
    "miss",
    "user",
    "order",
    "item",
    "page",
    "query",
    "took",
    "bytes",
    "from",
    "to",
    "in",
    "of",
]


def drawn_signatures(draw: random.Random) -> tuple[list[dict[str, str]], list[str]]:
    """Return signatures, nearly half of them literal, and a line of text that holds each."""
    found, examples = [], []
    for number in range(SIGNATURES):
        part, noun, other, verb = draw.choice(PARTS), draw.choice(NOUNS), draw.choice(NOUNS), draw.choice(VERBS)
        kind, flags, pattern, example = draw.choice(
            [
                ("lit", "", f"{part}: {noun} {verb} for {other} E{number}", ""),
                ("lit", "", f"[{part}] {noun} {verb} {number}", ""),
                ("re", "", rf"{part}: {noun} '[^']+' {verb} after \d+ms \(E{number}\)",
                 f"{part}: {noun} 'x' {verb} after 31ms (E{number})"),
                ("re", "", rf"{noun} \S+ {verb}.*{other}_id=\d+ code={number}",
                 f"{noun} b1 {verb} while {other}_id=77 code={number}"),
                ("re", "i", rf"\[{part}\] \d{{3,}} {noun} {verb} E{number}", f"[{part}] 5512 {noun} {verb} E{number}"),
            ]
        )  # fmt: skip
        found.append({"kind": kind, "flags": flags, "pat": pattern})
        examples.append(example or pattern)
    return found, examples


def drawn_log(path: Path, examples: list[str], draw: random.Random) -> None:
    """Write lines, one in a hundred with a signature."""
    with path.open("w") as file:
        written = 0
        while written < LOG_MB * 1_000_000:
            lines = []
            for _ in range(10_000):
                words = (
                    draw.choice(examples)
                    if draw.random() < 0.01
                    else " ".join(draw.choices(PLAIN, k=draw.randint(6, 20)))
                )
                number = draw.randrange(1_000_000)
                lines.append(
                    f"2024-05-01 12:{number % 60:02d}:{number % 59:02d},{number % 1000:03d} INFO app.{number}: {words}\n"
                )
            written += file.write("".join(lines))


def signatures_of(path: Path) -> list[Signature]:
    """Read signatures from a file."""
    found = []
    for number, line in enumerate(path.read_text().splitlines()):
        each = json.loads(line)
        is_regex = each["kind"] == "re"
        pattern = ("(?i)" if "i" in each["flags"] else "") + each["pat"]
        found.append(Signature(str(number), pattern, Kind.REGEX if is_regex else Kind.TEXT))
    return found


def scan(backend: Backend, log: Path, signatures: list[Signature]) -> dict[str, object]:
    """Scan once, and say how long compiling and scanning took, what was found, and how much memory there was."""
    began = time.perf_counter()
    scanner = compile(signatures, backend=backend)
    compile_s = time.perf_counter() - began
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    pairs, line, found = hashlib.sha256(), 0, 0
    for block in read([str(log)]):
        assert isinstance(block, Block), block
        hits = scanner.scan(block.data)
        pairs.update((hits.lines + line).tobytes() + hits.signatures.tobytes())
        line, found = line + hits.size, found + len(hits.lines)
    return {
        "cpu_s": time.process_time() - cpu_s, "wall_s": time.perf_counter() - wall_s, "compile_s": compile_s,
        "found": found, "pairs": pairs.hexdigest(), "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }  # fmt: skip


def ripgrep(log: Path, signatures: list[Signature], folder: Path) -> tuple[float, int] | None:
    """Return CPU seconds of ripgrep with the same signatures, and in how many lines it finds any."""
    if shutil.which("rg") is None:
        return None
    patterns = folder / "patterns"
    patterns.write_text(
        "".join(
            (each.text if each.kind is Kind.REGEX else re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", each.text)) + "\n"
            for each in signatures
        )
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [
        "rg",
        "--count",
        "--text",
        "--no-unicode",
        "--dfa-size-limit",
        "2G",
        "--regex-size-limit",
        "2G",
        "-j1",
        "-f",
        str(patterns),
        str(log),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, int(done.stdout)


def rows(log: Path, listed: Path, folder: Path) -> Iterator[str]:
    """Yield the lines of the table."""
    signatures = signatures_of(listed)
    log_mb = log.stat().st_size / 1e6
    found = {}
    for backend in (Backend.FAST, Backend.PLAIN):
        # Each in a process of its own, for the memory.
        command = [sys.executable, __file__, "--backend", backend.value, str(log), str(listed)]
        found[backend] = each = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        yield (
            f"  ours, {backend.value:6s} {log_mb / each['cpu_s']:7.0f} MB per CPU-second  which and where, {each['found']:,} pairs; "
            f"{each['rss_mb']:.0f} MB RSS; compiled in {each['compile_s']:.1f} s"
        )
    is_same = found[Backend.FAST]["pairs"] == found[Backend.PLAIN]["pairs"]
    yield f"  the same pairs: {'yes' if is_same else 'NO'}"
    peer = ripgrep(log, signatures, folder)
    if peer is None:
        yield "  ripgrep is not installed"
    else:
        yield f"  ripgrep      {log_mb / peer[0]:7.0f} MB per CPU-second  neither, {peer[1]:,} lines"


def main() -> None:
    """Print the table, or one measurement for it."""
    if sys.argv[1:2] == ["--backend"]:
        print(json.dumps(scan(Backend(sys.argv[2]), Path(sys.argv[3]), signatures_of(Path(sys.argv[4])))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if len(sys.argv) == 3:
            log, listed = Path(sys.argv[1]), Path(sys.argv[2])
        else:
            draw = random.Random(11)
            log, listed = folder / "log", folder / "signatures"
            signatures, examples = drawn_signatures(draw)
            listed.write_text("".join(json.dumps(each) + "\n" for each in signatures))
            drawn_log(log, examples, draw)
        print(f"  {log.stat().st_size / 1e6:.0f} MB, {len(signatures_of(listed)):,} signatures")
        for row in rows(log, listed, folder):
            print(row, flush=True)


if __name__ == "__main__":
    main()
