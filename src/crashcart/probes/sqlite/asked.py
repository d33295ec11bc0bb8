"""The statements that are asked of a database. All there are: none comes from a guide, names and values are bound."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from crashcart.model.observation import Look, Scalar
from crashcart.ports import Rows
from crashcart.probes.moments import age_s
from crashcart.redact import fingerprint

Ask = Callable[[str, tuple[str, ...]], Rows]
Fields = dict[str, Scalar]

_MOST = 1_000_000
_DETAIL_CHARS = 300
_CHECK = "SELECT * FROM pragma_quick_check(1)"
_PARTS = "SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
_TABLE = "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE"
# The hidden columns too: generated ones are asked for like any other.
_COLUMN = "SELECT 1 FROM pragma_table_xinfo(?) WHERE name = ? COLLATE NOCASE"
_INDEX = "SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ? COLLATE NOCASE"
_INDEX_OF = (
    "SELECT 1 FROM pragma_index_list(?) AS list, pragma_index_info(list.name) AS part "
    "WHERE list.name = ? COLLATE NOCASE OR (part.seqno = 0 AND part.name = ? COLLATE NOCASE)"
)
_VERSION = "SELECT user_version FROM pragma_user_version"
_REVISION = "SELECT version_num FROM alembic_version ORDER BY 1"
_SETTINGS = (
    "SELECT page_count, page_size, freelist_count, auto_vacuum "
    "FROM pragma_page_count, pragma_page_size, pragma_freelist_count, pragma_auto_vacuum"
)


class Stopped(Exception):
    """The database did not answer; `state` says how."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def integrity(ask: Ask, look: Look, now: datetime) -> Fields:
    """Check the pages."""
    rows = _rows(ask, _CHECK)
    found = str(rows[0][0]) if rows else ""
    return {"answer": "ok"} if found == "ok" else {"answer": "corrupt", "detail": found[:_DETAIL_CHARS]}


def schema(ask: Ask, look: Look, now: datetime) -> Fields:
    """Count the parts, and say whether those that are named are there."""
    parts = _rows(ask, _PARTS)
    kinds = [kind for kind, *_ in parts]
    fields: Fields = {
        "answer": "ok",
        "tables": kinds.count("table"),
        "indexes": kinds.count("index"),
        "version": int(str(_rows(ask, _VERSION)[0][0])),
        "fingerprint": fingerprint(repr(parts)),
    }
    if any(name == "alembic_version" for _, name, _ in parts):
        fields["revision"] = ", ".join(str(row[0]) for row in _rows(ask, _REVISION))
    if look.args:
        fields["is_present"] = _is_present(ask, look.arg("table"), look.arg("column"), look.arg("index"))
    return fields


def rows(ask: Ask, look: Look, now: datetime) -> Fields:
    """Count the rows of a table, and tell how old the oldest is by the column that says so."""
    table, column, value, since = look.arg("table") or "", look.arg("column"), look.arg("value"), look.arg("by")
    # Checked before, as SQLite takes a quoted name that it does not know for a text.
    if not all(_is_present(ask, table, name, None) for name in (column, since)):
        return {"answer": "ok", "is_present": False}
    # As text: a column without a type tells 1 and '1' apart, and a guide has only text.
    where = f" WHERE CAST({_quoted(column)} AS TEXT) = ?" if column else ""
    at = _quoted(since) if since else "NULL"
    sql = f"SELECT count(*), min(at) FROM (SELECT {at} AS at FROM {_quoted(table)}{where} LIMIT {_MOST})"
    counted, earliest = _rows(ask, sql, *([value or ""] if column else []))[0]
    count = int(str(counted))
    fields: Fields = {"answer": "ok", "is_present": True, "count": count, "is_partial": count == _MOST}
    oldest = age_s(earliest, now) if count else 0.0
    # A column that holds no moments tells nothing, and nothing is said of it.
    return {**fields, "oldest": oldest} if since and oldest is not None else fields


def settings(ask: Ask, look: Look, now: datetime) -> Fields:
    """Read what the file says about itself."""
    pages, page, free, vacuum = (int(str(value)) for value in _rows(ask, _SETTINGS)[0])
    return {
        "answer": "ok",
        "size": pages * page,
        "free": 100.0 * free / max(1, pages),
        "page": page,
        "vacuum": ("none", "full", "incremental")[vacuum],
    }


def _is_present(ask: Ask, table: str | None, column: str | None, index: str | None) -> bool:
    asked: list[tuple[str, tuple[str, ...]]] = []
    if table:
        asked.append((_TABLE, (table,)))
    if column:
        asked.append((_COLUMN, (table or "", column)))
    if index:
        asked.append((_INDEX_OF, (table, index, index)) if table else (_INDEX, (index,)))
    return all(_rows(ask, sql, *values) for sql, values in asked)


def _rows(ask: Ask, sql: str, *values: str) -> tuple[tuple[str | int | float | bytes | None, ...], ...]:
    found = ask(sql, values)
    if found.state != "ok":
        raise Stopped(found.state)
    return found.rows


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
