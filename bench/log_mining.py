"""Mining log templates, beside Drain3 with its usual masks in the same run. Run: python -m bench.log_mining

Speed: raw lines of our own making (services, access logs, kernel messages; three million and more in 500 MB), once as
they are and once with one word in ten replaced by random letters; or a file of yours. Lines per second of one core.
Drain3 sees a prefix, for it takes minutes over the whole, and gets slower the longer it runs. It is no dependency:
`pip install drain3` beside, or its rows stay empty.

Accuracy: `--accuracy FOLDER` of labelled samples, SYSTEM.csv.gz with the columns Content and EventTemplate (loghub,
github.com/logpai/loghub, has sixteen), one setting for all. Group accuracy, its F1 over groups, line and template text.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib.util
import random
import re
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from crashcart.logs import loops
from crashcart.logs.loops import library
from crashcart.logs.mining import Miner
from crashcart.logs.shape.lines import line_starts

BLOCK_BYTES = 4 << 20
PEER_LINES = 20_000
DISTINCT_LINES = 40_000
NOISE_PART = 5  # the noisy file is that much smaller: every line of it is made anew
HAS_DRAIN3 = importlib.util.find_spec("drain3") is not None
DRAIN3_MASKS = (
    r"(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))",
    r"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})",
    r"([0-9a-f]{6,} ?){3,}",
    r"([0-9A-F]{4} ?){4,}",
    r"(0x[a-f0-9A-F]+)",
    r"([\-\+]?\d+)",
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = {
    "user": ("ann", "bob", "eve", "carla", "dmitri", "elena", "farid", "gita", "root", "deploy"),
    "host": ("web-a", "web-b", "db-primary", "db-replica", "cache", "gateway", "mailer", "build"),
    "service": ("billing", "checkout", "search", "ingest", "export", "catalog", "notifier", "ledger"),
    "verb": ("GET", "POST", "PUT", "DELETE"),
    "dir": ("srv", "var", "lib", "log", "data", "tmp", "app", "cache"),
    "state": ("pending", "running", "failed", "done"),
}
MESSAGES = (
    "{n}-{n}-{n} {n}:{n}:{n},{n} INFO  [worker-{n}] {service}.views request {hex} finished in {n} ms for {user}",
    "{n}-{n}-{n} {n}:{n}:{n},{n} ERROR [worker-{n}] {service}.tasks job {n} failed after {n} tries: timed out",
    "{n}-{n}-{n} {n}:{n}:{n},{n} WARN  [worker-{n}] {service}.pool {n} of {n} connections in use, waiting {n} ms",
    '{ip} - {user} [{n}/May/{n}:{n}:{n}:{n} +{n}] "{verb} {path} HTTP/1.1" {n} {n} "-" "curl/{n}.{n}"',
    "May {n} {n}:{n}:{n} {host} sshd[{n}]: Failed password for invalid user {user} from {ip} port {n} ssh2",
    "May {n} {n}:{n}:{n} {host} kernel: [{n}.{n}] Out of memory: Killed process {n} ({service}) total-vm:{n}kB",
    "May {n} {n}:{n}:{n} {host} systemd[{n}]: Started {service}.service",
    "{n}-{n}-{n}T{n}:{n}:{n}.{n}Z {service} level=info msg=done state={state} trace={uuid} bytes={n} ok=true",
    "{n}-{n}-{n} {n}:{n}:{n}.{n} UTC [{n}] LOG:  checkpoint complete: wrote {n} buffers ({n}.{n}%); sync={n}.{n} s",
    "{n}-{n}-{n} {n}:{n}:{n}.{n} UTC [{n}] ERROR:  deadlock detected while {user} updated {service} in {path}",
    "[{n}] {host} lease on {path} moved from {state} to {state} by {ip}:{n}",
    "{host} {service}: cannot open {path}: permission denied (errno {n})",
)
Parse = Callable[[Sequence[str]], Sequence[tuple[int, str]]]  # lines to (group, template text) of each


def value(name: str, chance: random.Random) -> str:
    """Return a value of that kind."""
    if name == "n":
        return str(chance.choice((chance.randrange(10), chance.randrange(100), chance.randrange(10**6))))
    if name == "ip":
        return ".".join(str(chance.randrange(1, 255)) for _ in range(4))
    if name == "hex":
        return f"{chance.getrandbits(40):010x}"
    if name == "uuid":
        return "-".join(f"{chance.getrandbits(4 * n):0{n}x}" for n in (8, 4, 4, 4, 12))
    if name == "path":
        return "/" + "/".join(chance.choice(WORDS["dir"]) for _ in range(chance.randrange(1, 4)))
    return chance.choice(WORDS[name])


def made(count: int, noise: float) -> Iterator[str]:
    """Yield raw lines; that share of their words is random letters."""
    chance = random.Random(7)
    for _ in range(count):
        line = re.sub(r"\{(\w+)\}", lambda m: value(m[1], chance), chance.choice(MESSAGES))
        yield " ".join(noisy(word, noise, chance) for word in line.split(" ")) if noise else line


def noisy(word: str, noise: float, chance: random.Random) -> str:
    """Return the word, or random letters in its stead."""
    return "".join(chance.choices(LETTERS, k=chance.randrange(3, 11))) if chance.random() < noise else word


def write(path: Path, limit_bytes: int) -> None:
    """Fill a file with made lines; every copy has other digits, as time stamps and ids have."""
    lines = "\n".join(made(DISTINCT_LINES, 0.0)) + "\n"
    turn, size = 0, 0
    with path.open("wb") as file:
        while size < limit_bytes:
            shift = turn % 9 + 1
            digits = str.maketrans("123456789", "".join(str((d - 1 + shift) % 9 + 1) for d in range(1, 10)))
            size += file.write(lines.translate(digits).encode())
            turn += 1


def write_noise(path: Path, limit_bytes: int) -> None:
    """Fill a file with lines no two of which are alike: one word in ten is random letters."""
    left = limit_bytes
    with path.open("wb") as file:
        for line in made(1 << 40, 0.1):
            left -= file.write(f"{line}\n".encode())
            if left <= 0:
                break


def blocks(path: Path, limit_lines: int) -> Iterator[bytes]:
    """Read blocks that end with a newline, up to so many lines; 0 for all."""
    left, rest = limit_lines or 1 << 62, b""
    with path.open("rb") as file:
        while left > 0 and (read := file.read(BLOCK_BYTES)):
            cut = read.rfind(b"\n") + 1
            block, rest = rest + read[:cut], read[cut:]
            if (n := block.count(b"\n")) > left:
                block = b"".join(block.splitlines(keepends=True)[:left])
            left -= n
            yield block


def mine(path: Path, limit_lines: int, *, in_c: bool = False) -> tuple[Miner, float]:
    """Return the miner of a file, and lines per second of one core, the result included."""
    miner = Miner()
    began = time.process_time()
    for block in blocks(path, limit_lines):
        if in_c:
            ends = loops.line_ends(block)
            miner.take(block, line_starts(ends), ends)
        else:
            miner.feed(block)
    miner.result()
    return miner, miner.lines / (time.process_time() - began)


class Drain3:
    """The peer, with the masks its own examples use."""

    def __init__(self) -> None:
        from drain3 import TemplateMiner
        from drain3.masking import MaskingInstruction
        from drain3.template_miner_config import TemplateMinerConfig

        config = TemplateMinerConfig()
        config.profiling_enabled = False
        before, after = "((?<=[^A-Za-z0-9])|^)", "((?=[^A-Za-z0-9])|$)"
        config.masking_instructions = [MaskingInstruction(f"{before}{mask}{after}", "*") for mask in DRAIN3_MASKS]
        self._miner = TemplateMiner(config=config)

    def add(self, line: str) -> int:
        """Return the cluster a line went to."""
        return int(self._miner.add_log_message(line)["cluster_id"])

    def texts(self) -> dict[int, str]:
        """Return the text of each cluster as of now."""
        return {cluster.cluster_id: cluster.get_template() for cluster in self._miner.drain.clusters}


def peer_speed(path: Path) -> float | None:
    """Return Drain3's lines per second of one core over the first lines."""
    if not HAS_DRAIN3:
        return None
    peer = Drain3()
    lines = next(blocks(path, PEER_LINES)).decode("utf-8", "replace").splitlines()
    began = time.process_time()
    for line in lines:
        peer.add(line)
    return len(lines) / (time.process_time() - began)


