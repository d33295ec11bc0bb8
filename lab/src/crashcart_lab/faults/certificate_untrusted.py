"""Nobody whom the service trusts vouches for the provider's certificate."""

from __future__ import annotations

import random
from dataclasses import dataclass

from crashcart_lab import certificates
from crashcart_lab.faults import tls
from crashcart_lab.faults.base import JOBS_FAIL, Fault, Truth
from crashcart_lab.ports import HOST
from crashcart_lab.state import Drawn
from crashcart_lab.world import World

TRUTH = Truth("certificate-untrusted", "openai")


@dataclass(frozen=True, slots=True)
class CertificateUntrusted(Fault):
    name: str = "certificate-untrusted"
    summary: str = (
        "the provider is reached through TLS, and its certificate is of an authority that digest does not know"
    )
    client_sees: str = JOBS_FAIL
    truth: Truth = TRUTH

    def draw(self, rng: random.Random) -> Drawn:
        return {"signed_by": rng.choice(["itself", "a stranger"])}

    def break_(self, world: World, drawn: Drawn) -> None:
        sign = certificates.sign_itself if drawn["signed_by"] == "itself" else certificates.issue_by_stranger
        sign(HOST, tls.certificate_of(world))
        tls.go_through_gateway(world)

    def heal(self, world: World) -> None:
        tls.leave_gateway(world)
