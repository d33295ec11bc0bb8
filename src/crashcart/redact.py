"""The scrubber: takes secrets out of text before anything is stored, shown or weighed. Pure; built once.

Two nets. Values that are known to be secret go wherever and however they are written (as they are, URL-encoded,
base64, escaped for JSON). What is not known goes by its shape (keys of the usual providers, tokens, user information
in URLs) or by the name in front of it (`password=`, `"api_key":`). Every pattern is tried at few places and none
scans twice, so the time grows with the length of the text only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import pairwise
from urllib.parse import quote, quote_plus

MARK = "[redacted]"
_MARK = re.escape(MARK)
_SHORTEST = 6  # a shorter "secret" would take ordinary words with it

Replace = Callable[[re.Match[str]], str]


def fingerprint(value: str) -> str:
    """Return 8 hexadecimal digits that tell whether two values are equal, and nothing else of use."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --- names -----------------------------------------------------------------------------------------------------------

_SECRET_PARTS = _words(
    "password passwd passphrase pwd secret secrets token apikey credential credentials cookie jwt salt pat"
)
_SECRET_LAST = _words("pass pw key keys auth authorization signature pem dsn session sessionid sid")
_SECRET_PAIRS = frozenset(
    {("api", "key"), ("access", "key"), ("private", "key"), ("secret", "key"), ("signing", "key")}
)
# What is said *about* a secret is not one: TOKEN_TTL, PASSWORD_MIN_LENGTH, SECRET_NAME, AUTH_URL.
_ABOUT = _words(
    "url uri host port domain ttl timeout seconds ms minutes hours days expiry expires expire expiration age length "
    "len min max count limit file path dir name prefix type algorithm alg issuer enabled disabled header audience size "
    "rotation field required policy rounds version id"
)
_NAME_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Say whether a setting, field or header of that name holds a secret. In doubt, yes."""
    words = tuple(word.lower() for word in _NAME_WORDS.findall(name[:200]))
    if not words or (words[-1] in _ABOUT and words[-2:] != ("session", "id")):
        return False
    pairs = set(pairwise(words))
    return (
        not _SECRET_PARTS.isdisjoint(words)
        or words[-1] in _SECRET_LAST
        or words[-2:] == ("session", "id")
        or not _SECRET_PAIRS.isdisjoint(pairs)
    )


# --- shapes ----------------------------------------------------------------------------------------------------------

_KEYISH = (
    r"password|passwd|passphrase|pwd|api[_\-. ]?key|apikey|access[_\-]?key|secret[_\-]?key|private[_\-]?key|"
    r"signing[_\-]?key|encryption[_\-]?key|client[_\-]?secret|secret|credentials?|token|phpsessid|jsessionid|"
    r"sessionid|session_id|connect\.sid|csrftoken|jwt"
)
# Words that stand where a value would, in ordinary sentences: "token: expired".
_NO_VALUE = _words(
    "none null nil undefined true false yes no ok on off set unset missing empty required invalid expired incorrect "
    "wrong unknown not is was are must has have the a an of for to in from by and or revoked malformed denied rejected "
    "absent present bearer basic valid failed failure error mismatch redacted hidden"
)
_SEPARATOR = r"(?:\\{0,4}[\"'])?[ \t]{0,3}(?:=>|:=|==|[:=])[ \t]{0,3}"
_QUOTED = (
    r"b?\\\\{0,3}\"(?:(?!\\{1,4}\")[^\n])*+"  # \"...\" inside a JSON string
    r"|b?\"(?:[^\"\\\n]|\\[^\n])*+"
    r"|b?'(?:[^'\\\n]|\\[^\n])*+"
)
# A closing bracket or a backslash belongs to a value only when the value goes on behind it.
_BARE = (
    rf"(?:{_MARK}|[^\s\"',;&(){{}}\[\]<>\\])"
    rf"(?:{_MARK}|[^\s\"',;&)}}\]>\\]|[)}}\]>](?=[^\s\"',;&)}}\]>.:])|\\(?![\"'nrt\\]))*+"
)
_PAIR = re.compile(rf"(?P<name>(?:{_KEYISH})(?P<sep>{_SEPARATOR}))(?P<value>{_QUOTED}|{_BARE})", re.IGNORECASE)
# At the start of a line, as in env files, a value may hold any punctuation.
_LINE_PAIR = re.compile(
    r"^(?P<name>[ \t]*+(?:export[ \t]+)?[A-Za-z0-9_.\-]++)=(?P<value>[^\s\"'][^\s]*+)", re.MULTILINE
)
_HEADER = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization(?:\\{0,4}[\"'])?[ \t]{0,3}[:=][ \t]{0,3}(?:\\{0,4}[\"'])?"
    r"(?:(?:bearer|basic|token|digest|apikey|negotiate)[ \t]+)?)(?P<value>[^\s\"'\\,;]++)",
    re.IGNORECASE,
)
_COOKIE = re.compile(
    r"(?P<name>\b(?:set-)?cookie(?:\\{0,4}[\"'])?[ \t]{0,3}:[ \t]{0,3}(?:\\{0,4}[\"'])?)(?P<value>[^\n\"'\\]++)",
    re.IGNORECASE,
)
_SESSION = re.compile(r"(?P<name>(?<![A-Za-z0-9_])(?:session|sid)=)(?P<value>[A-Za-z0-9._%+/=\-]{16,}+)", re.IGNORECASE)
_BEARER = re.compile(r"(?P<name>\bbearer[ \t]+)(?P<value>[A-Za-z0-9._~+/=\-]{6,}+)", re.IGNORECASE)
_BASIC = re.compile(r"(?P<name>\bbasic[ \t]+)(?P<value>[A-Za-z0-9+/_\-]{4,}+={0,2})", re.IGNORECASE)
_USERINFO = re.compile(r"(?P<name>://[^\s/?#:@\"']{0,256}+:)(?!\d{1,5}[?#])(?P<value>[^\s/\"']{1,256})(?=@)")
_USER_TOKEN = re.compile(r"(?P<name>://)(?P<value>[A-Za-z0-9_\-.~%]{16,256}+)(?=@)")
_STRONG = re.compile(
    r"(?<![A-Za-z0-9_\-])(?:"
    r"eyJ[A-Za-z0-9_\-]{6,}+\.[A-Za-z0-9_\-]{6,}+(?:\.[A-Za-z0-9_\-]*+)?"  # JSON web token
    r"|xox[a-z]-[A-Za-z0-9\-]{8,}+"  # Slack
    r"|gh[a-z]_[A-Za-z0-9]{16,}+|github_pat_[A-Za-z0-9_]{16,}+|glpat-[A-Za-z0-9_\-]{16,}+"
    r"|(?:AKIA|ASIA|AIDA|AROA|AGPA)[A-Z0-9]{16}(?![A-Za-z0-9])"  # AWS
    r"|AIza[A-Za-z0-9_\-]{30,}+|hf_[A-Za-z0-9]{16,}+|npm_[A-Za-z0-9]{30,}+"
    r"|SG\.[A-Za-z0-9_\-]{16,}+\.[A-Za-z0-9_\-]{16,}+"
    r"|[srp]k_(?:live|test)_[A-Za-z0-9]{8,}+|whsec_[A-Za-z0-9+/=]{16,}+"  # Stripe
    r")"
)
_SLACK_HOOK = re.compile(r"(?P<name>hooks\.slack\.com/services/)(?P<value>[A-Za-z0-9/]{10,}+)")
_SK = re.compile(r"(?<![A-Za-z0-9_\-])(?:sk|rk|pk)-(?P<value>[A-Za-z0-9_\-*]{8,}+)")
_NAMED = re.compile(
    r"(?P<name>(?:key|token|secret|credential|password)s?(?:[ \t]+[A-Za-z]{1,16}){0,2}"
    r"(?:[ \t]*[:=][ \t]*|[ \t]+)[\"'(]?)"
    r"(?P<value>[A-Za-z0-9+/_\-*]{16,}+={0,2})",
    re.IGNORECASE,
)
_OPENING = re.compile(r"b?\\{0,4}[\"']")
_BLOCK = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)


def _named(match: re.Match[str]) -> str:
    return match["name"] + MARK


def _whole(match: re.Match[str]) -> str:
    return MARK


def _is_ordinary(value: str) -> bool:
    """Say whether this stands behind "token:" in a sentence, or has been blanked already."""
    return value.lower().rstrip(".!?") in _NO_VALUE or not value.strip("*.-")


def _pair(match: re.Match[str]) -> str:
    """Keep the quotes, so that JSON stays JSON."""
    value = match["value"]
    opening = _OPENING.match(value)
    quotes = opening[0] if opening is not None else ""
    bare = value[len(quotes) :]
    return match[0] if _is_ordinary(bare) else match["name"] + quotes + MARK


def _line_pair(match: re.Match[str]) -> str:
    is_secret = is_secret_name(match["name"].strip().removeprefix("export"))
    return f"{match['name']}={MARK}" if is_secret and not _is_ordinary(match["value"]) else match[0]


def _header(match: re.Match[str]) -> str:
    return match[0] if _is_ordinary(match["value"]) else _named(match)


def _bearer(match: re.Match[str]) -> str:
    """Leave words alone: "Bearer authentication", "Bearer realm=..."."""
    word = match["value"].rstrip(".=")
    is_word = word.isalpha() and len(word) < 20 and word in (word.lower(), word.title())
    return match[0] if is_word else _named(match)


def _basic(match: re.Match[str]) -> str:
    value = match["value"]
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_" if set(value) & {"-", "_"} else None)
    except (binascii.Error, ValueError):
        return match[0]  # not base64, so not credentials: "Basic authentication"
    return _named(match) if b":" in plain else match[0]


def _sk(match: re.Match[str]) -> str:
    value = match["value"]
    is_key = any(letter.isdigit() or letter == "*" for letter in value) or len(value) >= 32
    return MARK if is_key else match[0]


def _entropic(match: re.Match[str]) -> str:
    """Take a long value behind a key-ish name only when it looks drawn, not written: not a UUID, not joined words."""
    value = match["value"]
    has_both = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    parts = re.split(r"[_\-/]", value)
    is_written = len(parts) > 1 and all(part.isalpha() or part.isdigit() or not part for part in parts)
    if "*" not in value and (not has_both or is_written or _UUID.match(value) or len(set(value)) < 8):
        return match[0]
    return _named(match)


# A pattern is tried only when the text, in small letters, holds one of its words: looking for a word is a hundred times
# faster than trying a pattern at every character. No words: always.
_PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str], Replace], ...] = (
    ((), _STRONG, _whole),
    (("sk-", "rk-", "pk-"), _SK, _sk),
    (("hooks.slack",), _SLACK_HOOK, _named),
    (("://",), _USERINFO, _named),
    (("://",), _USER_TOKEN, _named),
    (("cookie",), _COOKIE, _named),
    (("authorization",), _HEADER, _header),
    (("bearer",), _BEARER, _bearer),
    (("basic",), _BASIC, _basic),
    (("=",), _LINE_PAIR, _line_pair),
    (("pass", "pwd", "key", "secret", "credential", "token", "sess", "connect.sid", "jwt"), _PAIR, _pair),
    (("session=", "sid="), _SESSION, _named),
    (("key", "token", "secret", "credential", "password"), _NAMED, _entropic),
)


# --- the scrubber ----------------------------------------------------------------------------------------------------


class Scrubber:
    """Replaces secrets by `[redacted]`. Lines stay lines; scrubbing twice changes nothing more."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
        self._secrets = tuple(sorted((form for form in known if form not in MARK), key=lambda form: (-len(form), form)))
        # The mark comes first: what is redacted already is not taken apart by a secret that looks like a part of it.
        choices = [_MARK, *(re.escape(form) for form in self._secrets)]
        self._known = re.compile("|".join(choices)) if self._secrets else None

    def text(self, text: str, *, is_cut: bool = False) -> str:
        """Return the text without secrets. `is_cut`: it ends anywhere, so a secret's first half may end it."""
        if is_cut:
            text = self._without_half_secret(text)
        # A replacement can bring two pieces together that now have a shape; four rounds are more than was ever seen.
        for _ in range(4):
            cleaned = self._once(text)
            if cleaned == text:
                break
            text = cleaned
        return text

    def bytes(self, data: bytes) -> bytes:
        """Return the bytes without secrets; bytes that are no UTF-8 stay as they are."""
        return self.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def _once(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(MARK, text)
        text = _without_key_blocks(text)
        small = text.casefold()
        for words, pattern, replace in _PATTERNS:
            for word in words or ("",):  # no generator: this runs over every line that is shown
                if word in small:
                    text = pattern.sub(replace, text)
                    break
        return text

    def _without_half_secret(self, text: str) -> str:
        for secret in self._secrets:
            for length in range(min(len(secret) - 1, len(text)), _SHORTEST - 1, -1):
                if text.endswith(secret[:length]):
                    return text[: len(text) - length] + MARK
        return text


def _forms(secret: str) -> set[str]:
    """Return the ways in which a secret is written elsewhere. Line breaks at its ends are of the file it came from."""
    forms: set[str] = set()
    for value in {secret, secret.strip()}:
        raw = value.encode("utf-8", "surrogatepass")
        escaped = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
        coded = {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
        forms |= {value, quote(raw, safe=""), quote(raw), quote_plus(raw)} | escaped | coded
        forms |= {text.rstrip("=") for text in coded}
    return {form for form in forms if len(form) >= _SHORTEST}


def _without_key_blocks(text: str) -> str:
    """Blank private keys, line by line. A block that never ends goes on to the end of the text."""
    pieces: list[str] = []
    at = 0
    while (begin := _BLOCK.search(text, at)) is not None:
        end = text.find("-----END", begin.end())
        end = len(text) if end < 0 else end
        body = text[begin.end() : end].split("\n")
        pieces += [text[at : begin.end()], "\n".join(MARK if line.strip() else line for line in body)]
        at = end
    return "".join((*pieces, text[at:]))
