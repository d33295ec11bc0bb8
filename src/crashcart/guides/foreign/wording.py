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
    r"^\W*(?:what (?:it|this|we|they|you) (?:is|are|does|do|can|cannot|will|needs?|promises?)|how (?:do|can|to|should|does)|what (?:is|are|does)(?! (?:causing|happening|going wrong|wrong|the (?:cause|reason|problem)))|where|which|can i|wie |cómo|comment|como |"
    r"what should|when should|who|do i|should i|is there|is it possible|wo |wohin|welche\w*|wann|wer|dónde|cuál\w*|quién|où|quel\w*|qui |onde|qual |quem|как |где|куда|какой|какие|кто)\b"
    r"|^(?:如何|怎么(?!办)|怎样|哪里|在哪|どうやって|どのように|どこ|어떻게)",
    re.IGNORECASE,
)
# "Why does it ...?" asks about something that should be otherwise; "why use it" asks for a reason to.
_ASKS_WHY = re.compile(
    r"^\W*(?:why(?! (?:should|would|use|choose|do we|did we|another|not\b|this (?:guide|project)))|what (?:is|are|could be) (?:causing|going wrong|wrong|the (?:cause|reason))|what causes|"
    r"how come|warum|wieso|weshalb|por ?qu[eé]|pourquoi|perché|почему|отчего)\b|^(?:为什么|为何|爲什麼|為什麼|なぜ|どうして|왜)",
    re.IGNORECASE,
)
# How to look for trouble is no list of it.
_METHOD = re.compile(
    r"\b(?:approach|framework|philosophy|basics|method\w*|process|procedures?|work-?flow|tools?|toolkit|commands?|check-?lists?|steps|flow-?charts?|tips|techniques?|strateg\w+|principles|vorgehen\w*|werkzeuge|befehle|"
    r"herramientas|comandos|pasos|outils|commandes|étapes|ferramentas|passos|подход|инструменты|команды|шаги)\b|命令|工具|步骤|流程|方法|コマンド|手順|ツール",
    re.IGNORECASE,
)
_ASKS_WHAT_TO_DO = re.compile(
    r"\b(?:what (?:can|should|do|must|shall) (?:i|we) do|what now|what to do|was (?:nun|tun|kann ich tun|ist zu tun)|qué (?:debo|puedo|hay que) hacer|qué hago|qu(?:e|oi) (?:dois-je )?faire|"
    r"que puis-je faire|o que (?:fazer|devo fazer|posso fazer)|que fa(?:ço|zer)|cosa (?:devo )?fare|что (?:мне )?делать)\b|怎么办|怎麼辦|どうすれば|어떻게 하나요",
    re.IGNORECASE,
)
_DEBUGS = re.compile(
    r"^(?:how to )?(?:debug|fix|troubleshoot|diagnose|resolve|investigat|handl|recover|deal)\w*\b", re.IGNORECASE
)

_FIXES = re.compile(r"^(?:how (?:to|do i|can i) )?(?:fix|fixing|resolve|resolving|solve|solving)\b\s+\S", re.IGNORECASE)

