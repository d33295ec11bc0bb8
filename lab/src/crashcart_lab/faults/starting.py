"""Restarting a service that will not come up."""

from __future__ import annotations

from crashcart_lab.waiting import until
from crashcart_lab.world import World

VAIN_TIMEOUT_S = 15.0


def restart_in_vain(world: World, *, sign: str) -> None:
    """Restart digest, and return when its log has these words: it says them before it would listen."""
    world.stop("digest")
    before = world.log.stat().st_size if world.log.exists() else 0
    world.start("digest")
    until(
        lambda: _says(world, sign, after=before),
        timeout_s=VAIN_TIMEOUT_S,
        what=f"digest to end with {sign!r} in its log",
        hint=f"read {world.log}",
    )


def _says(world: World, sign: str, *, after: int) -> bool:
    if not world.log.exists():
        return False
    with world.log.open("rb") as log:
        log.seek(after)
        return sign.encode() in log.read()
