"""What a fence holds, judged by what stands in it; its info string only tips the balance."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections import Counter

from .evidence import is_certain, is_likely
from .lines import Reader
from .listing import listed
from .model import FenceKind
from .sql import looks_like_sql, statements

MAX_LINES = 400  # of a fence that are looked at
MAX_CHARS = 2_000  # of a line that are looked at
_SHELLS = listed(
    """bash sh shell zsh console terminal shell-session shellsession sh-session ksh fish cmd bat powershell ps1 pwsh
    commandline shellscript session"""
)  # fmt: skip
_PROMPT = re.compile(
    r"^\s*(?:(?:\$|%|❯|➜|λ)\s+(?=\S)|(?:\(\w[\w.\-]*\)\s*)?[\w.\-]+@[\w.\-]+[:\s][^\n$#>]{0,60}[$#]\s+|"
    r"\[[\w.\-]+@[\w.\-]+[^\]\n]{0,60}\][$#]\s+|PS\s+[A-Z]:[^\n>]{0,80}>\s*|[A-Z]:\\[^\n>]{0,60}>\s*|(?:ba)?sh-\d\.\d+[$#]\s+|root#\s+|\([\w.\-]{1,40}\)\s+[$%#]\s+(?=\S)|(?:~|/[\w.\-/]{0,60})\s\$\s+(?=\S)|(?:~|/(?:app|bin|code|data|etc|home|opt|root|srv|src|tmp|usr|var|work|workspace)?)\s#\s+(?=\S))"
)
_REPL = re.compile(
    r"^\s*(?P<mark>(?:mysql>|MariaDB \[[^\]]*\]|sqlite>|\w+=[#>*]|\w+[-=][#>]|>>>|In \[\d+\]:|\.\.\.|[\w.\-]+:\d+(?:\[\d+\])?>|redis [\d.:]+>|irb\([^)]*\)\S*>|iex\S*>|"
    r"rs\d*:\w+>|cqlsh>))\s?(?P<rest>\S.*)$"
)
_PYTHON = re.compile(
    r"^\s*(?:from [\w.]+ import |import [\w.]+(?: as \w+)?(?:,\s*\w+)*\s*(?:#.*)?$|(?:async )?def \w+\(|class \w+[(:]|@\w[\w.]*(?:\(|$)|"
    r"(?:if|elif|for|while|with|try|except|else|finally)\b.*:\s*(?:#.*)?$|return\b|raise \w|print\(|await \w|\w[\w.]*\s*=\s*\w[\w.]*\(|"
    r"\w[\w.\[\]'\"]*(?:,\s*\w+)*\s*(?:\+|-)?=\s+\S|\w[\w.]*\([^)\n]*\)\s*(?:#.*)?$|\"\"\"|yield\b|assert\b|pass$|\w+\.\w+\(.*\))"
)
_DEFINITION = re.compile(
    r"^\s*(?:(?:async )?def \w+\(|class \w+[(:]|from [\w.]+ import |return\b.*[^\d\s]|@\w[\w.]*(?:\(|$))"
)
_OTHER_CODE = re.compile(
    r"^\s*(?:(?:const|let|var|export|import|function|async function|interface|type|public|private|protected|static|package|"
    r"fn|impl|struct|func|use|enum)\s+[\w{*\"'(<$.]+.*[;{(=,)'\"]\s*$|(?:const|let|var)\s+\w+\s*=|\}\s*(?:else|catch|finally)?[\s{;,)]*$|return\b.*;$|//\s|/\*|\*\s|"
    r"<\/?\w+[^>]*>\s*$|<\?php|#include\s|using \w|=>\s*\{|.*\)\s*=>\s*[{(]|console\.\w+\(|.*;\s*(?://.*)?$|\w[\w.]*\(.*\{\s*$|module\.exports|require\()"
)
_YAML = re.compile(r"^\s*(?:-\s+)?[\w.\-/\"']+:(?:\s+\S.*|\s*[|>]?-?)$|^\s*-\s+[\w\"'{$./\[-].*$|^---\s*$")
_YAML_KEY = re.compile(r"^\s*(?:-\s+)?[a-zA-Z][\w.\-/]*:(?:\s+[\w\"'\[{$./*&|>-].*)?$")
_INI = re.compile(r"^\s*(?:\[[\w .\-:/\"]+\]\s*$|[\w.\-]+\s*=\s*\S*.*$|(?:set|server|location|upstream|listen|root|proxy_\w+|fastcgi_\w+|"
                  r"client_\w+|keepalive_\w+|worker_\w+|ssl_\w+|add_header|access_log|error_log)\s+[^|]*[;{]\s*$|[\w.\-]+\s+[\w.\"'/\-]+;\s*$)")  # fmt: skip
_DOCKERFILE = re.compile(
    r"^\s*(?:FROM|RUN|CMD|COPY|ADD|ENTRYPOINT|ENV|WORKDIR|EXPOSE|ARG|USER|VOLUME|HEALTHCHECK|LABEL)\s+\S"
)
_LOG = re.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d|\d\d:\d\d:\d\d|\[?\d{1,2}/\w{3}/\d{4}|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d|"
    r"\[?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|CRITICAL|TRACE|NOTICE)\]?\b|Traceback \(most|\s+File \"|\s+at [\w.$<>]+\(|\w*(?:Error|Exception)\b[:(]|"
    r"(?:HTTP/\d|\d{3} [A-Z][a-z]+)|[\w.\-/]+: (?:error|fatal|warning|cannot|command not found|No such|permission)|npm ERR!|(?:fatal|error|Error|panic|warning|WARNING|FAILED|Caused by):|"
    r"goroutine \d|\{\"(?:level|time|ts|timestamp|severity)|level=\w+|time=\"|ts=|at \S+:\d+|\d+\.\d+\.\d+\.\d+ - )"
)
_COLUMNS = re.compile(
    r"^\s*\S+(?: \S+){0,3}(?:\s{2,}|\t)\S+(?: \S+)*(?:(?:\s{2,}|\t)\S+)+|^\s*[|+]?[-=+|]{4,}|^\s*\|.*\|\s*$|^[A-Z][A-Z_%() ]+(?:\s{2,}[A-Z_%()]+)+"
)
_BULLET = re.compile(r"^\s*(?:\d+[.)]\s|[-*•→□✓✅❌☐▪►➤]\s*\S|\w\.\s)")
_SETTING = re.compile(r"^\s*[A-Z][A-Z0-9_]{2,}\s+=\s*[^\s(\"'\[{]+(?:\s+\(set\?\))?$")
_JSON_LINE = re.compile(r"^\s*(?:[\]{}\[]+,?\s*$|\"[^\"]*\"\s*:\s*.*$|\"[^\"]*\",?\s*$)")


def is_prompt(line: str) -> int:
    """Return how long the prompt in front of a line is; 0 when there is none."""
    found = _PROMPT.match(line[:300])
    return 0 if found is None else found.end()


def has_root_prompt(lines: list[str]) -> bool:
    """Say whether `# ` is root's prompt here: commands stand behind it, and what they answered below it, not commands."""
    typed = [line.startswith("# ") and is_certain(line[2:]) for line in lines]
    rest = [line for line, is_typed in zip(lines, typed, strict=True) if not is_typed and line.strip()]
    return (
        typed[:1] == [True]
        and bool(rest)
        and not any(line.startswith("#") or is_certain(line) or is_likely(line, is_free=True) for line in rest)
    )