def speed(name: str, path: Path, limit_lines: int) -> None:
    """Print one row of the speed table."""
    miner, ours = mine(path, limit_lines)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    kept = f"{len(miner.result()):>9,} templates {miner.overflow_lines:>9,} overflow {peak_mb:>5.0f} MB"
    lines = miner.lines
    del miner  # what it holds would slow down the next one
    in_c = mine(path, limit_lines, in_c=True)[1] if library.loaded() is not None else 0.0
    peer = peer_speed(path)
    beside = f"{peer:>10,.0f} {ours / peer:>6.1f} x" if peer else f"{'-':>10} {'-':>8}"
    print(f"  {name:<22} {lines:>11,} lines {ours:>10,.0f}/s, {in_c:>10,.0f}/s in C   drain3 {beside}   {kept}")


def scores(truth: Sequence[str], found: Sequence[tuple[int, str]]) -> tuple[float, float, float, float]:
    """Return GA, FGA, PA, FTA (Zhu 2019, Khan 2022, Jiang 2024)."""
    groups = [group for group, _ in found]
    true, mined = Counter(truth), Counter(groups)
    whole = [(a, n) for (a, b), n in Counter(zip(truth, groups, strict=True)).items() if n == true[a] == mined[b]]
    labels: dict[str, set[str]] = defaultdict(set)
    for label, (_, text) in zip(truth, found, strict=True):
        labels[text].add(label)
    right = sum(1 for text, seen in labels.items() if seen == {text})
    exact = sum(1 for label, (_, text) in zip(truth, found, strict=True) if label == text)
    return (
        sum(n for _, n in whole) / len(truth),
        2 * len(whole) / (len(mined) + len(true)),
        exact / len(truth),
        2 * right / (len(labels) + len(true)),
    )


