"""What the words of one statement say: where its head ends, when it shows, what is good or bad of it."""

from __future__ import annotations

import re

from crashcart.guides.foreign.lexicon import Tables
from crashcart.guides.foreign.nouns import Part
from crashcart.guides.foreign.outline import lead_of
from crashcart.guides.foreign.text import code_spans, word_set

ARROW = re.compile(r"\s(?:→|⇒|➜|➔|->|=>|-->|==>)\s")
DASH = re.compile(r"\s+(?:[–—-]|→|⇒|->|=>)\s+")
_CONDITION_AND_REMEDY = re.compile(
    r"(?:if|when|wenn|falls|si|cuando|quando|se|если|когда)\s(?P<if>[^,]{6,120}),\s+(?P<then>\S.{3,})$|(?:如果|若|当)(?P<wenn>[^，,]{2,80})[，,](?P<dann>.{2,})$",
    re.IGNORECASE,
)
_LEADS_ON = re.compile(
    r"(?:please )?(?:go (?:to|on)|see|follow|continue|jump|skip|read|refer|proceed|siehe|weiter|gehe|ver|vea|ir a|voir|aller|passez|см\.|перейдите)\b",
    re.IGNORECASE,
)
QUOTED_HEAD = re.compile(r"[\"“„«「](?P<text>[^\"”“»」\n]{3,300})[\"”“»」]")
_COLON = re.compile(r"\s*:\s+|\s*\uff1a\s*|\s+[–—-]\s+")
GOOD = re.compile(
    r"\b(?:good|ok|healthy|normal|correct|expected|success\w*|established|preferred|fine|added)\b|正常|成功|успешно",
    re.IGNORECASE,
)
BAD = re.compile(r"\b(?:bad|deprecated|disabled|critical|wrong|danger\w*|not recommended)\b", re.IGNORECASE)
CONDITION = re.compile(
    r"^(?:if|when|in case|wenn|falls|si|cuando|se|quando|если|когда|如果|若|当)\b\s*(?:the |a |an |you see |you get )?",
    re.IGNORECASE,
)
# The end of a sentence that only announces what follows it.
ANNOUNCES = re.compile(
    r"(?:,|\bthen) (?:you|we) (?:will |may |might |should |can )?(?:see|get|find)$|\b(?:follow|try|do|use|check|run) (?:this|these|the|the following)(?: [\w-]+){1,4}$|\b(?:(?:errors?|messages?|problems?|issues?|output|something|warnings?|exceptions?|lines?) (?:like|such as|similar to)|(?:the|this|these|one of the|any of the) (?:following|below)(?: \w+){0,3}|"
    r"(?:errors?|messages?|lines?|output) below|fehler wie|folgende\w*(?: \w+){0,2}|(?:erreurs?|messages?) (?:comme|suivant\w*|tels? que)|(?:errores?|mensajes?|erros?|mensagens?) (?:como|siguientes?|seguintes?)|"
    r"(?:los|las|el|la|o|os|as) (?:siguientes?|seguintes?)(?: \w+){0,2}|следующ\w+(?: \w+){0,2})\s*$|(?:以下|下列|如下)(?:的)?(?:错误|报错|信息|日志)?$|次のような(?:エラー|メッセージ)?",
    re.IGNORECASE,
)
# A condition about what the section is about, which only its title names ("If it does not work:").
REFERS_BACK = re.compile(
    r"(?:it|this|that|they|everything|all of this|das|dies|es|nichts davon|esto|eso|cela|ça|isso|isto|это)\b(?! (?:error|message|problem|issue|happens|file|command|value)\b)",
    re.IGNORECASE,
)
# What is wrong is still wrong: whatever it is, it has been named before.
PERSISTS = re.compile(
    r"(?:the |your |das |der |el |la |le |o )?(?:problem|issue|error|trouble|fehler|problema|problème|проблема)s? (?:still )?"
    r"(?:persist\w*|continues?|remains?|exists?|besteht|bleibt|continúa|continua|сохраня\w+|остаётся)|(?:问题|故障)(?:持续|仍|依然|依旧)",
    re.IGNORECASE,
)
TELLS_CAUSES = re.compile(
    r"\b(?:reasons?|causes?|because|ursachen?|gründe|causas?|motivos?|raisons?|причин\w*)\b|原因", re.IGNORECASE
)
_RAISES = re.compile(
    r"\b(?:logger|logging|log|console|self\.log)\.(?:warn\w*|error|critical|fatal|alert)\s*\(|\b(?:send_?alert|notify|alert|page)\w*\s*\(",
    re.IGNORECASE,
)
_COMPARES = re.compile(r"\b(?:el)?if\b[^\n]{0,200}[<>]=?\s*\d")
_WORD = re.compile(r"[^\W\d_]{3,}")
_SMALL = word_set("the and are not for with has have been was were you your from this that but its")
_SHOWS = re.compile(
    r"(?:this |the )?(?:alert |alarm )?(?:fires|is fired|triggers|is triggered|triggered|is raised|raised) (?:when|if)\b"
    r"|(?:the )?(?:users?|customers?|clients?|you) (?:may |might |will )?(?:see|sees|get|gets|report|reports|receive|receives|experience|notice)\b",
    re.IGNORECASE,
)
_HAPPENS = re.compile(
    r"(?:this|it|that|the (?:error|problem|issue)) (?:error |problem |issue )?(?:usually |often |typically |most likely |mostly |can |may )?"
    r"(?:happens?|occurs?|is caused|means|results from|is due|is because)\b|(?:probably|most likely|caused by|due to|because)\b",
    re.IGNORECASE,
)
ASKED = re.compile(r"^(?:Q|Question|Frage|问|問)\s*\d{0,3}\s*[:.\uff1a)]\s*", re.IGNORECASE)
LINK_ITEM = re.compile(r"(?:\*\*|\d+\.\s*)?\[[^\[\]]{1,200}\]\([^()\s]{1,300}\)")
TITLE_CHARS = 160
NEIGHBOURS = 60  # problems before a branch that may say the same
CHECKS_AGAIN = word_set(
    "check checks test prüfung prüfen überprüfung comprobación comprobar vérifier 检查 確認 проверка проверить checar"
)


