"""The readable text of pages."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Protocol

from crashcart_lab.digest.summarise.slow import loaded

logger = logging.getLogger(__name__)


class HtmlPage(Protocol):
    """One page as it came."""

    @property
    def url(self) -> str: ...

    @property
    def html(self) -> str: ...


class NoText(Exception):
    """Pages were read, and none of them has any text."""


def text_of(pages: Iterable[HtmlPage], *, max_chars: int) -> str:
    """Return the readable text of the pages in their order, cut to *max_chars*.

    Slow: meant for a thread. Pages without text are skipped with a warning; those that begin
    beyond the cut are not looked at.

    Raises:
        NoText: no page has any.
    """
    texts: list[str] = []
    seen, length = 0, 0
    for page in pages:
        seen += 1
        if text := _extract(page):
            texts.append(text)
            length += len(text) + len("\n\n")
        if length >= max_chars:
            break
    if not texts:
        raise NoText(f"none of the {seen} pages has any text")
    return "\n\n".join(texts)[:max_chars]


def _extract(page: HtmlPage) -> str | None:
    loaded("trafilatura")  # takes a third of a second: the service must answer before
    import trafilatura

    # It logs what it cannot parse, and returns None.
    text = trafilatura.extract(page.html, url=page.url, include_comments=False)
    if not text:
        logger.warning("page %s has no text, and is left out of the summary", page.url)
    return text
