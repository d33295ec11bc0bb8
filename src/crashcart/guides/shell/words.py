"""What single words hold: placeholders to be filled in, secrets, and letters that show another text than runs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from crashcart.redact import MARK, Scrubber, is_secret_name

from .tree import Arg

# --- placeholders

_KEPT_CHARS = 300  # of a word or a command: the same ones come again and again, and each is asked for several times

_TELLING = (
    r"NAME|ID|IDS|HOST|HOSTNAME|TOKEN|KEY|POD|POD_?NAME|NAMESPACE|NS|SERVICE|CONTAINER|PORT|IP|URL|DOMAIN|REGION|BUCKET|"
    r"CLUSTER|NODE|PID|USER|USERNAME|PASSWORD|PROJECT|ZONE|VERSION|REVISION|TAG|TABLE|DATABASE|DB|DBNAME|TOPIC|GROUP|"
    r"QUEUE|FILE|FILENAME|PATH|DEPLOYMENT|RELEASE|INSTANCE|SECRET|APP|ACCOUNT|ORG|REPO|BRANCH|COMMIT|SHA|EMAIL|JOB|DATE|"
    r"STACK|ARN|ENDPOINT|ADDRESS|SERVER|ENV|ENVIRONMENT|STATEFULSET|IMAGE|DEVICE|HASH"
)
_PLACEHOLDERS = tuple(
    re.compile(pattern)
    for pattern in (
        r"<[A-Za-z_][^<>\n]{0,60}>",
        r"\{\{\s*[A-Za-z_][\w .\-]{0,60}\}\}",
        r"(?<![%$\w{])\{[A-Za-z][\w\-]{1,40}\}(?![\w}])",
        r"(?i)(?<![A-Za-z])your(?:[-_ ]?[A-Za-z0-9]+)+",
        r"(?i)(?<![a-z])my[-_](?:app|host|server|service|bucket|domain|project|pod|namespace|key|token|secret)\b",
        r"(?<![\w.])\[[A-Za-z][A-Za-z0-9_ \-]{2,40}\](?![\w.])",
        r"…|(?<![.\w])\.\.\.(?![/\w.])|(?<=[\w/=\-])\.\.\.(?![/\w.])",
        r"\*{3,}",
        r"(?<![A-Za-z0-9])[xX]{3,}(?![A-Za-z0-9])|\bx\.x\.x\.x\b|\b[xX]{1,3}(?:[.-][xX]{1,3}){1,}\b",
        r"(?<!\w)/?path/to/[\w./\-]*",
        r"(?i)\b(?:[\w\-]+\.)*example\.(?:com|org|net|io|internal)\b|\b[\w\-]+\.example\b",
        r"(?i)\b(?:change[-_]?me|replace[-_]?me|to[-_]be[-_]replaced|insert[-_][\w\-]+|placeholder)\b",
        r"(?i)[\w\-]*(?:xyz-?123|abc-?123|123-?abc)[\w\-]*",
        rf"(?<![\w$%.{{])(?:[A-Z][A-Z0-9]*_)+(?:{_TELLING})(?![\w.(])",
        rf"(?:^|(?<=[/=:@,]))(?:{_TELLING})(?:$|(?=[/:@,?]))",
    )
)
_UPPER = _PLACEHOLDERS[-2:]  # capital names are placeholders, unless names of variables are what the program takes


def placeholders(arg: Arg, *, takes_names: bool = False) -> list[str]:
    """Return the pieces of a word that a person must fill in. `takes_names`: variables are named in capitals."""
    if len(arg.text) > 5_000:
        return []
    find = _short_holes if len(arg.text) <= _KEPT_CHARS else _holes
    return list(find(arg.text, takes_names, bool(arg.variables)))


def _holes(text: str, takes_names: bool, has_variables: bool) -> tuple[str, ...]:
    found: list[str] = []
    is_text = " " in text and ("{" in text or ";" in text)  # a program, JSON or SQL: braces and capitals mean their own
    for pattern in _PLACEHOLDERS:
        is_upper = pattern in _UPPER
        if is_upper and (takes_names or is_text or has_variables):
            continue
        if "\\{[A-Za-z]" in pattern.pattern and is_text:
            continue
        found += [match.group().strip() for match in pattern.finditer(text)]
    return tuple(dict.fromkeys(found))


_short_holes = lru_cache(maxsize=4_096)(_holes)


# --- secrets

_CONNECTION = re.compile(
    r"(?:^|_)(?:DATABASE|DB|REDIS|MONGO|MONGODB|POSTGRES|POSTGRESQL|PG|MYSQL|AMQP|RABBITMQ|BROKER|CELERY_BROKER|"
    r"SQLALCHEMY_DATABASE|CONN|CONNECTION|SENTRY|ES|ELASTICSEARCH|WEBHOOK|SLACK_WEBHOOK|KAFKA)_?"
    r"(?:URL|URI|DSN|STRING|CONN)$",
    re.IGNORECASE,
)
_JOINED = re.compile(r"(?:PASSWORD|PASSWD|[A-Z]PWD|SECRET|TOKEN|APIKEY|CLI_AUTH)$")  # PGPASSWORD, REDISCLI_AUTH
_PATH_NAME = re.compile(r"(?:CREDENTIALS|KEY_?FILE|_PATH|_FILE|_DIR)$", re.IGNORECASE)
_SECRET_FILE = re.compile(
    r"(?:^|/)(?:\.env(?:\.(?!example|sample|template|dist|test)[\w\-]+)?|[\w\-.]*\.(?:pem|key|p12|pfx|jks|keystore)|"
    r"id_(?:rsa|dsa|ecdsa|ed25519)|\.netrc|\.pgpass|\.my\.cnf|\.htpasswd|shadow|credentials(?:\.\w+)?|"
    r"secrets?\.(?:ya?ml|json|toml|env|txt)|service-?account[\w\-]*\.json|kubeconfig|admin\.conf|environ)$"
    r"|/run/secrets/|/\.aws/credentials|/\.kube/config|/\.docker/config\.json"
)


def holds_secret(name: str) -> bool:
    """Say whether a variable of that name holds a secret, or an address with one in it."""
    return is_secret_name(name) or _CONNECTION.search(name) is not None or _JOINED.search(name) is not None


def is_secret_path_name(name: str) -> bool:
    """Say whether a variable of that name holds the path of a secret file."""
    return _PATH_NAME.search(name) is not None


def is_secret_file(path: str) -> bool:
    """Say whether a file of that name holds secrets. Public halves of keys do not."""
    return _SECRET_FILE.search(path) is not None and not path.endswith((".pub", "ca.pem", "cert.pem", "chain.pem"))


_SCRUBBER = Scrubber(())


_HARMLESS_VALUE = re.compile(
    r"^[\"']?(?:\$|<|\{|\[|~?/|\./|%|@|`|\.\.\.|…)|^[\"']?(?:Bearer|Token|Basic)\s*[$<{]|\$\{?\w+\}?[\"']?$"
)
MAX_SCRUBBED = 20_000


def _taken(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the scrubber takes something that is a value: no variable, no path, nothing to be filled in."""
    if len(text) > MAX_SCRUBBED:
        return
    kept = _SCRUBBER.text(text).split(MARK)
    at = len(kept[0])
    for place, piece in enumerate(kept[1:], 1):
        end = len(text) if place == len(kept) - 1 and not piece else text.find(piece, at + 1) if piece else at
        if end < 0:
            return
        value = text[at:end]
        if value and not _HARMLESS_VALUE.search(value) and not placeholders(Arg(value)) and "[redacted]" not in value:
            yield at, end
        at = end + len(piece)


