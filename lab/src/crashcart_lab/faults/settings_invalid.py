"""The service's environment file holds a value that it does not start with."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import client
from crashcart_lab.faults.base import Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.waiting import until
from crashcart_lab.world import World

TRUTH = Truth("settings-invalid", "digest")
REFUSAL = b"these settings are wrong"


@dataclass(frozen=True, slots=True)
class SettingsInvalid(Fault):
    name: str = "settings-invalid"
    summary: str = "digest's .env has a value that digest does not start with, and digest was restarted"
    client_sees: str = client.UNREACHABLE
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        setting = rng.choice(
            [
                "LOG_LEVEL=verbose",
                "SQLITE_BUSY_TIMEOUT_S=2s",
                "OPENAI_TIMEOUT_S=0",
                "RATE_LIMIT_SCRAPE=often",
                "BACKUP_CRON=daily",
                "JOBS_RUN=threads",
            ]
        )
        return {"setting": setting}

    def break_(self, world: World, drawn: Drawn) -> None:
        name, _, value = str(drawn["setting"]).partition("=")
        world.set_env({name: value})
        out = world.digest_folder / "digest.out"
        before = out.stat().st_size
        world.restart("digest")
        until(
            lambda: REFUSAL in out.read_bytes()[before:],
            timeout_s=15.0,
            what=f"digest to refuse {drawn['setting']}",
            hint=f"read {out}",
        )

    def heal(self, world: World) -> None:
        world.set_env({})
        world.restart_digest()
