"""The site as a server that may also run inside another program."""

from __future__ import annotations

import socket
import ssl
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from crashcart_lab.site import trouble

PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True, slots=True)
class Setting:
    """What is wrong with the ordinary pages: some are gone, one is slow when it is first asked for."""

    gone: frozenset[str] = frozenset()
    slow: str | None = None
    slow_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    path: str
    host: str
    agent: str


class Visit(SimpleHTTPRequestHandler):
    """One visit to the site."""

    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(Asked(self.path, self.headers.get("Host", ""), self.headers.get("User-Agent", "")))
        setting = self.server.setting
        page = self.path.lstrip("/")
        if page in setting.gone:
            self.send_error(404, "File not found")
            return
        if page == setting.slow and self.server.is_first_time(page):
            self.server.closing.wait(setting.slow_s)  # a page that comes out of a cold cache
        if (answer := self.server.answer_to(self.path)) is None:
            super().do_GET()
            return
        self.close_connection = True
        answer(trouble.Line(self.wfile, self.connection, self.server.closing, self.server.is_first_time(self.path)))


class Site(ThreadingHTTPServer):
    """The server; `asked` holds every request so far, *routes* come before all else that is at these paths."""

    def __init__(self, host: str, port: int, setting: Setting, routes: Mapping[str, trouble.Answer]) -> None:
        if ":" in host:
            self.address_family = socket.AF_INET6
        super().__init__((host, port), partial(Visit, directory=str(PAGES)))
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.server_port}/"
        self.setting = setting
        self.asked: list[Asked] = []
        self._routes = routes
        self.closing = threading.Event()
        self._visited: set[str] = set()
        self._visits = threading.Lock()

    def answer_to(self, path: str) -> trouble.Answer | None:
        return self._routes.get(path) or trouble.answer_to(urlsplit(path))

    def is_first_time(self, page: str) -> bool:
        with self._visits:
            is_first = page not in self._visited
            self._visited.add(page)
        return is_first

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        if isinstance(sys.exception(), (ConnectionError, ssl.SSLError)):
            # A visitor who did not wait for a slow page; the default is a traceback.
            print(f"{client_address} went away")
        else:
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        self.closing.set()
        super().server_close()


@contextmanager
def serving(
    host: str,
    port: int = 0,
    *,
    setting: Setting | None = None,
    routes: Mapping[str, trouble.Answer] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Site]:
    """Serve in a thread of this process; port 0 is any free one."""
    site = Site(host, port, setting or Setting(), routes or {})
    if tls:
        site.socket = tls.wrap_socket(site.socket, server_side=True)
    thread = threading.Thread(target=partial(site.serve_forever, poll_interval=0.01))
    thread.start()
    try:
        yield site
    finally:
        site.shutdown()
        site.server_close()
        thread.join()
