"""What is wrong with a guide as it stands, of any team or in our language; pure, and it never runs anything."""

from .codes import CODES, Level, level_of, summary_of
from .face import audit, is_ours
from .healthy import HealthyRun, true_when_well
from .nouns import Place

__all__ = [
    "CODES",
    "HealthyRun",
    "Level",
    "Place",
    "audit",
    "is_ours",
    "level_of",
    "summary_of",
    "true_when_well",
]