_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]+|^[a-z]+[0-9]*(?=[A-Z])")
_SEVERAL = re.compile(r"\s*[/,|&]\s*|\s+(?:and|or|und|oder|y|et|e)\s+")
_ALERT_FORM = re.compile(r"[A-Za-z][A-Za-z0-9]{5,90}(?:_[A-Za-z0-9]+){0,4}")
_ALERT_WORDS = word_set(
    "down high low error errors failed failing failure failures missing lag lagging slow full exceeded crash crashing crashed looping stuck "
    "unreachable unavailable oom pressure throttling throttled saturation saturated mismatch expiring expired expiration expires burn "
    "degraded critical warning overcommit not out absent dropped drops loss latency restarting evicted pending unhealthy timeout "
    "imbalance inactive conflict backlog flapping deadlocks split disconnected overload too insufficient exhausted exhaustion "
    "misconfigured reached leak rejected denied refused corrupt corruption stale stalled blocked budget anomaly spike many few "
    "no near almost nearing fill fills filling soon old late waiting firing spike surge skew unschedulable unstable unknown inconsistent flap"
)
EXCEPTION = re.compile(
    r"\b(?:[a-z_]\w{0,40}\.){0,6}[A-Z]\w{1,60}(?:Error|Exception|Timeout|Failure|Fault|Interrupt|Warning)\b|\b[A-Z]\w{2,60}Exceeded\b"
)
CODE_WORD = re.compile(
    r"\bE(?:CONN|ACCES|PERM|NOENT|NOSPC|ADDR|TIMEDOUT|PIPE|HOST|MFILE|EXIST|AI_|NOTFOUND|INTEGRITY|RESOLVE|BUSY|AGAIN|NOMEM|RROR)[A-Z_]*\b"
    r"|\b(?:ORA|SQLSTATE|ERR|HY|PG|CVE|SQL|TS|CS|MSB|NU|KB|ESOCKET|AADSTS|AUTH|HRESULT)[-_ ]?\d{2,}\w*\b|\bERR_[A-Z0-9_]+\b|\b0x[0-9A-Fa-f]{4,8}\b"
    r"|\bSIG(?:KILL|SEGV|TERM|ABRT|BUS)\b|\bOOMKilled\b|\b(?:CrashLoopBackOff|ImagePullBackOff|ErrImagePull|CreateContainerConfigError|"
    r"NXDOMAIN|SERVFAIL|ENOENT|Segmentation fault)\b"
    # Constants of protocols and drivers; `_TIMEOUT` and `_ERROR` end names of settings as well.
    r"|\b(?:[a-z]\w{0,40}\.){0,3}(?:[A-Z]{2,}_){1,4}(?:DOWN|DENIED|EXHAUSTED|REFUSED|UNAVAILABLE|EXCEEDED|NOT_FOUND|EXPIRED|MISMATCH|UNREACHABLE)\b"
)
STATUS = re.compile(
    r"\b(?:HTTP(?:/\d(?:\.\d)?)?|status(?:[ _]code)?|code|error|errors|erro|erreur|returns?|returned|gibt|response|réponse|responde|ошибк\w+|エラー|错误)"
    r"[\s:=(\"'`]{0,4}(?P<a>[45]\d\d)(?:\s?/\s?(?P<b>[45]\d\d))?(?![\w.%])"
    r"|(?<![\w.:$#-])(?P<c>[45]\d\d)(?:s|(?:\s?[/,]\s?|\s(?:or|oder|and)\s)(?P<d>[45]\d\d))?\s+"
    r"(?P<why>errors?\b|responses?\b|status\b|Bad Request|Unauthorized|Payment Required|Forbidden|Not Found|Method Not Allowed|"
    r"Request Timeout|Conflict|Gone|Payload Too Large|Request Entity Too Large|Unsupported Media Type|Unprocessable\w*|Too Many Requests|"
    r"Internal Server Error|Not Implemented|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out|Fehler|エラー|错误|ошибк\w+)"
    r"|(?<![\w.:$#-])(?P<e>[45]\d\d)-(?:Fehler|Error|error)\b"
    r"|(?:→|⇒|->|=>)\s?(?P<h>[45]\d\d)(?=\s*(?:$|[.,;:!?)]))|\((?P<i>[45]\d\d)\)(?=\s+(?:errors?|fehler|erreur)\b)"
    r"|(?:\b(?:returns?|returned|gets?|getting|receives?|answers?|erhält|recibe|devuelve|reçoit|renvoie|recebe|retorna|получает|возвращает)|收到|返回|返す)\s(?P<f>[45]\d\d)(?:\s(?:or|oder|o|ou|или|或|和)\s(?P<g>[45]\d\d))?"
    r"(?=\s*(?:$|[.,;:!?)]|errors?\b|ошибк|错误))",
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


def asks_about_trouble(title: str) -> bool:
    """Whether a title asks why something is as it is, or what to do about it."""
    return _ASKS_WHY.match(title) is not None or (is_question(title) and _ASKS_WHAT_TO_DO.search(title) is not None)


def names_page(title: str, tables: Tables) -> bool:
    """Whether a title is that of a page or chapter of problems, and names none itself ("Troubleshooting the setup")."""
    found = None if _METHOD.search(title) else tables.pages.search(title)
    rest = f"{title[: found.start()]} {title[found.end() :]}" if found else ""
    return found is not None and not is_trouble(rest, tables)


def is_alert_name(words: str) -> bool:
    """Whether words are the name of an alert: several humps in one word, one of which names trouble."""
    words = _PAREN.sub("", words)
    several = _SEVERAL.split(words)
    if len(several) > 1:
        return all(is_alert_name(one) for one in several)
    if " " in words or not _ALERT_FORM.fullmatch(words):
        return False
    humps = _HUMP.findall(words.replace("_", ""))
    if len(humps) < 2:
        return False
    return any(hump.casefold() in _ALERT_WORDS for hump in humps)
