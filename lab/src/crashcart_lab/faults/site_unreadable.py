"""The site that users want summarised cannot be read, which is nothing that digest's operators could mend."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

# The system file has no target for it: it is anybody's site, and digest is where the trouble is seen.
TRUTH = Truth("site-unreadable", "digest")


@dataclass(frozen=True, slots=True)
class SiteUnreadable(Fault):
    name: str = "site-unreadable"
    summary: str = "the site to be summarised was stopped, or has lost its first page"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"how": rng.choice(["stopped", "without its first page"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        world.stop("site")
        if drawn["how"] != "stopped":
            world.spawn("crashcart_lab.site", "--port", str(world.state.ports.site), "--gone", "")
            world.await_site()

    def heal(self, world: World) -> None:
        world.end_helpers()
        world.start("site")
        world.await_site()
