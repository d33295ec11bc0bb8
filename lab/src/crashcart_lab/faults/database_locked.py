"""Another process holds the database's write lock."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

TRUTH = Truth("database-locked", "db")


@dataclass(frozen=True, slots=True)
class DatabaseLocked(Fault):
    name: str = "database-locked"
    summary: str = "another process has begun a write transaction on digest's database and does not end it"
    client_sees: str = "the summariser answered 503"
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"begin": rng.choice(["IMMEDIATE", "EXCLUSIVE"]), "changes_rows": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        mark = ["--mark"] if drawn["changes_rows"] else []
        world.spawn("crashcart_lab.neighbours.export", str(world.database), "--begin", str(drawn["begin"]), *mark)
        until(
            lambda: _is_locked(world.database),
            timeout_s=10.0,
            what=f"{world.database} to be locked",
            hint=f"read {world.root / 'export.out'}",
        )

    def heal(self, world: World) -> None:
        world.end_helpers()


def _is_locked(path: Path) -> bool:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as db:
        try:
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as err:
            if err.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                return True
            raise
        db.execute("ROLLBACK")
    return False
