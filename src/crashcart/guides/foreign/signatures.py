"""Text that the system itself shows: log lines, error messages, alert names, HTTP statuses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crashcart.guides.foreign.code import is_script
from crashcart.guides.foreign.collect import FenceDraft, Statement
from crashcart.guides.foreign.drafts import Draft
from crashcart.guides.foreign.holes import with_holes
from crashcart.guides.foreign.lexicon import Tables
from crashcart.guides.foreign.nouns import Origin, Part, Signature
from crashcart.guides.foreign.printed import Said, compares, conditional, printed, searched, without_printed
from crashcart.guides.foreign.text import code_spans, title_of
from crashcart.guides.foreign.wording import CODE_WORD, EXCEPTION, STATUS, is_alert_name, is_trouble

_QUOTE = re.compile(
    r"\"([^\"\n]{2,300})\"|“([^”\n]{2,300})”|„([^“”\n]{2,300})[“”]|«([^»\n]{2,300})»|「([^」\n]{2,300})」|『([^』\n]{2,300})』"
)
# A string in code: a log call, an exception, an answer. Escapes are rare in messages and end the match.
_STRING = re.compile(r"(?<![\w\"'])(?P<f>[frbuFRBU]{0,2})(?P<q>\"|'|`)(?P<text>[^\"\n]{3,300}?)(?P=q)(?!\w)")
_JSON = re.compile(
    r"(?P<q>[\"'])(?:error|message|detail|reason|msg|title|error_description|code|type)(?P=q)\s*:\s*(?P<r>[\"'])(?P<text>[^\"\n]{3,300}?)(?P=r)",
    re.IGNORECASE,
)
_BARE_STATUS = re.compile(r"[45]\d\d")
_CODE_STATUS = re.compile(r"status(?:_code|Code)?\s*[=:(]\s*([45]\d\d)\b|[})]\s*,\s*([45]\d\d)\s*$")
_COMMENT = re.compile(r"^\s*(?:#|//|--|;|\*)")
_COMMAND = re.compile(
    r"^\s*(?:[$>%#❯]\s+)?(?:sudo\s+)?(?:kubectl|docker|docker-compose|curl|wget|systemctl|journalctl|psql|redis-cli|mysql|grep|egrep|rg|cat|tail|head|ls|cd|cp|mv|rm|"
    r"mkdir|chmod|chown|echo|export|ssh|scp|git|npm|npx|yarn|pnpm|pip|pip3|python|python3|uv|poetry|node|make|go|cargo|java|mvn|gradle|helm|terraform|ansible|aws|gcloud|"
    r"az|openssl|nslookup|dig|ping|traceroute|netstat|ss|lsof|ps|top|htop|free|df|du|kill|pkill|find|sed|awk|jq|watch|celery|alembic|flask|django-admin|uvicorn|"
    r"gunicorn|nginx|service|apt|apt-get|yum|dnf|brew|snap|crontab|ffmpeg|ffprobe|sqlite3|mongo|mongosh|nc|telnet|source|set|unset|printenv|env|strace|iptables|"
    r"sysctl|mount|umount|from|import|def|class|const|let|var|function|return|async|await|raise|throw|except|try|if|for|while|elif|else|"
    r"SELECT|INSERT|UPDATE|DELETE|ALTER|CREATE|DROP|VACUUM|EXPLAIN|SHOW)\b(?!:)|^\s*(?:\./|[A-Z_]{3,}=|--?\w|@\w)"
)
_LOG_LINE = re.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d|\[?\d\d:\d\d:\d\d|\w{3} +\d{1,2} \d\d:\d\d:\d\d|\S*\s*\[?(?:ERROR|WARN(?:ING)?|FATAL|CRITICAL|PANIC|EMERG|INFO|DEBUG)\]?[\s:|]|level=)",
    re.IGNORECASE,
)
_LOG_HEAD = re.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ]?[\d:.,]*(?:Z|[+-]\d\d:?\d\d)?\]?|\[?\d\d:\d\d:\d\d[.,]?\d*\]?|\w{3} +\d{1,2} \d\d:\d\d:\d\d)?[\s|:-]*"
    r"(?:\[?(?:ERROR|WARN(?:ING)?|FATAL|CRITICAL|PANIC|INFO|DEBUG)\]?[\s|:-]+)?"
)
_SHOWN_LINE = re.compile(r"^\s*(?:(?:[A-Za-z][\w ]{0,30}):\s+)?\"(?P<text>[^\"\n]{3,300})\"\s*$")
_IDENTIFIER = re.compile(r"^[\w.$%*/\\:@<>{}~+-]+(?:\(\))?$")
_SETTING = re.compile(r"^[\w.-]+\s*[=]\s*\S+$|^--?\w")
_HEALTHY = re.compile(
    r"\b(?:success(?:ful(?:ly)?)?|healthy|ok|ready|running|connected|established|opened|registered|completed?|up and running|good|normal|no errors?|active|enabled|passed|added|correct|restored|erfolgreich|gesund|correcto|succès|sucesso)\b|成功|正常|успешно",
    re.IGNORECASE,
)
_ZERO = re.compile(r"(?::|=|\bis)\s*0(?:\.0+)?\s*(?:%|[a-z]+)?\s*$", re.IGNORECASE)
_BUT_GOOD = re.compile(r"\((?:[^()]{0,40}\b)?(?:good|healthy|normal|ok|fine|expected|in ordnung)\b", re.IGNORECASE)
_READING = re.compile(r"^[A-Za-z][\w /.-]{2,40}\s*(?::|=|[<>]=?)\s*[\w.]+\s?%?(?:\s?[a-zA-Z/]+)?$")
_SHOWN = frozenset({Part.MESSAGE, Part.SYMPTOM, Part.PROBLEM, Part.PROBLEMS})
_SHOWN_WORDS = re.compile(
    r"\b(?:logs?|logged|errors?|messages?|pattern|output|prints?|shows?|says|returns?|exceptions?|meldung|protokoll|fehler|mensaje|erreur|erro|журнал|журнале|ошибка)\b|日志|报错|错误|提示|ログ|エラー|メッセージ",
    re.IGNORECASE,
)


_CALL = re.compile(r"[\w.]+\(.*\)[;,]?$")
_DRAWN = re.compile(r"[\u2500-\u257f|+]")


class Finder:
    """Finds signatures in the statements and fences of one document, each once a line."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.seen: set[tuple[int, str]] = set()
        self.found: list[Signature] = []

    def all(self, statements: Sequence[Statement], fences: Sequence[FenceDraft]) -> tuple[Signature, ...]:
        """Return all of them in the order of the source."""
        for said in statements:
            self.statement(said)
        for fence in fences:
            self.fence(fence)
        return tuple(sorted(self.found, key=lambda signature: (signature.line, signature.raw)))

    def add(self, raw: str, line: int, origin: Origin, owner: Draft | None, *, context: str = "") -> None:
        text = _unquoted(raw.strip())
        key = (line, _bare(text))
        if len(text) < 3 or key in self.seen or len(text) > 300:
            return
        self.seen.add(key)
        shown = with_holes(text) if origin is not Origin.STATUS else text
        if re.sub(r"<\w+>|\W+", "", shown) == "":
            return
        self.found.append(
            Signature(shown, text, line, origin, self.is_healthy(text, context), owner.id or None if owner else None)
        )

    def is_healthy(self, text: str, context: str) -> bool:
        """Whether a text is what a system shows that is well."""
        if _ZERO.search(text) or _BUT_GOOD.search(context):
            return True
        return bool(_HEALTHY.search(text)) and not is_trouble(text, self.tables) and "not " not in text.casefold()

    # -- statements

    def statement(self, said: Statement) -> None:
        text = said.text
        if said.sort == "title":
            self.title(said)
            return
        is_shown = said.part in _SHOWN
        is_told = is_shown and (
            said.part is Part.MESSAGE or said.sort in ("listed", "cell") or bool(_SHOWN_WORDS.search(said.column))
        )
        taken: list[str] = []
        for span in code_spans(text):
            if self.accepts(span.text, is_told or (is_shown and " " in span.text), in_code=True):
                self.add(span.text, said.line, Origin.CODE_SPAN, said.owner, context=text)
                taken.append(span.text)
        bare = _blank_spans(text)
        for found in _QUOTE.finditer(bare):
            quoted = next(group for group in found.groups() if group)
            is_sure = is_told and said.part is not Part.SYMPTOM
            if self.accepts(
                quoted,
                is_sure or bool(_SHOWN_WORDS.search(bare[max(0, found.start() - 40) : found.start()])),
                in_code=False,
            ):
                self.add(
                    quoted, said.line, Origin.CELL if said.sort == "cell" else Origin.QUOTE, said.owner, context=text
                )
                taken.append(quoted)
        if said.part is Part.MESSAGE and not taken and said.sort != "listed":
            self.bare_message(said, text)
        if said.sort == "cell" and said.part is not None and (code := _BARE_STATUS.fullmatch(text.strip("`* "))):
            self.add(code.group(), said.line, Origin.STATUS, said.owner)
        self.statuses(text, said, taken)

    def bare_message(self, said: Statement, text: str) -> None:
        """Take the words behind "Error:" themselves, when nothing in them is quoted or code."""
        if EXCEPTION.match(text) or CODE_WORD.match(text) or (EXCEPTION.search(text) and ":" in text):
            self.add(text, said.line, Origin.CELL if said.sort == "cell" else Origin.QUOTE, said.owner, context=text)

    def title(self, said: Statement) -> None:
        title = title_of(said.text)
        if is_alert_name(title.split(" ")[0]):
            self.add(title.split(" ")[0], said.line, Origin.ALERT, said.owner)
        taken = []
        for span in code_spans(said.text):
            if self.accepts(span.text, False, in_code=True):
                self.add(span.text, said.line, Origin.CODE_SPAN, said.owner)
                taken.append(span.text)
        for found in _QUOTE.finditer(_blank_spans(said.text)):
            quoted = next(group for group in found.groups() if group)
            self.add(quoted, said.line, Origin.QUOTE, said.owner)
            taken.append(quoted)
        if not taken and said.part is Part.PROBLEM and (named := EXCEPTION.search(title)):
            whole = title[named.start() :] if ":" in title[named.end() : named.end() + 2] else named.group()
            self.add(whole, said.line, Origin.TITLE, said.owner)
        self.statuses(said.text, said, taken)

    def statuses(self, text: str, said: Statement, taken: Sequence[str]) -> None:
        if said.owner is None and said.part is None:
            return
        bare = text
        for other in taken:
            bare = bare.replace(other, " " * len(other))
        for found in STATUS.finditer(bare):
            numbers = [number for number in (found["a"], found["b"], found["c"], found["d"]) if number]
            reason = found["why"] or ""
            is_named = reason[:1].isupper()
            if len(numbers) > 1 and found["a"]:
                self.add(found.group(), said.line, Origin.STATUS, said.owner)
            else:
                for number in numbers:
                    self.add(
                        f"{number} {reason}" if is_named and "/" not in reason else number,
                        said.line,
                        Origin.STATUS,
                        said.owner,
                    )

    def accepts(self, text: str, is_sure: bool, *, in_code: bool) -> bool:
        """Whether quoted or code text is a message: in a place that shows messages, or by its words."""
        if len(text) < 3 or (_COMMAND.search(text) and not _sounds_like_message(text)):
            return False
        if is_alert_name(text) and in_code:
            return True
        is_message = " " in text.strip() or bool(EXCEPTION.fullmatch(text) or CODE_WORD.fullmatch(text))
        if is_sure:
            return (
                (is_message and not _SETTING.match(text))
                or (not _IDENTIFIER.match(text))
                or bool(_READING.match(text) and " " in text)
            )
        if not is_message or (_SETTING.match(text) and " " not in text):
            return False
        return is_trouble(text, self.tables) and not text.rstrip().endswith("?")

    # -- fences

    def fence(self, fence: FenceDraft) -> None:
        if fence.is_listing:
            return
        lines = fence.element.text.split("\n")
        first = fence.element.body_line
        info = fence.element.info.split(" ")[0].strip("{}.").casefold()
        is_text = info in (
            "",
            "text",
            "txt",
            "log",
            "logs",
            "console",
            "output",
            "plaintext",
            "plain",
            "none",
            "shell",
            "bash",
            "sh",
            "json",
            "http",
        )
        is_text = is_text and not is_script(fence.element.text)  # the rest of a script is a text that it writes
        if is_text and self.is_shown(fence, info):
            self.add(_LOG_HEAD.sub("", lines[0], count=1), first, Origin.OUTPUT, fence.owner)
        taken: set[str] = set()
        for no, line in enumerate(lines):
            if no and compares(lines[no - 1]):
                for text in conditional(line):
                    self.add(text, first + no, Origin.CODE, fence.owner)
            for pattern in searched(line):
                if pattern not in taken:
                    taken.add(pattern)
                    self.add(pattern, first + no, Origin.CODE, fence.owner)
            self.code_line(line, first + no, fence, is_text)

    def is_shown(self, fence: FenceDraft, info: str) -> bool:
        """Whether a fence is one line of words under a problem's title, before any label: it is what shows the problem."""
        text = fence.element.text.strip()
        is_first = fence.owner is not None and fence.part is None and not info
        return is_first and "\n" not in text and text.count(" ") >= 2 and _COMMAND.search(text) is None

    def code_line(self, line: str, no: int, fence: FenceDraft, is_text: bool) -> None:
        for said, text, is_good in printed(line):
            if is_good or is_trouble(text, self.tables) or said is not Said.PRINTED:
                self.add(text, no, Origin.CODE, fence.owner, context=text if not is_good else "(ok)")
        line = without_printed(line)
        for found in _JSON.finditer(line):
            if is_trouble(found["text"], self.tables):
                self.add(found["text"], no, Origin.OUTPUT, fence.owner)
        if _COMMENT.match(line) and not is_text:
            return
        for found in _STRING.finditer(line):
            text = found["text"]
            if (
                " " in text.strip()
                and text[0] not in "{<"
                and "://" not in text
                and is_trouble(text, self.tables)
                and not _COMMAND.search(text)
            ):
                self.add(text, no, Origin.CODE, fence.owner)
        if status := _CODE_STATUS.search(line):
            self.add(status.group(1) or status.group(2), no, Origin.STATUS, fence.owner)
        if is_text and (shown := _SHOWN_LINE.match(line)):
            self.add(shown["text"], no, Origin.QUOTE, fence.owner)
        elif is_text and self.is_output(line):
            self.add(_LOG_HEAD.sub("", line, count=1), no, Origin.OUTPUT, fence.owner)

    def is_output(self, line: str) -> bool:
        """Whether a line of a fence is output that tells of trouble."""
        text = line.strip()
        if not text or _COMMENT.match(line) or len(text) > 300:
            return False
        if _CALL.match(text) or _DRAWN.match(text) or text.startswith("- "):
            return False
        if _LOG_LINE.match(text):
            return bool(re.search(r"\b(?:ERROR|WARN(?:ING)?|FATAL|CRITICAL|PANIC|EMERG)\b", text)) or is_trouble(
                text, self.tables
            )
        if _COMMAND.search(text) or text[0] in "{}[]<\"'|=" or text.endswith(("\\", "{", ",", ";", ":")) or "→" in text:
            return False
        return bool(EXCEPTION.match(text) or CODE_WORD.search(text)) or (" " in text and is_trouble(text, self.tables))


def _sounds_like_message(text: str) -> bool:
    return bool(EXCEPTION.search(text) or re.search(r"\w: \w", text))


_PAIRS = ('""', "''", "``", "“”", "„“", "«»", "「」")


def _unquoted(text: str) -> str:
    """Return a text without the quotes around the whole of it."""
    for pair in _PAIRS:
        if len(text) > 2 and text[0] == pair[0] and text[-1] == pair[1] and pair[0] not in text[1:-1]:
            return text[1:-1].strip()
    return text.strip()


def _blank_spans(text: str) -> str:
    for span in code_spans(text):
        text = text[: span.start] + " " * (span.end - span.start) + text[span.end :]
    return text


def _bare(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()
