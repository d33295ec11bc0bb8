"""Everything a crawler meets on the real internet, below `/trouble/`. No ordinary page links here."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedIOBase
from urllib.parse import SplitResult, parse_qs

ROOT = "/trouble/"

ROBOTS = b"""User-agent: *
Disallow: /trouble/private/

User-agent: hasty
Disallow: /trouble/private/
Crawl-delay: 7
"""

# A visitor without any limit of its own is let go in the end.
STREAM_BYTES = 64_000_000
DRIP_S, DRIPS = 0.05, 1200
BOMB_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Line:
    """The open connection of one visit."""

    out: BufferedIOBase
    socket: socket.socket
    closing: threading.Event
    is_first_time: bool

    def send(self, status: str, *headers: str, body: bytes = b"") -> None:
        head = "\r\n".join([f"HTTP/1.1 {status}", *headers, "Connection: close", "", ""])
        self.out.write(head.encode("latin-1") + body)

    def send_page(self, *inner: str, title: str = "Trouble") -> None:
        text = f"<!doctype html><title>{title}</title><h1>{title}</h1>" + "".join(inner)
        self.send("200 OK", HTML, body=text.encode())

    def send_slowly(self, pieces: Iterator[bytes], *, pause_s: float) -> None:
        """Send until the pieces end, the visitor leaves or the server closes."""
        for piece in pieces:
            self.out.write(piece)
            if self.closing.wait(pause_s):
                return


Answer = Callable[[Line], None]

HTML = "Content-Type: text/html; charset=utf-8"


def answer_to(target: SplitResult) -> Answer | None:
    """Return what answers at *target*, or None where no trouble lives."""
    if target.path == "/robots.txt":
        return lambda line: line.send("200 OK", "Content-Type: text/plain", body=ROBOTS)
    if not target.path.startswith(ROOT):
        return None
    place = target.path.removeprefix(ROOT)
    name, _, rest = place.partition("/")
    if name == "chain" and rest.isdigit():
        return lambda line: _chain(line, int(rest))
    if name == "calendar":
        return lambda line: _calendar(line, parse_qs(target.query))
    return PLACES.get(place)


def links(*places: str) -> str:
    return "".join(f'<p><a href="{place}">{place or "here"}</a></p>' for place in places)


def _index(line: Line) -> None:
    line.send_page(links("chain/3", "calendar", *(place for place in PLACES if place)))


def _chain(line: Line, left: int) -> None:
    if left:
        line.send("302 Found", f"Location: {left - 1}")
    else:
        line.send_page("<p>The end of the chain.</p>", title="Chain")


def _calendar(line: Line, query: dict[str, list[str]]) -> None:
    """There is always a next month, and a previous one under a different order of words."""
    month = int(query.get("month", ["0"])[0])
    line.send_page(links(f"?month={month + 1}", f"?view=list&month={month - 1}"), title=f"Month {month}")


def redirect(place: str, *, status: str = "302 Found") -> Answer:
    return lambda line: line.send(status, f"Location: {place}")


def page(*inner: str, title: str = "Trouble") -> Answer:
    return lambda line: line.send_page(*inner, title=title)


def raw(body: bytes, *headers: str, status: str = "200 OK") -> Answer:
    return lambda line: line.send(status, *headers, body=body)


def _huge(line: Line) -> None:
    line.send("200 OK", HTML, "Transfer-Encoding: chunked")
    piece = b"<p>" + b"more and " * 7000
    chunk = b"%x\r\n%s\r\n" % (len(piece), piece)
    line.send_slowly((chunk for _ in range(STREAM_BYTES // len(chunk))), pause_s=0)


def _drip(line: Line) -> None:
    """Always soon enough for a limit on each read."""
    line.send("200 OK", HTML)
    line.send_slowly((b"." for _ in range(DRIPS)), pause_s=DRIP_S)


def _silent(line: Line) -> None:
    line.closing.wait(DRIP_S * DRIPS)


def _head_without_end(line: Line) -> None:
    line.out.write(b"HTTP/1.1 200 OK\r\n")
    line.send_slowly((b"X-More: %s\r\n" % (b"x" * 1000) for _ in range(STREAM_BYTES // 1000)), pause_s=0)


def _reset(line: Line) -> None:
    line.send("200 OK", HTML, "Content-Length: 1000", body=b"<p>Hardly begun")
    line.out.flush()
    # Linger 0: closing sends RST and not FIN.
    line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.socket.close()


def _garbage(line: Line) -> None:
    line.out.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")


def _busy_once(line: Line) -> None:
    if line.is_first_time:
        line.send("503 Service Unavailable", "Retry-After: 7")
    else:
        line.send_page("<p>There you are.</p>", title="Busy once")


BROKEN = b"""<title>Broken</title><table><a href="broken/next?a=1&b=2&amp;c=3">next<p><b><i>badly</b> nested</i>
<a href=unquoted>u</a><a href='http://[::1'>x</a><a href="javascript:alert(1)">j</a><a href="mailto:a@b">m</a>
<!-- never closed <a href="hidden">"""

PLACES: dict[str, Answer] = {
    "": _index,
    "loop/a": page(links("b", "a", "#top", "../loop/./b", "?", ""), title="A"),
    "loop/b": page(links("a", "../loop/a#again"), title="B"),
    "circle/a": redirect("b"),
    "circle/b": redirect("a", status="301 Moved Permanently"),
    "away": redirect("http://elsewhere.example/"),
    "inward": redirect("http://169.254.169.254/latest/meta-data/"),
    "file": redirect("file:///etc/passwd"),
    "huge": _huge,
    "announced": raw(b"<p>", HTML, "Content-Length: 10000000000"),
    "bomb": raw(gzip.compress(b" " * BOMB_BYTES, mtime=0), HTML, "Content-Encoding: gzip"),
    "bomb/half": raw(gzip.compress(b"<p>half" * 99, mtime=0)[:-9], HTML, "Content-Encoding: gzip"),
    "gzip": raw(gzip.compress(b"<title>Packed</title>", mtime=0), HTML, "Content-Encoding: gzip"),
    "encoding": raw(b"<p>", HTML, "Content-Encoding: compress"),
    "drip": _drip,
    "silent": _silent,
    "head": _head_without_end,
    "reset": _reset,
    "garbage": _garbage,
    "length/more": raw(b"<p>short", HTML, "Content-Length: 1000"),
    "length/odd": raw(b"<p>odd", HTML, "Content-Length: many"),
    "broken": raw(BROKEN, HTML),
    "deep": raw(b"<title>Deep</title><p>" + b"<div>" * 50_000 + b"bottom", HTML),
    "zeros": raw(b"<title>Ze\0ros</title>\0<p>", HTML),
    "empty": raw(b"", HTML),
    "charset/wrong": raw("<title>Café</title>".encode("latin-1"), HTML),
    "charset/none": raw("<title>Größe</title><p>Größe und Maß</p>".encode("cp1252"), "Content-Type: text/html"),
    "charset/unknown": raw("<title>Café</title>".encode(), "Content-Type: text/html; charset=klingon"),
    "charset/named": raw('<meta charset="koi8-r"><title>Привет</title>'.encode("koi8-r"), "Content-Type: text/html"),
    "charset/mislabelled": raw("<title>Café</title>".encode(), "Content-Type: text/html; charset=iso-8859-1"),
    "charset/wide": raw("<title>Café</title>".encode("utf-16"), "Content-Type: text/html"),
    "charset/declared": raw(b'<?xml version="1.0" encoding="utf-8"?><html><title>Declared</title></html>', HTML),
    "paper": raw(b"%PDF-1.7", "Content-Type: application/pdf"),
    "untyped": raw(b"<title>Untyped</title>"),
    "busy/once": _busy_once,
    "busy/always": raw(b"", "Retry-After: 7", status="503 Service Unavailable"),
    "busy/long": raw(b"", "Retry-After: 86400", status="429 Too Many Requests"),
    "busy/vague": raw(b"", "Retry-After: soon", status="429 Too Many Requests"),
    "nowhere": raw(b"", status="302 Found"),
    "private/page": page(title="Private"),
    "unfollowed": page('<meta name="robots" content="NoFollow">', links("loop/a"), title="Unfollowed"),
    "rel": page('<a rel="noopener nofollow" href="loop/a">a</a>', links("untyped"), title="Rel"),
    "base": page('<base href="/trouble/loop/">', links("b"), title="Base"),
}
