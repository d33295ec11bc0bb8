"""Lines that hold one JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from crashcart.redact import MARK, is_secret_name

MESSAGES = ("message", "msg", "event")
EXCEPTIONS = (
    "exception",
    "exc_info",
    "exc_text",
    "traceback",
    "stack",
    "stack_info",
    "stacktrace",
    "error.stack_trace",
)
_FRONT_BYTES = 120  # a container's name, or a stamp, may stand before the object
_DEPTH = 6
_DECODER = msgspec.json.Decoder(dict[str, object])


def object_of(line: bytes) -> dict[str, object] | None:
    """Return the object of a line, None if it holds none."""
    brace = line.find(b"{", 0, _FRONT_BYTES)
    if brace < 0 or not line.endswith(b"}"):
        return None
    try:
        return _DECODER.decode(line[brace:])
    except (msgspec.MsgspecError, UnicodeError, RecursionError):  # not JSON after all: a line like any other
        return None


def strings_of(line: bytes) -> tuple[str, ...]:
    """Return the lines of all strings in a JSON line, decoded: message, other fields as `key=value`, exception."""
    found = object_of(line)
    return () if found is None else tuple(part for text in _texts(found) for part in text.split("\n"))


def values_of(line: bytes) -> tuple[str, ...]:
    """Return the lines of all strings in a JSON line, decoded, without their keys."""
    found = object_of(line)
    return () if found is None else tuple(part for text in _values(found, _DEPTH) for part in text.split("\n"))


def first_text(found: Mapping[str, object], keys: tuple[str, ...]) -> str | None:
    """Return the first of these fields that is a string with something in it."""
    return next((value for key in keys if isinstance(value := found.get(key), str) and value), None)


def _texts(found: Mapping[str, object]) -> Iterator[str]:
    yield from (value for key in MESSAGES if isinstance(value := found.get(key), str))
    for key, value in found.items():
        if not (isinstance(value, str) and key in (*MESSAGES, *EXCEPTIONS)):
            yield from _flat(key, value, _DEPTH)
    yield from (value for key in EXCEPTIONS if isinstance(value := found.get(key), str))


def _flat(key: str, value: object, depth: int) -> Iterator[str]:
    if isinstance(value, dict) and depth:
        for inner, one in value.items():
            yield from _flat(f"{key}.{inner}", one, depth - 1)
    elif isinstance(value, list) and depth:
        for at, one in enumerate(value):
            yield from _flat(f"{key}.{at}", one, depth - 1)
    elif isinstance(value, str | int | float | bool):
        # Behind a secret's name everything is secret, spaces included; the scrubber would stop at the first one.
        yield f"{key}={MARK if is_secret_name(key) else value}"


def _values(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list) and depth:
        for one in value.values() if isinstance(value, dict) else value:
            yield from _values(one, depth - 1)
