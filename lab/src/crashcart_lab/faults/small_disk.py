"""Moving the service's folder to a disk of its own, and back."""

from __future__ import annotations

import shutil

from crashcart_lab import host
from crashcart_lab.world import World

KEPT = "digest"


def move_there(world: World, *, room_bytes: int) -> None:
    """Stop digest, put its folder on a disk with so much room left, and start it again."""
    folder, kept = world.digest_folder, world.kept_folder / KEPT
    world.stop("digest")
    shutil.copytree(folder, kept)
    size = sum(file.stat().st_size for file in kept.rglob("*"))
    host.mount_small_disk(folder, size_bytes=size + room_bytes)
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    shutil.rmtree(kept)
    world.start("digest")
    world.await_digest()


def move_back(world: World) -> None:
    """Have digest go on with its folder as it was before; does no harm where it never moved."""
    folder = world.digest_folder
    world.stop("digest")
    if folder in host.mounts_below(world.root):
        host.unmount(folder)
    shutil.rmtree(world.kept_folder / KEPT, ignore_errors=True)
    world.start("digest")
    world.await_digest()
