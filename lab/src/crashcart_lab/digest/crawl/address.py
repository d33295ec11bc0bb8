"""Web addresses in one canonical form, read the way browsers read them (WHATWG URL)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urljoin

from pydantic import HttpUrl, ValidationError

DEFAULT_PORTS = {"http": 80, "https": 443}

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotAnAddress(ValueError):
    """This text is no address of a web page."""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """One address without fragment: host in lower case ASCII or an IP address without brackets; path with query."""

    scheme: str
    host: str
    port: int
    path: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def is_on_site_of(self, other: WebAddress) -> bool:
        """Same host and port; http and https on their default ports are one site."""
        if self.host != other.host:
            return False
        return self.port == other.port or (self._has_default_port and other._has_default_port)

    @property
    def _has_default_port(self) -> bool:
        return self.port == DEFAULT_PORTS[self.scheme]

    def at(self, path: str) -> WebAddress:
        return WebAddress(self.scheme, self.host, self.port, path)


def parse(url: str) -> WebAddress:
    """Read *url*.

    One parser decides which host is meant, and only its result is checked and connected to: two
    parsers that disagree about `http://a@b\\@c/` are how guards are passed. It also turns every
    spelling of an IP address (`0x7f.1`, `2130706433`, full-width digits) into the plain one.

    Raises:
        NotAnAddress: not http or https, no host, a user name, port 0, or more than 2083 characters.
    """
    try:
        read = HttpUrl(url)
    except ValidationError as err:
        raise NotAnAddress(err.errors()[0]["msg"]) from err
    if read.username is not None or read.password is not None:
        raise NotAnAddress("it carries a user name")
    # Any other port is as good: documentation lives on many of them, and what must not be
    # reached is told by its address. Nothing listens on port 0.
    if not read.port:
        raise NotAnAddress("port 0 does not exist")
    query = f"?{read.query}" if read.query else ""
    return WebAddress(read.scheme, _host(read.host or ""), read.port, (read.path or "/") + query)


def joined(base: WebAddress, link: str) -> WebAddress:
    """Read *link* as it stands on the page at *base*.

    Raises:
        NotAnAddress: see `parse`.
    """
    try:
        return parse(urljoin(str(base), link.strip()))
    except NotAnAddress:
        raise
    except ValueError as err:  # urljoin, of brackets that hold no IPv6 address
        raise NotAnAddress(str(err)) from err


def ip_of(host: str) -> IPAddress | None:
    """Return the address that *host* spells out, or None for a name; an IPv4-mapped one as IPv4."""
    try:
        return plain(ipaddress.ip_address(host))
    except ValueError:
        return None


def plain(address: IPAddress) -> IPAddress:
    """Return the IPv4 address inside an IPv4-mapped one, and any other as it is."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _host(host: str) -> str:
    bare = host.strip("[]").removesuffix(".")
    if ":" not in bare and not all(bare.split(".")):
        raise NotAnAddress("its host has an empty part")
    return bare
