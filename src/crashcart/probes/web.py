"""Asking a target over HTTP with its key, and reading what comes back: shared by the kinds that do so."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

from crashcart.model.observation import Scalar, Unseen
from crashcart.model.system import Target
from crashcart.ports import Answer, Place
from crashcart.probes.address import attribute, parse_url

TIMEOUT_S = 3.0  # what a person at a browser takes for "it hangs"
READ_BYTES = 1 << 20  # JSON has to be whole to be read; what is kept of it is less
_KEY_HEADER = "Authorization: Bearer"
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]+")


async def ask(
    place: Place,
    target: Target,
    path: str,
    *,
    key: str,
    method: str = "GET",
    limit_bytes: int = READ_BYTES,
    url: str = "",
) -> Answer | Unseen:
    """Return the answer to one request with the target's key, or why we could not ask.

    The path stands behind the path of the target's url, so it cannot change the host. `url` stands in its stead: from
    the system file, never from a guide.
    """
    whole = url or url_of(target, path)
    if isinstance(whole, Unseen):
        return whole
    headers = key_headers(target, key)
    if isinstance(headers, Unseen):
        return headers
    try:
        return await place.request(method, whole, headers=headers, timeout_s=TIMEOUT_S, limit_bytes=limit_bytes)
    except ValueError as error:
        return Unseen(f"the url of {target.name} with this path is {error}")
    except OSError as error:
        return Unseen(f"could not open a connection from here: {error.strerror or error}")


def key_headers(target: Target, key: str) -> dict[str, str] | Unseen:
    """Return the header that carries the key, or why it can carry none."""
    if not key:
        return {}
    if not (key.isascii() and key.isprintable() and key == key.strip()):
        return Unseen(f"the key of {target.name} has characters that no header may carry: a line break, a space?")
    shape = target.attributes.get("key_header", "") or _KEY_HEADER
    name, _, scheme = shape.partition(":")
    if not (_HEADER_NAME.fullmatch(name.strip()) and scheme.isascii() and (scheme.isprintable() or not scheme)):
        return Unseen(f'key_header of {target.name} is no header: "Authorization: Bearer", "x-api-key"')
    return {name.strip(): f"{scheme.strip()} {key}".strip()}


def url_of(target: Target, path: str) -> str | Unseen:
    """Return the target's url with the path behind its own. The path begins with a slash: it cannot change the host."""
    base = attribute(target, "url")
    if isinstance(base, Unseen):
        return base
    if isinstance(parse_url(base), Unseen) or not base.lower().startswith(("http://", "https://")):
        return Unseen(f"the url of {target.name} is not an http url, like http://127.0.0.1:8000")
    parts = urlsplit(base)
    place, _, query = path.partition("?")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + "/" + place.lstrip("/"), query, ""))


def text_of(body: bytes, content_type: str) -> str:
    """Return the body as text, in the charset it declares."""
    header = Message()
    header["content-type"] = content_type
    try:
        return body.decode(header.get_content_charset("utf-8"), "replace")
    except (LookupError, UnicodeError):  # a charset that nobody knows, or one that is none ("idna", "zip")
        return body.decode("utf-8", "replace")


def retry_after(header: str, now: datetime) -> float | None:
    """Return seconds; the header gives seconds or a date. None when it is missing or neither."""
    if not header:
        return None
    if header.replace(".", "", 1).isdecimal():
        return float(header)
    at = date_of(header)
    return None if at is None else max(0.0, (at - now).total_seconds())


def date_of(header: str) -> datetime | None:
    """Return the moment that a date header names; None when it is none."""
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def parsed(text: str) -> object:
    """Return the JSON document; raises ValueError when it is none, also for brackets nested to break a parser."""
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dig(text: str, at: str) -> Scalar | None:
    """Return the text, number or flag at a dotted path, None when there is none (also for null, lists and objects)."""
    try:
        found = parsed(text)
    except ValueError:
        return None
    return step_into(found, at)


def step_into(found: object, at: str) -> Scalar | None:
    """Return the scalar at a dotted path into a parsed document, None when there is none."""
    for step in at.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found if isinstance(found, str | int | float | bool) else None
