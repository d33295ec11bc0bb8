"""Displays: what a program shows of an object, a mapping or a list is one value, however much is in it.

Nobody writes `{'op': 'get', ...}`, `['a', 'b']` or `<Task pending at 0x7f>` into a message by hand: it stood as one
`%s` in the code. Left as it is, every key and every class of it would look like a word of the statement.
"""

from __future__ import annotations

import re

from crashcart.logs.mining.mask import HOLE, MAX_LINE

# A brace or a bracket with a quote behind it; a bracket right behind a word is a call or an index, and stays.
_OPENS = re.compile(rb"\{(?=\s?[bru]?['\"]|\})|(?<![\w)\]])[\[(](?=[bru]?['\"])|<(?=[A-Za-z_])")
_STEPS = re.compile(rb"['\"]|[\[\](){}<>]")
_CLOSES = {b"{": b"}", b"[": b"]", b"(": b")", b"<": b">"}
# What a class says of an object in angles: a field, a name in quotes, an address.
_OBJECT = re.compile(rb"<[A-Za-z_][\w.]*\s[^\n]*(?:[\w\]]=|['\"]|\sat\s\x1a?0?x[0-9a-f\x1a]|://)")
_WORD = re.compile(rb"[A-Za-z]{2}")
_DEPTH = 32
_TRIED = 8  # what opens and does not end, in one line
_STRING = {quote: re.compile(rb"[^\\%s]*(?:\\.[^\\%s]*)*%s" % (quote, quote, quote)) for quote in (b"'", b'"')}


def without_displays(line: bytes) -> bytes:
    """Return a folded line with a hole for each display; one that does not end stays as it is, and so does a line that
    has no word beside them."""
    if b"{" not in line and b"<" not in line and b"['" not in line and b"('" not in line and b'["' not in line:
        return line
    line = line[:MAX_LINE]
    parts: list[bytes] = []
    done = failed = 0
    opened = _OPENS.search(line)
    while opened is not None and failed < _TRIED:
        at = opened.start()
        # Long ones are cut by those who show them, and dots stand for the rest.
        end = _end(line, at) or (line.find(b"...", at) + 3 if line[at : at + 1] != b"<" and b"..." in line[at:] else 0)
        if end > 0 and (line[at : at + 1] != b"<" or _OBJECT.match(line, at, end)):
            parts += (line[done:at], HOLE)
            done = end
        else:
            failed += end == 0
        opened = _OPENS.search(line, max(done, at + 1))
    found = b"".join((*parts, line[done:]))
    return found if parts and _WORD.search(found) else line


def _end(line: bytes, begin: int) -> int:
    """Return where the display that begins there has ended, 0 if it does not."""
    waiting: list[bytes] = []
    at = begin
    while (step := _STEPS.search(line, at)) is not None:
        sign, at = step[0], step.end()
        if sign in _STRING:
            if at > 1 and line[at - 2 : at - 1].isalnum() and line[at - 2 : at - 1] not in b"bru":
                continue  # it's
            string = _STRING[sign].match(line, at)
            if string is None:
                return 0
            at = string.end()
        elif sign in _CLOSES:
            waiting.append(_CLOSES[sign])
            if len(waiting) > _DEPTH:
                return 0
        elif sign == waiting[-1]:
            waiting.pop()
            if not waiting:
                return at
        elif sign != b">":  # an arrow, within angles or outside of them
            return 0
    return 0
