"""One connection, closed at once."""

from __future__ import annotations

from crashcart.model.observation import Look, Moment, Outcome, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Secrets
from crashcart.probes.address import address_of, port_of
from crashcart.redact import Scrubber

TIMEOUT_S = 3.0  # a handshake across the world takes 0.3 s, one lost packet 1 s more, two 3 s


class TcpLook:
    """Connects to the target's port, or to another one of the same host."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        address = address_of(target)
        if isinstance(address, Unseen):
            return address
        port = port_of(look.arg("port"), address.port)
        if port is None:
            return Unseen(f"no port: neither the url of {target.name} nor the guide says which (1 to 65535)")
        try:
            connected = await self._place.connect(address.host, port, timeout_s=TIMEOUT_S)
        except OSError as error:
            return Unseen(f"could not open a connection from here: {error.strerror or error}")
        return Seen({"connect": connected.state, "took": connected.took_s})