def repl(line: str) -> tuple[str, str]:
    """Return the mark of an interpreter's prompt and what was typed behind it."""
    found = _REPL.match(line[:MAX_CHARS])
    return ("", "") if found is None else (found["mark"], found["rest"])


def judge_fence(text: str, info: str) -> FenceKind:
    """Return what a fence holds. `info` is the info string and decides only where the content does not."""
    lines = [line[:MAX_CHARS] for line in text.split("\n", MAX_LINES)[:MAX_LINES]]
    full = [line for line in lines if line.strip()]
    hint = (info.split() or [""])[0].strip("{.}").lower()
    if not full:
        return FenceKind.PROSE
    if (
        any(is_prompt(line) for line in full)
        or has_root_prompt(full)
        or sum(bool(repl(line)[0]) for line in full) * 2 > len(full)
    ):
        return FenceKind.SESSION
    whole = "\n".join(lines)
    if _is_json(whole):
        return FenceKind.DATA
    if _is_sql(whole, hint):
        return FenceKind.SQL
    if _is_settings(full, hint):
        return FenceKind.CONFIG
    votes = _votes(lines, hint)
    return _decide(votes, whole, hint, len(full))


def _is_json(text: str) -> bool:
    bare = re.sub(r"^\s*(?://|#)[^\n]*\n", "", text.strip() + "\n", flags=re.M).strip()
    if bare[:1] not in "{[" or len(bare) < 2:
        return False
    try:
        json.loads(bare)
    except (ValueError, RecursionError):
        rows = [row for row in bare.split("\n") if row.strip()]
        return sum(_JSON_LINE.match(row) is not None for row in rows) >= 0.7 * len(rows)
    return True


