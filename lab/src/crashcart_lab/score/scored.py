"""A finished score: the figures, and what they were made from."""

from __future__ import annotations

from dataclasses import dataclass

from crashcart_lab.score.summary import Claim, Summary


@dataclass(frozen=True, slots=True)
class Scored:
    """What came of a plan; the failures are runs that the lab itself could not make."""

    v: int
    service: str
    commit: str
    seeds: tuple[int, ...]
    healthy_seeds: tuple[int, ...]
    summary: Summary
    standins: tuple[Claim, ...]
    complaints: tuple[str, ...]
    failures: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        claims = (*self.summary.claims, *self.standins)
        return not self.failures and all(claim.is_held for claim in claims)
