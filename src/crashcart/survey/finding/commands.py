"""What a command line starts: a web server, a worker, a database. General knowledge of the tools; pure."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum


class Role(Enum):
    """What a command is for."""

    WEB = "web"  # speaks HTTP
    WORKER = "worker"  # takes tasks from a queue
    TIMER = "timer"  # starts tasks by the clock
    STORE = "store"  # a database, cache or broker
    PROXY = "proxy"  # passes requests on
    WRAPPER = "wrapper"  # only starts others
    TOOL = "tool"  # a person's own command, gone in a moment
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, understood. `kind` is the kind of target; `app` what it was told to run; `binds` host and port.

    A bind of port 0 means that the command line does not say which port.
    """

    role: Role
    tool: str
    kind: str = ""
    app: str = ""
    binds: tuple[tuple[str, int], ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()  # that tell its processes from others


_WEB_PORTS = {
    "gunicorn": 8000,
    "uvicorn": 8000,
    "hypercorn": 8000,
    "daphne": 8000,
    "granian": 8000,
    "waitress-serve": 8080,
    "uwsgi": 0,
    "flask": 5000,
    "runserver": 8000,
    "fastapi": 8000,
    "quart": 5000,
    "flower": 5555,
    "streamlit": 8501,
    "gradio": 7860,
    "rq-dashboard": 9181,
}
_STORES = {
    "postgres": ("postgres", 5432),
    "postmaster": ("postgres", 5432),
    "redis-server": ("redis", 6379),
    "valkey-server": ("redis", 6379),
    "keydb-server": ("redis", 6379),
    "mysqld": ("tcp", 3306),
    "mariadbd": ("tcp", 3306),
    "mongod": ("tcp", 27017),
    "beam.smp": ("tcp", 5672),
    "rabbitmq-server": ("tcp", 5672),
    "memcached": ("tcp", 11211),
    "qdrant": ("http", 6333),
    "nats-server": ("tcp", 4222),
    "elasticsearch": ("http", 9200),
    "minio": ("http", 9000),
}
_PROXIES = ("nginx", "haproxy", "caddy", "traefik", "envoy", "apache2", "httpd")
_WRAPPERS = frozenset(
    [
        "sh",
        "bash",
        "dash",
        "zsh",
        "ash",
        "tini",
        "dumb-init",
        "env",
        "nohup",
        "sudo",
        "su",
        "setsid",
        "timeout",
        "nice",
        "uv",
        "poetry",
        "pipenv",
        "pdm",
        "hatch",
        "honcho",
        "foreman",
        "supervisord",
        "circusd",
        "npm",
        "npx",
        "node",
        "yarn",
        "pnpm",
        "make",
        "watchfiles",
        "watchmedo",
        "tmux",
        "screen",
        "sshd",
        "systemd",
        "init",
        "docker",
        "docker-compose",
        "containerd",
        "containerd-shim",
        "runsv",
        "runsvdir",
        "s6-supervise",
        "xargs",
    ]
)
_TOOLS = frozenset(
    [
        "pytest",
        "pip",
        "pip3",
        "ipython",
        "mypy",
        "ruff",
        "alembic",
        "psql",
        "redis-cli",
        "sqlite3",
        "git",
        "vim",
        "vi",
        "nano",
        "less",
        "tail",
        "cat",
        "grep",
        "jupyter",
        "py-spy",
        "crashcart",
        "code",
        "pyright",
        "pylsp",
        "coverage",
        "tox",
        "nox",
        "black",
        "isort",
    ]
)
_MANAGED = {"runserver": Role.WEB, "rundramatiq": Role.WORKER, "qcluster": Role.WORKER, "rqworker": Role.WORKER}
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*\Z")
# Options of these servers that stand alone: what follows such a one is not its value.
_FLAGS = frozenset(
    [
        "reload",
        "preload",
        "daemon",
        "capture-output",
        "proxy-headers",
        "no-access-log",
        "no-server-header",
        "version",
        "help",
        "factory",
        "debug",
        "with-threads",
        "no-reload",
        "no-debugger",
        "noreload",
        "insecure",
        "nothreading",
        "B",
        "beat",
        "events",
        "E",
        "detach",
        "purge",
        "without-gossip",
        "without-mingle",
        "without-heartbeat",
        "log-syslog",
        "enable-stdio-inheritance",
        "q",
        "use-colors",
        "no-use-colors",
        "no-proxy-headers",
        "h",
        "v",
        "access-log",
        "statsd",
        "skip-checks",
        "dev",
    ]
)


def understand(words: Sequence[str], environ: Mapping[str, str] | None = None) -> Command:
    """Return what a command line starts. `$NAME` in it is filled in from `environ`."""
    words = tuple(_filled(word, environ or {}) for word in words)
    words = _bare(words)
    if not words:
        return Command(Role.OTHER, "")
    titled = _titled(words)
    if titled is not None:
        return titled
    name = os.path.basename(words[0])
    if _PYTHON.match(name):
        return _python(words)
    return _program(name, words[1:], words[0])


def _filled(word: str, environ: Mapping[str, str]) -> str:
    return re.sub(
        r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))",
        lambda found: environ.get(found[1] or found[3], found[2] or found[0]),
        word,
    )


