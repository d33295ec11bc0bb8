"""One free request with our key, and what the answer means."""

from __future__ import annotations

from datetime import datetime

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Answer, Place, Secrets
from crashcart.probes.address import attribute
from crashcart.probes.plain import plain
from crashcart.probes.pool import FILES
from crashcart.probes.provider.verdict import codes, document, key_state, limits, models, says
from crashcart.probes.web import ask, text_of
from crashcart.redact import Scrubber

_CODE_CHARS = 100


class ProviderLook:
    """Asks what costs nothing; presents the key and never shows it."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._scrubber = scrubber
        self._secrets = secrets

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        path = look.arg("path") or attribute(target, "probe")
        if isinstance(path, Unseen):
            return path
        key = self._secrets.value(target.name, "key") or ""
        blind = await self._no_key(target) if not key and target.attributes.get("key") else None
        if blind is not None:
            return blind
        answer = await ask(self._place, target, path if path.startswith("/") else f"/{path}", key=key)
        if isinstance(answer, Unseen):
            return answer
        return Seen(self._fields(answer, look, target, key, moment.now))

    async def _no_key(self, target: Target) -> Unseen | None:
        """Return why an empty key says nothing about the service; None when it does."""
        if not target.env_file:
            return Unseen(
                f"{target.attributes['key']} is not set here, and nothing says where the service has it: add env_file to "
                f"{target.name}"
            )
        try:
            await FILES.run(lambda: self._place.read(target.env_file, 1))
        except OSError as error:
            return Unseen(f"cannot read {target.env_file}, which may hold the key: {error.strerror or error}")
        return None

    def _fields(self, answer: Answer, look: Look, target: Target, key: str, now: datetime) -> dict[str, Scalar]:
        fields: dict[str, Scalar] = {
            "connect": answer.state, "answer": answer.end, "status": answer.status, "took": answer.took_s,
        }  # fmt: skip
        headers = dict(reversed(answer.headers))  # of several, the first
        body, meaning = None, "nothing"
        if answer.status and answer.end == "complete":
            body = document(text_of(answer.body, headers.get("content-type", "")))
            meaning = says(answer.status, body, is_cut=answer.is_cut)
        is_unset = not key and bool(target.attributes.get("key"))
        fields["says"] = meaning
        fields["key"] = "unset" if is_unset else key_state(meaning, is_shown=bool(key))
        fields |= limits(headers, now) if answer.status else {}
        code = next(codes(body), "") if meaning != "ok" else ""
        if code:
            fields["code"] = self._clean(code, key)[:_CODE_CHARS]
        listed, wanted = models(body), look.arg("model")
        if meaning == "ok" and wanted and listed is not None:
            fields["is_offered"] = wanted in listed
        return fields

    def _clean(self, text: str, key: str) -> str:
        # The key was just sent, so it is the likeliest secret to come back; the scrubber may not have been told of it.
        return plain(Scrubber([key]).text(self._scrubber.text(text)))
