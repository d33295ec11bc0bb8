"""The provider's certificate has expired."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from crashcart_lab import certificates
from crashcart_lab.faults import tls
from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.ports import HOST
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("certificate-expired", "openai")


@dataclass(frozen=True, slots=True)
class CertificateExpired(Fault):
    name: str = "certificate-expired"
    summary: str = "the provider is reached through TLS, and its certificate has expired"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        # From the hour in which nobody has noticed yet to the month of a server that nobody looks after.
        return {"hours": rng.choice([1, rng.randint(2, 48), rng.randint(100, 1000)])}

    def break_(self, world: World, drawn: Drawn) -> None:
        since = timedelta(hours=int(drawn["hours"]))
        certificates.issue(world.authority_folder, HOST, tls.certificate_of(world), expired_for=since)
        tls.go_through_gateway(world)

    def heal(self, world: World) -> None:
        tls.leave_gateway(world)
