"""What a statement does, by its first words; nothing else of it is ever told. Pure."""

from __future__ import annotations

import re

_COMMENTS = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z))+", re.DOTALL)
_WORD = re.compile(r"\s*([A-Za-z]+)")


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ALONE = _listed(
    """SELECT INSERT UPDATE DELETE MERGE COPY WITH VACUUM ANALYZE REINDEX CLUSTER TRUNCATE LOCK BEGIN START COMMIT END
    ROLLBACK SAVEPOINT RELEASE PREPARE EXECUTE DEALLOCATE DECLARE FETCH CLOSE CALL DO LISTEN NOTIFY SHOW SET RESET
    DISCARD EXPLAIN GRANT REVOKE CHECKPOINT VALUES TABLE"""
)
_OF_A_KIND = frozenset(("ALTER", "CREATE", "DROP", "REFRESH", "COMMENT"))
_KINDS = _listed(
    """TABLE INDEX VIEW MATERIALIZED SEQUENCE FUNCTION PROCEDURE TRIGGER TYPE SCHEMA DATABASE ROLE USER EXTENSION POLICY
    PUBLICATION SUBSCRIPTION DOMAIN RULE"""
)
_BETWEEN = frozenset(("UNIQUE", "TEMPORARY", "TEMP", "OR", "REPLACE", "ON", "UNLOGGED"))


def does(query: str) -> str:
    """Return SELECT, ALTER TABLE and the like; "other" for what is none of these, empty when there is nothing."""
    words = _words(query)
    if not words:
        return ""
    if words[0] in _ALONE:
        return words[0]
    if words[0] not in _OF_A_KIND:
        return "other"
    kind = next((word for word in words[1:] if word not in _BETWEEN), "")
    return f"{words[0]} {kind}" if kind in _KINDS else words[0]


def _words(query: str) -> list[str]:
    comment = _COMMENTS.match(query)
    found: list[str] = []
    at = comment.end() if comment else 0
    while len(found) < 5 and (word := _WORD.match(query, at)):
        found.append(word[1].upper())
        at = word.end()
    return found
