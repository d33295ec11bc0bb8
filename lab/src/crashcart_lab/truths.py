"""Which of crashcart's causes each fault is: the key to the exam, kept beside the guides."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from crashcart_lab.errors import LabError
from crashcart_lab.faults import Fault
from crashcart_lab.lifecycle import GUIDES

FILE = GUIDES / "truths.toml"


def load() -> Mapping[str, str]:
    """Return crashcart's causes by truth.

    Raises:
        LabError: the file is missing or broken.
    """
    try:
        found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as err:
        raise LabError(f"the truths cannot be read: {err}", hint=f"look at {FILE}") from err
    return {truth: str(cause) for truth, cause in found.items()}


def is_covered(fault: Fault) -> bool:
    """Whether a guide has the cause that this fault makes true. Guides come after faults."""
    return str(fault.truth) in load()


def cause_of(fault: Fault) -> str:
    """Return what crashcart calls the cause that this fault makes true."""
    known = load()
    if str(fault.truth) not in known:
        raise LabError(f"no cause is known for {fault.truth}", hint=f"add it to {FILE}")
    return known[str(fault.truth)]
