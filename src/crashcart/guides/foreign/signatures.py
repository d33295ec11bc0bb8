"""Text that the system itself shows: log lines, error messages, alert names, HTTP statuses."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crashcart.guides.foreign.code import is_script
from crashcart.guides.foreign.collect import FenceDraft, Statement
from crashcart.guides.foreign.drafts import Draft
from crashcart.guides.foreign.holes import with_holes
from crashcart.guides.foreign.lexicon import Tables
from crashcart.guides.foreign.loglines import LOG_LINE, has_bad_level, has_calm_level, message, untimed
from crashcart.guides.foreign.nouns import Origin, Part, Signature
from crashcart.guides.foreign.paragraphs import Paragraphs
from crashcart.guides.foreign.printed import Said, compares, conditional, printed, searched, without_printed
from crashcart.guides.foreign.shown import (
    ANNOUNCED,
    ANNOUNCES,
    COMMAND,
    ERROR_HEAD,
    SAYS_ERROR,
    SHOWN_WORDS,
    TYPED,
)
from crashcart.guides.foreign.text import code_spans, plain, title_of, unnumbered
from crashcart.guides.foreign.wording import (
    CODE_WORD,
    EXCEPTION,
    STATUS,
    is_alert_name,
    is_error_text,
    is_question,
    is_trouble,
)
from crashcart.guides.shell import is_command
from crashcart.guides.shell.fences import is_prompt

_QUOTE = re.compile(
    r"\"([^\"\n]{2,300})\"|“([^”\n]{2,300})”|„([^“”\"\n]{2,300})[“”\"]|«([^»\n]{2,300})»|「([^」\n]{2,300})」|『([^』\n]{2,300})』"
)
_BEGUN = re.compile(r"\"([^\"\n]{6,200})$")
# A string in code: a log call, an exception, an answer. Escapes are rare in messages and end the match.
_STRING = re.compile(r"(?<![\w\"'])(?P<f>[frbuFRBU]{0,2})(?P<q>\"|'|`)(?P<text>[^\"\n]{3,300}?)(?P=q)(?!\w)")
_JSON = re.compile(
    r"(?P<q>[\"'])(?:error|message|detail|reason|msg|title|error_description|code|type)(?P=q)\s*:\s*(?P<r>[\"'])(?P<text>(?:[^\"\\\n]|\\.){3,500}?)(?P=r)",
    re.IGNORECASE,
)
_BARE_STATUS = re.compile(r"[45]\d\d")
_CODE_STATUS = re.compile(r"status(?:_code|Code)?\s*[=:(]\s*([45]\d\d)\b|[})]\s*,\s*([45]\d\d)\s*$")
_COMMENT = re.compile(r"^\s*(?:#|//|--|;|\*)")
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


_BESIDE = re.compile(r"\s+/\s+")
_WHEN = re.compile(r"\s+\(?(?:when|while|wenn|beim|cuando|lorsque|quando)\b", re.IGNORECASE)
# A word of code that is an error's name: a constant behind "Error:", or words joined by "_" that end in what went wrong.
_NAMED = re.compile(
    r"\b(?:errors?|exceptions?|fehler|erreurs?|erros?|errores)\b\s*[:\uff1a]?[\s*]*(?:`[^`\n]+`[\s*]*(?:,|/|\bor\b|\band\b|\boder\b|\bo\b|\bou\b)[\s,]*(?:or\s+)?)*$",
    re.IGNORECASE,
)
_CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|E[A-Z]{4,14}")
_WENT_WRONG = re.compile(
    r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*_(?:invalid|expired|failed|denied|exceeded|limited|missing|refused|unavailable|mismatch|rejected|forbidden|too_long|too_large|not_found|not_allowed|revoked|disabled)"
)
_BEFORE = 300  # characters before a code span that may say "Error:"
_NEAR = 8  # lines
_NO_REASONS = frozenset({"error", "errors", "response", "responses", "status", "fehler"})
_TELLING = re.compile(r"[A-Z:!<>=\[\]()]")  # a few small words may be anything, and mostly are what a person types
MAX_CHARS = 600  # of a signature; messages of orchestrators and drivers are long
_CALL = re.compile(r"[\w.]+\(.*\)[;,]?$")
_DRAWN = re.compile(r"[\u2500-\u257f|+]")


class Finder:
    """Finds signatures in the statements and fences of one document, each once a line."""

    def __init__(self, tables: Tables, paragraphs: Paragraphs) -> None:
        self.tables = tables
        self.paragraphs = paragraphs
        self.seen: dict[tuple[int, str], int] = {}  # by problem and words, the last line they stood on
        self.found: list[Signature] = []
        self.is_foreign = False

    def all(self, statements: Sequence[Statement], fences: Sequence[FenceDraft]) -> tuple[Signature, ...]:
        """Return all of them in the order of the source."""
        letters = [letter for said in statements for letter in said.text if letter.isalpha()]
        self.is_foreign = 2 * sum(letter > "\u02ff" for letter in letters) > len(letters)  # another script than Latin
        for said in statements:
            self.statement(said)
        for fence in fences:
            self.fence(fence)
        return tuple(sorted(self.found, key=lambda signature: (signature.line, signature.raw)))

    def add(
        self, raw: str, line: int, origin: Origin, owner: Draft | None, *, context: str = "", core: str = ""
    ) -> None:
        """Add what a guide wrote; `core` is what of it does not differ each time, when that is less."""
        text = _unquoted(raw.strip())
        said = _unquoted(core.strip()) or text
        key = (id(owner), _bare(said))
        last = self.seen.get(key)
        # Said again close by, as in a title and below it, it is one sign of a problem.
        is_again = last is not None and (line == last or (owner is not None and abs(line - last) < _NEAR))
        if len(said) < 3 or is_again or len(text) > MAX_CHARS:
            return
        self.seen[key] = line
        shown = with_holes(said) if origin is not Origin.STATUS else said
        if re.sub(r"<\w+>|\W+", "", shown) == "":
            return
        self.found.append(
            Signature(shown, text, line, origin, self.is_healthy(said, context), owner.id or None if owner else None)
        )

    def is_healthy(self, text: str, context: str) -> bool:
        """Whether a text is what a system shows that is well."""
        if _ZERO.search(text) or _BUT_GOOD.search(context):
            return True
        return bool(_HEALTHY.search(text)) and not is_trouble(text, self.tables) and "not " not in text.casefold()

    # -- statements

    def statement(self, said: Statement) -> None:
        text = said.text
        if said.sort in ("title", "message"):
            self.title(said)
            return
        is_shown = said.part in _SHOWN
        is_told = is_shown and (
            said.part is Part.MESSAGE or said.sort in ("listed", "cell") or bool(SHOWN_WORDS.search(said.column))
        )
        taken: list[str] = []
        for span in code_spans(text):
            is_message = " " in span.text and (is_shown or self.is_announced(said, span.start, span.end, span.text))
            if self.accepts(span.text, is_told or is_message, in_code=True) or is_named(said, span.text, span.start):
                self.add(span.text, said.line, Origin.CODE_SPAN, said.owner, context=text)
                taken.append(span.text)
        bare = _blank_spans(text)
        for found in _QUOTE.finditer(bare):
            quoted = next(group for group in found.groups() if group)
            is_sure = is_told and said.part is not Part.SYMPTOM
            if self.accepts(
                quoted,
                is_sure or bool(SHOWN_WORDS.search(bare[max(0, found.start() - 40) : found.start()])),
                in_code=False,
            ):
                self.add(
                    quoted, said.line, Origin.CELL if said.sort == "cell" else Origin.QUOTE, said.owner, context=text
                )
                taken.append(quoted)
        if said.sort == "text":
            self.wrapped(said, bare, is_told)
        if said.part is Part.MESSAGE and not taken and said.sort != "listed":
            self.bare_message(said, text)
        if said.sort == "cell" and said.part is not None and (code := _BARE_STATUS.fullmatch(text.strip("`* "))):
            self.add(code.group(), said.line, Origin.STATUS, said.owner)
        self.statuses(text, said, taken)

    def wrapped(self, said: Statement, bare: str, is_told: bool) -> None:
        """Take quoted text that begins on this line and ends on the next."""
        begun = _BEGUN.search(bare) if bare.count('"') % 2 else None
        rest, mark, _ = self.paragraphs.behind(said.line).partition('"')
        if begun is None or not mark:
            return
        whole = f"{begun[1].strip()} {rest.strip()}"
        if self.accepts(whole, is_told or bool(SHOWN_WORDS.search(bare[: begun.start()])), in_code=False):
            self.add(begun[1], said.line, Origin.QUOTE, said.owner, context=bare, core=whole)

    def is_announced(self, said: Statement, start: int, end: int, span: str) -> bool:
        """Whether the words beside a code span say that a log or a program shows it."""
        before = f"{self.paragraphs.before(said.line)} {said.text[:start]}"
        behind = said.text[end : end + 30] or self.paragraphs.behind(said.line)[:30]
        if said.text[end : end + 1] == "_":  # a link, as reStructuredText writes it
            return False
        is_shown = ANNOUNCED.search(before[-60:]) is not None or ANNOUNCES.match(behind) is not None
        is_telling = _TELLING.search(span) is not None or span.count(" ") > 2 or is_trouble(span, self.tables)
        return is_shown and is_telling and not is_command(span)

    def bare_message(self, said: Statement, text: str) -> None:
        """Take the words behind "Error:" themselves, when nothing in them is quoted or code."""
        if is_alert_name(plain(text)):
            self.add(plain(text), said.line, Origin.ALERT, said.owner)
            return
        text = unnumbered(plain(text)) if ERROR_HEAD.match(unnumbered(plain(text))) else text
        is_whole = self.paragraphs.is_quoted(said.line) or said.column
        if (
            EXCEPTION.match(text)
            or CODE_WORD.match(text)
            or (EXCEPTION.search(text) and ":" in text)
            or (is_whole and ERROR_HEAD.match(text))
        ):
            self.add(text, said.line, Origin.CELL if said.sort == "cell" else Origin.QUOTE, said.owner, context=text)

    def title(self, said: Statement) -> None:
        title = title_of(said.text)
        if is_alert_name(title.split(" ")[0]):
            self.add(title.split(" ")[0], said.line, Origin.ALERT, said.owner)
        taken = []
        for span in code_spans(said.text):
            if self.accepts(span.text, said.sort == "message", in_code=True) or is_named(said, span.text, span.start):
                self.add(span.text, said.line, Origin.CODE_SPAN, said.owner)
                taken.append(span.text)
        for found in _QUOTE.finditer(_blank_spans(said.text)):
            quoted = next(group for group in found.groups() if group)
            if self.is_name(quoted, found.group(), title):
                continue
            self.add(quoted, said.line, Origin.QUOTE, said.owner)
            taken.append(quoted)
        if not taken and said.part is Part.PROBLEM and (named := EXCEPTION.search(title)):
            whole = title[named.start() :] if ":" in title[named.end() : named.end() + 2] else named.group()
            self.add(whole, said.line, Origin.TITLE, said.owner)
        if not taken and (said.sort == "message" or self.is_untranslated(title)) and not is_question(title):
            for message in _BESIDE.split(_WHEN.split(title)[0]):
                self.add(message, said.line, Origin.TITLE, said.owner)
                taken.append(message)
        self.statuses(said.text, said, taken)

    def is_untranslated(self, title: str) -> bool:
        """Whether a title of several words is English in a document of another script: a message, left as it is shown."""
        return self.is_foreign and title.isascii() and len(title.split()) > 1 and not title.isupper()

    def is_name(self, quoted: str, found: str, title: str) -> bool:
        """Whether quotes in a title name a thing that fails, and no message: the words around them tell the trouble."""
        if is_trouble(quoted, self.tables) or not is_trouble(title.replace(found, " "), self.tables):
            return False
        quoted = quoted.strip()
        return " " not in quoted or (quoted == quoted.lower() and quoted.count(" ") < 2)

    def statuses(self, text: str, said: Statement, taken: Sequence[str]) -> None:
        if said.owner is None and said.part is None:
            return
        bare = text
        for other in taken:
            bare = bare.replace(other, " " * len(other))
        for found in STATUS.finditer(bare):
            numbers = [number for number in found.group("a", "b", "c", "d", "e", "f", "g", "h", "i") if number]
            reason = found["why"] or ""
            is_named = reason[:1].isupper() and reason.casefold() not in _NO_REASONS  # "504 Errors" names none
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
        is_typed = COMMAND.search(text) is not None or (in_code and is_command(text))
        if len(text) < 3 or (is_typed and not _sounds_like_message(text)):
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
            self.add(untimed(lines[0]), first, Origin.OUTPUT, fence.owner, core=message(lines[0]))
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
        is_typed = COMMAND.search(text) is not None or is_command(text)
        return is_first and "\n" not in text and text.count(" ") >= 2 and not is_typed

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
                and not COMMAND.search(text)
            ):
                self.add(text, no, Origin.CODE, fence.owner)
        if status := _CODE_STATUS.search(line):
            self.add(status.group(1) or status.group(2), no, Origin.STATUS, fence.owner)
        if is_text and (shown := _SHOWN_LINE.match(line)):
            self.add(shown["text"], no, Origin.QUOTE, fence.owner)
        elif is_text and self.is_output(line):
            self.add(untimed(line), no, Origin.OUTPUT, fence.owner, core=message(line))

    def is_output(self, line: str) -> bool:
        """Whether a line of a fence is output that tells of trouble."""
        text = line.strip()
        if not text or _COMMENT.match(line) or len(text) > MAX_CHARS or TYPED.match(text) or is_prompt(line):
            return False
        if _CALL.match(text) or _DRAWN.match(text) or text.startswith("- "):
            return False
        if LOG_LINE.match(text):
            is_calm = has_calm_level(text) and not is_error_text(text)
            return has_bad_level(text) or (not is_calm and is_trouble(text, self.tables))
        if SAYS_ERROR.match(text):
            return True
        if COMMAND.search(text) or text[0] in "{}[]<\"'|=" or text.endswith(("\\", "{", ",", ";", ":")) or "→" in text:
            return False
        is_named = bool(EXCEPTION.match(text) or CODE_WORD.search(text))
        return is_named or (" " in text and is_trouble(text, self.tables) and not is_command(text))


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


def is_named(said: Statement, span: str, start: int) -> bool:
    """Whether a code span is the name of an error: a constant behind "Error:", or words that end in what went wrong."""
    if _WENT_WRONG.fullmatch(span):
        return said.part in _SHOWN or said.sort == "cell"
    if said.sort == "message" or said.part is Part.MESSAGE:
        return _CONSTANT.fullmatch(span) is not None
    before = f"{said.column}: {said.text[:start]}"[-_BEFORE:]
    return _CONSTANT.fullmatch(span) is not None and _NAMED.search(before) is not None
