"""From the bytes of a page to its text, title and links."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import httpx
from lxml import etree

from crashcart_lab.digest.crawl.address import NotAnAddress, WebAddress, joined

MAX_LINKS = 5000
MAX_TITLE = 300

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NAMED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_PRESCAN_BYTES = 4096
# Enough to tell an encoding, little enough to be quick.
_GUESSED_FROM_BYTES = 32_768
# Python has text codecs that are no encodings of web pages, and slow on hostile input.
_NEVER = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7", "utf-8"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One page as read: its text, and the web addresses that it links to and lets a robot follow."""

    title: str
    html: str
    links: tuple[WebAddress, ...]


def read(body: bytes, *, address: WebAddress, headers: httpx.Headers) -> Reading:
    """Read a page, however malformed: what cannot be made out is missing in the result."""
    html = decoded(body, content_type=headers.get("content-type", ""))
    # As UTF-8 again, since the parser refuses text that names another encoding in its first line.
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True)
    root = etree.fromstring(html.encode(), parser)
    if root is None:  # nothing but blanks or comments
        return Reading("", html, ())
    links = dict.fromkeys(islice(_links(root, address), MAX_LINKS)) if _may_follow(root, headers) else ()
    return Reading(_title(root), html, tuple(links))


def decoded(body: bytes, *, content_type: str) -> str:
    """Return *body* as text, trusting what it is over what it is said to be.

    Bytes that are valid UTF-8 are UTF-8, whatever the label: by chance that hardly happens. A
    label that does not fit is passed over, and so is one that names no encoding.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    labels = [label for label in _labels(body, content_type) if _is_encoding(label)]
    # These write in bytes that are valid UTF-8 as well, with marks that text has no use for.
    marked = [
        label
        for label in labels
        if (label.startswith("utf-16") and b"\0" in body) or (label.startswith("iso-2022") and b"\x1b" in body)
    ]
    for label in (*marked, "utf-8", *labels):
        try:
            return body.decode(label)
        except UnicodeError:
            continue
    return body.decode(_guess(body[:_GUESSED_FROM_BYTES]), errors="replace")


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # slow to load, and hardly ever needed

    best = from_bytes(sample).best()
    return best.encoding if best else "cp1252"


def _labels(body: bytes, content_type: str) -> Iterator[str]:
    if said := content_type.lower().partition("charset=")[2]:
        yield said.partition(";")[0].strip(" \"'")
    if named := _NAMED.search(body[:_PRESCAN_BYTES]):
        yield named[1].decode("ascii").lower()


def _is_encoding(label: str) -> bool:
    try:
        return codecs.lookup(label).name.replace("_", "-") not in _NEVER and "".encode(label) is not None
    except (LookupError, UnicodeError, ValueError):  # unknown, no text encoding, a NUL in the name
        return False


def _title(root: etree._Element) -> str:
    title = next(root.iter("title"), None)
    return "" if title is None else " ".join("".join(map(str, title.itertext())).split())[:MAX_TITLE]


def _may_follow(root: etree._Element, headers: httpx.Headers) -> bool:
    told = [headers.get("x-robots-tag", "")]
    told += [
        str(meta.get("content", "")) for meta in root.iter("meta") if str(meta.get("name", "")).lower() == "robots"
    ]
    words = {word.strip().lower() for text in told for word in text.split(",")}
    return words.isdisjoint({"nofollow", "none"})


def _links(root: etree._Element, address: WebAddress) -> Iterator[WebAddress]:
    base = _base(root, address)
    for element in root.iter("a", "area"):
        if "nofollow" in str(element.get("rel", "")).lower().split() or not (link := element.get("href")):
            continue
        try:
            yield joined(base, str(link))
        except NotAnAddress:
            continue  # a mail address, a script, or a slip of the author


def _base(root: etree._Element, address: WebAddress) -> WebAddress:
    for element in root.iter("base"):
        if link := element.get("href"):
            try:
                return joined(address, str(link))
            except NotAnAddress:
                return address
    return address
