"""Template: a statement of the program, read off its lines."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """Lines that say the same thing.

    `text` has `<*>` where they vary and single blanks; `id` depends on the text alone, so it is the same in every
    pass. `samples` are raw lines, cut at the caps, unredacted. `forms` counts what was merged.
    """

    id: str
    text: str
    count: int
    samples: tuple[bytes, ...]
    forms: int


def template_id(text: str) -> str:
    """Return the id of a template text: 12 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
