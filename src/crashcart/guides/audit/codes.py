"""The closed table of the remarks that an audit makes beside those on single commands, and how bad each is."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Level(Enum):
    """How bad a remark is; the words are those of SARIF."""

    ERROR = "error"  # it cannot work, it does harm, or a secret is out
    WARNING = "warning"
    NOTE = "note"


CODES: Mapping[str, tuple[Level, str]] = MappingProxyType(
    {
        "wrong-fence-language": (Level.NOTE, "The language of a fence is not that of what it holds."),
        "no-warning": (Level.WARNING, "A command that may lose data stands without a warning."),
        "no-verify": (Level.WARNING, "Nothing says how to see that a problem is over."),
        "no-undo": (Level.WARNING, "A remedy may lose data, and nothing says how to go back."),
        "same-signature": (Level.WARNING, "Two problems show the same text."),
        "contradicting-thresholds": (Level.WARNING, "Two numbers are given for one thing."),
        "healthy-reading": (Level.WARNING, "The reading of a healthy system stands as a sign of trouble."),
        "dead-link": (Level.WARNING, "A link leads to a heading that does not exist."),
        "broken-characters": (Level.NOTE, "Characters were read in the wrong encoding and saved so."),
        "empty-section": (Level.NOTE, "A heading has nothing below it."),
        "pasted-secret": (Level.ERROR, "A secret stands in the text."),
        "unknown-host": (Level.WARNING, "The system file knows no target at this host."),
        "unknown-setting": (Level.NOTE, "No env file of the system sets this name."),
        "unknown-metric": (Level.NOTE, "No target of the system has metrics."),
        "unknown-path": (Level.NOTE, "The system file knows no such file."),
        "unseen-character": (Level.ERROR, "A character that is not seen makes the text another one."),
        "mixed-letters": (Level.WARNING, "A word holds letters of another alphabet that look like ours."),
        "unread": (Level.WARNING, "A part of the text was not read, so nothing is known of it."),
        "open-end": (Level.NOTE, "The writer left something to be found out."),
        "errno-of-another": (Level.WARNING, "The number of an error is not the one that Linux has."),
        "evicts-tasks": (Level.WARNING, "A policy of eviction may throw waiting tasks away."),
        "rate-no-share": (Level.WARNING, "An alert takes errors in a second for a share of the requests."),
        "scrapes-itself": (Level.WARNING, "Prometheus is told to scrape itself for another job."),
        "port-twice": (Level.WARNING, "Two things are to listen on one port."),
        "shared-sqlite": (Level.WARNING, "Several copies of a service share one SQLite file."),
        "never-empty": (Level.WARNING, "A script tests for a case that cannot come."),
        "finds-root": (Level.WARNING, "A search removes the folder that it begins in."),
        "divides-by-none": (Level.NOTE, "A script divides by a count that may be 0."),
        "unused-name": (Level.NOTE, "A setting in code has no effect."),
        "empty-list": (Level.NOTE, "Code takes the first of a list that may be empty."),
        "empty-secret": (Level.WARNING, "A secret is empty when it is not set."),
        "not-given-back": (Level.NOTE, "A gauge stays too high when something is raised."),
        "any-origin": (Level.WARNING, "Any page may send the credentials of a user."),
        "thin": (Level.NOTE, "Something that compiles says too little to be used."),
        "true-when-well": (Level.ERROR, "Evidence is true when nothing is wrong, more often than it says."),
        "no-difference": (Level.WARNING, "Nothing tells two causes of a problem apart."),
    }
)
_ERRORS = frozenset(
    (
        "unknown-subcommand",
        "hidden-letters",
        "missing-argument",
        "rm-too-much",
        "wrong-method",
        "download-and-run",
        "jwt-base64",
    )
)


def level_of(code: str) -> Level:
    """Return how bad a remark of that code is; what keeps a guide of ours from compiling is an error."""
    if code in CODES:
        return CODES[code][0]
    return Level.ERROR if code in _ERRORS or code.startswith("guide-") else Level.WARNING


def summary_of(code: str) -> str:
    """Return what the code means in a sentence."""
    return CODES[code][1] if code in CODES else f"A command as it stands: {code.replace('-', ' ')}."
