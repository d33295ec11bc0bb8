"""A hand on a stage."""

from __future__ import annotations

import asyncio
from pathlib import Path

from stages import Stage

from crashcart.actions.registry import load
from crashcart.model.touch import Happened, Prepared, Touched
from crashcart.ports import Hand
from crashcart.probes.place import LocalPlace
from crashcart.redact import Scrubber


class NoSecrets:
    """No target has a secret."""

    def value(self, target: str, attribute: str) -> str | None:
        return None


class Hands:
    """One hand on one stage; each call is made with a generous deadline, and by a hand that remembers nothing."""

    def __init__(self, on: Stage, folder: Path, *, timeout_s: float = 60.0) -> None:
        self.on = on
        self.folder = folder
        self.timeout_s = timeout_s
        self.kept: dict[str, str] = {}

    def hand(self) -> Hand:
        return load(self.on.touch.kind, LocalPlace(), Scrubber(()), NoSecrets(), self.folder)

    def prepare(self) -> Prepared:
        found = asyncio.run(self.hand().prepare(self.on.touch, self.on.target, timeout_s=self.timeout_s))
        self.kept = dict(found.kept)
        return found

    def touch(self) -> Touched:
        return asyncio.run(
            self.hand().touch(self.on.touch, self.on.target, self.kept, secret=self.on.secret, timeout_s=self.timeout_s)
        )

    def happened(self) -> Happened:
        return asyncio.run(
            self.hand().did_it_happen(self.on.touch, self.on.target, self.kept, timeout_s=self.timeout_s)
        )

    def undo(self) -> Touched:
        return asyncio.run(self.hand().undo(self.on.touch, self.on.target, self.kept, timeout_s=self.timeout_s))
