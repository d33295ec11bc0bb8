"""What an operator does to files and folders of the machine: seal them, and put a small disk in their place."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from pathlib import Path

from crashcart_lab.errors import LabError

# From linux/fs.h.
_GET_FLAGS, _SET_FLAGS, _IMMUTABLE = 0x80086601, 0x40086602, 0x10
COMMAND_TIMEOUT_S = 10.0


def is_root() -> bool:
    return os.geteuid() == 0


def seal(path: Path, *, is_sealed: bool) -> None:
    """Make a file immutable, as `chattr +i` does, or changeable again. Only root may.

    Raises:
        LabError: the file's disk knows no such thing.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        flags = struct.unpack("l", fcntl.ioctl(handle, _GET_FLAGS, struct.pack("l", 0)))[0]
        flags = flags | _IMMUTABLE if is_sealed else flags & ~_IMMUTABLE
        fcntl.ioctl(handle, _SET_FLAGS, struct.pack("l", flags))
    except OSError as err:
        raise LabError(f"{path} cannot be made immutable: {err}", hint="put the world on ext4, xfs or btrfs") from err
    finally:
        os.close(handle)


def mount_small_disk(folder: Path, *, size_bytes: int) -> None:
    """Put an empty disk in memory of this size over *folder*. Only root may."""
    _run("mount", "-t", "tmpfs", "-o", f"size={size_bytes},mode=0700", "digest-data", str(folder))


def unmount(folder: Path) -> None:
    """Take the disk over *folder* away; whoever still uses it keeps it until the end."""
    _run("umount", "--lazy", str(folder))


def mounts_below(root: Path) -> list[Path]:
    """Return the folders in *root* that disks were put over, the innermost first."""
    lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    # The kernel writes a blank inside a path as \040.
    places = [Path(line.split(" ")[1].replace("\\040", " ")) for line in lines]
    return sorted((place for place in places if place.is_relative_to(root)), key=lambda place: -len(place.parts))


def release(root: Path) -> None:
    """Unmount and unseal whatever is below *root*, so that it can be removed."""
    for place in mounts_below(root):
        unmount(place)
    if is_root():
        for database in root.glob("digest/*.db"):
            seal(database, is_sealed=False)


def _run(*argv: str) -> None:
    done = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=COMMAND_TIMEOUT_S)
    if done.returncode != 0:
        raise LabError(f"{' '.join(argv)} failed: {done.stderr.strip()}", hint="only root may do this")
