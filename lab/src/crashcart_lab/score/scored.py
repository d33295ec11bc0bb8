"""The score as it is kept."""

from __future__ import annotations

from dataclasses import dataclass

from crashcart_lab.score.calibration import Confusion, Table
from crashcart_lab.score.looks import LooksUsed
from crashcart_lab.score.summary import Claim, Summary

VERSION = 2


@dataclass(frozen=True, slots=True)
class Scored:
    """What came of a plan.

    `not_run` are runs for which the budget was too short, `failures` those that the lab itself could not make.
    """

    v: int
    service: str
    commit: str
    seeds_from: str  # the words that the seeds were asked for with
    seeds: tuple[int, ...]
    healthy_seeds: tuple[int, ...]
    planned: int
    summary: Summary
    calibration: tuple[Table, ...]
    confusions: tuple[Confusion, ...]
    looks: LooksUsed | None
    standins: tuple[Claim, ...]
    complaints: tuple[str, ...]
    not_run: tuple[str, ...]
    failures: tuple[str, ...]

    @property
    def claims(self) -> tuple[Claim, ...]:
        looks = self.looks.claims if self.looks else ()
        return (*self.summary.claims, *looks, *self.standins)

    @property
    def is_passed(self) -> bool:
        return not self.failures and all(claim.is_held for claim in self.claims)
