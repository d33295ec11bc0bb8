"""What words say: is it a label, does it name trouble, an alert, a step, an error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crashcart.guides.foreign.lexicon import Tables
from crashcart.guides.foreign.nouns import Part
from crashcart.guides.foreign.text import plain, title_of, word_set
from crashcart.guides.foreign.vocabulary import QUALIFIERS, TRAILERS


@dataclass(frozen=True, slots=True)
class Label:
    """A label and the words behind it; `number` of "Solution 2", "" without."""

    part: Part
    words: str  # the label itself
    rest: str
    number: str = ""


_SPLIT = re.compile(r"\s*:\s+|[:\uff1a]$|\uff1a|\s+[-–—]\s+|\s*:(?=[`\"“*])")
_COUNTED = re.compile(r"\s*(?:#|no\.?\s*|nr\.?\s*|n[º°]\s*)?(\d{1,2}|[a-h]|i{1,3}|iv)$", re.IGNORECASE)
_PAREN = re.compile(r"\s*[(\uff08][^()\uff08\uff09]{0,120}[)\uff09]\s*$")
_STEP = re.compile(r"^\W*(?:step|schritt|paso|étape|passo|шаг|ステップ|手順)\s*\d|^\W*第\s*\d+\s*步", re.IGNORECASE)
_QUESTION_MARK = re.compile(r"[?\uff1f]\s*$")
_ASKS_HOW = re.compile(
    r"^(?:how (?:do|can|to|should|does)|what (?:is|are|does)|where|which|can i|wie |cómo|comment|como |what should|when should|who|"
    r"do i|should i|is there|is it possible)\b",
    re.IGNORECASE,
)
_DEBUGS = re.compile(
    r"^(?:how to )?(?:debug|fix|troubleshoot|diagnose|resolve|investigat|handl|recover|deal)\w*\b", re.IGNORECASE
)

_FIXES = re.compile(r"^(?:how (?:to|do i|can i) )?(?:fix|fixing|resolve|resolving|solve|solving)\b\s+\S", re.IGNORECASE)

_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]+|^[a-z]+[0-9]*(?=[A-Z])")
_ALERT_FORM = re.compile(r"[A-Za-z][A-Za-z0-9]{5,90}(?:_[A-Za-z0-9]+){0,4}")
_ALERT_WORDS = word_set(
    "down high low error errors failed failing failure failures missing lag lagging slow full exceeded crash crashing crashed looping stuck "
    "unreachable unavailable oom pressure throttling throttled saturation saturated mismatch expiring expired expiration expires burn "
    "degraded critical warning overcommit not out absent dropped drops loss latency restarting evicted pending unhealthy timeout "
    "imbalance inactive conflict backlog flapping deadlocks split disconnected overload too insufficient exhausted exhaustion "
    "misconfigured reached leak rejected denied refused corrupt corruption stale stalled blocked budget anomaly spike many few "
    "no near almost nearing filling waiting firing spike surge skew unschedulable unstable unknown inconsistent flap"
)
EXCEPTION = re.compile(
    r"\b(?:[a-z_]\w{0,40}\.){0,6}[A-Z]\w{1,60}(?:Error|Exception|Timeout|Failure|Fault|Interrupt|Warning)\b|\b[A-Z]\w{2,60}Exceeded\b"
)
CODE_WORD = re.compile(
    r"\bE(?:CONN|ACCES|PERM|NOENT|NOSPC|ADDR|TIMEDOUT|PIPE|HOST|MFILE|EXIST|AI_|NOTFOUND|INTEGRITY|RESOLVE|BUSY|AGAIN|NOMEM|RROR)[A-Z_]*\b"
    r"|\b(?:ORA|SQLSTATE|ERR|HY|PG|CVE|SQL|TS|CS|MSB|NU|KB|ESOCKET|AADSTS|AUTH|HRESULT)[-_ ]?\d{2,}\w*\b|\bERR_[A-Z_]+\b|\b0x[0-9A-Fa-f]{4,8}\b"
    r"|\bSIG(?:KILL|SEGV|TERM|ABRT|BUS)\b|\bOOMKilled\b|\b(?:CrashLoopBackOff|ImagePullBackOff|ErrImagePull|CreateContainerConfigError|"
    r"NXDOMAIN|SERVFAIL|ENOENT|Segmentation fault)\b"
)
STATUS = re.compile(
    r"\b(?:HTTP(?:/\d(?:\.\d)?)?|status(?:[ _]code)?|code|error|errors|erro|erreur|returns?|returned|gibt|response|réponse|responde|ошибк\w+|エラー|错误)"
    r"[\s:=(\"'`]{0,4}(?P<a>[45]\d\d)(?:\s?/\s?(?P<b>[45]\d\d))?(?![\w.%])"
    r"|(?<![\w.:$#-])(?P<c>[45]\d\d)(?:s|(?:\s?[/,]\s?|\s(?:or|oder|and)\s)(?P<d>[45]\d\d))?\s+"
    r"(?P<why>errors?\b|responses?\b|status\b|Bad Request|Unauthorized|Payment Required|Forbidden|Not Found|Method Not Allowed|"
    r"Request Timeout|Conflict|Gone|Payload Too Large|Request Entity Too Large|Unsupported Media Type|Unprocessable\w*|Too Many Requests|"
    r"Internal Server Error|Not Implemented|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out|Fehler|エラー|错误)",
    re.IGNORECASE,
)


@lru_cache(maxsize=2048)  # a title is asked about by its section, its parents and its children
def label_of(text: str, tables: Tables) -> Label | None:
    """Return what words announce when they are a label, alone or before a colon or dash."""
    words = title_of(text)
    whole = _find(words, tables)
    if whole is not None:
        return whole
    split = _SPLIT.search(words[:120])
    if split is None or split.start() == 0:
        return None
    head = _find(words[: split.start()], tables)
    if head is None:
        return None
    return Label(head.part, head.words, words[split.end() :].strip(), head.number)


def _find(words: str, tables: Tables) -> Label | None:
    """Return the label when all the words are one."""
    bare = _PAREN.sub("", words.strip().strip("*_:\uff1a ").replace("’", "'")).casefold().rstrip("?\uff1f. ")
    bare = bare.replace("(s)", "s").strip()
    if not bare or len(bare) > 80:
        return None
    part = tables.parts.get(bare)
    if part is not None:
        return Label(part, bare, "")
    counted = _COUNTED.search(bare)
    if counted and counted.start() and (part := tables.parts.get(_stripped(bare[: counted.start()].strip(), tables))):
        return Label(part, bare[: counted.start()].strip(), "", counted.group(1))
    part = tables.parts.get(_stripped(bare, tables))
    return None if part is None else Label(part, bare, "")


def _stripped(bare: str, tables: Tables) -> str:
    """Return a phrase without the words around it that change nothing."""
    words = bare.replace("&", "and").split()
    for joint in ("and", "or", "und", "y", "et", "e"):  # "causes and fixes": the first says enough
        if joint in words[1:-1]:
            words = words[: words.index(joint, 1)]
            break
    while len(words) > 1 and words[0] in QUALIFIERS:
        words = words[1:]
    while len(words) > 1 and words[-1] in TRAILERS and " ".join(words) not in tables.parts:
        words = words[:-1]
    return " ".join(words)


def is_step(title: str) -> bool:
    """Whether a title counts a step ("Step 3: look at the logs")."""
    return _STEP.match(plain(title)) is not None


@lru_cache(maxsize=2048)
def is_trouble(words: str, tables: Tables) -> bool:
    """Whether words name something that goes wrong."""
    text = words[:400]
    if is_alert_name(title_of(text)) or EXCEPTION.search(text) or CODE_WORD.search(text) or STATUS.search(text):
        return True
    return tables.wrong.search(tables.harmless.sub(" ", text)) is not None


def is_error_text(words: str) -> bool:
    """Whether words hold an exception, an error code, or an HTTP status."""
    return bool(EXCEPTION.search(words) or CODE_WORD.search(words) or STATUS.search(words))


def promises_fix(title: str) -> bool:
    """Whether a title promises to put something right ("How to fix ...")."""
    return _FIXES.match(title) is not None


def is_aside(title: str, tables: Tables) -> bool:
    """Whether a title announces a part of the document in which nothing goes wrong."""
    return tables.asides.search(title) is not None


def is_question(title: str) -> bool:
    """Whether a title asks something."""
    return _QUESTION_MARK.search(title) is not None


def asks_how(title: str) -> bool:
    """Whether a title asks or tells how something is done."""
    return _ASKS_HOW.match(title) is not None and not _DEBUGS.match(title)


def is_alert_name(words: str) -> bool:
    """Whether words are the name of an alert: several humps in one word, one of which names trouble."""
    words = _PAREN.sub("", words)
    if " " in words or not _ALERT_FORM.fullmatch(words):
        return False
    humps = _HUMP.findall(words.replace("_", ""))
    if len(humps) < 2:
        return False
    return any(hump.casefold() in _ALERT_WORDS for hump in humps)