# Passwords behind options, which have no name in front of them that a scrubber knows.
_GIVEN = re.compile(
    r"(?:^|\s)(?:(?:-u|--user)[ =][\"']?[^\s:\"']+:(?P<user>[^\s\"'@/]{4,})|--(?:pass|password|token|secret|api-key)[ =](?P<option>\S{6,})|"
    r"redis-cli\b[^|;\n]*?\s-a\s+(?P<redis>\S{6,})|mysql\w*\b[^|;\n]*?\s-p(?P<mysql>[^\s-]\S{5,}))"
)


def _spans(text: str) -> Sequence[tuple[int, int]]:
    """Return where secrets were pasted, in order and apart."""
    return _short_spans(text) if len(text) <= _KEPT_CHARS else _found_spans(text)


@lru_cache(maxsize=4_096)
def _short_spans(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(_found_spans(text))


def _found_spans(text: str) -> list[tuple[int, int]]:
    found = list(_taken(text))
    if len(text) <= MAX_SCRUBBED:
        for match in _GIVEN.finditer(text):
            start, end = match.span(match.lastgroup or 0)
            value = text[start:end]
            if not _HARMLESS_VALUE.search(value) and not placeholders(Arg(value)):
                found.append((start, end))
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def masked(text: str) -> str:
    """Return a text without the secrets that were pasted into it; variables and placeholders stay."""
    pieces: list[str] = []
    at = 0
    for start, end in _spans(text):
        pieces += [text[at:start], MARK]
        at = end
    return "".join((*pieces, text[at:]))


def pasted(text: str) -> tuple[str, ...]:
    """Return the secrets pasted into a text, masked: what stands before them tells where."""
    found = [_head(text, start) + MARK for start, end in _spans(text) if _looks_drawn(text[start:end])]
    return tuple(dict.fromkeys(found))


def _head(text: str, start: int) -> str:
    return re.split(r"\s", text[:start].rstrip() or " ")[-1][-24:]


def _looks_drawn(value: str) -> bool:
    """Say whether a value was drawn by a machine or chosen with care; `postgres` and `ignored` are examples."""
    bare = value.strip("\"'")
    has_both = any(letter.isdigit() for letter in bare) and any(letter.isalpha() for letter in bare)
    return len(bare) >= 20 or (len(bare) >= 8 and (has_both or re.search(r"\w[^\w\s]+\w", bare) is not None))


# --- letters that deceive

_HIDDEN = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u180e\u061c\u115f\u1160\u3164\uffa0\U000e0000-\U000e007f]"
)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]")
_DASH = re.compile(r"(?:(?<=\s)|^)[\u2010-\u2015\u2212](?=[\w\u2010-\u2015\u2212])")
_CURLY = re.compile("[\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb]")


def deceit(text: str) -> str:
    """Return what is wrong with the letters of a command, or "": what is shown is not what would run."""
    if _HIDDEN.search(text):
        return "holds letters that are not seen or turn the direction of what follows"
    if _CONTROL.search(text):
        return "holds control characters"
    return ""


def typographic(text: str) -> str:
    """Return what a word processor made of the text, or "": dashes and quotes that no shell knows."""
    if _DASH.search(text):
        return "a dash that is not the minus sign"
    if _CURLY.search(text):
        return "typographic quotes"
    return ""


def plain_dashes(text: str) -> str:
    """Return a word with a typographic dash at its start written as the reader will type it."""
    if text[:1] in "\u2010\u2011\u2012\u2013\u2212":
        return "-" + text[1:]
    return "--" + text[1:] if text[:1] in "\u2014\u2015" else text


def is_lookalike(name: str) -> bool:
    """Say whether a program's name has letters that only look like those of a program."""
    return not name.isascii() and any(unicodedata.category(letter)[0] == "L" for letter in name if ord(letter) > 127)
