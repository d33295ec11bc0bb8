"""The disk that digest's database and log are on is full."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab.faults import small_disk
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("disk-full", "digest")
PIECE = bytes(4096)


@dataclass(frozen=True, slots=True)
class DiskFull(Fault):
    name: str = "disk-full"
    summary: str = "digest's folder is a disk of its own, and a forgotten file has filled it"
    client_sees: str = "the summariser answered 503"
    truth: Truth = TRUTH
    needs_root: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        name = rng.choice(["core.1178", "dump.sql", "digest.log.1", "upload.tmp"])
        return {"file": name, "room_mb": rng.randint(2, 8)}

    def break_(self, world: World, drawn: Drawn) -> None:
        small_disk.move_there(world, room_bytes=int(drawn["room_mb"]) * 1_000_000)
        _fill(world.digest_folder / str(drawn["file"]))

    def heal(self, world: World) -> None:
        small_disk.move_back(world)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(PIECE):
                pass
        except OSError:
            return  # no space left on the device: that is what we came for
