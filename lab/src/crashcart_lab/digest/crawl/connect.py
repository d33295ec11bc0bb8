"""Connections that go only where the guard lets them."""

from __future__ import annotations

import ssl
from collections.abc import Iterable

import httpcore

from crashcart_lab.digest.crawl.guard import Guard

# A name with more addresses than this has enough of them that answer.
TRIED_ADDRESSES = 4
CONNECT_TIMEOUT_S = 3.0
# Shorter than servers keep theirs: a request on a connection that the server is closing fails.
KEEP_ALIVE_S = 2.0


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """The network below the HTTP library.

    It looks a name up once for each connection, has all its addresses judged and connects to one
    of exactly these, so a name server that changes its answer gains nothing. The library above
    still knows the name: it goes into the Host header, and TLS asks for and verifies it.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._guard.addresses(host)
        except OSError as err:
            raise httpcore.ConnectError(f"{host} has no address: {err or type(err).__name__}") from err
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:TRIED_ADDRESSES]:
            try:
                return await self._network.connect_tcp(
                    str(address), port, CONNECT_TIMEOUT_S, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as err:
                failure = err
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise httpcore.UnsupportedProtocol("a site is never behind a local socket")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


def pool(guard: Guard, *, tls: ssl.SSLContext | None) -> httpcore.AsyncConnectionPool:
    """Return connections through *guard* and through no proxy, which would look names up itself.

    Without *tls* certificates are verified against the usual roots.
    """
    return httpcore.AsyncConnectionPool(
        ssl_context=tls,
        max_connections=2,
        max_keepalive_connections=1,
        keepalive_expiry=KEEP_ALIVE_S,
        network_backend=GuardedNetwork(guard),
    )
