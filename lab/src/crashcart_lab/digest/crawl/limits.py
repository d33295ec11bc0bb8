"""How much of a site is read, how fast, and by which clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one crawl.

    Attributes:
        max_depth: the first page has depth 1.
        page_timeout_s: from looking up the name to the last byte of one answer.
        page_bytes: size of a page after decompression; a larger page is left out.
        delay_s: least time between the starts of two requests; 0 is none.
        max_crawl_delay_s: what robots.txt may ask for beyond this is cut down to it.
        max_retry_after_s: a server that is busy for longer is not asked again.
        robots_timeout_s: apart from the timeout of pages, as a robots.txt that hangs closes the whole site.
        max_requests: every request counts, so a site of a million dead links ends too.
        max_known: addresses kept in memory; links beyond it are dropped.
        crawl_timeout_s: no request starts later than this.
    """

    max_pages: int
    max_depth: int
    page_timeout_s: float
    page_bytes: int = 2_000_000
    max_redirects: int = 5
    delay_s: float = 0.0
    max_crawl_delay_s: float = 10.0
    max_retry_after_s: float = 20.0
    robots_timeout_s: float = 10.0
    max_requests: int = 250
    max_known: int = 10_000
    crawl_timeout_s: float = 600.0


def _today() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the crawler sees it: `now` in seconds from any start, `today` aware."""

    now: Callable[[], float] = time.monotonic
    today: Callable[[], datetime] = _today
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
