"""Whose certificates are trusted here."""

from __future__ import annotations

import ssl


def trusted() -> ssl.SSLContext:
    """Return a context that checks everything, against what this machine trusts."""
    import certifi

    # The system's own store first: that is where a company puts its own authority.
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
