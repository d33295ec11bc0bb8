"""The folder of the backups cannot be written to, because it is not there."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("backup-folder-gone", "db")
NAME, KEPT = "backups", "backups"


@dataclass(frozen=True, slots=True)
class BackupFolderGone(Fault):
    name: str = "backup-folder-gone"
    summary: str = "where digest's backups go, there is a link to a disk that is not mounted, or a file"
    client_sees: str = client.NO_BACKUP
    truth: Truth = TRUTH
    tries: Act = client.back_up

    def draw(self, rng: random.Random) -> Drawn:
        return {"is": rng.choice(["link", "file"]), "disk": rng.choice(["backup", "nas", "archive"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        folder = world.digest_folder / NAME
        if folder.is_dir():
            folder.rename(world.kept_folder / KEPT)
        if drawn["is"] == "link":
            folder.symlink_to(world.root / "mnt" / str(drawn["disk"]) / "digest")
        else:
            folder.write_text("moved to the new disk\n", encoding="utf-8")

    def heal(self, world: World) -> None:
        folder, kept = world.digest_folder / NAME, world.kept_folder / KEPT
        _remove(folder)
        if kept.is_dir():
            kept.rename(folder)


def _remove(place: Path) -> None:
    if place.is_symlink() or place.is_file():
        place.unlink()
