"""A receiver's life: the socket, the inbox, requests and loops, until a signal."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn

from crashcart.errors import UsageError
from crashcart.server.counts import Counts
from crashcart.server.http import pages
from crashcart.server.loops import Loops
from crashcart.server.reception import Reception
from crashcart.server.settings import HookSettings
from crashcart.server.work import ChildFailed, Posted, PostOrder, ask
from crashcart.storage.alerts import Inbox, Standing

_END_WITHIN_S = 2
_CONNECTIONS = 200
_KEEP_ALIVE_S = 75  # Alertmanager posts again and again over one connection
_CHECK_WITHIN_S = 20.0

Show = Callable[[str], None]


class _Server(uvicorn.Server):
    """Uvicorn, with its signals left to us: it would raise them again when it has ended."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: HookSettings, *, tell: Show, show: Show) -> Standing:
    """Receive until a signal ends it; return what is left for the next life.

    Raises:
        UsageError: the port or the inbox is taken, or Apprise does not know a URL.
    """
    await _check_urls(settings.urls)
    listener = _listener(settings)
    with contextlib.closing(listener):
        reception = Reception(settings, Inbox.open(settings.inbox))
        with contextlib.closing(reception):
            await _run(settings, reception, listener, tell=tell, show=show)
            return await reception.inbox(lambda inbox: inbox.standing())


async def _run(
    settings: HookSettings, reception: Reception, listener: socket.socket, *, tell: Show, show: Show
) -> None:
    counts = Counts()
    loops = Loops(settings, reception, counts, tell=tell, show=show)
    server = _Server(
        uvicorn.Config(
            pages(settings, reception, counts, lambda: loops.error),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_END_WITHIN_S,
            timeout_keep_alive=_KEEP_ALIVE_S,
            limit_concurrency=_CONNECTIONS,
        )
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, setattr, server, "should_exit", True)
    host, port = listener.getsockname()[:2]
    standing = await reception.inbox(lambda inbox: inbox.standing())
    tell(
        f"event=listening url=http://{f'[{host}]' if ':' in host else host}:{port}/alerts systems={','.join(settings.systems)} "
        f"waiting={standing.waiting} undelivered={standing.undelivered}"
    )
    working = asyncio.create_task(loops.run())
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.wait((working, serving), return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    working.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await working


async def _check_urls(urls: tuple[str, ...]) -> None:
    if not urls:
        return
    try:
        checked = await ask("crashcart.server.post", PostOrder(urls), Posted, within_s=_CHECK_WITHIN_S)
    except ChildFailed as error:
        raise UsageError(f"Apprise cannot be started: {error}", hint="pip install 'crashcart[server]'") from error
    if checked.failed:
        raise UsageError(checked.error, where="--post", hint="`json://HOST/PATH`, `slack://...`, `mailto://...`")


def _listener(settings: HookSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=512)
    except OSError as error:
        raise UsageError(
            f"{settings.host}:{settings.port} cannot be listened at: {error.strerror or error}",
            hint="`--port 0` for a free one",
        ) from error
