"""Whether a line is a command or a sentence. A strange program needs more than a familiar one."""

from __future__ import annotations

import re
from functools import lru_cache

from .listing import listed
from .programs import Program, programs
from .redis import COMMANDS as REDIS

# Programs whose names are words of English: a sentence may begin with them.
_ENGLISH = listed(
    """find watch time kill make test cut sort top free host more less which who last wait export read set join split
    install service go at nice date file history type source echo exit look hash command exec open patch tree id
    users groups code look script screen convert fold stat free task just next fly render look flower history retry
    clear reset return break continue true false enable bind complete let help info man mail wall route ip ss ab op
    pd mc wg tc at w yes factor script parallel play sleep sync mount dive kind k open head tail strings column uniq
    touch cat init halt shutdown reboot suspend rename shred trash locate identify link alias puma rake gem cargo
    caddy vault consul flux nomad packer monit safety black vulture coverage flask celery node python ruby java bun
    deno hey siege locust activate flower stern quota"""
)
_ALONE = listed(
    """uptime dmesg lsblk nvidia-smi htop printenv vmstat iostat whoami journalctl jps lscpu netstat ifconfig lsmod
    pstree iotop mpstat nproc glances visudo pg_lsclusters pg_isready crontab iptables-save systemd-cgtop sensors
    lsusb lspci mailq hostnamectl timedatectl ipconfig tasklist systeminfo sestatus getenforce blkid lsof arp kubectx kubens k9s reboot py-spy gpustat numastat"""
)
_STRONG = listed(
    """the a an is are was were be been your this that these those should must will would can could may might has have
    had its it if when you we they there their our not don't doesn't isn't can't won't because while how what why
    does did returns fails failed crashes happens needs requires means shows says looks seems occurs stopped running"""
)
_WEAK = listed("""to of and or with from into for by on in at as but so before after than then also via per using""")
_PRINTS = frozenset({"echo", "printf", "logger", "wall", "say", "notify-send"})
_IN_BIN = re.compile(r"(?:^|/)s?bin/[^/]+$")
_CLOSES = re.compile(r"[A-Za-z)][.!?:,]$")
_CLAUSE = re.compile(r"[a-z]{2,}, [a-z]{2,} [a-z]{2,}|[a-z]{3,}\. [A-Z][a-z]+")
_COMPARED = re.compile(r"\S+\s+[<>]\s")
_FRAME = re.compile(r"at\s+[\w.$/<>\[\]]+\(")
_EQUATED = re.compile(r"\S+\s*(?:==?|!=|:=|=>|->|<-|\(|\+=|:)(?:\s|$)")
_STRINGS = re.compile(r"'[^'\n]*'|\"(?:[^\"\\\n]|\\.)*\"|`[^`\n]*`")
_OPTION = re.compile(r"(?:^|\s)(?:--?[A-Za-z][\w\-]*|-\d)(?=[\s=:,]|$)")
_SHELLY = re.compile(r"\s\|\|?\s*\S|\s&&\s|\s2?>>?\s*[\w./&$~]|\$\(|\$\{?\w|;\s*\w|<<|\s&\s*$")
_PATHLIKE = re.compile(
    r"(?:^|\s)(?:~?/|\.{1,2}/|\$\w)\S*|\S+/\S+|\S+\.(?:\w{1,5})(?:\s|$)|:\d{2,5}\b|\b\d+\b|=|<[a-z]|\*|%"
)
_NAME = re.compile(r"(?:\.{0,2}/|~/|\$\{?\w+\}?/)?[A-Za-z_][\w.+\-/@]*$|^\[\[?$|^:$")
_OTHER_LANGUAGES = listed(
    """from import def class return const let var fn func package use async await public private static try"""
)
# Programs that control a service are called so by custom, and what they are asked to do is one of a few words.
_CONTROLS = re.compile(r"[a-z][a-z0-9]*[_-]?(?:ctl|cli|admin)")
_CONTROLLED = listed(
    """status start stop restart reload list info show health version ping stats reset flush clear reconfigure nodes members
    check verify logs describe get delete remove"""
)
_CRON = re.compile(
    r"^(?:(?:[\d*/,\-]+|\*)(?:\s+(?:[\d*/,\-]+|[A-Za-z]{3}(?:-[A-Za-z]{3})?)){4}|@(?:reboot|hourly|daily|weekly|monthly|yearly|annually|midnight))\s+(?=\S)"
)
_ASSIGN = re.compile(r"^(?:[A-Za-z_]\w*\+?=(?:'[^']*'|\"(?:[^\"\\]|\\.)*\"|\$\([^()]*\)|[^\s'\";|&()]*))(?:\s+|$)")
KEYWORDS = frozenset(["for", "while", "until", "if", "case", "function", "select", "{", "(", "[[", "[", "!", "(("])
MAX_CHARS = 4_000  # a line longer than this is judged by its beginning


