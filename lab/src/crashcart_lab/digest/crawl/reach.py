"""Which IP addresses are part of the public internet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

from crashcart_lab.digest.crawl.address import IPAddress, plain

# IANA special-purpose address registries, what is not globally reachable there. Own lists, because
# `ipaddress.is_global` changes between patch releases of Python and holds multicast and 6to4 for global.
_SPECIAL_V4 = tuple(
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # public by number, but on Azure it is the machine's own host
    )
)
# All public IPv6 addresses are handed out from this block.
_UNICAST_V6 = ip_network("2000::/3")
_SPECIAL_V6 = tuple(
    ip_network(text)
    for text in (
        "2001::/23",  # protocol assignments; Teredo is among them
        "2001:db8::/32",
        "2002::/16",  # 6to4: carries any IPv4 address, and nobody has offered relays for years
        "3fff::/20",
    )
)
# Where a machine has IPv6 alone, every public IPv4 host is met under this prefix.
_NAT64 = ip_network("64:ff9b::/96")
# The middle of an ISATAP address; bit 0x02000000 says whether the IPv4 address in it is unique.
_ISATAP = 0x00005EFE
_LOW_32 = 0xFFFFFFFF


def is_public(address: IPAddress) -> bool:
    """Say whether *address* is globally reachable, and so is any IPv4 address inside it."""
    address = plain(address)
    if isinstance(address, IPv4Address):
        return not any(address in special for special in _SPECIAL_V4)
    if address in _NAT64:
        return is_public(_last_ipv4(address))
    if address not in _UNICAST_V6 or any(address in special for special in _SPECIAL_V6):
        return False
    return not _is_isatap(address) or is_public(_last_ipv4(address))


def _is_isatap(address: IPv6Address) -> bool:
    return (int(address) >> 32) & _LOW_32 & ~0x02000000 == _ISATAP


def _last_ipv4(address: IPv6Address) -> IPv4Address:
    return IPv4Address(int(address) & _LOW_32)
