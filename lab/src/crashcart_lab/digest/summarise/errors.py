"""What can go wrong with the provider, beside what its SDK raises."""

from __future__ import annotations


class NoAnswer(Exception):
    """The provider answered with success, and there is no summary in it.

    *malformed* says that the answer could not be read at all: what a proxy, or a provider in trouble, sends.
    """

    def __init__(self, message: str, *, malformed: bool) -> None:
        super().__init__(message)
        self.malformed = malformed


class ProviderPaused(Exception):
    """The provider was not asked, because it has failed too often just now."""
