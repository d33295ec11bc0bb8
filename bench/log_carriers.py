"""What carries a program's lines to a file, as runtimes, tools and terminals do: for the fuzzer and the tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 3, 4, 10, tzinfo=UTC)


def _stamp(number: int) -> str:
    """Return a moment as container runtimes write it: with nine digits, of which Docker drops noughts at the end."""
    at = BEGIN + timedelta(seconds=number)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{number * 7_919_000 % 10**9:09}"


def _docker_file(line: str, number: int) -> str:
    return json.dumps({"log": f"{line}\n", "stream": "stderr", "time": f"{_stamp(number)}Z"}, separators=(",", ":"))


# Each takes a line and its number, and tells how it stands in the file.
CARRIERS: dict[str, Callable[[str, int], str]] = {
    "json-file of Docker": _docker_file,
    "docker logs --timestamps": lambda line, number: f"{_stamp(number).rstrip('0').rstrip('.')}Z {line}",
    "a node of Kubernetes": lambda line, number: f"{_stamp(number)}+00:00 stderr F {line}",
    "kubectl logs --prefix": lambda line, number: f"[pod/shop-6d5f7-x2x/web] {line}",
    "kubectl logs --prefix --timestamps": lambda line, number: f"[pod/shop-6d5f7-x2x/web] {_stamp(number)}Z {line}",
    "docker compose logs": lambda line, number: f"web-1     | {line}",
    "docker compose logs, in colour": lambda line, number: f"\x1b[36mweb-1     | \x1b[0m{line}",
    "journalctl": lambda line, number: f"{BEGIN + timedelta(seconds=number):%b %d %H:%M:%S} box shop[812]: {line}",
    "journalctl -o short-precise": lambda line, number: (
        f"{BEGIN + timedelta(seconds=number):%b %d %H:%M:%S.%f} box shop[812]: {line}"
    ),
    "journalctl -o short-iso": lambda line, number: f"{_stamp(number)[:19]}+0000 box shop[812]: {line}",
    "a terminal": lambda line, number: f"\x1b[1;31m{line}\x1b[0m",
}


def carried(data: bytes, carrier: str) -> bytes:
    """Return whole lines of UTF-8 as they stand in a file that this carrier wrote."""
    carry = CARRIERS[carrier]
    lines = data.decode().split("\n")[:-1]
    return "".join(f"{carry(line, number)}\n" for number, line in enumerate(lines)).encode()
