"""What a Redis or Valkey server says of one queue; by commands that read, and no others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redis.asyncio import Redis

# All that is ever sent, beside AUTH and SELECT of the connection itself.
READING = frozenset(
    ("TYPE", "LLEN", "XLEN", "ZCARD", "LINDEX", "ZRANGE", "XRANGE", "XINFO", "HLEN", "HGET", "MEMORY", "CLIENT")
)
# What a worker says to take from a queue; most of them wait in it.
_TAKING = frozenset(
    ("brpop", "blpop", "blmove", "brpoplpush", "blmpop", "bzpopmin", "bzmpop", "lmove", "rpop", "lpop", "xreadgroup")
)
_SHAPES = {"list": "list", "stream": "stream", "zset": "zset", "none": "none"}
_ENTRY_BYTES = 1 << 20  # a larger one is not fetched only to learn its age


@dataclass(frozen=True, slots=True)
class QueueState:
    """What was told; None when it was not. `ends` are the first and last entries, `scores` those of a sorted set."""

    shape: str
    length: int | None
    taken: int | None
    consumers: int | None
    ends: Sequence[bytes] = ()
    made_at: Sequence[bytes] = ()  # what RQ keeps beside the entry: when it was put in


async def queue_state(client: Redis, name: str, database: int) -> QueueState:
    """Return what the server says. Raises the errors of the driver."""
    key = name.encode()
    shape = _SHAPES.get(_text(await _ask(client, "TYPE", key)), "other")
    consumers = await _consumers(client, database)
    if shape == "list":
        ends = await _ends(client, key)
        made_at = [await _ask(client, "HGET", b"rq:job:" + end, "enqueued_at") for end in ends if len(end) <= 64]
        taken = await _number(client, "HLEN", "unacked")
        length = await _number(client, "LLEN", key)
        return QueueState(shape, length, taken, consumers, ends, [at for at in made_at if isinstance(at, bytes)])
    if shape == "zset":
        first = await _ask(client, "ZRANGE", key, 0, 0, "WITHSCORES")
        ends = [first[1]] if isinstance(first, list) and len(first) == 2 else []
        return QueueState(shape, await _number(client, "ZCARD", key), None, consumers, ends)
    if shape == "stream":
        oldest = await _ask(client, "XRANGE", key, "-", "+", "COUNT", 1)
        ends = [oldest[0][0]] if isinstance(oldest, list) and oldest else []
        groups = await _ask(client, "XINFO", "GROUPS", key)
        return QueueState(shape, await _number(client, "XLEN", key), _pending(groups), consumers, ends)
    # An empty list is no key: that is how an empty queue looks.
    taken = await _number(client, "HLEN", "unacked") if shape == "none" else None
    return QueueState(shape, 0 if shape == "none" else None, taken, consumers)


async def _ends(client: Redis, key: bytes) -> list[bytes]:
    """Return both ends of a list: libraries disagree about which of them is the older one."""
    size = await _ask(client, "MEMORY", "USAGE", key, "SAMPLES", 5)
    length = await _number(client, "LLEN", key)
    if not length or not isinstance(size, int) or size / length > _ENTRY_BYTES:
        return []
    found = [await _ask(client, "LINDEX", key, at) for at in (0, -1)]
    return [entry for entry in found if isinstance(entry, bytes)]


async def _consumers(client: Redis, database: int) -> int | None:
    from redis.exceptions import NoPermissionError

    try:
        listed = await _ask(client, "CLIENT", "LIST")
    except NoPermissionError:
        return None
    found = 0
    for line in _text(listed).splitlines():
        fields = dict(re.findall(r"(\S+?)=(\S*)", line))
        found += fields.get("db") == str(database) and fields.get("cmd", "").split("|")[0].lower() in _TAKING
    return found


def _pending(groups: object) -> int | None:
    """Return how many entries of a stream were given out and not confirmed, over all its groups."""
    if not isinstance(groups, list):
        return None
    total = 0
    for group in groups:
        pairs = dict(zip(group[::2], group[1::2], strict=False)) if isinstance(group, list) else {}
        pending = pairs.get(b"pending")
        total += pending if isinstance(pending, int) else 0
    return total


async def _number(client: Redis, *words: str | bytes | int) -> int | None:
    found = await _ask(client, *words)
    return found if isinstance(found, int) else None


async def _ask(client: Redis, *words: str | bytes | int) -> object:
    assert words[0] in READING, words[0]
    connection = client.connection
    assert connection is not None
    # One level below the commands of the driver: their replies differ from version to version.
    await connection.send_command(*words, check_health=False)
    return await connection.read_response()


def _text(reply: object) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