def _is_settings(full: list[str], hint: str) -> bool:
    """Say whether the lines are `[section]` and `name = value`; without a section the info string must say so."""
    has_section = any(re.match(r"\s*\[[\w .:\-/\"]+\]\s*$", line) for line in full)
    if not has_section and hint not in ("ini", "toml", "conf", "properties", "cfg", "env", "dotenv", "yaml", "yml"):
        return False
    if any(is_certain(line.strip()) for line in full):
        return False
    return 3 * sum(_INI.match(line) is not None or line.lstrip()[:1] in "#;" for line in full) >= 2 * len(full)


def _is_sql(text: str, hint: str) -> bool:
    bare = re.sub(r"(?m)^\s*(?:--|#)[^\n]*$", "", text).strip()
    if hint in ("sql", "psql", "postgresql", "mysql", "sqlite", "plsql"):
        return bool(bare)
    if not looks_like_sql(bare):
        return False
    heads = [words[0] for words in statements(bare)]
    return all(head.isalpha() or head == "(" for head in heads)


def _votes(lines: list[str], hint: str) -> Counter[FenceKind]:
    votes: Counter[FenceKind] = Counter()
    at, is_free = 0, True
    reader = Reader(lines)
    while at < len(lines):
        line = lines[at]
        bare = line.strip()
        if not bare or bare.startswith(("#", "//", "--")):
            is_free = True
            at += 1
            continue
        kind = _line_kind(bare, line, is_free=is_free, hint=hint)
        if kind is FenceKind.COMMANDS:
            end = reader.statement(at).end
            votes[kind] += 2 if is_certain(bare) else 1
            at = end
        elif kind is not None:
            votes[kind] += 1
        is_free = kind is FenceKind.COMMANDS
        at += 1
    return votes


def _line_kind(bare: str, line: str, *, is_free: bool, hint: str) -> FenceKind | None:
    if _JSON_LINE.match(line):
        return FenceKind.DATA
    if _DEFINITION.match(line):
        return FenceKind.CODE
    if hint in _SHELLS and _SETTING.match(line):
        return FenceKind.COMMANDS
    if is_certain(bare):
        return FenceKind.COMMANDS
    if _LOG.match(line):
        return FenceKind.OUTPUT
    if _DOCKERFILE.match(line) or (
        _YAML_KEY.match(line)
        and not re.match(r"\s*[A-Z][\w ]*: \"", line)
        and not re.search(r"\w [a-z]+ [a-z]+ [a-z]+ ", line)
    ):
        return FenceKind.CONFIG
    if _BULLET.match(line) and not _YAML.match(line):
        return FenceKind.PROSE
    if _COLUMNS.match(line):
        return FenceKind.OUTPUT
    if _PYTHON.match(line) or _OTHER_CODE.match(line):
        return FenceKind.CODE
    if is_likely(bare, is_free=is_free):
        return FenceKind.COMMANDS
    if _INI.match(line) or _YAML.match(line):
        return FenceKind.CONFIG
    return FenceKind.PROSE if len(bare.split()) >= 3 else None


def _decide(votes: Counter[FenceKind], whole: str, hint: str, count: int) -> FenceKind:
    if not votes:
        return FenceKind.COMMANDS if hint in _SHELLS else FenceKind.OUTPUT
    commands = votes[FenceKind.COMMANDS]
    others = {kind: number for kind, number in votes.items() if kind is not FenceKind.COMMANDS}
    top = max(others, key=lambda kind: others[kind], default=None)
    if commands and (top is None or commands >= others[top] or (hint in _SHELLS and top in _WITH_COMMANDS)):
        return FenceKind.COMMANDS
    if commands and top in (FenceKind.OUTPUT,) and commands * 4 >= count:
        return FenceKind.COMMANDS
    if top is FenceKind.PROSE and hint in ("python", "py") and _is_python(whole):
        return FenceKind.CODE
    return top if top is not None else FenceKind.COMMANDS


_WITH_COMMANDS = (FenceKind.PROSE, FenceKind.OUTPUT, FenceKind.DATA)


def _is_python(text: str) -> bool:
    if len(text) > 20_000 or text.count("(") + text.count("[") > 400:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return any(not isinstance(node, ast.Expr) for node in tree.body)
