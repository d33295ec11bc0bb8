"""The verbs of `file`."""

from __future__ import annotations

from crashcart.actions.blocking import BlockingHand
from crashcart.actions.file.permission import Mode, Unlock
from crashcart.actions.file.space import Free
from crashcart.actions.tools import Tools


class FileHand(BlockingHand):
    """Files that the system file names."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools, {"mode": Mode(), "unlock": Unlock(), "free": Free()})
