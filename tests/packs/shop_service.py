"""A shop that keeps its orders in PostgreSQL: a program of its own, with the usual error handling.

python shop_service.py PORT URL LOG
"""

from __future__ import annotations

import logging
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg

log = logging.getLogger("shop")
READ = "SELECT count(*), max(note) FROM orders WHERE customer = 7"
WRITE = "UPDATE orders SET note = 'read' WHERE id = 7"


PLACES = threading.BoundedSemaphore(4)  # as many connections as its pool would have
PATIENCE_S = 1.0


class Shop(BaseHTTPRequestHandler):
    url = ""

    def do_GET(self) -> None:
        status = 200
        if self.path == "/orders":
            try:
                self.orders()
            except (psycopg.Error, TimeoutError):
                log.exception("orders cannot be told")
                status = 500
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def orders(self) -> None:
        if not PLACES.acquire(timeout=PATIENCE_S):
            raise TimeoutError("no connection was given back in time")
        try:
            self.ask()
        finally:
            PLACES.release()

    def ask(self) -> None:
        with psycopg.connect(self.url, connect_timeout=2, application_name="shop") as connection:
            connection.execute(WRITE)
            connection.execute(READ)

    def log_message(self, *args: object) -> None:
        log.info("%s %s", self.command, self.path)


if __name__ == "__main__":
    port, Shop.url, path = sys.argv[1:]
    logging.basicConfig(
        filename=path, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
    )  # fmt: skip
    with ThreadingHTTPServer(("127.0.0.1", int(port)), Shop) as server:
        log.info("listening on port %s", port)
        server.serve_forever()
