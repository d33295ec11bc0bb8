"""Who waits for a lock, and who stands first before them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crashcart.model.observation import Look, Scalar
from crashcart.probes.postgres.does import does
from crashcart.probes.postgres.session import Row, ask, reading

if TYPE_CHECKING:
    from psycopg.pq.abc import PGconn

    from crashcart.probes.postgres.asked import Fields, Shown

BLOCKED_S = 1.0  # `deadlock_timeout` by default: what takes longer is no ordinary taking of turns
_PREPARED = "0"  # the process that the server names for a lock without a session
# Asking who blocks holds up the lock manager for a moment, so only of those who wait longest.
_ASKED = 10

_WAITING = """
SELECT l.pid, extract(epoch FROM clock_timestamp() - l.waitstart), l.mode, l.locktype,
  coalesce(l.relation, (SELECT t.relation FROM pg_locks t WHERE t.pid = l.pid AND t.locktype = 'tuple' LIMIT 1))
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND a.datname = current_database() AND l.pid <> pg_backend_pid()
ORDER BY l.waitstart NULLS LAST, l.pid
"""
_BY = "SELECT array_to_string(pg_blocking_pids($1::int), ' ')"
_NAME = "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid"
_SESSION = """
SELECT coalesce(state, ''), coalesce(nullif(application_name, ''), usename, ''), left(query, 200),
  extract(epoch FROM clock_timestamp() - state_change), extract(epoch FROM clock_timestamp() - xact_start)
FROM pg_stat_activity WHERE pid = $1::int
"""
_OLDEST_PREPARED = "SELECT extract(epoch FROM clock_timestamp() - min(prepared)) FROM pg_prepared_xacts WHERE database = current_database()"


@dataclass(frozen=True, slots=True)
class _Waiter:
    pid: str
    waited_s: float
    is_exclusive: bool
    relation: str | None


async def locks(connection: PGconn, look: Look, shown: Shown) -> Fields:
    """Say who waits."""
    async with reading(connection):
        waiting = await _waiting(connection)
        fields: dict[str, Scalar] = {
            "waiting": len(waiting),
            "exclusive": sum(one.is_exclusive for one in waiting),
            "longest": waiting[0].waited_s if waiting else 0.0,
            "is_blocked": bool(waiting) and waiting[0].waited_s >= BLOCKED_S,
        }
        if not waiting:
            return fields
        if waiting[0].relation and (found := await ask(connection, _NAME, waiting[0].relation)):
            fields["table"] = shown(str(found[0][0]))
        if (found := await ask(connection, _SESSION, waiting[0].pid)) and found[0][0]:
            fields["wants"] = does(str(found[0][2]))
    return fields


async def holder(connection: PGconn, look: Look, shown: Shown) -> Fields:
    """Say for whom those wait who wait for long."""
    async with reading(connection):
        waiting = [one for one in await _waiting(connection) if one.waited_s >= BLOCKED_S]
        by = {one.pid: _pids(await ask(connection, _BY, one.pid)) for one in waiting[:_ASKED]}
        first = first_before(waiting[0].pid, by) if waiting else None
        return {"state": "none"} if first is None else await _holder(connection, first, shown)


async def _waiting(connection: PGconn) -> Sequence[_Waiter]:
    return [_waiter(row) for row in await ask(connection, _WAITING)]


def first_before(pid: str, by: Mapping[str, Sequence[str]]) -> str | None:
    """Return who stands before that waiter and is not known to wait, through those who wait themselves; None when
    nobody does any more."""
    seen: set[str] = set()
    while by.get(pid) and pid not in seen:
        seen.add(pid)
        # Of several, one that waits for nobody; else on through the first of those who wait.
        pid = next((other for other in by[pid] if not by.get(other)), by[pid][0])
    return pid if seen and not by.get(pid) else None


async def _holder(connection: PGconn, pid: str, shown: Shown) -> Fields:
    if pid == _PREPARED:
        ((age_s,),) = await ask(connection, _OLDEST_PREPARED)
        return {"state": "prepared", **({} if age_s is None else {"age": float(age_s)})}
    found = await ask(connection, _SESSION, pid)
    if not found:  # it has ended meanwhile
        return {"state": "none"}
    state, by, query, idle_s, age_s = found[0]
    fields: dict[str, Scalar] = {"pid": int(pid), "by": shown(str(by))}
    if not state:
        return {**fields, "state": "hidden"}
    is_idle = str(state).startswith("idle")
    fields |= {"state": "idle" if is_idle else "active", "does": does(str(query))}
    fields["idle"] = max(0.0, float(idle_s or 0.0)) if is_idle else 0.0
    return fields if age_s is None else {**fields, "age": max(0.0, float(age_s))}


def _waiter(row: Row) -> _Waiter:
    pid, waited_s, mode, locktype, relation = row
    is_exclusive = mode == "AccessExclusiveLock" and locktype == "relation"
    return _Waiter(str(pid), max(0.0, float(waited_s or 0.0)), is_exclusive, relation)


def _pids(rows: Sequence[Row]) -> Sequence[str]:
    return str(rows[0][0] or "").split() if rows else ()