def _bare(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words without what only stands before a command: exec, env, settings, `uv run`."""
    left = list(words)
    while left:
        if re.match(r"[A-Za-z_]\w*=", left[0]) or left[0] in ("exec", "env", "nohup"):
            left = left[1:]
        elif (
            len(left) > 2
            and os.path.basename(left[0]) in ("uv", "poetry", "pipenv", "pdm", "hatch")
            and left[1] == "run"
        ):
            left = left[2:]
            while left and left[0].startswith("-"):
                left = left[1:]
        elif len(left) == 3 and os.path.basename(left[0]) in ("sh", "bash") and left[1] in ("-c", "-lc"):
            import shlex

            try:
                left = shlex.split(left[2])
            except ValueError:
                return tuple(left)
            if any(mark in left for mark in ("&&", "||", ";", "|", "&")):
                return tuple(words)
        else:
            break
    return tuple(left)


def _titled(words: Sequence[str]) -> Command | None:
    """Return what a process is that wrote a title over its command line, or None."""
    first = words[0].rstrip(":")
    if first == "nginx":
        at = next((place for place, word in enumerate(words) if word.endswith("nginx") and place), None)
        options = _options(words[at + 1 :])[0] if at is not None else {}
        return Command(Role.PROXY, "nginx", "nginx", options=options, words=("nginx",))
    if first == "postgres" and words[0].endswith(":"):
        return Command(Role.STORE, "postgres", "postgres")
    if first == "gunicorn" and words[0].endswith(":"):
        app = " ".join(words[2:]).strip("[]")
        return Command(Role.WEB, "gunicorn", "http", app, words=("gunicorn", app))
    name = os.path.basename(words[0])
    if name in _STORES and len(words) > 1 and ":" in words[1]:
        bind = _bind(words[1])
        return Command(Role.STORE, name, _STORES[name][0], binds=(bind,) if bind else (), words=(name, words[1]))
    return None


def _python(words: Sequence[str]) -> Command:
    """Return what an interpreter runs: a module, a script, or a console script of a package."""
    at = 1
    while at < len(words) and words[at].startswith("-") and words[at] not in ("-m", "-c"):
        at += 2 if words[at] in ("-W", "-X") else 1
    if at >= len(words) or words[at] == "-c":
        return Command(Role.OTHER, "python")
    if words[at] == "-m" and at + 1 < len(words):
        return _program(words[at + 1], words[at + 2 :], f"-m {words[at + 1]}", is_module=True)
    script = words[at]
    if os.path.basename(script) in ("manage.py", "django-admin") and at + 1 < len(words):
        return _managed(os.path.basename(script), words[at + 1], words[at + 2 :])
    return _program(os.path.basename(script), words[at + 1 :], script)


def _managed(script: str, verb: str, rest: Sequence[str]) -> Command:
    role = _MANAGED.get(verb)
    if role is None:
        return Command(Role.TOOL if "/" not in verb else Role.OTHER, script, app=verb)
    options, bare = _options(rest)
    binds = _binds(verb, options, bare) if role is Role.WEB else ()
    return Command(role, verb, "http" if role is Role.WEB else "worker", script, binds, options, (script, verb))


def _program(name: str, rest: Sequence[str], shown: str, *, is_module: bool = False) -> Command:
    if name == "celery" or name.startswith("celery."):
        return _celery(rest)
    if name in _WEB_PORTS:
        return _web(name, rest)
    if name in _STORES:
        kind, port = _STORES[name]
        options, _ = _options(rest)
        given = options.get("port") or options.get("p") or ""
        bind = (options.get("bind", "") or options.get("h", ""), int(given) if given.isdecimal() else port)
        return Command(Role.STORE, name, kind, binds=(bind,), options=options, words=(name,))
    if name in _PROXIES:
        return Command(
            Role.PROXY, name, "nginx" if name == "nginx" else "http", options=_options(rest)[0], words=(name,)
        )
    if name in _WRAPPERS:
        return Command(Role.WRAPPER, name)
    if name in _TOOLS:
        return Command(Role.TOOL, name)
    if name in ("dramatiq", "rq", "arq", "huey_consumer", "huey_consumer.py", "taskiq", "procrastinate", "saq"):
        app = next((word for word in rest if not word.startswith("-") and word not in ("worker", "run")), "")
        role = Role.TIMER if "scheduler" in rest else Role.WORKER
        return Command(role, name, "worker", app, words=tuple(word for word in (name, app) if word))
    options, bare = _options(rest)
    own = (shown,) if is_module else (name,)
    first = bare[:1] if bare and re.fullmatch(r"[a-z][\w-]{1,20}", bare[0]) else ()
    return Command(Role.OTHER, name, "", name, _given_bind(options), options, (*own, *first))


def _celery(rest: Sequence[str]) -> Command:
    options, bare = _options(rest)
    app = options.get("A") or options.get("app") or ""
    verb = next((word for word in bare if word in ("worker", "beat", "flower", "multi")), "")
    words = ("celery", *((app,) if app else ()), *((verb,) if verb else ()))
    if verb == "flower":
        return Command(Role.WEB, "flower", "http", app, _binds("flower", options, ()), options, words)
    if verb == "beat":
        return Command(Role.TIMER, "celery beat", "worker", app, options=options, words=words)
    if verb in ("worker", "multi"):
        queues = options.get("Q") or options.get("queues") or ""
        words = (*words, queues) if queues else words  # workers of one application differ by nothing else
        return Command(Role.WORKER, "celery", "celery", app, options=options, words=words)
    return Command(Role.TOOL, "celery")


def _web(name: str, rest: Sequence[str]) -> Command:
    options, bare = _options(rest)
    if name in ("flask", "fastapi", "quart") and not {"run", "dev"} & set(bare):
        return Command(Role.TOOL, name)
    bare = tuple(word for word in bare if word not in ("run", "dev"))
    app = options.get("A") or options.get("app") or next((word for word in bare if not word.isdecimal()), "")
    words = (name, *((app,) if app else ()))
    return Command(Role.WEB, name, "http", app, _binds(name, options, bare), options, words)


def _binds(name: str, options: Mapping[str, str], bare: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return where a web server will listen: as told, else its usual port."""
    told = [options[key] for key in ("b", "bind", "listen", "http", "http-socket", "socket") if key in options]
    told += [word for word in bare if re.fullmatch(r"(?:[\w.\[\]:]*:)?\d{2,5}", word)]
    binds = [bind for text in told for part in text.split(",") if (bind := _bind(part)) is not None]
    if binds or told:
        return tuple(binds)
    return _given_bind(options) or ((options.get("host", ""), _WEB_PORTS.get(name, 0)),)


def _given_bind(options: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
    port = next((options[key] for key in ("port", "p", "P", "server-port") if options.get(key, "").isdecimal()), "")
    host = next((options[key] for key in ("host", "h", "address", "i", "interface") if key in options), "")
    return ((host, int(port)),) if port else ()


def _bind(text: str) -> tuple[str, int] | None:
    """Return host and port of `HOST:PORT`, `:PORT`, `PORT` or `tcp://...`; None for a Unix socket."""
    text = text.strip().strip("\"'")
    if text.startswith("unix:") or text.startswith("/") or text.startswith("fd:"):
        return None
    text = text.partition("://")[2] or text
    host, _, port = text.rpartition(":")
    return (host.strip("[]"), int(port)) if port.isdecimal() and 0 < int(port) < 65536 else None


def _options(words: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return options with their values, and the words that belong to none."""
    options: dict[str, str] = {}
    bare: list[str] = []
    waiting = ""
    for word in words:
        if word.startswith("-") and len(word) > 1 and not word[1:].replace(".", "").isdecimal():
            name, has_value, value = word.lstrip("-").partition("=")
            if not has_value and not word.startswith("--") and len(word) > 2 and word[2:3].isdigit():
                name, value, has_value = word[1], word[2:], "="
            options[name] = value.strip("\"'")
            waiting = "" if has_value or name in _FLAGS else name
        elif waiting:
            options[waiting], waiting = word.strip("\"'"), ""
        else:
            bare.append(word)
    return options, tuple(bare)
