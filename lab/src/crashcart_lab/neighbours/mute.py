"""A site that takes every request and answers none."""

from __future__ import annotations

import socket

import click


@click.command()
@click.option("--port", type=int, required=True)
def main(port: int) -> None:
    """Listen on a port of 127.0.0.1, and say nothing, until a signal ends this process."""
    with socket.create_server(("127.0.0.1", port), backlog=128) as server:
        print(f"listening on port {port}", flush=True)
        lines = []
        while True:
            lines.append(server.accept()[0])


if __name__ == "__main__":
    main()
