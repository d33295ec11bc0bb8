"""Addresses in settings: what a url, or a host beside a port, says about a part. Pure."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from crashcart.survey.finding.parts import Anchor

_STORES = {
    "postgres": ("postgres", 5432),
    "postgresql": ("postgres", 5432),
    "postgis": ("postgres", 5432),
    "redis": ("redis", 6379),
    "rediss": ("redis", 6380),
    "valkey": ("redis", 6379),
    "mysql": ("tcp", 3306),
    "mariadb": ("tcp", 3306),
    "mongodb": ("tcp", 27017),
    "amqp": ("tcp", 5672),
    "amqps": ("tcp", 5671),
    "pyamqp": ("tcp", 5672),
    "nats": ("tcp", 4222),
    "memcached": ("tcp", 11211),
}
_SCHEMES = "|".join((*_STORES, "sqlite"))
URL = re.compile(rf"\b(?:db\+)?(?:{_SCHEMES})(?:\+[a-z0-9_]+)?://[^\s\"'`,<>(){{}}\\]*")
_HERE = ("", "localhost", "localhost.localdomain", "0.0.0.0", "::", "[::]", "*", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Store:
    """A database, cache or broker that a setting names. `url` holds no password."""

    anchor: Anchor
    kind: str
    word: str  # its scheme, without the driver
    url: str


def host_of(host: str) -> str:
    """Return "here" for this machine under any of its names, else the name."""
    if host.lower() in _HERE:
        return "here"
    try:
        return "here" if ipaddress.ip_address(host.strip("[]")).is_loopback else host
    except ValueError:
        return host.lower()


def at(host: str, port: int) -> Anchor:
    """Return the anchor of what listens there."""
    return Anchor("port", host_of(host), port)


def store(text: str, folder: str, aliases: Mapping[str, Anchor] | None = None) -> Store | None:
    """Return the store that a url names, or None. `aliases` are names that compose gives to parts."""
    text = text.removeprefix("db+")  # how Celery says that SQLAlchemy shall keep the results
    scheme = text.partition("://")[0].partition("+")[0].lower()
    if "://" not in text or "$" in text:
        return None
    if scheme == "sqlite":
        return _sqlite(text, folder)
    if scheme not in _STORES:
        return None
    kind, usual = _STORES[scheme]
    try:
        parts = urlsplit(text.partition(";")[0])
        host, port = parts.hostname or "", parts.port or usual
    except ValueError:
        return None
    anchor = (aliases or {}).get(host) or at(host, port)
    return Store(anchor, kind, scheme, bare(text))


def bare(url: str) -> str:
    """Return a url without its password, and without a query: drivers put passwords there too."""
    parts = urlsplit(url)
    if parts.password is None and not parts.query:
        return url
    user = f"{parts.username}@" if parts.username else ""
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, f"{user}{host}", parts.path, "", ""))


def has_password(url: str) -> bool:
    """Say whether a url holds a password, or may hold one behind its question mark."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    return parts.password is not None or "pass" in parts.query


def _sqlite(text: str, folder: str) -> Store | None:
    # sqlite:///relative, sqlite:////absolute; what stands behind a question mark is for the driver.
    path = re.sub(r"^sqlite(?:\+\w+)?://", "", text).partition("?")[0]
    path = path[1:] if path.startswith("/") else path
    if not path or path == ":memory:":
        return None
    whole = os.path.normpath(os.path.join(folder, path))
    return Store(Anchor("file", whole), "sqlite", "sqlite", whole)
