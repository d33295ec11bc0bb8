"""Where a target listens, from its url or its host and port."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from crashcart.model.observation import Unseen
from crashcart.model.system import Target

# Of the schemes that systems of this kind use; from the IANA registry and the projects' own defaults.
PORTS = {
    "http": 80,
    "https": 443,
    "ws": 80,
    "wss": 443,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6380,
    "amqp": 5672,
    "amqps": 5671,
    "mysql": 3306,
    "mongodb": 27017,
    "smtp": 25,
    "ftp": 21,
    "ssh": 22,
}


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port; the port is None when nothing says which."""

    host: str
    port: int | None

    @property
    def is_here(self) -> bool:
        """Whether the host is this machine by name or by a loopback address."""
        if self.host.lower() in ("localhost", "localhost.localdomain", "0.0.0.0", "::"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False  # a name


def attribute(target: Target, name: str) -> str | Unseen:
    """Return the value of an attribute, or why it is not known."""
    value = target.attributes.get(name, "")
    if value:
        return value
    if name in target.unresolved:
        return Unseen(f"{name} of {target.name} is not known: {target.unresolved[name]}")
    return Unseen(f"{target.name} has no {name} in the system file")


def address_of(target: Target) -> Address | Unseen:
    """Return where the target listens, from `url` or else from `host` and `port`."""
    if not target.attributes.get("url") and target.attributes.get("host"):
        return _from_parts(target.attributes["host"], target.attributes.get("port", ""))
    url = attribute(target, "url")
    return url if isinstance(url, Unseen) else parse_url(url)


def port_of(asked: str | None, own: int | None) -> int | None:
    """Return the port that a guide asks for, else the target's own; None when that is none."""
    if asked is None:
        return own
    number = float(asked) if asked.replace(".", "", 1).isdecimal() else 0.0
    return int(number) if number.is_integer() and 0 < number < 65536 else None


def parse_url(url: str) -> Address | Unseen:
    """Return host and port of a url, the port of its scheme when it names none. The url itself is never repeated: it
    may hold a password."""
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return Unseen("the url cannot be read: look at its brackets and its port")
    if not host:
        return Unseen("the url names no host")
    # SQLAlchemy puts the driver behind a plus: postgresql+psycopg.
    return Address(host, port or PORTS.get(parts.scheme.split("+")[0].lower()))


def _from_parts(host: str, port: str) -> Address | Unseen:
    if not port:
        return Address(host, None)
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return Unseen(f"port {port!r} is not a port: 1 to 65535")
    return Address(host, int(port))
