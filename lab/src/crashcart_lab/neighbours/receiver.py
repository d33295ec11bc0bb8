"""The user's own system that digest notifies: it takes signed messages, and keeps those that are genuine and new.

Its secret stands in a file of its own, as it does at every receiver of webhooks.
"""

from __future__ import annotations

import hmac
import json
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import click


class Listener(ThreadingHTTPServer):
    """A server that takes what two senders send at once: with the library's 5, a busy machine resets some of it."""

    request_queue_size = 128


@click.command()
@click.option("--port", type=int, required=True)
@click.option("--secret", type=click.Path(path_type=Path, exists=True), required=True, help="File with the secret.")
@click.option("--inbox", type=click.Path(path_type=Path), required=True, help="File that takes the messages.")
def main(port: int, secret: Path, inbox: Path) -> None:
    """Receive messages on 127.0.0.1."""

    class Message(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(200, "ready")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            key = secret.read_text(encoding="utf-8").strip().encode()
            if not hmac.compare_digest(hmac.digest(key, body, "sha256").hex(), self.headers.get("X-Signature", "")):
                self._say(401, "invalid signature")
                return
            with inbox.open("a", encoding="utf-8") as out:
                out.write(json.dumps(json.loads(body)) + "\n")
            self._say(200, "thank you")

        def log_message(self, format: str, *args: object) -> None:
            stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
            print(f"{stamp} {self.client_address[0]} {format % args}", flush=True)

        def _say(self, status: int, text: str) -> None:
            body = f"{text}\n".encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    Listener(("127.0.0.1", port), Message).serve_forever()


if __name__ == "__main__":
    main()
