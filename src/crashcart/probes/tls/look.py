"""One handshake."""

from __future__ import annotations

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Secrets
from crashcart.probes.address import address_of, port_of
from crashcart.probes.plain import plain
from crashcart.redact import Scrubber

TIMEOUT_S = 3.0
_SHOWN_CHARS = 500


class TlsLook:
    """Looks at the certificate that the target shows."""

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
            shown = await self._place.handshake(address.host, port, timeout_s=TIMEOUT_S)
        except OSError as error:
            return Unseen(f"could not open a connection from here: {error.strerror or error}")
        fields: dict[str, Scalar] = {"answer": shown.state, "took": shown.took_s}
        if shown.begins_at and shown.ends_at:
            fields["left"] = (shown.ends_at - moment.now).total_seconds()
            fields["age"] = (moment.now - shown.begins_at).total_seconds()
        texts = {"names": ", ".join(shown.names), "issuer": shown.issuer, "version": shown.version}
        return Seen({**fields, **{name: plain(text)[:_SHOWN_CHARS] for name, text in texts.items() if text}})
