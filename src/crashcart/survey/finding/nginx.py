"""nginx settings: which addresses it listens on, and to whom it passes requests on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[{};]|#[^\n]*|[^\s{};#\"']+")
_PASSES = ("proxy_pass", "uwsgi_pass", "fastcgi_pass", "grpc_pass")


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive with the blocks it stands in, outermost first: (`http`, `server`, `location /`)."""

    name: str
    args: tuple[str, ...]
    blocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Front:
    """What one set of settings makes of nginx. Addresses are `HOST:PORT` or `unix:PATH`."""

    listens: tuple[str, ...]
    upstreams: tuple[str, ...]
    logs: tuple[str, ...]
    pid_file: str = ""


def directives(text: str) -> Iterator[Directive]:
    """Yield every directive, those that open a block too."""
    words: list[str] = []
    blocks: list[str] = []
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token.startswith("#"):
            continue
        if token in (";", "{"):
            if words:
                yield Directive(words[0], tuple(word.strip("\"'") for word in words[1:]), tuple(blocks))
            if token == "{":
                blocks.append(" ".join(words))
            words = []
        elif token == "}":
            del blocks[-1:]
            words = []
        else:
            words.append(token)


def included(text: str) -> tuple[str, ...]:
    """Return the patterns of the files that these settings include."""
    return tuple(line.args[0] for line in directives(text) if line.name == "include" and line.args)


def is_nginx(text: str) -> bool:
    """Say whether a text reads like settings of nginx: a server that listens or passes on."""
    return any(
        line.name in ("listen", *_PASSES) and any(block.startswith("server") for block in line.blocks)
        for line in directives(text)
    )


def front(texts: Sequence[str]) -> Front:
    """Return what nginx does by these texts, taken together."""
    lines = [line for text in texts for line in directives(text)]
    groups: dict[str, list[str]] = {}
    for line in lines:
        if line.name == "server" and line.args and line.blocks and line.blocks[-1].startswith("upstream "):
            groups.setdefault(line.blocks[-1].split()[1], []).append(line.args[0])
    passed = [_target(line.args[0]) for line in lines if line.name in _PASSES and line.args]
    upstreams = [address for name in passed for address in groups.get(name, [name]) if "$" not in address]
    listens = [_listen(line.args[0]) for line in lines if line.name == "listen" and line.args]
    logs = [
        line.args[0]
        for line in lines
        if line.name in ("access_log", "error_log")
        and line.args
        and line.args[0].startswith("/")
        and "/dev/" not in line.args[0]
    ]
    pid = next((line.args[0] for line in lines if line.name == "pid" and line.args), "")
    return Front(_unique(listens), _unique(upstreams), _unique(logs), pid)


def _target(text: str) -> str:
    """Return the host part of what a request is passed to."""
    text = re.sub(r"^(?:https?|grpcs?|uwsgi|fastcgi)://", "", text)
    return (
        text.rpartition(":")[0]
        if text.startswith("unix:") and text.count(":") > 1
        else text.partition("/")[0]
        if not text.startswith("unix:")
        else text
    )


def _listen(text: str) -> str:
    if text.startswith("unix:"):
        return text
    if text.isdecimal():
        return f"0.0.0.0:{text}"
    return text if re.search(r":\d+$", text) else f"{text}:80"


def _unique(items: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
