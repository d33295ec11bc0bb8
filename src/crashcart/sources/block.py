"""What reading logs yields: blocks of whole lines, and what stood in the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

# Measured: what is read, cut and scanned in one go should stay in the second-level cache, or it is a third slower.
BLOCK_BYTES: Final = 2 << 20


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of one file. Only the last line of a file, or one that was cut, may lack its newline."""

    data: bytes
    file: str
    offset: int  # of the first byte, in the file as it is without compression


class TroubleKind(Enum):
    """What can stand in the way of reading a log."""

    MISSING = "missing"  # never there, or gone since it was listed
    UNREADABLE = "unreadable"
    NOT_A_FILE = "not a file"  # reading a pipe or a device takes lines away from others
    BINARY = "binary"
    DAMAGED = "damaged"  # compressed, and cut off or broken
    SHRUNK = "shrunk"  # truncated while it was read
    LONG_LINE = "long line"  # longer than a block; its rest was skipped
    LOOP = "loop"  # a folder within itself


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that was not read, or not all of it. What was read of the file stays true."""

    kind: TroubleKind
    file: str
    detail: str
    count: int = 1


Item = Block | Trouble
