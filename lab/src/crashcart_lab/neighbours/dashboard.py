"""A slow but healthy neighbour: a page of figures, read from the summaries on every visit.

It keeps the database file open for reading, which in a write-ahead log never holds up a writer.
"""

from __future__ import annotations

import sqlite3
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import click


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--database", type=click.Path(path_type=Path), required=True)
@click.option("--slow-s", type=float, default=0.0, help="How long each visit takes, in seconds.")
def main(port: int, database: Path, slow_s: float) -> None:
    """Serve the figures on 127.0.0.1."""
    db: sqlite3.Connection | None = None

    class Visit(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal db
            if not database.exists():
                self._say(503, "no summaries yet")
                return
            db = db or sqlite3.connect(f"file:{database}?mode=ro", uri=True)
            time.sleep(slow_s)
            count = db.execute("SELECT count(*) FROM summaries").fetchone()[0]
            self._say(200, f"{count} summaries")

        def _say(self, status: int, text: str) -> None:
            body = f"{text}\n".encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    HTTPServer(("127.0.0.1", port), Visit).serve_forever()


if __name__ == "__main__":
    main()
