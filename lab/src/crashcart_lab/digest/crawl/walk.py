"""The way through a site, breadth first."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from dataclasses import dataclass

from crashcart_lab.digest.crawl import reading, robots
from crashcart_lab.digest.crawl.address import NotAnAddress, WebAddress, joined, parse
from crashcart_lab.digest.crawl.errors import AddressRefused, SiteUnreadable, Skipped, Unremarkable
from crashcart_lab.digest.crawl.fetch import USER_AGENT, Answer, Fetcher, Want, fetcher
from crashcart_lab.digest.crawl.guard import Guard
from crashcart_lab.digest.crawl.limits import Clock, Limits
from crashcart_lab.digest.crawl.reading import Reading
from crashcart_lab.digest.crawl.robots import Robots

logger = logging.getLogger(__name__)

HTML = frozenset({"text/html", "application/xhtml+xml"})


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it came; *url* is where it was found after all redirects."""

    url: str
    title: str
    html: str


async def crawl(
    url: str,
    *,
    limits: Limits,
    guard: Guard,
    user_agent: str = USER_AGENT,
    clock: Clock | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncGenerator[Page, None]:
    """Yield the pages of the site of *url*, nearest first, as far as *limits* reach.

    A page that cannot be read is logged and left out. The first page may redirect to another
    site, which is then the one that is read.

    Raises:
        SiteUnreadable: the first page, or the robots.txt of its site, could not be read.
        AddressRefused: *url* is a place that *guard* does not let through.
    """
    clock = clock or Clock()
    async with fetcher(guard, limits=limits, agent=user_agent, clock=clock, tls=tls) as fetch:
        async for page in _Walk(url, fetch, limits=limits, agent=user_agent, clock=clock).pages():
            yield page


class _LeadsAway(Unremarkable):
    """A redirect to another site; the last of the trail is where it leads."""


class _Walk:
    def __init__(self, url: str, fetch: Fetcher, *, limits: Limits, agent: str, clock: Clock) -> None:
        self._url = url
        self._fetch = fetch
        self._limits = limits
        self._agent = agent
        self._clock = clock
        self._want = Want(HTML, limits.page_timeout_s, limits.page_bytes, is_cut=False)
        self._known: set[WebAddress] = set()
        self._queue: deque[tuple[WebAddress, int]] = deque()
        self._site: WebAddress
        self._rules: Robots

    async def pages(self) -> AsyncIterator[Page]:
        ends_at = self._clock.now() + self._limits.crawl_timeout_s
        page, found = await self._enter()
        yield page
        self._add(found.links, depth=2)
        count = 1
        while self._queue and count < self._limits.max_pages and self._may_go_on(ends_at):
            address, depth = self._queue.popleft()
            try:
                page, found = await self._page([address])
            except (Skipped, AddressRefused) as err:
                level = logging.INFO if isinstance(err, Unremarkable) else logging.WARNING
                logger.log(level, "page %s skipped: %s", address, err)
                continue
            count += 1
            yield page
            self._add(found.links, depth=depth + 1)

    async def _enter(self) -> tuple[Page, Reading]:
        try:
            trail = [parse(self._url)]
        except NotAnAddress as err:
            raise AddressRefused(self._url, str(err)) from err
        self._known.add(trail[0])
        try:
            while True:
                await self._settle(trail[-1])
                try:
                    return await self._page(trail)
                except _LeadsAway:
                    logger.info("site %s is at %s", self._url, trail[-1])
        except Skipped as err:
            raise SiteUnreadable(f"{self._url} could not be read: {err}") from (err.__cause__ or err)
        except AddressRefused as err:
            if len(trail) > 1:
                raise AddressRefused(self._url, f"it redirects to {trail[-1]}, and {err.reason}") from err
            raise AddressRefused(self._url, err.reason) from err

    async def _settle(self, site: WebAddress) -> None:
        self._site = site
        self._fetch.gap_s = 0.0  # the rules of another site do not count here
        self._rules = await robots.rules_of(site, self._fetch, limits=self._limits, agent=self._agent)
        self._fetch.gap_s = min(self._rules.delay_s, self._limits.max_crawl_delay_s)

    async def _page(self, trail: list[WebAddress]) -> tuple[Page, Reading]:
        """Read the page at the end of *trail*, which grows with every redirect."""
        while True:
            address = trail[-1]
            if not address.is_on_site_of(self._site):
                raise _LeadsAway(f"it leads off the site, to {address}")
            if not await self._rules.allows(address):
                raise Unremarkable("robots.txt forbids it")
            answer = await self._fetch.get(address, self._want)
            if answer.leads_to is None:
                self._known.update(trail)
                return await _read(address, answer)
            self._follow(trail, answer.leads_to)

    def _follow(self, trail: list[WebAddress], link: str) -> None:
        try:
            target = joined(trail[-1], link)
        except NotAnAddress as err:
            raise Skipped(f"it redirects to {link[:200]!r}: {err}") from err
        if target in trail:
            raise Skipped(f"it redirects in a circle, to {target}")
        if len(trail) > self._limits.max_redirects:
            raise Skipped(f"it redirects more than {self._limits.max_redirects} times")
        if target in self._known:
            raise Unremarkable(f"it leads to {target}, which has its own turn")
        trail.append(target)

    def _add(self, links: Iterable[WebAddress], *, depth: int) -> None:
        if depth > self._limits.max_depth:
            return
        fresh = [link for link in links if link.is_on_site_of(self._site) and link not in self._known]
        room = self._limits.max_known - len(self._known)
        if len(fresh) > room:
            logger.warning("%d links dropped: %d addresses are known already", len(fresh) - room, len(self._known))
        self._known.update(fresh[:room])
        self._queue.extend((link, depth) for link in fresh[:room])

    def _may_go_on(self, ends_at: float) -> bool:
        if self._fetch.requests >= self._limits.max_requests:
            logger.warning("site %s is left: %d requests are enough", self._url, self._fetch.requests)
            return False
        if self._clock.now() >= ends_at:
            logger.warning("site %s is left: it took %g s", self._url, self._limits.crawl_timeout_s)
            return False
        return True


async def _read(address: WebAddress, answer: Answer) -> tuple[Page, Reading]:
    if answer.status != 200:
        raise Skipped(f"it answered {answer.status}")
    # In a thread: a large page takes long enough for others to notice.
    found = await asyncio.to_thread(reading.read, answer.body, address=address, headers=answer.headers)
    return Page(str(address), found.title, found.html), found
