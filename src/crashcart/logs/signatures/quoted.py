"""What the holes of a signature hold in a line that it stands in."""

from __future__ import annotations

from collections.abc import Callable

from crashcart.logs.shape.escaped import unescaped
from crashcart.logs.shape.json_line import strings_of
from crashcart.logs.signatures.signature import Captures, Matcher
from crashcart.redact import MARK


def captures_in(matcher: Matcher, line: bytes, scrub: Callable[[str], str]) -> Captures:
    """Return the captures, from the decoded strings of a JSON line before the line as it was written.

    Where scrubbing took away what the signature quotes, the place of the captures is lost, and they are marked so.
    """
    raw = line.decode("utf-8", "replace")
    for text in (*strings_of(line), raw, *unescaped(raw)):
        found = matcher.captures(scrub(text)) if matcher.captures(text) is not None else None
        if found is not None:
            return found
    return tuple((name, MARK) for name in matcher.names)
