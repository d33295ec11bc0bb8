"""Free ports on the loopback address."""

from __future__ import annotations

import random
import socket

HOST = "127.0.0.1"
# Below 32768, where Linux begins to hand out ports to outgoing connections: a port that is
# free now would otherwise be taken by somebody's client before our server binds it.
FIRST, LAST = 20000, 32000


def free(count: int) -> list[int]:
    """Return *count* different ports that nobody listens on at this moment."""
    # Not seeded: two worlds with the same seed live side by side.
    chance = random.SystemRandom()
    found: list[int] = []
    while len(found) < count:
        port = chance.randrange(FIRST, LAST)
        if port not in found and _is_free(port):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def is_open(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0
