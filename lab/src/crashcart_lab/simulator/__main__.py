"""Start the simulator: `python -m crashcart_lab.simulator --port N --control-port N --keys FILE`."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import click
import uvicorn
from starlette.types import Receive, Scope, Send

from crashcart_lab.simulator import api, control
from crashcart_lab.simulator.rules import Rules


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--control-port", type=int, required=True)
@click.option("--keys", type=click.Path(path_type=Path, exists=True), required=True, help="One accepted key a line.")
@click.option("--seed", type=int, default=0, show_default=True, help="For rules that hit a fraction.")
def main(port: int, control_port: int, keys: Path, seed: int) -> None:
    """Serve the provider and its control on 127.0.0.1."""
    provider = api.Provider(set(keys.read_text().split()), Rules(seed=seed))
    public, private = api.build(provider), control.build(provider)

    # One server for both ports, because two would fight over the process's signals.
    async def by_port(scope: Scope, receive: Receive, send: Send) -> None:
        app = private if scope["server"][1] == control_port else public
        await app(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(by_port, lifespan="off", timeout_graceful_shutdown=1, access_log=True))
    asyncio.run(server.serve(sockets=[_listen(port), _listen(control_port)]))


def _listen(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    return bound


if __name__ == "__main__":
    main()
