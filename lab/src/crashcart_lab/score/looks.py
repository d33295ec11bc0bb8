"""Looks that the same verdict costs under other policies of choice, on the sweeps of this very score.

Other policies need crashcart's own engine, which the lab does not import: they stand in the repository's `bench`, and
are asked from outside like crashcart itself.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from crashcart_lab.errors import LabError
from crashcart_lab.lifecycle import GUIDES
from crashcart_lab.score.summary import ENOUGH, Claim
from crashcart_lab.supervise import clean_environment

ROOT = GUIDES.parents[1]
PROGRAM = "bench.policies"
AT_MOST = 0.6
# A sweep takes half a second; hundreds of them are asked at once.
TIMEOUT_S = 1800.0
NAMES = {"fixed": "fixed order", "strongest": "strongest look of the top cause"}


@dataclass(frozen=True, slots=True)
class LooksUsed:
    """Sums over the sweeps that were decided, by policy; `missed` never came to the verdict.

    *Ours*, *fixed* and *strongest* choose one look at a time; *shipped* is crashcart as it is, in batches.
    """

    compared: int
    undecided: int
    shipped: int
    rounds: int
    looks: Mapping[str, int]
    missed: Mapping[str, int]
    ratios: Mapping[str, float]
    shipped_ratios: Mapping[str, float]

    @property
    def claims(self) -> tuple[Claim, ...]:
        if self.compared < ENOUGH:
            return ()
        return tuple(
            Claim(f"looks, one by one: at most {AT_MOST:g} of what {NAMES[name]} needs", ratio <= AT_MOST)
            for name, ratio in self.ratios.items()
        )


class _Told(BaseModel):
    v: int
    totals: LooksUsed


def used(cases: Sequence[Path]) -> LooksUsed | None:
    """Return the comparison, None without any sweep.

    Raises:
        LabError: the program is missing or broke.
    """
    if not cases:
        return None
    argv = [sys.executable, "-m", PROGRAM, "--json", *map(str, cases)]
    environment = clean_environment() | {"PYTHONPATH": str(ROOT)}
    try:
        done = subprocess.run(argv, check=True, cwd=ROOT, env=environment, capture_output=True, timeout=TIMEOUT_S)
        told = _Told.model_validate_json(done.stdout)
    except subprocess.CalledProcessError as err:
        last = (err.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        raise LabError(f"{PROGRAM} failed: {last}", hint=f"python -m {PROGRAM} CASE...") from err
    except (OSError, subprocess.SubprocessError, ValidationError) as err:
        raise LabError(f"{PROGRAM} gave no comparison: {err}", hint=f"python -m {PROGRAM} CASE...") from err
    return told.totals
