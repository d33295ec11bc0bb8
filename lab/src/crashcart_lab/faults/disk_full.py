"""The disk that digest's database and log are on is full."""

from __future__ import annotations

import errno
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab.faults import small_disk
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

TRUTH = Truth("disk-full", "digest")
PIECE = bytes(4096)
FULL_S = 20.0
PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class DiskFull(Fault):
    name: str = "disk-full"
    summary: str = "digest's folder is a disk of its own, and a forgotten file has filled it"
    client_sees: str = "the summariser answered 503"
    truth: Truth = TRUTH
    needs_root: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        name = rng.choice(["core.1178", "dump.sql", "digest.log.1", "upload.tmp"])
        # Where the last block of the log is full too, not even the first complaint gets into it.
        return {"file": name, "room_mb": rng.randint(2, 8), "fills_log": rng.random() < 0.5}

    def break_(self, world: World, drawn: Drawn) -> None:
        small_disk.move_there(world, room_bytes=int(drawn["room_mb"]) * 1_000_000)
        forgotten = world.digest_folder / str(drawn["file"])
        # What digest gives free while it starts, such as a log that is written back, is taken too.
        until(
            lambda: _fills_for_good(forgotten, world.database), timeout_s=FULL_S, poll_s=PAUSE_S,
            what="a disk that stays full", hint=f"look at what is written and deleted in {world.digest_folder}",
        )  # fmt: skip
        if drawn["fills_log"]:
            _fill(world.log, with_piece=b"\n")

    def heal(self, world: World) -> None:
        small_disk.move_back(world)


def _fills_for_good(forgotten: Path, database: Path) -> bool:
    """Fill the disk anew, and return whether it will stay so.

    A write-ahead log that has been checkpointed is written from its start again: as long as it has any length, jobs
    go on in it however full the disk is. So it is emptied first, while there is room for what that moves.
    """
    forgotten.unlink(missing_ok=True)
    with closing(sqlite3.connect(database, timeout=FULL_S)) as db:
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    _fill(forgotten)
    return not busy and database.with_name(f"{database.name}-wal").stat().st_size == 0


def _fill(path: Path, *, with_piece: bytes = PIECE) -> None:
    """Write until nothing more fits."""
    with path.open("ab", buffering=0) as file:
        try:
            while file.write(with_piece):
                pass
        except OSError as err:
            if err.errno != errno.ENOSPC:
                raise
