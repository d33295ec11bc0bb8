"""The log engine, fed what no program would write. Run: python -m bench.logs_fuzz [--minutes 10] [--keep FOLDER]

Each input is drawn by its number: lines of many kinds of program, damaged at random. Five things must hold of each:
nothing is raised, the planted secret is never told, the time is bounded, both back ends find the same, and in what
one program may have written blocks may be cut anywhere. What breaks one of them is kept in FOLDER; tests/logs/engine/test_fuzzed.py goes on with what did so once.
"""

from __future__ import annotations

import argparse
import bz2
import faulthandler
import gzip
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bench.log_carriers import CARRIERS

from crashcart.drive.scan import Request, Signatures, scan
from crashcart.logs.conclude import Asked, conclude
from crashcart.logs.engine import LogPass
from crashcart.logs.loops import library
from crashcart.logs.signatures.scanner import Backend, Scanner, compile
from crashcart.logs.signatures.signature import Signature
from crashcart.redact import Scrubber
from crashcart.report.logs import logs_json, logs_text

SECRET = "correct-horse:battery9staple"
BOUND_S, BOUND_S_PER_MB = 2.0, 4.0
STUCK_S = 120
CARRIED = 0.18  # of the inputs are as something else wrote them to the file
SIGNATURES = (
    Signature("refused", "connection refused"),
    Signature("order", "order <id> failed"),
    Signature("timeout", "timed out after <n> s"),
    Signature("locked", "database is locked"),
)
WRITTEN_S = 1_790_000_000.0
STAMPS = (
    "2026-03-04T10:{m:02}:{s:02}.123Z ",
    "2026-03-04 10:{m:02}:{s:02},123 ",
    "[04/Mar/2026:10:{m:02}:{s:02} +0000] ",
    "Mar  4 10:{m:02}:{s:02} host app[77]: ",
    "1772618{m:02}{s:1} ",
    "10:{m:02}:{s:02} ",
    "I0304 10:{m:02}:{s:02}.5 ",
    "0001-01-01T00:00:00Z ",
    "9999-12-31T23:59:59+99:99 ",
    "2026-02-30T25:61:61Z ",
    "",
)
UNREAD = ("10:{m:02}:{s:02} ", "0001-01-01T00:00:00Z ", "9999-12-31T23:59:59+99:99 ", "2026-02-30T25:61:61Z ")
BODIES = (
    "INFO shop.views: order {n} paid in {m}ms by user {n}",
    "ERROR pay: order {n} failed",
    "WARNING db: database is locked, timed out after {s} s",
    '10.0.0.{s} - - "GET /items/{n} HTTP/1.1" 50{m} {n} 0.{m}',
    '{{"time": "2026-03-04T10:{m:02}:{s:02}Z", "level": "error", "message": "order {n} failed", "duration_ms": {n}}}',
    '{{"message": "half of a line {n}',
    'level=error msg="connection refused" duration={m}.{s}s at={n}',
    "Traceback (most recent call last):",
    '  File "/srv/shop/pay.py", line {n}, in charge',
    "    raise ReadTimeout(request)",
    "httpx.ReadTimeout: timed out",
    "During handling of the above exception, another exception occurred:",
    "password={secret} token {secret}",
    "\x1b[31mERROR\x1b[0m {n} \x00\x08\x0b",
    "{word}" * 40,
    "=" * 3000,
    '"' * 200 + "\\" * 201,
    "",
    " \t",
)


@dataclass(frozen=True, slots=True)
class Broken:
    """What did not hold of an input, and how it showed."""

    what: str
    how: str


@dataclass(frozen=True, slots=True)
class Input:
    """What is fed; `is_of_one`: all lines have stamps of one kind, and nothing was damaged."""

    data: bytes
    is_of_one: bool = False


def drawn(number: int) -> Input:
    """Return an input; the same number draws the same bytes."""
    chance = random.Random(number)
    stamps = chance.sample(STAMPS, chance.randint(1, 3))
    bodies = chance.sample(BODIES, chance.randint(1, 8))
    lines = []
    for at in range(chance.choice((3, 40, 400, 2_000))):
        minute, second = divmod(at * chance.choice((1, 1, 1, 0, -1)), 60)
        facts = {
            "m": minute % 60,
            "s": second,
            "n": chance.randrange(10**6),
            "secret": SECRET,
            "word": chance.choice("abÿ"),
        }
        lines.append((chance.choice(stamps) + chance.choice(bodies)).format(**facts))
    carriers = random.Random(f"carrier of {number}")
    is_carried = carriers.random() > 1 - CARRIED
    if is_carried:
        carry = carriers.choice([*CARRIERS.values()])
        lines = [carry(line, at) for at, line in enumerate(lines)]
    end = chance.choice(("\n", "\n", "\r\n", "\r"))
    data = end.join((*lines, "")).encode(chance.choice(("utf-8", "utf-8", "utf-8", "latin-1", "utf-16")))
    damages = chance.choice((0, 0, 1, 3))
    for _ in range(damages):
        data = chance.choice(DAMAGES)(data, chance)
    # Where a stamp cannot be read, the time within JSON is one of another kind; where there is none, what stands before
    # the first JSON line is read by that line's stamp if it is in the same block, and else without any.
    times = sum('"time"' in body for body in bodies)
    is_mixed = len(stamps) > 1 or (times > 0 and (stamps[0] in UNREAD or (not stamps[0] and times < len(bodies))))
    return Input(data, is_of_one=not is_mixed and not damages and not is_carried)


