"""A small reverse proxy: the door through which users come to the service, when they do not know its port.

It reads `.env` in its folder when it starts, and words its errors as nginx does.
"""

from __future__ import annotations

import http.client
import os
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import click
from pydantic import Field, HttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict

# They belong to one connection and not to what goes through it (RFC 9110, section 7.6.1).
HOPS = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "proxy-connection"})
TIMED_OUT = "upstream timed out (110: Connection timed out)"
PAGE = "<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>\n"


class Settings(BaseSettings):
    """What an operator chooses."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    listen_port: int = Field(ge=1, le=65535)
    upstream_url: HttpUrl
    upstream_timeout_s: float = Field(default=10.0, gt=0)
    error_log: Path = Path("error.log")


class Visit(BaseHTTPRequestHandler):
    """One request, passed on."""

    protocol_version = "HTTP/1.1"
    server: Front

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        settings = self.server.settings
        host, port = settings.upstream_url.host or "", settings.upstream_url.port
        upstream = http.client.HTTPConnection(host, port, timeout=settings.upstream_timeout_s)
        try:
            upstream.connect()
        except TimeoutError:
            self._give_up(f"{TIMED_OUT} while connecting to upstream", HTTPStatus.GATEWAY_TIMEOUT)
            return
        except OSError as err:
            self._give_up(f"connect() failed ({err.errno}: {os.strerror(err.errno or 0)}) while connecting to upstream")
            return
        try:
            upstream.request(self.command, self.path, body, self._passed_on())
            answer = upstream.getresponse()
            self._pass_back(answer, answer.read())
        except TimeoutError:
            self._give_up(f"{TIMED_OUT} while reading response header from upstream", HTTPStatus.GATEWAY_TIMEOUT)
        except (OSError, http.client.HTTPException):
            self._give_up("upstream prematurely closed connection while reading response header from upstream")
        finally:
            upstream.close()

    do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

    def _passed_on(self) -> dict[str, str]:
        kept = {name: value for name, value in self.headers.items() if name.lower() not in HOPS}
        return kept | {"X-Forwarded-For": self.client_address[0]}

    def _pass_back(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in (*HOPS, "content-length"):
                self.send_header(name, value)
        self._end(body)

    def _give_up(self, why: str, status: HTTPStatus = HTTPStatus.BAD_GATEWAY) -> None:
        stamp = time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime())
        line = (
            f"{stamp} [error] {os.getpid()}#0: {why}, client: {self.client_address[0]}, "
            f'request: "{self.requestline}", upstream: "{self._upstream()}{self.path}"\n'
        )
        with self.server.settings.error_log.open("a", encoding="utf-8") as log:
            log.write(line)
        self.send_response_only(status)
        self.send_header("Content-Type", "text/html")
        self._end(PAGE.format(status=f"{status.value} {status.phrase}").encode())

    def _upstream(self) -> str:
        parts = urlsplit(str(self.server.settings.upstream_url))
        return f"{parts.scheme}://{parts.netloc}"

    def _end(self, body: bytes) -> None:
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Front(ThreadingHTTPServer):
    """The server."""

    daemon_threads = True

    def __init__(self, settings: Settings) -> None:
        super().__init__(("127.0.0.1", settings.listen_port), Visit)
        self.settings = settings


@click.command()
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Work there, not here.")
def main(folder: Path | None) -> None:
    """Pass requests on until a signal ends this process."""
    if folder is not None:
        os.chdir(folder)
    # As nginx does: the log is there from the start, and an empty one says that there was no error.
    settings = Settings()  # type: ignore[call-arg]  # its values come from the file
    settings.error_log.touch()
    print(f"passing on to {settings.upstream_url}", file=sys.stderr, flush=True)
    Front(settings).serve_forever()


if __name__ == "__main__":
    main()
