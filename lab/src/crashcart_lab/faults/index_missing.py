"""An index that a frequent question needs is gone."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.client import Act
from crashcart_lab.faults import rows
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("index-missing", "db")
DROP = "DROP INDEX IF EXISTS idx_summary_tags_summary"
# How much slower than a user's patience the list must be, so that a page that comes a little quicker is late as well.
SLOW_S = 1.5 * client.READ_PATIENCE_S
MORE = 1.6
# A table of a gigabyte or two; no machine so far needed more than 60,000.
MOST_SUMMARIES = 400_000
CREATE = "CREATE INDEX IF NOT EXISTS idx_summary_tags_summary ON summary_tags (summary_id)"


@dataclass(frozen=True, slots=True)
class IndexMissing(Fault):
    name: str = "index-missing"
    summary: str = "somebody dropped an index of a big table: what takes 10 ms with it takes seconds"
    client_sees: str = client.SLOW_LIST
    truth: Truth = TRUTH
    tries: Act = client.read_newest

    def draw(self, rng: random.Random) -> Drawn:
        return {"summaries": rng.randrange(20_000, 30_000, 1000)}

    def break_(self, world: World, drawn: Drawn) -> None:
        summaries = int(drawn["summaries"])
        rows.fill(world.database, summaries=summaries)
        rows.run(world.database, DROP)
        # What one machine reads in seconds another reads in one: the table grows until it is felt.
        while client.read_newest(world.doors, 1, patience_s=SLOW_S).succeeded and summaries < MOST_SUMMARIES:
            summaries = int(summaries * MORE)
            rows.fill(world.database, summaries=summaries)

    def heal(self, world: World) -> None:
        # The rows stay: they are what an old service has, and with the index nobody notices them.
        rows.run(world.database, CREATE)
