"""Pages of the database file are not what SQLite wrote there."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("database-corrupt", "db")
KEPT = "summaries.db"


@dataclass(frozen=True, slots=True)
class DatabaseCorrupt(Fault):
    name: str = "database-corrupt"
    summary: str = "pages of digest's database file were overwritten while it was stopped"
    client_sees: str = "the summariser answered 500"
    truth: Truth = TRUTH
    tries: Act = client.read_newest

    def draw(self, rng: random.Random) -> Drawn:
        return {"with": rng.choice(["zeros", "noise", "text"]), "salt": rng.randrange(1_000_000)}

    def break_(self, world: World, drawn: Drawn) -> None:
        client.scrape(world.digest_url, world.site_url)
        world.stop("digest")
        page, size = _fold_in(world.database)
        shutil.copyfile(world.database, world.kept_folder / KEPT)
        with world.database.open("r+b") as file:
            file.seek((page - 1) * size)
            file.write(_rubbish(drawn, size))
        world.start("digest")
        world.await_digest()

    def heal(self, world: World) -> None:
        kept = world.kept_folder / KEPT
        world.stop("digest")
        if kept.exists():
            _put_back(world, kept)
        world.start("digest")
        world.await_digest()


def _fold_in(path: Path) -> tuple[int, int]:
    """Bring the write-ahead log into the file; return the first page of the summaries, and the size of a page."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'summaries'").fetchone()[0]
        size = db.execute("PRAGMA page_size").fetchone()[0]
    return int(page), int(size)


def _rubbish(drawn: Drawn, size: int) -> bytes:
    match drawn["with"]:
        case "zeros":
            return bytes(size)
        case "noise":
            # No page of a table or an index begins with 255.
            return b"\xff" + random.Random(int(drawn["salt"])).randbytes(size - 1)
        case _:
            return (b"INFO backup of the home folder: 12 files copied\n" * size)[:size]


def _put_back(world: World, kept: Path) -> None:
    # A neighbour that has the file open would go on with a log that is gone.
    has_dashboard = world.state.setting.dashboard_slow_s is not None
    if has_dashboard:
        world.stop("dashboard")
    for suffix in ("-wal", "-shm"):
        world.database.with_name(world.database.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(kept, world.database)
    kept.unlink()
    if has_dashboard:
        world.start("dashboard")
