"""What a site lets robots do: robots.txt as RFC 9309 has it, and Crawl-delay, which it leaves to custom."""

from __future__ import annotations

import asyncio
import logging

from protego import Protego

from crashcart_lab.digest.crawl.address import NotAnAddress, WebAddress, joined
from crashcart_lab.digest.crawl.errors import AddressRefused, SiteUnreadable, Skipped
from crashcart_lab.digest.crawl.fetch import Answer, Fetcher, Want
from crashcart_lab.digest.crawl.limits import Limits

logger = logging.getLogger(__name__)

# RFC 9309, 2.5: a parser must read 500 KiB or more.
MAX_BYTES = 512_000
# RFC 9309, 2.3.1.2: follow five redirects or more, to other hosts as well.
MAX_REDIRECTS = 5


class Robots:
    """The rules of one site for one agent."""

    def __init__(self, rules: Protego, *, agent: str) -> None:
        self._rules = rules
        self._name = agent.partition("/")[0]

    async def allows(self, address: WebAddress) -> bool:
        # In a thread, as the parsing is: the largest file of the worst rules takes 0.2 s here and 1 s there.
        return await asyncio.to_thread(self._rules.can_fetch, str(address), self._name)

    @property
    def delay_s(self) -> float:
        return self._rules.crawl_delay(self._name) or 0.0


async def rules_of(site: WebAddress, fetch: Fetcher, *, limits: Limits, agent: str) -> Robots:
    """Read the rules of *site*; a site without any, or that answers 4xx when asked for them, has none.

    Raises:
        SiteUnreadable: the rules exist but cannot be had (5xx, no answer): then everything is forbidden.
        AddressRefused: the site may not be visited.
    """
    want = Want(frozenset(), limits.robots_timeout_s, MAX_BYTES, is_cut=True)
    start = address = site.at("/robots.txt")
    try:
        for _ in range(MAX_REDIRECTS + 1):
            answer = await fetch.get(address, want)
            if answer.leads_to is None:
                return await _parsed(answer, start, agent)
            address = joined(address, answer.leads_to)
    except AddressRefused as err:
        if address == start:
            raise
        raise _closed(start, str(err)) from err
    except (Skipped, NotAnAddress) as err:
        raise _closed(start, str(err)) from (err.__cause__ or err)
    logger.warning("%s is taken for missing: more than %d redirects", start, MAX_REDIRECTS)
    return Robots(Protego.parse(""), agent=agent)


async def _parsed(answer: Answer, start: WebAddress, agent: str) -> Robots:
    if answer.status >= 500:
        raise _closed(start, f"it answered {answer.status}")
    text = answer.body.decode("utf-8-sig", errors="replace") if answer.status == 200 else ""
    return Robots(await asyncio.to_thread(Protego.parse, text), agent=agent)


def _closed(start: WebAddress, reason: str) -> SiteUnreadable:
    return SiteUnreadable(f"{start} could not be read, and without it the site is closed to robots: {reason}")
