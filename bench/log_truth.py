"""Labelled logs of any Python program, by the code that wrote them. Run: python -m bench.log_truth FOLDER PYTHON PROGRAM...

Each PROGRAM (a script) is run by that PYTHON with a hook in `logging`: every record of every process of it is kept with
its format string and the place of its call. Its true template is the format string with a hole for each conversion; of a
text that was put together before the call, it is read off the call in the source. What passes on somebody else's whole
text has none, and is left out. FOLDER gets PROGRAM.csv.gz for `python -m bench.log_mining --accuracy FOLDER`.
"""

from __future__ import annotations

import ast
import csv
import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

HOOK = """
import json, logging, os, threading
LOCK, FILES, HANDLE = threading.Lock(), {}, logging.Logger.handle

def handle(logger, record):
    row = (record.created, record.pathname, record.lineno, str(record.msg), bool(record.args), record.getMessage())
    with LOCK:
        if os.getpid() not in FILES:
            FILES[os.getpid()] = open(f"{os.environ['LOG_TRUTH']}/{os.getpid()}.jsonl", "a", buffering=1)
        FILES[os.getpid()].write(json.dumps(row) + "\\n")
    return HANDLE(logger, record)

logging.Logger.handle = handle
logging.Logger.isEnabledFor = lambda logger, level: level >= logging.DEBUG
"""
CONVERSION = re.compile(r"%(?:\(\w+\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[diouxXeEfFgGcrsa]")
METHODS = ("debug", "info", "warning", "warn", "error", "critical", "exception", "fatal", "log")
HOLE = "<*>"
MOST, RARE, FEWEST, STATEMENTS = 2_000, 20, 300, 12
BOUND_S = 90

Record = tuple[float, str, int, str, bool, str]  # when, file, line, format, has arguments, message


def recorded(python: str, program: Path) -> list[Record]:
    """Return what a program and its processes logged, in order."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "sitecustomize.py").write_text(HOOK)
        environment = {**os.environ, "PYTHONPATH": name, "LOG_TRUTH": name}
        try:
            subprocess.run(
                [python, program.name], cwd=program.parent, env=environment, timeout=BOUND_S, check=False,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            print(f"  {program.stem}: ended after {BOUND_S} s")
        texts = [line for file in folder.glob("*.jsonl") for line in file.read_text().splitlines()]
    return sorted(tuple(json.loads(text)) for text in texts if text.endswith("]"))


def labelled(records: list[Record]) -> Iterator[tuple[str, str]]:
    """Yield message and template of each record that has one."""
    for _, file, line, text, has_arguments, message in records:
        found = holes(text) if has_arguments else written_at(file, line)
        template = re.sub(r"(?:<\*>){2,}", HOLE, (found or "").replace("\n", " "))
        flat = message.replace("\n", " ")
        fits = re.fullmatch(".*".join(map(re.escape, template.split(HOLE))), flat) is not None
        if fits and flat.strip() and re.search("[A-Za-z]", template.replace(HOLE, "")):
            yield flat, template


def holes(text: str) -> str:
    """Return a format string with a hole for each conversion."""
    return CONVERSION.sub(HOLE, text.replace("%%", "\0")).replace("\0", "%")


@lru_cache
def calls(file: str) -> tuple[ast.Call, ...]:
    """Return the calls in a source that may be one of a logger."""
    try:
        tree = ast.parse(Path(file).read_text())
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ()
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return tuple(call for call in found if isinstance(call.func, ast.Attribute) and call.func.attr in METHODS)


@lru_cache
def written_at(file: str, line: int) -> str | None:
    """Return the template of the text that is put together in a call, None for one that is made elsewhere."""
    here = [call for call in calls(file) if call.lineno <= line <= (call.end_lineno or line)]
    if not here:
        return None
    call = min(here, key=lambda call: (call.end_lineno or line) - call.lineno)
    first = 1 if isinstance(call.func, ast.Attribute) and call.func.attr == "log" else 0
    return text_of(call.args[first]) if len(call.args) > first else None


def text_of(node: ast.expr) -> str | None:
    """Return the text of an expression with holes, None where nothing of it is written there."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr():
            return "".join(str(part.value) if isinstance(part, ast.Constant) else HOLE for part in node.values)
        case ast.BinOp(op=ast.Mod()):
            left = text_of(node.left)
            return None if left is None else holes(left)
        case ast.BinOp(op=ast.Add()):
            left, right = text_of(node.left), text_of(node.right)
            return None if left is None and right is None else (left or HOLE) + (right or HOLE)
        case ast.Call(func=ast.Attribute(attr="format")) if isinstance(node.func, ast.Attribute):
            made = text_of(node.func.value)
            return None if made is None else re.sub(r"\{[^{}]*\}", HOLE, made)
    return None


def thinned(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return about MOST rows: all of seldom statements, and some of the others, in order."""
    counts = Counter(template for _, template in rows)
    rare = sum(count for count in counts.values() if count < RARE)
    share = (MOST - rare) / max(len(rows) - rare, 1)
    chance = random.Random(3)
    return [row for row in rows if counts[row[1]] < RARE or chance.random() < share]


def main() -> None:
    """Write a labelled sample for each program."""
    if len(sys.argv) < 4:
        raise SystemExit("python -m bench.log_truth FOLDER PYTHON PROGRAM...")
    folder, python = Path(sys.argv[1]), sys.argv[2]
    folder.mkdir(exist_ok=True)
    for name in sys.argv[3:]:
        program = Path(name)
        rows = thinned(list(labelled(recorded(python, program))))
        statements = len({template for _, template in rows})
        is_kept = len(rows) >= FEWEST and statements >= STATEMENTS
        print(f"  {program.stem:<20}{len(rows):>7,} lines{statements:>6} statements{'' if is_kept else '   too few'}")
        if is_kept:
            with gzip.open(folder / f"{program.stem}.csv.gz", "wt", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("Content", "EventTemplate"), *rows])


if __name__ == "__main__":
    main()
