"""The guard against requests that a stranger forges through us into our own network."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from crashcart_lab.digest.crawl.address import IPAddress, NotAnAddress, ip_of, parse, plain
from crashcart_lab.digest.crawl.errors import AddressRefused
from crashcart_lab.digest.crawl.reach import is_public

logger = logging.getLogger(__name__)

IPNetwork = IPv4Network | IPv6Network

# From a name to its addresses as text; OSError where there are none.
Resolve = Callable[[str], Awaitable[Sequence[str]]]

RESOLVE_TIMEOUT_S = 5.0
NOT_PUBLIC = "it is not on the public internet"


async def resolve_by_system(name: str) -> list[str]:
    """Look *name* up as every program of this machine does: hosts file, then name servers."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for _, _, _, _, sockaddr in found]


class Guard:
    """Lets addresses of the public internet through, and those of the *allowed* networks."""

    def __init__(self, *, allowed: Sequence[IPNetwork], resolve: Resolve = resolve_by_system) -> None:
        self._allowed = tuple(allowed)
        self._resolve = resolve

    async def check(self, url: str) -> None:
        """Refuse *url* early. A name that has no address just now passes: to connect to it will fail.

        This is a courtesy to whoever asks. What holds is that every connection asks `addresses`.

        Raises:
            AddressRefused: it is no web address, or stands for a place that is not public.
        """
        try:
            await self.addresses(parse(url).host)
        except NotAnAddress as err:
            raise AddressRefused(url, str(err)) from err
        except AddressRefused as err:
            raise AddressRefused(url, err.reason) from err
        except OSError as err:
            logger.info("%s is not checked yet: %s", url, err or type(err).__name__)

    async def addresses(self, host: str) -> tuple[IPAddress, ...]:
        """Look *host* up once and return where it is: connect to one of these and to nothing else.

        Raises:
            AddressRefused: one address or more is out of bounds. A mixed answer is refused whole,
                since nobody but an attacker has a host that is both public and private.
            OSError: the name has no address.
        """
        spelt = ip_of(host)
        found = (spelt,) if spelt else await self._look_up(host)
        refused = [address for address in found if not self._may_visit(address)]
        if refused:
            logger.warning("host %s is refused: %s is not public", host, refused[0])
            raise AddressRefused(host, NOT_PUBLIC)
        return found

    async def _look_up(self, name: str) -> tuple[IPAddress, ...]:
        async with asyncio.timeout(RESOLVE_TIMEOUT_S):  # TimeoutError is an OSError
            texts = await self._resolve(name)
        if not texts:
            raise OSError(f"{name} has no address")
        return tuple(dict.fromkeys(plain(ip_address(text)) for text in texts))

    def _may_visit(self, address: IPAddress) -> bool:
        return is_public(address) or any(address in network for network in self._allowed)
