"""A gateway with TLS before the provider, whose certificate the service may or may not accept."""

from __future__ import annotations

from pathlib import Path

from crashcart_lab import ports
from crashcart_lab.ports import HOST
from crashcart_lab.waiting import until
from crashcart_lab.world import World


def certificate_of(world: World) -> Path:
    """Return where the gateway's key and chain are."""
    return world.root / "gateway" / "server.pem"


def go_through_gateway(world: World) -> None:
    """Start a gateway with the certificate that is there, and have digest reach the provider through it."""
    (port,) = ports.free(1)
    arguments = ("--port", str(port), "--certificate", str(certificate_of(world)))
    world.spawn("crashcart_lab.neighbours.gateway", *arguments, "--to", str(world.state.ports.provider))
    until(
        lambda: ports.is_open(port),
        timeout_s=10.0,
        what="the gateway to listen",
        hint=f"read {world.root / 'gateway.out'}",
    )
    world.set_env({"OPENAI_BASE_URL": f"https://{HOST}:{port}/v1"})
    world.restart_digest()


def leave_gateway(world: World) -> None:
    world.end_helpers()
    world.set_env({})
    world.restart_digest()
