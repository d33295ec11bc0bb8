"""One name, asked of the system's resolver."""

from __future__ import annotations

import ipaddress

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Secrets
from crashcart.probes.address import address_of
from crashcart.redact import Scrubber

TIMEOUT_S = 3.0  # of the 5 s after which resolvers try the next server; a client that waits longer hangs for its users


class DnsLook:
    """Resolves the target's name."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        name = look.arg("name") or address_of(target)
        if isinstance(name, Unseen):
            return name
        try:
            found = await self._place.resolve(name if isinstance(name, str) else name.host, timeout_s=TIMEOUT_S)
        except OSError as error:
            return Unseen(f"the resolver could not be asked from here: {error.strerror or error}")
        fields: dict[str, Scalar] = {"answer": found.state, "took": found.took_s, "count": len(found.addresses)}
        if found.addresses:
            fields["addresses"] = ", ".join(sorted(found.addresses))
            fields["is_private"] = all(_is_private(address) for address in found.addresses)
        return Seen(fields)


def _is_private(address: str) -> bool:
    # A link-local address may carry its interface: fe80::1%eth0.
    return ipaddress.ip_address(address.partition("%")[0]).is_private
