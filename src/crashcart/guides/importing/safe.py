"""A stranger's text, made so that it can stand in a draft: it opens nothing, hides nothing and runs nothing."""

from __future__ import annotations

import json
import re
import unicodedata

from crashcart.guides.foreign.scan import MAX_LINES
from crashcart.redact import Scrubber

LONGEST_LINE = 2_000  # as much as is read of a line of the source
_JOINERS = ("\u200c", "\u200d")  # some scripts and most composed emoji need them; they move nothing
_SCRUBBER = Scrubber(())
_ID = re.compile(r"[^a-z0-9]+")
_HOLE = re.compile(r"\{\s*([A-Za-z_][\w.-]*)\s*\}")
_NUMBER_OF_HOLE = re.compile(r"<[A-Za-z_]\w*>")


def source_lines(text: str) -> list[str]:
    """Return the lines of a source as the reader counts them, each cut to what is read of it."""
    return [line[:LONGEST_LINE].rstrip("\r") for line in text.split("\n", MAX_LINES)]


def harmless(text: str) -> str:
    """Return text on one line, without secrets, in which every character that acts or hides is written out."""
    shown = text[:LONGEST_LINE].replace("\t", "    ")
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(char if not _acts(char) else _written(char) for char in shown)
    return _SCRUBBER.text(shown)


def words(text: str, limit: int = 400) -> str:
    """Return text as one line of prose, cut at `limit`."""
    flat = " ".join(harmless(text.replace("\n", " ")).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def bare(text: str, limit: int = 400) -> str:
    """Return prose that may stand beside a statement: it opens no second code span, and follows a colon as words."""
    return words(text, limit).replace("`", "'").lstrip(" :,")


def title(text: str, otherwise: str) -> str:
    """Return text as the words of a heading."""
    flat = re.sub(r"[`{}\[\]<>#*\\|]", " ", words(text, 160))
    flat = re.sub(r"^(?:\W+|(?:Cause|Task|Problem)\w*\s*:)+", "", " ".join(flat.split()), flags=re.IGNORECASE)
    head, colon, tail = flat.partition(":")
    if colon and len(head.split()) == 1:  # "Caus: x" would read as a slip of a heading of ours
        flat = f"{head} - {tail.strip(': ')}"
    return flat.strip() or otherwise


def code(text: str) -> str:
    """Return text as a code span, with as many backticks as it needs."""
    flat = words(text, LONGEST_LINE)
    ticks = "`" * (max((len(run) for run in re.findall(r"`+", flat)), default=0) + 1)
    return f"{ticks}{flat}{ticks}" if len(ticks) == 1 else f"{ticks} {flat} {ticks}"


def quoted(lines: list[str]) -> list[str]:
    """Return lines as a quotation: what stands in it opens nothing in our language."""
    return [f"> {harmless(line)}".rstrip() for line in lines]


def fenced(lines: list[str]) -> list[str]:
    """Return lines as a quoted block of code."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    mark = "`" * max(3, longest + 1)
    return quoted([f"{mark}text", *lines, mark])


def logged(text: str) -> str:
    """Return the text of a signature as a string of our language; its holes stay holes."""
    flat = _HOLE.sub(lambda hole: f"<{re.sub(r'[^A-Za-z0-9_]', '_', hole.group(1))}>", words(text, 300))
    flat = flat.replace("`", "<*>").replace("{", "<*>").replace("}", "<*>")
    if '"' not in flat:
        return f'"{flat}"'
    return f"'{flat}'" if "'" not in flat else '"' + flat.replace('"', "<*>") + '"'


def unbound(text: str) -> str:
    """Return a string whose holes match and name nothing: for names that already stand for something else."""
    return _NUMBER_OF_HOLE.sub("<*>", text)


def said_chars(text: str) -> int:
    """Return how many letters and digits stand outside the holes."""
    return sum(char.isalnum() for char in re.sub(r"<[^<>]*>", "", text))


def front_value(text: str) -> str:
    """Return text as a value of front matter."""
    return json.dumps(words(text, 200))


def identity(text: str, otherwise: str, taken: set[str]) -> str:
    """Return an id made of these words that is not taken, and take it."""
    wanted = _ID.sub("-", text.casefold()).strip("-")[:60].strip("-")
    if not wanted or not wanted[0].isalpha():
        wanted = f"{otherwise}-{wanted}".strip("-")
    found, number = wanted, 2
    while found in taken:
        found, number = f"{wanted}-{number}", number + 1
    taken.add(found)
    return found


def _acts(char: str) -> bool:
    return char not in _JOINERS and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")


def _written(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