def parse_ours(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Mine the lines of one system."""
    miner = Miner()
    ids = miner.feed("".join(" ".join(line.split("\n")) + "\n" for line in lines).encode())
    templates = miner.result()
    return [(place, templates[place].text) for place in miner.places()[ids].tolist()]


def parse_drain3(lines: Sequence[str]) -> list[tuple[int, str]]:
    """Let Drain3 have the lines of one system."""
    peer = Drain3()
    ids = [peer.add(line) for line in lines]
    texts = peer.texts()
    return [(i, texts[i]) for i in ids]


def accuracy(folder: Path) -> None:
    """Print one row a system and the mean."""
    parsers: dict[str, Parse] = {"ours": parse_ours}
    if HAS_DRAIN3:
        parsers["drain3"] = parse_drain3
    rows: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    print(f"  {'':<14}" + "".join(f"{name:<28}" for name in parsers))
    print(f"  {'':<14}" + "".join(f"{'GA':<6}{'FGA':<6}{'PA':<6}{'FTA':<10}" for _ in parsers))
    for path in sorted(folder.glob("*.csv.gz")):
        with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
            labelled = list(csv.DictReader(file))
        truth, lines = [row["EventTemplate"] for row in labelled], [row["Content"] for row in labelled]
        for name, parse in parsers.items():
            rows[name].append(scores(truth, parse(lines)))
        print(f"  {path.name.removesuffix('.csv.gz'):<14}" + "".join(shown(rows[name][-1]) for name in parsers))
    means = {name: [sum(column) / len(column) for column in zip(*rows[name], strict=True)] for name in parsers}
    print(f"  {'mean':<14}" + "".join(shown(means[name]) for name in parsers))


def shown(row: Sequence[float]) -> str:
    """Return four scores in their columns."""
    return "".join(f"{score:<6.3f}" for score in row) + "    "


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Mine log templates, beside Drain3.")
    parser.add_argument("--mb", type=int, default=150, help="size of the made files")
    parser.add_argument("--lines", type=int, default=0, help="read so many lines only")
    parser.add_argument("--file", type=Path, help="mine this file instead of made ones")
    parser.add_argument("--accuracy", type=Path, help="folder of labelled samples; skips the speed tables")
    asked = parser.parse_args()
    if asked.accuracy:
        accuracy(asked.accuracy)
    elif asked.file:
        speed(asked.file.name, asked.file, asked.lines)
    else:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "made.log"
            write(path, asked.mb * 1_000_000)
            speed("as written", path, asked.lines)
            write_noise(path, asked.mb * 1_000_000 // NOISE_PART)
            speed("1 word in 10 random", path, asked.lines)


if __name__ == "__main__":
    main()