def schedule(line: str) -> int:
    """Return how long the schedule in front of a cron line is; 0 when there is none."""
    found = _CRON.match(line)
    return 0 if found is None else found.end()


def without_assignments(line: str) -> str:
    """Return a line without the `NAME=value` in front of its program."""
    while (found := _ASSIGN.match(line)) is not None:
        line = line[found.end() :]
    return line


@lru_cache(maxsize=2048)
def program_of(word: str) -> Program | None:
    """Return the program that a word names, also by a path of the system."""
    bare = word.strip("'\"").removeprefix("\\")
    known = programs().get(bare)
    if known is not None or "/" not in bare:
        return known
    return programs().get(bare.rsplit("/", 1)[-1]) if _IN_BIN.search(bare) else None


def is_sentence(line: str, first: str) -> bool:
    """Say whether a line reads as words of a natural language."""
    if first in _PRINTS:
        return False
    bare = _STRINGS.sub(" ", line)
    if "→" in bare or "…:" in bare or _CLOSES.search(bare.rstrip()):
        return True
    words = [word.strip(",.;:()!?").lower() for word in bare.split()[1:]]
    strong = sum(word in _STRONG for word in words)
    weak = sum(word in _WEAK for word in words)
    plain = not _OPTION.search(bare) and not _SHELLY.search(bare)
    if first == "for" or first == "while":
        return "in" not in words[:2] and first == "for" and plain
    return (strong >= 1 and plain) or strong >= 3 or (weak >= 2 and plain and strong + weak >= 2) or _has_clause(bare)


def _has_clause(bare: str) -> bool:
    return _CLAUSE.search(bare) is not None


def is_certain(line: str) -> bool:
    """Say whether a text is a command even where a sentence would be at home: in prose, a comment, a code span."""
    text = line.strip()[:MAX_CHARS]
    text = text[schedule(text) :]
    text = without_assignments(text)
    words = text.split(None, 40)
    if not words or _is_odd(text):
        return False
    first = words[0]
    program = program_of(first)
    if program is None:
        return _is_certain_stranger(first, words, text)
    if first[:1].isupper() or is_sentence(text, first):
        return False
    if len(words) == 1:
        return first in _ALONE
    return _is_certain_program(program, first, words, text)


def _is_odd(text: str) -> bool:
    """Say whether a text has marks that no command in prose has: `redis() -> x`, `a == b`, `x: y`."""
    first = text.split(None, 1)[0]
    if program_of(first) is None and _COMPARED.match(text):
        return True  # `Queue > 20`
    if _FRAME.match(text):
        return True  # a line of a stack trace
    return first.endswith((":", ",", ".", ")", ";")) or bool(_EQUATED.match(text))


def _is_certain_stranger(first: str, words: list[str], text: str) -> bool:
    if not _NAME.match(first) or len(words) < 1 or is_sentence(text, first):
        return False
    is_script = re.match(r"(?:\.{1,2}/|~/|/)[\w./\-]+$", first) is not None and "." in first.rsplit("/", 1)[-1]
    if is_script and first.endswith((".sh", ".py", ".pl", ".rb", ".js")):
        return len(words) > 1 or first.startswith("./")
    if len(words) < 6 and _CONTROLS.fullmatch(first) and not _CONTROLLED.isdisjoint(words[1:3]):
        return True
    has_option = _OPTION.search(" ".join(words[1:])) is not None
    return first == first.lower() and has_option and len(words) >= 2 and "." not in first and first.isascii()


