"""Where a database is, by its url, as libpq wants it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

from crashcart.model.observation import Unseen

# As SQLAlchemy (`postgresql+psycopg`) and Django's urls (`postgis`) write it.
_SCHEME = re.compile(r"(?:postgres(?:ql)?|postgis)(?:\+\w+)?\Z", re.IGNORECASE)
# What of a query string is for libpq; other drivers and tools have keys of their own that it would refuse.
_KNOWN = """host port user password dbname options passfile sslmode sslnegotiation sslcert sslkey sslpassword sslrootcert
    sslcrl sslcrldir sslsni ssl_min_protocol_version ssl_max_protocol_version channel_binding gssencmode krbsrvname
    gsslib require_auth"""


@dataclass(frozen=True, slots=True)
class Where:
    """A database; `host` is empty or a folder for a socket of this machine. Not shown: it may hold a password."""

    host: str
    port: int
    settings: tuple[tuple[str, str], ...] = field(repr=False)

    @property
    def is_socket(self) -> bool:
        """Whether it is reached by a socket in a folder."""
        return not self.host or self.host.startswith("/")

    def setting(self, name: str) -> str:
        """Return a setting of the connection, empty when the url has none."""
        return dict(self.settings).get(name, "")


def where(url: str, name: str) -> Where | Unseen:
    """Return where the url of that target leads. The url itself is never repeated: it may hold a password."""
    wrong = Unseen(f"the url of {name} is not a postgresql url, like postgresql://USER@HOST:5432/DATABASE")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return wrong
    if not _SCHEME.match(parts.scheme):
        return wrong
    given = {key: value for key, value in parse_qsl(parts.query) if key in _KNOWN.split()}
    host = given.pop("host", "") or unquote(host)
    told = given.pop("port", "") or str(port or 5432)
    if "," in host or not told.isdecimal() or not 0 < int(told) < 65536:
        return wrong
    for key, value in (("user", parts.username), ("password", parts.password), ("dbname", parts.path.lstrip("/"))):
        if value:
            given.setdefault(key, unquote(value))
    return Where(host, int(told), tuple(sorted(given.items())))
