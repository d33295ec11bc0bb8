"""What one form of time stamps looks like, eight bytes at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Stamp:
    """One form of stamps.

    `masks` has a row for each word of eight bytes: the bits that are given (all of a literal, the upper half of a
    digit), what they are, the lower half of each digit, and the bits that two stamps of one minute share. `goes_on`
    tells for each byte whether it makes the stamp another form when it follows. `second` is where its second stands,
    -1 for nowhere.
    """

    masks: npt.NDArray[np.uint64]
    length: int
    goes_on: bytes
    second: int