def _cut_short(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def _noised(data: bytes, chance: random.Random) -> bytes:
    noisy = bytearray(data)
    for _ in range(min(len(noisy), chance.choice((1, 20, 500)))):
        noisy[chance.randrange(len(noisy))] = chance.randrange(256)
    return bytes(noisy)


def _moved(data: bytes, chance: random.Random) -> bytes:
    begin, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return data[end:] + data[begin:end] * chance.choice((1, 2)) + data[:begin]


def _joined(data: bytes, chance: random.Random) -> bytes:
    return data.replace(b"\n", chance.choice((b"", b"\x00", b" ", b"\n\n\n")))


def _packed(data: bytes, chance: random.Random) -> bytes:
    return chance.choice((gzip.compress, bz2.compress))(data)


DAMAGES: Sequence[Callable[[bytes, random.Random], bytes]] = (_cut_short, _noised, _moved, _joined, _packed)


def told(found: LogPass) -> str:
    """Return all that is told of a pass, as text and as JSON."""
    report = conclude(found, Asked(Scrubber((SECRET,)), (), (), None))
    return logs_text(report) + logs_json(report).decode()


def check(fed: Input, folder: Path) -> Broken | None:
    """Return the first thing that does not hold of an input."""
    data = fed.data
    path = folder / "input.log"
    path.write_bytes(data)
    signatures = Signatures(SIGNATURES, (), ())
    began = time.process_time()
    try:
        text = told(scan(Request((str(path),), signatures)))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        return Broken("nothing is raised", repr(error))
    took_s = time.process_time() - began
    if SECRET in text:
        return Broken("the secret is never told", text[max(0, text.index(SECRET) - 80) :][:200])
    if took_s > BOUND_S + BOUND_S_PER_MB * len(data) / 1e6:
        return Broken("time is bounded", f"{took_s:.1f} s for {len(data)} bytes")
    with library.aside():
        if told(scan(Request((str(path),), signatures))) != text:
            return Broken("the loops in C and in Python tell the same", "they do not")
    return _same_hits(data) or (_cut_anywhere(data) if fed.is_of_one else None)


def _cut_anywhere(data: bytes) -> Broken | None:
    whole = [line + b"\n" for line in data.removesuffix(b"\n").split(b"\n")]
    chance = random.Random(len(data))
    blocks: list[bytes] = []
    at = 0
    while at < len(whole):
        size = chance.choice((1, 2, 7, 100))
        # What stamped the first line of a traceback shows by the next one.
        while b"Traceback (" in whole[min(at + size, len(whole)) - 1] and at + size < len(whole):
            size += 1
        blocks.append(b"".join(whole[at : at + size]))
        at += size
    one, many = told(_passed([b"".join(blocks)])), told(_passed(blocks))
    if one != many:
        apart = next(
            (pair for pair in zip(one.splitlines(), many.splitlines(), strict=False) if pair[0] != pair[1]), ("", "")
        )
        return Broken("blocks may be cut anywhere", f"{apart[0]!r} in one, {apart[1]!r} in {len(blocks)} blocks")
    return None


def _passed(blocks: Sequence[bytes]) -> LogPass:
    found = LogPass(_scanner(Backend.PLAIN))
    found.begin("input.log", written_s=WRITTEN_S)
    offset = 0
    for block in blocks:
        found.feed(block, offset=offset)
        offset += len(block)
    found.end()
    return found


def _same_hits(data: bytes) -> Broken | None:
    if find_spec("hyperscan") is None:
        return None
    plain, fast = (_scanner(backend).scan(data) for backend in (Backend.PLAIN, Backend.FAST))
    if (plain.lines.tolist(), plain.signatures.tolist()) != (fast.lines.tolist(), fast.signatures.tolist()):
        return Broken("both back ends find the same", f"{len(plain.lines)} hits and {len(fast.lines)}")
    return None


_SCANNERS: dict[Backend, Scanner] = {}


def _scanner(backend: Backend) -> Scanner:
    if backend not in _SCANNERS:
        _SCANNERS[backend] = compile(SIGNATURES, backend=backend)
    return _SCANNERS[backend]


def main() -> int:
    """Draw and check inputs until the time is up; return 1 when one broke something."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--minutes", type=float, default=10.0)
    asked.add_argument("--first", type=int, default=0, help="number of the first input")
    asked.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    options = asked.parse_args()
    end = time.monotonic() + options.minutes * 60
    number, size, broken = options.first, 0, 0
    slowest = (0.0, 0)
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end and broken < 10:
            faulthandler.dump_traceback_later(STUCK_S, exit=True)  # a pass that never ends tells where it is
            fed, began = drawn(number), time.process_time()
            found = check(fed, Path(folder))
            slowest = max(slowest, (time.process_time() - began, number))
            if found is not None:
                broken += 1
                options.keep.mkdir(exist_ok=True)
                (options.keep / f"{number}.log").write_bytes(fed.data)
                print(f"input {number}: broken: {found.what}: {found.how}")
            number, size = number + 1, size + len(fed.data)
    count = number - options.first
    print(
        f"{count} inputs, {size / 1e6:.0f} MB, {broken} broke something; slowest {slowest[0]:.2f} s (input {slowest[1]})"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
