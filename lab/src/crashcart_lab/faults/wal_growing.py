"""A reader that does not end keeps the write-ahead log from being folded in, until it has filled the disk."""

from __future__ import annotations

import random
from dataclasses import dataclass

import httpx

from crashcart_lab import client
from crashcart_lab.errors import LabError
from crashcart_lab.faults import small_disk
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

TRUTH = Truth("wal-growing", "db")
# Ten times what it takes.
MOST_WRITES = 10_000


@dataclass(frozen=True, slots=True)
class WalGrowing(Fault):
    name: str = "wal-growing"
    summary: str = "a report holds a read transaction open, and the write-ahead log has filled digest's disk"
    client_sees: str = "the summariser answered 503"
    truth: Truth = TRUTH
    needs_root: bool = True

    def draw(self, rng: random.Random) -> Drawn:
        return {"room_mb": rng.randint(2, 4)}

    def break_(self, world: World, drawn: Drawn) -> None:
        client.scrape(world.digest_url, world.site_url)
        small_disk.move_there(world, room_bytes=int(drawn["room_mb"]) * 1_000_000)
        world.spawn("crashcart_lab.neighbours.report", str(world.database))
        log = world.root / "report.out"
        until(lambda: b"reporting" in log.read_bytes(), timeout_s=10.0, what="the report", hint=f"read {log}")
        _write_until_full(world.digest_url)

    def heal(self, world: World) -> None:
        world.end_helpers()
        (world.root / "report.out").unlink(missing_ok=True)
        small_disk.move_back(world)


def _write_until_full(url: str) -> None:
    """Change the tags of the newest summary, as its readers do, until that is refused three times in a row."""
    refused = 0
    with httpx.Client(base_url=url, trust_env=False, timeout=10.0) as http:
        newest = http.get("/summaries", params={"limit": 1}).raise_for_status().json()[0]["id"]
        for number in range(MOST_WRITES):
            tags = [f"tag-{number}-{at}" for at in range(10)]
            answer = http.put(f"/summaries/{newest}/tags", json={"tags": tags})
            refused = 0 if answer.is_success else refused + 1
            if refused == 3:
                return
    raise LabError(f"{MOST_WRITES} writes did not fill the disk", hint="this is a defect of the lab")