def _is_certain_program(program: Program, first: str, words: list[str], text: str) -> bool:
    rest = " ".join(words[1:])
    second = words[1]
    bare = _STRINGS.sub(" ", text)
    has_marks = bool(_OPTION.search(bare) or _SHELLY.search(bare))
    if program.has_subs and program.subcommands:
        if (
            first not in _ENGLISH
            and len(words) > 2
            and re.match(r"[a-z][a-z\-]+$", second)
            and _PATHLIKE.search(" " + rest)
        ):
            return True  # a subcommand that the tables lack, or a slip
        return second.split("/")[0] in program.subcommands or second[0] == "-" or (has_marks and second[0] in "<${")
    if program.wraps is not None and first not in ("time", "command", "exec", "watch", "parallel", "retry", "script"):
        return has_marks or any(program_of(word) is not None for word in words[1:4])
    if program.language == "redis" and second.lower() in REDIS:
        return True
    if first in _ENGLISH or first in _PRINTS:
        return (
            has_marks
            or bool(_PATHLIKE.search(" " + rest))
            or bool(_STRINGS.search(rest))
            or program.language == "redis"
        )
    return has_marks or bool(_PATHLIKE.search(" " + rest)) or bool(_STRINGS.search(rest)) or len(words) <= 3


def is_likely(line: str, *, is_free: bool) -> bool:
    """Say whether a line is a command where commands are at home.

    `is_free`: nothing was printed just before (a blank line, a comment, the start), so a strange program may stand here.
    """
    text = line.strip()[:MAX_CHARS]
    text = text[schedule(text) :]
    bare = without_assignments(text)
    if not bare:
        # `ActiveState=active` is what a program prints; variables of a shell are named in one case.
        return bool(text) and not text.endswith((",", "{", "(")) and not re.match(r"[A-Z][a-z]+[A-Z]\w*=", text)
    words = bare.split(None, 40)
    first = words[0]
    if first in ("{", "("):
        return len(words) > 1 and program_of(words[1]) is not None
    if first in KEYWORDS:
        return not is_sentence(bare, first)
    if first.startswith("("):
        return program_of(first[1:]) is not None
    if re.match(r"[A-Za-z_]\w*\s*\(\)\s*\{?", bare):
        return True
    if _is_odd(bare) and first not in ("[", "test", ":"):
        return False
    program = program_of(first)
    if program is not None:
        return _is_likely_program(program, first, words, bare)
    return _is_likely_stranger(first, words, bare, is_free=is_free)


def _is_likely_program(program: Program, first: str, words: list[str], text: str) -> bool:
    if is_sentence(text, first):
        return False
    if first in _ENGLISH and len(words) > 1 and not is_certain(text):
        # `make deploy` and `flask run` are commands, `find pods` is not: a known word behind, or nothing English.
        return words[1] in program.subcommands or (first in _WITH_A_WORD and len(words) <= 4)
    return first not in _ENGLISH or len(words) > 1 or first in _SAID_ALONE


# English names that are commands with one plain word behind them, and such that are commands alone.
_WITH_A_WORD = listed(
    """make just task cd source export sleep set python ruby node java service echo exit id host kill cat test wait which
    mount ip read return file install stat fly vercel"""
)
_SAID_ALONE = listed(
    """top free date w who id mount history exit last reboot halt sync jobs true users sleep wait tree set more done clear
    break continue return locate flask echo"""
)


def _is_likely_stranger(first: str, words: list[str], text: str, *, is_free: bool) -> bool:
    if re.match(r"[A-Z][a-z]+-[A-Z][A-Za-z]+$", first) and not is_sentence(text, first):
        return len(words) < 3 or has_cmdlet_options(words)
    if not _NAME.match(first.strip("\"'")) and not re.match(r"\$\{?\w+\}?$|\$\(", first):
        return False
    if is_sentence(text, first) or first[0].isupper() or "(" in first or first in _OTHER_LANGUAGES:
        return False
    has_option = bool(_OPTION.search(" ".join(words[1:])))
    is_script = first.startswith(("./", "/", "~/")) or first.endswith((".sh", ".py", ".pl"))
    if re.search(r"\s{2,}\S+\s{2,}", text) and not has_option:
        return False  # columns of a table
    if has_option or (is_script and (len(words) > 1 or first.startswith("./") or first.endswith(".sh"))):
        return len(first) > 1 or first.startswith("$")
    if re.search(r"\s\|\s*(?:\w+)", text):
        after = text.split("|", 1)[1].split()
        return bool(after) and program_of(after[0]) is not None
    if first.startswith("$"):
        return len(words) > 1
    return (
        is_free
        and 2 <= len(words) <= 4
        and all(re.match(r"[a-z0-9_./:@<>{}$\-]+$", word) for word in words)
        and not re.search(r"\d/\d|^\d", words[1])
    )


def has_cmdlet_options(words: list[str]) -> bool:
    """Say whether words carry options as PowerShell writes them: `-Name`."""
    return any(re.match(r"-[A-Z][a-z]", word) for word in words) or "|" in words or len(words) < 4