def told_part(text: str) -> Part | None:
    """Return what a statement under no label says by its first words: when it shows, or why it happens."""
    if _SHOWS.match(text):
        return Part.SYMPTOM
    return Part.CAUSE if _HAPPENS.match(text) else None


def condition_of(text: str) -> tuple[str, str] | None:
    """Return the condition and the remedy of "If the disk is full, remove old logs."; None when it says no such thing."""
    found = _CONDITION_AND_REMEDY.match(text)
    if found is None or _LEADS_ON.match(found["then"] or ""):
        return None
    title = CONDITION.sub("", text[: found.end("if") if found["if"] else found.end("wenn")]).strip()
    return (
        None
        if REFERS_BACK.match(title) or PERSISTS.search(title)
        else (title[:1].upper() + title[1:], found["then"] or found["dann"])
    )


def is_bold(text: str) -> bool:
    """Whether a statement begins with bold words."""
    return text.startswith(("**", "__"))


def split_head(text: str, tables: Tables) -> tuple[str, str]:
    """Return the head of a statement and what follows it: behind an arrow, a bold or quoted beginning, a colon."""
    arrow = ARROW.search(text)
    if arrow and arrow.start() <= TITLE_CHARS and "(" not in _open_paren(text[: arrow.start()]):
        return text[: arrow.start()].strip(), text[arrow.end() :].strip()
    lead = lead_of(text, tables)
    if lead is not None and lead.label is None:
        return lead.words, lead.rest.lstrip("-–—:\uff1a ")
    quoted = QUOTED_HEAD.match(text)
    if quoted:
        return quoted.group(), text[quoted.end() :].strip(" :-–—")
    spans = code_spans(text)
    if spans and spans[0].start == 0:
        return text[: spans[0].end], text[spans[0].end :].strip(" :-–—")
    colon = _COLON.search(text)
    if colon and 0 < colon.start() <= 80 and not _open_paren(text[: colon.start()]):
        return text[: colon.start()].strip(), text[colon.end() :].strip()
    return text.rstrip(":\uff1a "), ""


def _open_paren(text: str) -> str:
    """Return what stands behind a parenthesis that is not closed, with it; "" when all are."""
    at = max(text.rfind("("), text.rfind("\uff08"))
    return text[at:] if at >= 0 and not re.search(r"[)\uff09]", text[at:]) else ""


_QUOTES = '"“”„«»「」'


def without_quotes(text: str) -> str:
    """Return words without the quotes around the whole of them; `"Session expired" after login` keeps its own."""
    core = text.strip(_QUOTES)
    return text if any(mark in core for mark in _QUOTES) else core


def telling_words(title: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in _WORD.findall(title)) - _SMALL


def raises_alarm(code: str) -> bool:
    """Whether code compares something with a number and, in the three lines behind, warns."""
    lines = code.split("\n")
    return any(
        _COMPARES.search(line) and any(_RAISES.search(after) for after in lines[at + 1 : at + 4])
        for at, line in enumerate(lines)
    )
