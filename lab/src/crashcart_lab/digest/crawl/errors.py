"""What can go wrong on the way to a page."""

from __future__ import annotations


class SiteUnreadable(Exception):
    """The first page of a site could not be read, so nothing of it can."""


class AddressRefused(Exception):
    """An address that this service must not visit. The reason is fit for strangers: it names no inner address."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url} is refused: {reason}")
        self.url = url
        self.reason = reason


class Skipped(Exception):
    """One page is left out; the crawl goes on."""


class Unremarkable(Skipped):
    """A page left out for a reason that is nobody's mistake, such as a picture behind a link."""


class Unanswered(Skipped):
    """Time ran out before the first byte of an answer."""
