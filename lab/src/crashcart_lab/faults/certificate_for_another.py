"""The provider's certificate is good, and for another name than the one that it is called by."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import certificates
from crashcart_lab.faults import tls
from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("certificate-for-another", "openai")


@dataclass(frozen=True, slots=True)
class CertificateForAnother(Fault):
    name: str = "certificate-for-another"
    summary: str = "the provider is reached through TLS, and its certificate is for another name"
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"host": rng.choice(["gateway.example", "llm.internal.example", "127.0.0.2", "10.20.0.4"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        certificates.issue(world.authority_folder, str(drawn["host"]), tls.certificate_of(world))
        tls.go_through_gateway(world)

    def heal(self, world: World) -> None:
        tls.leave_gateway(world)
