"""What is wrong with a command as it stands: it cannot work, or it does more than the guide says.

Each rule has a stable code, why it matters, and what to do. A rule says nothing when it is not sure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from .model import Command, Found, Remark
from .names import near_option, near_subcommand
from .words import deceit, typographic

_RUN = re.compile(r"\b(?:curl|wget)\b[^|\n]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b")
_COUNT_TWICE = re.compile(r"\bgrep\b[^|\n]*\s-\w*c\b[^|\n]*\|\|\s*echo\s+[\"']?0")
_SUDO_REDIRECT = re.compile(r"\bsudo\s+(?:echo|printf|cat)\b[^|;&\n]*>{1,2}\s*/")
_TERMINAL = re.compile(
    r"\b(?:docker|podman|docker-compose|kubectl)\b[^|\n]*\bexec\s+(?:-\w*t\w*\s|-i\s+-t\s)[^|>\n]*"
    r"(?:\s>\s*(?!/dev/null)|\|\s)"
)
_ODD_DOLLAR = re.compile(r"\$(?!\(|\{|\?|[A-Za-z0-9_*@#!$-]|')\w")

Rule = Callable[[Command], Iterator[tuple[str, str, str]]]
_Told = Iterator[tuple[str, str, str]]  # code, why, what to do


def check(command: Command) -> tuple[Remark, ...]:
    """Return what is wrong with a command and with the commands in it; each thing once."""
    found: dict[tuple[str, str], Remark] = {}
    for rule in _WHOLE:
        for code, why, todo in rule(command):
            found.setdefault((code, why), Remark(code, command.line, command.text, why, todo))
    for part in _parts(command):
        for rule in _EACH:
            for code, why, todo in rule(part):
                found.setdefault((code, why), Remark(code, command.line, command.text, why, todo))
    return tuple(found.values())


def check_together(commands: Sequence[Command]) -> tuple[Remark, ...]:
    """Return what is wrong with the commands of one text together."""
    stops = next((c for c in commands if re.match(r"set\s+-\w*e", c.text)), None)
    if stops is None:
        return ()
    later = [c for c in commands if c.line > stops.line and re.search(r"\$\?", c.text)]
    return tuple(
        Remark(
            "check-after-set-e", c.line, c.text,
            "after `set -e` the script has ended before a failed status can be looked at",
            "put the command itself behind `if`, or end it with `|| status=$?`",
        )
        for c in later
    )  # fmt: skip


def _parts(command: Command) -> Iterator[Command]:
    stack = [command]
    while stack:
        part = stack.pop()
        yield part
        stack.extend(reversed(part.inner))


def _texts(command: Command) -> list[str]:
    """Return the words of a part from its own program on."""
    words = [word.text for word in command.words]
    names = [place for place, word in enumerate(words) if word.rsplit("/", 1)[-1] == command.program]
    return words[names[0] :] if names else words


# --- the whole text


def _letters(command: Command) -> _Told:
    if deceit(command.text):
        yield (
            "hidden-letters", f"the command {deceit(command.text)}: what is shown is not what would run",
            "type the command anew; do not copy it",
        )  # fmt: skip
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", command.text)  # in quotes they are text
    if typographic(bare) and command.found is not Found.STRING:
        yield (
            "typographic", f"it holds {typographic(bare)}, which a shell takes for ordinary letters",
            "write plain - and straight quotes",
        )  # fmt: skip


def _secrets(command: Command) -> _Told:
    if command.secrets:
        yield (
            "pasted-secret", f"a secret stands in the text ({command.secrets[0]}); whoever reads the guide has it",
            "revoke it, and name a variable or a secret store instead",
        )  # fmt: skip


def _shell_pipes(command: Command) -> _Told:
    text = command.text
    has_pipe = "|" in text
    if has_pipe and _RUN.search(text):
        yield "download-and-run", "runs whatever the server sends that day", "download, read and check it, then run it"
    if has_pipe and "grep" in text and _COUNT_TWICE.search(text):
        yield (
            "count-twice", "grep -c prints 0 and fails when nothing matches, so that 0 is printed twice",
            "write `|| true` instead of `|| echo 0`",
        )  # fmt: skip
    if "sudo" in text and _SUDO_REDIRECT.search(text):
        yield (
            "sudo-redirect", "the redirection is made by the shell, without the rights that sudo gives",
            "pipe into `sudo tee`",
        )  # fmt: skip
    if "exec" in text and _TERMINAL.search(text):
        yield (
            "terminal-in-a-pipe",
            "a terminal (-t) turns line ends around and fails where there is none",
            "leave out -t",
        )
    if "$" in text and _ODD_DOLLAR.search(text):
        yield "odd-dollar", "the dollar sign names nothing", "name the variable"


def _jwt(command: Command) -> _Told:
    if (
        re.search(r"\bbase64\s+(?:-d|-D|--decode)\b", command.text)
        and re.search(r"jwt|token|eyJ|cut\s+-d\s*['\"]?\.", command.text, re.I)
        and not re.search(r"tr\s+['\"]?[_\-]{2}|basenc", command.text)
    ):
        cuts = re.search(r"cut\s+-d\s*['\"]?\.|awk\s+-F\s*['\"]?\.|\[1\]", command.text)
        why = "the parts of a JWT are base64url without padding, which base64 may refuse or read wrongly"
        if not cuts:
            why = "a JWT is three parts with dots between, so decoding all of it fails"
        yield "jwt-base64", why, "cut the second part, turn -_ into +/, add the missing =, then decode"


_WHOLE: tuple[Rule, ...] = (_letters, _secrets, _shell_pipes, _jwt)


# --- each command in it


def _misspelt(part: Command) -> _Told:
    words = _texts(part)
    found = near_subcommand(part.program, words[1:])
    if found is not None:
        word, better = found
        yield (
            "unknown-subcommand", f"{part.program} has no {word}, so the command fails",
            f"perhaps {better}" if better else f"look it up with `{part.program} --help`",
        )  # fmt: skip
    for option, better in near_option(part.program, words[1:]):
        yield "unknown-option", f"{part.program} has no option {option} that is known", f"perhaps {better}"


# program and subcommand -> how many words must follow
_NEEDS = {
    "kubectl": {
        "logs": 1,
        "exec": 1,
        "describe": 1,
        "delete": 1,
        "scale": 1,
        "cp": 2,
        "drain": 1,
        "cordon": 1,
        "edit": 1,
    },
    "docker": {
        "logs": 1,
        "exec": 1,
        "restart": 1,
        "stop": 1,
        "start": 1,
        "rm": 1,
        "inspect": 1,
        "cp": 2,
        "kill": 1,
        "tag": 2,
    },
    "systemctl": {"restart": 1, "start": 1, "stop": 1, "reload": 1, "enable": 1, "disable": 1, "is-active": 1},
    "supervisorctl": {"restart": 1, "start": 1, "stop": 1},
    "helm": {"rollback": 1, "upgrade": 2, "uninstall": 1, "history": 1, "status": 1},
    "alembic": {"upgrade": 1, "downgrade": 1, "stamp": 1},
    "git": {"clone": 1, "revert": 1, "cherry-pick": 1},
}
_NEEDS_WORDS = {
    "cp": 2,
    "mv": 2,
    "chmod": 2,
    "chown": 2,
    "kill": 1,
    "pkill": 1,
    "rm": 1,
    "ssh": 1,
    "scp": 2,
    "mkdir": 1,
    "ping": 1,
    "curl": 1,
}
_NEEDS_OR_OPTION = re.compile(
    r"^(?:-l|-f|--all|-A|--filename|--selector|-a|--selector=.*|-l.*|-L|--list|--version|-V|-h|--help|-0|-K|--config"
    r"|--continue|--abort|--skip|--quit)$"
)


def _incomplete(part: Command) -> _Told:
    words = _texts(part)
    if not words or any(word.is_dynamic for word in part.words) or any(_NEEDS_OR_OPTION.match(word) for word in words):
        return
    plain = [word for word in words[1:] if not word.startswith("-")]
    subcommand = part.subcommand.split(" ")[0]
    needed = _NEEDS.get(part.program, {}).get(subcommand)
    given = len(plain) - 1 if needed is not None else len(plain)
    needed = _NEEDS_WORDS.get(part.program) if needed is None else needed
    if needed is not None and given < needed and "xargs" not in words:
        name = " ".join([part.program, subcommand]).strip()
        yield (
            "missing-argument",
            f"{name} needs {needed} more word{'s' if needed > 1 else ''} to work",
            "say what it is to act on",
        )


def _processes(part: Command) -> _Told:
    words = _texts(part)
    if part.program == "pkill" and any(re.match(r"-\w*f", word) for word in words[1:]):
        yield (
            "loose-pkill", "pkill -f ends every process whose command line holds the pattern, of whatever service",
            "use the service manager, or look with `pgrep -fa` first and anchor the pattern",
        )  # fmt: skip
    if part.program in ("kill", "pkill", "killall") and {"-9", "-KILL", "-SIGKILL"} & set(words):
        yield "kill-nine", "the process cannot save, close or clean up", "send TERM first, wait, and only then KILL"


def _files(part: Command) -> _Told:
    words = _texts(part)
    rest = [word for word in words[1:] if not word.startswith("-")]
    if part.program in ("cp", "scp", "rsync") and any(
        re.search(r"\.(?:db|sqlite3?)[\"']?$", word) for word in rest[:-1]
    ):
        yield (
            "live-sqlite-copy", "a database file that is copied while it is written to may be torn, and the WAL beside it is left out",
            "use `sqlite3 FILE \".backup COPY\"` or VACUUM INTO",
        )  # fmt: skip
    if part.program == "rm" and any(re.match(r"-\w*[rRf]", word) for word in words[1:]):
        bare = next((word for word in rest if re.match(r"\$\{?\w+\}?(?:/|$)", word)), None)
        if bare is not None:
            yield (
                "rm-empty-variable", f"when the variable is empty, {bare} is another folder, perhaps the root",
                "write ${NAME:?} so that the shell stops when it is empty",
            )  # fmt: skip
        if any(word in ("/", "/*", "~", "~/", "*", ".") for word in rest):
            yield "rm-too-much", "removes far more than one thing", "name exactly what is to go"
    if part.program == "chmod" and any(re.fullmatch(r"-?R?0?777|a\+rwx", word) for word in words[1:]):
        yield "chmod-777", "anyone on the machine may change it", "give the rights to the one user who needs them"


def _data(part: Command) -> _Told:
    words = [word.upper() for word in _texts(part)]
    if part.program in ("redis-cli", "valkey-cli") and {"FLUSHALL", "FLUSHDB"} & set(words):
        yield (
            "flush-all",
            "removes every key, of all services that share the server",
            "delete by pattern, or use a database of its own",
        )
    if part.program in ("redis-cli", "valkey-cli") and "KEYS" in words:
        yield "redis-keys", "KEYS stops the server for all clients while it walks every key", "use --scan --pattern"
    if part.program == "docker-compose" and "down" in part.subcommand and {"-V", "--VOLUMES"} & set(words):
        yield "down-volumes", "removes the volumes with the data of all services in the file", "leave out -v"
    if part.program == "docker" and "prune" in part.subcommand:
        yield (
            "prune",
            "removes whatever does not run at this moment, on the whole machine",
            "name what is to be removed",
        )
    text = " ".join(words) if part.program != "sql" else part.text.upper()
    if part.program in _SQL_CLIENTS and _NO_WHERE.search(text):
        yield "no-where", "without WHERE it acts on all rows", "add WHERE, and try it as SELECT first"
    if part.program == "git" and part.subcommand == "push" and {"-F", "--FORCE"} & set(words):
        yield "force-push", "replaces commits that others may have", "use --force-with-lease"


_SQL_CLIENTS = ("sql", "psql", "mysql", "sqlite3", "mariadb")
_NO_WHERE = re.compile(r"\b(?:DELETE\s+FROM\s+[\w.\"]+|UPDATE\s+[\w.\"]+\s+SET\b(?:(?!WHERE).)*)\s*(?:;|$)", re.S)

# host and path -> the method that changes a thing there; from the providers' references
_METHODS = (
    (
        re.compile(r"api\.github\.com/repos/[^/]+/[^/]+(?:/issues/\d+|/pulls/\d+|/releases/\d+|/hooks/\d+)?/?$"),
        "PUT",
        "PATCH",
    ),
    (
        re.compile(r"/api/v2/(?:users|clients|connections|roles|tenants/settings|resource-servers)(?:/[^/]+)?$"),
        "PUT",
        "PATCH",
    ),
    (re.compile(r"api\.stripe\.com/v1/"), "PUT", "POST"),
    (re.compile(r"api\.openai\.com/v1/(?:chat/completions|embeddings)"), "GET", "POST"),
    (re.compile(r"/_search(?:\?|$)"), "PUT", "POST"),
)


def _requests(part: Command) -> _Told:
    if part.program != "curl":
        return
    words = _texts(part)
    method = next((words[at + 1] for at, word in enumerate(words[:-1]) if word in ("-X", "--request")), "")
    for pattern, wrong, right in _METHODS:
        if method == wrong and pattern.search(part.target):
            yield "wrong-method", f"the interface has {right} here, not {wrong}", f"use -X {right}"
    if method == "HEAD":
        yield "head-hangs", "curl waits for a body that never comes", "use -I"
    if {"-k", "--insecure"} & set(words):
        yield "insecure-tls", "the certificate is not checked, so anyone may answer", "give the authority with --cacert"


_EACH: tuple[Rule, ...] = (_misspelt, _incomplete, _processes, _files, _data, _requests)
