"""The verbs of `sqlite`."""

from __future__ import annotations

from crashcart.actions.blocking import BlockingHand, Deed
from crashcart.actions.sqlite.index import Index
from crashcart.actions.sqlite.migrate import Migrate
from crashcart.actions.sqlite.restore import Restore
from crashcart.actions.sqlite.upkeep import Checkpoint, Vacuum
from crashcart.actions.tools import Tools


class SqliteHand(BlockingHand):
    """One database file."""

    def __init__(self, tools: Tools) -> None:
        deeds: dict[str, Deed] = {
            "checkpoint": Checkpoint(), "vacuum": Vacuum(), "index": Index(), "restore": Restore(), "migrate": Migrate()
        }  # fmt: skip
        super().__init__(tools, deeds)
