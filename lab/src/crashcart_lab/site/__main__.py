"""Serve the site: `python -m crashcart_lab.site --port N`."""

from __future__ import annotations

import sys
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import click

PAGES = Path(__file__).parent / "pages"


class Visit(SimpleHTTPRequestHandler):
    """One visit to the site."""

    gone: ClassVar[frozenset[str]] = frozenset()
    slow: ClassVar[str | None] = None
    slow_s: ClassVar[float] = 0.0
    _slept: ClassVar[set[str]] = set()

    def do_GET(self) -> None:
        page = self.path.lstrip("/")
        if page in self.gone:
            self.send_error(404, "File not found")
            return
        if page == self.slow and page not in self._slept:
            # Only the first visit: a page that comes out of a cold cache.
            self._slept.add(page)
            time.sleep(self.slow_s)
        super().do_GET()


class Site(ThreadingHTTPServer):
    """The server."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if isinstance(sys.exception(), ConnectionError):
            # A visitor who did not wait for a slow page; the default is a traceback.
            print(f"{client_address} went away")
        else:
            super().handle_error(request, client_address)


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--gone", multiple=True, help="A page that others still link to; several are possible.")
@click.option("--slow", help="A page that is slow when it is asked for the first time.")
@click.option("--slow-s", type=float, default=0.0, help="How slow, in seconds.")
def main(port: int, gone: tuple[str, ...], slow: str | None, slow_s: float) -> None:
    """Serve the documentation pages on 127.0.0.1."""
    Visit.gone, Visit.slow, Visit.slow_s = frozenset(gone), slow, slow_s
    Site(("127.0.0.1", port), partial(Visit, directory=str(PAGES))).serve_forever()


if __name__ == "__main__":
    main()
