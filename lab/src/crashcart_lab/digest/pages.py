"""Reading a documentation site, breadth first and never past its own host."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx

logger = logging.getLogger(__name__)


class SiteUnreadable(Exception):
    """Not one page of the site could be read."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it came, and the addresses it links to."""

    url: str
    title: str
    html: str
    links: tuple[str, ...]


async def crawl(url: str, *, max_pages: int, max_depth: int, timeout_s: float) -> AsyncIterator[Page]:
    """Yield up to *max_pages* pages of the host of *url*; its first page has depth 1."""
    queue = deque([(_clean(url), 1)])
    seen = {queue[0][0]}
    count = 0
    async with httpx.AsyncClient(timeout=timeout_s, follow_redirects=False) as client:
        while queue and count < max_pages:
            address, depth = queue.popleft()
            page = await _fetch(client, address)
            if page is None:
                continue
            count += 1
            yield page
            if depth < max_depth:
                fresh = [link for link in _same_host(page) if link not in seen]
                seen.update(fresh)
                queue.extend((link, depth + 1) for link in fresh)


async def _fetch(client: httpx.AsyncClient, url: str) -> Page | None:
    try:
        answer = await _get(client, url)
    except httpx.HTTPError as err:
        logger.warning("page %s skipped: %s", url, err or type(err).__name__)
        return None
    if answer.status_code != httpx.codes.OK:
        logger.warning("page %s skipped: it answered %d", url, answer.status_code)
        return None
    if "html" not in answer.headers.get("content-type", ""):
        return None
    reader = _Reader()
    reader.feed(answer.text)
    links = tuple(_clean(urljoin(url, link)) for link in reader.links)
    return Page(url, reader.title.strip(), answer.text, links)


async def _get(client: httpx.AsyncClient, url: str) -> httpx.Response:
    try:
        return await client.get(url)
    except httpx.TimeoutException:
        logger.warning("page %s is slow, trying once more", url)
        return await client.get(url)


def _clean(url: str) -> str:
    return urldefrag(url).url


def _same_host(page: Page) -> list[str]:
    host = urlsplit(page.url).netloc
    return list(dict.fromkeys(link for link in page.links if urlsplit(link).netloc == host))


class _Reader(HTMLParser):
    """Collects the title and the links of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.links: list[str] = []
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_title = tag == "title"
        if tag == "a" and (link := dict(attrs).get("href")):
            self.links.append(link)

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
