"""What a provider's answer means: the status, its own words for errors, its limits. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from crashcart.probes.web import date_of, parsed, retry_after, step_into

# Where providers put their word for an error: OpenAI and those like it, Google, Anthropic, Deepgram, ElevenLabs, plain.
_CODE_AT = (
    "error.code", "error.details.0.reason", "error.status", "error.type", "code", "err_code", "detail.status", "detail.code", "error",
)  # fmt: skip
_QUOTA = (
    "insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "quota_exceeded", "insufficient_balance",
    "insufficient_credits", "credit_balance_too_low", "asr_payment_required", "payment_required",
)  # fmt: skip
_BAD_KEY = (
    "invalid_api_key", "api_key_invalid", "invalid_authentication", "authentication_error", "unauthenticated", "invalid_auth",
    "incorrect_api_key",
)  # fmt: skip
_OVERLOADED = ("overloaded_error", "engine_overloaded", "model_overloaded")
_BY_STATUS = {401: "unauthorised", 402: "quota", 403: "forbidden", 404: "missing", 410: "missing", 429: "limited",
              503: "overloaded", 529: "overloaded"}  # fmt: skip
_LIMITS = {
    "requests_left": ("x-ratelimit-remaining-requests", "anthropic-ratelimit-requests-remaining", "x-ratelimit-remaining",
                      "ratelimit-remaining"),
    "requests_limit": ("x-ratelimit-limit-requests", "anthropic-ratelimit-requests-limit", "x-ratelimit-limit",
                       "ratelimit-limit"),
    "tokens_left": ("x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-remaining"),
    "tokens_limit": ("x-ratelimit-limit-tokens", "anthropic-ratelimit-tokens-limit"),
}  # fmt: skip


def document(text: str) -> object:
    """Return the JSON document of a body, None when it is none."""
    try:
        return parsed(text)
    except ValueError:
        return None


def codes(body: object) -> Iterator[str]:
    """Yield its own words for the error, the most telling first."""
    for at in _CODE_AT:
        found = step_into(body, at)
        if isinstance(found, str) and found:
            yield found


def says(status: int, body: object, *, is_cut: bool) -> str:
    """Return what a whole answer means; `is_cut` when we did not read all of its body."""
    words = [code.lower() for code in codes(body)]
    for meaning, known in (("quota", _QUOTA), ("unauthorised", _BAD_KEY), ("overloaded", _OVERLOADED)):
        if any(word in known for word in words):
            return meaning
    if status >= 500:
        return _BY_STATUS.get(status, "error")
    if status >= 400:
        return _BY_STATUS.get(status, "invalid")
    if 200 <= status < 300:
        is_sound = isinstance(body, list) or (isinstance(body, dict) and not body.get("error"))
        return "ok" if is_sound or is_cut else "malformed"
    return "invalid"  # a redirect that leads elsewhere: what an API does not do


def key_state(meaning: str, *, is_shown: bool) -> str:
    """Return what became of a key: whether it was taken cannot be told from every answer."""
    if not is_shown:
        return "none"
    return {"ok": "accepted", "quota": "accepted", "unauthorised": "rejected"}.get(meaning, "untold")


def limits(headers: Mapping[str, str], now: datetime) -> dict[str, float]:
    """Return what the headers tell of limits and time."""
    found: dict[str, float] = {}
    for field, names in _LIMITS.items():
        value = next((headers[name] for name in names if name in headers), "")
        if value.isdecimal() and len(value) < 16:
            found[field] = float(value)
    wait_s = retry_after(headers.get("retry-after", ""), now)
    if wait_s is not None:
        found["retry_after"] = wait_s
    date = date_of(headers["date"]) if "date" in headers else None
    if date is not None:
        found["skew"] = abs(round((date - now).total_seconds()))
    return found


def models(body: object) -> frozenset[str] | None:
    """Return the names on a list of models; None when the answer is no such list."""
    entries = body
    if isinstance(body, dict):
        entries = next((body[name] for name in ("data", "models") if isinstance(body.get(name), list)), None)
    if not isinstance(entries, list):
        return None
    found = (entry.get(name) for entry in entries if isinstance(entry, dict) for name in ("id", "name", "model_id"))
    # Google lists "models/NAME".
    names = {text for name in found if isinstance(name, str) for text in (name, name.rpartition("/")[2])}
    return frozenset(names | {entry for entry in entries if isinstance(entry, str)})
