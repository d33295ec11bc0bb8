"""One request, and what came back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Answer, Place, Secrets
from crashcart.probes.address import attribute, parse_url
from crashcart.probes.plain import plain
from crashcart.redact import Scrubber, is_secret_name

TIMEOUT_S = 3.0  # what a person at a browser takes for "it hangs"
_READ_BYTES = 1 << 20  # JSON has to be whole to be read; what is kept of it is less
_BODY_CHARS = 64 * 1024
_TYPE_CHARS = 200
_METHODS = ("GET", "HEAD", "OPTIONS")


class HttpLook:
    """Asks the target; presents its key and never shows it."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._scrubber = scrubber
        self._secrets = secrets

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        method, path = look.arg("method") or "", look.arg("path") or "/"
        if method not in _METHODS:
            return Unseen(f"{method or 'no method'} is not asked: only GET, HEAD and OPTIONS change nothing")
        url = _url(target, path)
        if isinstance(url, Unseen):
            return url
        key = self._secrets.value(target.name, "key")
        if key and not (key.isascii() and key.isprintable() and key == key.strip()):
            return Unseen(f"the key of {target.name} has characters that no header may carry: a line break, a space?")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        try:
            answer = await self._place.request(
                method, url, headers=headers, timeout_s=TIMEOUT_S, limit_bytes=_READ_BYTES
            )
        except ValueError as error:
            return Unseen(f"the url of {target.name} with this path is {error}")
        except OSError as error:
            return Unseen(f"could not open a connection from here: {error.strerror or error}")
        return Seen(self._fields(answer, look.arg("at"), moment.now, key or ""))

    def _fields(self, answer: Answer, at: str | None, now: datetime, key: str) -> dict[str, Scalar]:
        fields: dict[str, Scalar] = {
            "connect": answer.state,
            "answer": answer.end,
            "status": answer.status,
            "took": answer.took_s,
        }
        if not answer.status:
            return fields
        headers = dict(reversed(answer.headers))  # of several, the first
        text = _text(answer.body, headers.get("content-type", ""))
        declared = headers.get("content-length", "")
        fields["type"] = self._clean(headers.get("content-type", ""), key)[:_TYPE_CHARS]
        fields["length"] = int(declared) if declared.isdecimal() and len(declared) < 19 else len(answer.body)
        fields["body"] = self._clean(text, key, is_cut=answer.is_cut or answer.end == "cut")[:_BODY_CHARS]
        wait_s = _retry_after(headers.get("retry-after", ""), now)
        if wait_s is not None:
            fields["retry_after"] = wait_s
        value = self._value(text, at, key) if at else None
        if value is not None:
            fields["value"] = value
        return fields

    def _clean(self, text: str, key: str, *, is_cut: bool = False) -> str:
        # The key was just sent, so it is the likeliest secret to come back; the scrubber may not have been told of it.
        return plain(Scrubber([key]).text(self._scrubber.text(text, is_cut=is_cut), is_cut=is_cut))

    def _value(self, text: str, at: str, key: str) -> Scalar | None:
        found = _dig(text, at)
        if found is None or is_secret_name(at.rsplit(".", 1)[-1]):
            return None
        if isinstance(found, bool):
            return "true" if found else "false"  # as JSON writes it, and so as a guide quotes it
        return self._clean(found, key)[:_BODY_CHARS] if isinstance(found, str) else found


def _url(target: Target, path: str) -> str | Unseen:
    """Return the target's url with the path behind its own. The path begins with a slash: it cannot change the host."""
    base = attribute(target, "url")
    if isinstance(base, Unseen):
        return base
    if isinstance(parse_url(base), Unseen) or not base.lower().startswith(("http://", "https://")):
        return Unseen(f"the url of {target.name} is not an http url, like http://127.0.0.1:8000")
    parts = urlsplit(base)
    place, _, query = path.partition("?")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + "/" + place.lstrip("/"), query, ""))


def _text(body: bytes, content_type: str) -> str:
    header = Message()
    header["content-type"] = content_type
    try:
        return body.decode(header.get_content_charset("utf-8"), "replace")
    except (LookupError, UnicodeError):  # a charset that nobody knows, or one that is none ("idna", "zip")
        return body.decode("utf-8", "replace")


def _retry_after(header: str, now: datetime) -> float | None:
    """Return seconds; the header gives seconds or a date. None when it is missing or neither."""
    if not header:
        return None
    if header.replace(".", "", 1).isdecimal():
        return float(header)
    try:
        at = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())


def _dig(text: str, at: str) -> Scalar | None:
    """Return the text, number or flag at a dotted path, None when there is none (also for null, lists and objects)."""
    try:
        found: object = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):  # no JSON, or brackets nested to break a parser
        return None
    for step in at.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found if isinstance(found, str | int | float | bool) else None
