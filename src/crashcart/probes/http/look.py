"""One request, and what came back."""

from __future__ import annotations

from datetime import datetime

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Answer, Place, Secrets
from crashcart.probes.plain import plain
from crashcart.probes.web import ask, dig, retry_after, text_of
from crashcart.redact import Scrubber, is_secret_name

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
        key = self._secrets.value(target.name, "key") or ""
        answer = await ask(self._place, target, path, key=key, method=method)
        return answer if isinstance(answer, Unseen) else Seen(self._fields(answer, look.arg("at"), moment.now, key))

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
        text = text_of(answer.body, headers.get("content-type", ""))
        declared = headers.get("content-length", "")
        fields["type"] = self._clean(headers.get("content-type", ""), key)[:_TYPE_CHARS]
        fields["length"] = int(declared) if declared.isdecimal() and len(declared) < 19 else len(answer.body)
        fields["body"] = self._clean(text, key, is_cut=answer.is_cut or answer.end == "cut")[:_BODY_CHARS]
        wait_s = retry_after(headers.get("retry-after", ""), now)
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
        found = dig(text, at)
        if found is None or is_secret_name(at.rsplit(".", 1)[-1]):
            return None
        if isinstance(found, bool):
            return "true" if found else "false"  # as JSON writes it, and so as a guide quotes it
        return self._clean(found, key)[:_BODY_CHARS] if isinstance(found, str) else found
