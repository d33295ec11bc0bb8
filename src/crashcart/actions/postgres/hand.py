"""The verbs of `postgres`."""

from __future__ import annotations

from crashcart.actions.blocking import BlockingHand
from crashcart.actions.postgres.deeds import Analyze, EndIdle, Index
from crashcart.actions.tools import Tools


class PostgresHand(BlockingHand):
    """One database of one server."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, {"end-idle": EndIdle(), "index": Index(), "analyze": Analyze()})
