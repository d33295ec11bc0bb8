"""Clients that connect and then say nothing, as badly made connection pools do."""

from __future__ import annotations

import socket
import threading

import click

RETRY_S = 0.5


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--connections", type=int, required=True)
def main(port: int, connections: int) -> None:
    """Keep connections to a port of 127.0.0.1 open until a signal ends this process."""
    print(f"{connections} connections to port {port}", flush=True)
    # Not all at once: whatever place comes free is taken again within moments, not up to a whole pause later.
    rests = [RETRY_S * (0.5 + at / connections) for at in range(connections)]
    threads = [threading.Thread(target=_stay, args=(port, rest_s), daemon=True) for rest_s in rests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _stay(port: int, rest_s: float) -> None:
    """Be connected; whenever the other side closes, connect again."""
    rest = threading.Event()
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as line:
                line.recv(1)
        except OSError:
            pass  # refused or reset: a pool tries again, and says nothing about it
        rest.wait(rest_s)


if __name__ == "__main__":
    main()
