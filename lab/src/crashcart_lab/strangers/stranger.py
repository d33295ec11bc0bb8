"""What every stranger is: how it is installed and started, what is really there, and how it is broken."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from crashcart_lab.strangers.bed import Bed


@dataclass(frozen=True, slots=True)
class There:
    """A part that is really there. `kinds` would be right names of its kind; `mark` is a text that only it has."""

    name: str
    kinds: tuple[str, ...]
    mark: str


@dataclass(frozen=True, slots=True)
class Saw:
    """What one client from outside saw."""

    is_ok: bool
    words: str


@dataclass(frozen=True, slots=True)
class Break:
    """One way in which it fails, by outside means alone; `heal` takes it back.

    `truth` is what a person would say, `answer` the cause that is right at the part: `guide.cause`.
    """

    name: str
    truth: str
    part: str
    answer: str
    cause: Callable[[Bed], None]
    heal: Callable[[Bed], None]


@dataclass(frozen=True, slots=True)
class Stranger:
    """One service from public packages."""

    name: str
    packages: tuple[str, ...]
    start: Callable[[Bed], None]
    parts: Callable[[Bed], tuple[There, ...]]
    client: Callable[[Bed], Saw]
    breaks: tuple[Break, ...]


def get(url: str, *, timeout_s: float = 8.0, wanted: str = "") -> Saw:
    """Return what a GET saw: an answer below 500 that holds the wanted text is well."""
    try:
        answer = httpx.get(url, timeout=timeout_s, follow_redirects=True, trust_env=False)
    except httpx.HTTPError as error:
        return Saw(False, f"{type(error).__name__}: {error or 'no words'}")
    is_ok = answer.status_code < 400 and wanted in answer.text
    return Saw(is_ok, f"status {answer.status_code}" + ("" if is_ok else f": {_shown(answer.text)}"))


def _shown(body: str) -> str:
    """Return what a browser shows of a page, in short."""
    return " ".join(re.sub(r"<[^>]*>", " ", body).split())[:120]
