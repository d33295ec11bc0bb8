"""Which of our looks a stranger's command is, where that is certain; else why it is none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crashcart.guides.shell import Command, Place, Risk

from . import safe

_OWN_HOSTS = ("localhost", "127.0.0.1", "[::1]", "::1", "0.0.0.0")
_NAME = re.compile(r"[A-Z][A-Z0-9_]{2,80}")
_HEALTH = re.compile(r"/(?:[\w-]+/)*(?:health\w*|healthz|ready\w*|live\w*|ping|status|heartbeat|up)(?:/[\w-]+)?/?")
_LOG_FILE = re.compile(r"(?:^|/)[\w.{}$-]*(?:\.log(?:\.\d+)?|syslog|/var/log/[\w./-]+)$|^/var/log/")
_PLAIN_GREP = re.compile(r"-(?:[EFHhnw]+|[ABC]\d*|-color(?:=\w+)?|-line-buffered|-fixed-strings)|\d+")
_REGEX = re.compile(r"[\\*+?|^$()\[\]{}]|\.\*")
_CURL_FLAGS = re.compile(r"-(?:[sSfLvgi]+|-silent|-fail|-show-error|-verbose|-location|-include)")
_PORT = re.compile(r"[1-9]\d{0,4}")


@dataclass(frozen=True, slots=True)
class Look:
    """A look; `trouble` is what it sees when something is wrong, `well` what it sees when nothing is."""

    text: str
    trouble: str
    well: str
    is_health: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a command is no look of ours."""

    text: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What the guide is about, as far as its own commands tell: the port it asks, the process it looks for."""

    port: int | None = None
    process: str = ""
    names: frozenset[str] = field(default_factory=frozenset)


def subject_of(commands: Iterable[Command], title: str) -> Subject:
    """Return the port that most requests go to and the process that is looked for, when there is only one such."""
    ports: Counter[int] = Counter()
    processes: Counter[str] = Counter()
    for command in commands:
        if command.where.place is not Place.HERE:
            continue
        url = urlsplit(_url(command)) if command.program == "curl" else None
        if url is not None and url.hostname in _OWN_HOSTS and _port(url.netloc):
            ports[_port(url.netloc)] += 3 if _HEALTH.fullmatch(url.path) else 1
        wanted = _process_name(command)
        if wanted:
            processes[wanted] += 1
    top = ports.most_common(2)
    port = top[0][0] if top and (len(top) == 1 or top[0][1] > top[1][1]) else None
    process = next(iter(processes)) if len(processes) == 1 else ""
    return Subject(port, process, frozenset(re.findall(r"[a-z][a-z0-9-]{2,}", title.casefold())))


def look_of(command: Command, about: Subject) -> Look | Reason:
    """Return the look that the command is."""
    if command.where.place is not Place.HERE or command.program in ("docker-compose", "kubectl", "docker", "ssh"):
        return Reason("it runs in another place, and which target that is only a person knows")
    if not command.is_known or command.risk.rank >= Risk.CHANGES.rank:
        return Reason(f"it is no look: {command.risk.value}")
    for rule in (_env, _tcp, _process, _http, _log):
        found = rule(command, about)
        if found is not None:
            return found
    return Reason("no look of ours does what it does")


def _parts(command: Command) -> tuple[Command, ...]:
    return command.inner if len(command.inner) > 1 else (command,)


def _texts(command: Command) -> list[str]:
    return [word.text for word in command.words]


def _env(command: Command, about: Subject) -> Look | Reason | None:
    parts = _parts(command)
    words = _texts(parts[0])
    name = ""
    if len(parts) == 1 and command.program == "echo" and len(words) == 2:
        name = words[1].strip("\"'").removeprefix("$").strip("{}") if "$" in words[1] else ""
    elif len(parts) == 1 and command.program == "printenv" and len(words) == 2:
        name = words[1]
    elif len(parts) == 2 and parts[0].program in ("env", "printenv") and len(words) == 1 and parts[1].program == "grep":
        name = _grepped(parts[1]).rstrip("=").removeprefix("^")
    if not name:
        return None
    if not _NAME.fullmatch(name):
        return Reason("it asks for more than one setting")
    return Look(f'env {{self}} "{name}"', "unset", "set")


def _tcp(command: Command, about: Subject) -> Look | Reason | None:
    if command.program not in ("nc", "telnet", "ncat", "netcat") or len(_parts(command)) > 1:
        return None
    words = [word for word in _texts(command)[1:] if not word.startswith("-")]
    if len(words) < 2 or not _PORT.fullmatch(words[-1]):
        return Reason("host or port is not told")
    if words[-2] not in _OWN_HOSTS:
        return Reason(f"which target {words[-2]} is only a person knows")
    return Look(f"tcp {{self}} port {words[-1]}", "not ok", "ok")


def _process_name(command: Command) -> str:
    parts = _parts(command)
    if command.program in ("pgrep", "pidof") and len(parts) == 1:
        words = [word for word in _texts(command)[1:] if not word.startswith("-")]
        return words[0] if len(words) == 1 else ""
    if len(parts) >= 2 and parts[0].program == "ps" and parts[1].program == "grep":
        return re.sub(r"\[(\w)\]", r"\1", _grepped(parts[1]))
    if len(parts) == 1 and command.program == "systemctl" and command.subcommand in ("status", "is-active"):
        return _texts(command)[-1].removesuffix(".service")
    return ""


def _process(command: Command, about: Subject) -> Look | Reason | None:
    wanted = _process_name(command)
    if not wanted:
        return None
    if wanted != about.process and wanted.casefold() not in about.names:
        return Reason(f"whether {wanted} is the target itself only a person knows")
    return Look("process {self}", "absent", "present")


def _url(command: Command) -> str:
    return next((word for word in _texts(_parts(command)[0])[1:] if re.match(r"https?://", word)), "")


def _port(netloc: str) -> int:
    found = re.search(r":(\d{1,5})$", netloc)
    return int(found.group(1)) if found else 0


def _http(command: Command, about: Subject) -> Look | Reason | None:
    if command.program != "curl":
        return None
    first = _parts(command)[0]
    if any(word.is_placeholder or word.is_dynamic or word.is_secret for word in first.words):
        return Reason("something has to be filled in first")
    words = _texts(first)[1:]
    urls = [word for word in words if re.match(r"(?:https?://|localhost|127\.)", word)]
    if len(urls) != 1:
        return Reason("where the request goes is not told")
    flags = [word for word in words if word not in urls]
    method = "HEAD" if flags and set(flags) & {"-I", "--head", "-sI", "-Is"} else "GET"
    others = [word for word in flags if word not in ("-I", "--head", "-sI", "-Is") and not _CURL_FLAGS.fullmatch(word)]
    if others and others not in (["-X", "GET"], ["--request", "GET"]):
        return Reason("the request carries more than a look of ours does")
    url = urlsplit(urls[0] if "://" in urls[0] else f"http://{urls[0]}")
    if url.hostname not in _OWN_HOSTS:
        return Reason(f"which target {safe.words(url.hostname or 'that', 60)} is only a person knows")
    if about.port is not None and _port(url.netloc) not in (about.port, 0):
        return Reason(f"port {_port(url.netloc)} is not the one that this guide is about")
    path = url.path or "/"
    if url.query or not re.fullmatch(r"/[\w./-]*", path):
        return Reason("the address has more than a path")
    return Look(f"http {{self}} {method} {path}", "status != 200", "status = 200", bool(_HEALTH.fullmatch(path)))


def _grepped(command: Command) -> str:
    """Return the text that grep looks for when it is plain text, "" when it is not or options change its meaning."""
    words = _texts(command)[1:]
    flags = [word for word in words if word.startswith("-")]
    others = [word for word in words if not word.startswith("-") and not word.isdigit()]
    if not others or any(not _PLAIN_GREP.fullmatch(flag) for flag in flags):
        return ""
    is_fixed = any("F" in flag for flag in flags if not flag.startswith("--"))
    return others[0] if is_fixed or not _REGEX.search(re.sub(r"\[(\w)\]", r"\1", others[0])) else ""


def _log(command: Command, about: Subject) -> Look | Reason | None:
    parts = _parts(command)
    place = next((at for at, part in enumerate(parts) if part.program in ("grep", "egrep", "fgrep")), -1)
    if place < 0 or not _reads_log(parts, place):
        return None
    text = _grepped(parts[place])
    if not text:
        return Reason("grep is given a pattern or options that a look at a log does not know")
    if any(part.program not in ("tail", "head", "cat", "less", "grep", "sort") for part in parts):
        return Reason("what is done with the lines found goes beyond a look")
    if sum(part.program == "grep" for part in parts) > 1:
        return Reason("it filters twice")
    return Look(f"log {{self}} {safe.logged(text)}", "seen", "unseen")


def _reads_log(parts: Sequence[Command], place: int) -> bool:
    words = [word for part in parts[: place + 1] for word in _texts(part)[1:]]
    return any(_LOG_FILE.search(word) for word in words)
