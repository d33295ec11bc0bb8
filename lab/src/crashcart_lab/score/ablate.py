"""Cases as the score reads them, and sweeps with something taken away: what crashcart would have had to go by without.

Offline, on a copy of the recorded sweep: a sweep holds every look that any guide could ask, so the answer is the one
that the same world would have got, in a tenth of the time and free of what changes between two looks.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

# The service's own page on what it stands on, see docs/digest.md.
DETAILED_HEALTH = "/health/detailed"
BLIND_SHARE = 0.25


class Ablation(Enum):
    """What is taken away."""

    PACKS_ONLY = "packs only"  # the service's own guide
    NO_DETAILED_HEALTH = "no health page"
    NO_LOGS = "no logs"
    NO_METRICS = "no metrics"
    QUARTER_BLIND = "quarter blind"


class _Rest(BaseModel):
    """A part of the case, of which all else stays as it is."""

    model_config = ConfigDict(extra="allow")


class _Guide(_Rest):
    trust: str


class _Observation(_Rest):
    look: str
    fields: dict[str, object] | None = None
    unseen: str = ""
    watched: dict[str, list[object]] = {}


class _Case(_Rest):
    complaint: str
    guides: list[_Guide]
    observations: list[_Observation]


_CASE = TypeAdapter(_Case)


def has_watched(case: Path) -> bool:
    """Whether some look of the case stayed, and took two samples or more."""
    found = _CASE.validate_json(case.read_bytes())
    return any(len(samples) > 1 for one in found.observations for samples in one.watched.values())


def with_words(case: Path, words: str) -> bytes:
    """Return the sweep as somebody complains of it."""
    found = _CASE.validate_json(case.read_bytes())
    found.complaint = words
    return _CASE.dump_json(found)


def ablate(case: Path, ablation: Ablation, words: str, *, chance: random.Random) -> tuple[bytes, int]:
    """Return the sweep without what the ablation takes away, and how many guides or looks that were."""
    found = _CASE.validate_json(case.read_bytes())
    found.complaint = words
    if ablation is Ablation.PACKS_ONLY:
        kept = [guide for guide in found.guides if guide.trust == "shipped"]
        taken = len(found.guides) - len(kept)
        found.guides = kept
    else:
        is_hidden = _hidden(ablation, [one.look for one in found.observations], chance)
        hidden = [one for one in found.observations if is_hidden(one.look)]
        taken = sum(one.fields is not None for one in hidden)
        for one in hidden:
            one.fields, one.unseen = None, f"ablation: {ablation.value}"
    return _CASE.dump_json(found, exclude_none=False), taken


def _hidden(ablation: Ablation, looks: list[str], chance: random.Random) -> Callable[[str], bool]:
    if ablation is Ablation.NO_LOGS:
        return lambda look: look.startswith("log ")
    if ablation is Ablation.NO_METRICS:
        return lambda look: look.startswith("metric ")
    if ablation is Ablation.NO_DETAILED_HEALTH:
        return lambda look: look.startswith("http ") and DETAILED_HEALTH in look
    drawn = set(chance.sample(sorted(looks), round(len(looks) * BLIND_SHARE)))
    return lambda look: look in drawn
