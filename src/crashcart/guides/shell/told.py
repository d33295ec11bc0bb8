"""From a piece of text that is a command to the noun that says what it is and what it may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .clients import meta
from .evidence import schedule
from .judge import judge, risk_of
from .model import HERE, Command, Effect, Found, Risk, Where, Word
from .sql import judge_sql, looks_like_sql, statements
from .tree import MAX_CHARS, Arg
from .verdict import Judged
from .words import deceit, holds_secret, masked, pasted, placeholders

SETTING = re.compile(r"^\s*(?P<name>[A-Z][A-Z0-9_]{2,})\s+=\s*(?P<value>\S.*)$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text that is a command: lines from 0. `run`: the whole of it, when the text leaves its program out.
    `is_cut`: it goes on for longer than is read."""

    text: str
    line: int
    end_line: int
    found: Found
    run: str = ""
    is_cut: bool = False


def commands_of(piece: Piece, first_line: int, shadowed: frozenset[str]) -> Iterator[Command]:
    """Yield the command that a piece is. `shadowed`: names that the text around gives another meaning."""
    if piece.found is Found.SETTING:
        yield _setting(piece, first_line)
    elif piece.found is Found.STRING and (looks_like_sql(piece.text) or piece.text.startswith("\\")):
        yield sql_command(piece, first_line)
    elif len(piece.text) > MAX_CHARS:
        yield _unread(piece, first_line)
    else:
        yield _shell_command(piece, first_line, shadowed)


def _shell_command(piece: Piece, first_line: int, shadowed: frozenset[str]) -> Command:
    offset = schedule(piece.text)
    _, parts = judge(piece.run or piece.text[offset:], shadowed=shadowed)
    worst = max((part.worst for part in parts), key=lambda part: part.own.rank, default=None)
    leading = _leading(parts)
    risk = worst.own if worst is not None else Risk.CHANGES
    why = worst.why if worst is not None else "nothing that is understood"
    if piece.is_cut and risk.rank < Risk.CHANGES.rank:
        risk, why = Risk.CHANGES, "goes on for longer than is read"
    here = (first_line + piece.line, first_line + piece.end_line)
    inner = tuple(_part(part, here) for part in parts) if len(parts) > 1 else _inner_of(parts, here)
    return Command(
        masked(piece.text),
        *here,
        leading.program if leading is not None else "",
        leading.subcommand if leading is not None else "",
        _words(leading.words) if leading is not None else (),
        leading.target if leading is not None else "",
        leading.where if leading is not None else HERE,
        inner,
        tuple(dict.fromkeys(hole for part in parts for hole in _holes(part))),
        pasted(piece.text),
        risk,
        why,
        piece.found,
        not piece.is_cut and all(part.is_known for part in _all(parts)),
    )


def _all(parts: tuple[Judged, ...]) -> Iterator[Judged]:
    stack = list(reversed(parts))
    while stack:
        part = stack.pop()
        yield part
        stack.extend(reversed(part.inner))


_PLUMBING = frozenset(
    ["", "cd", "echo", "printf", "set", "sleep", "[", "test", "true", "export", "source", ".", "read"]
)


def _leading(parts: tuple[Judged, ...]) -> Judged | None:
    """Return the part that says what a statement is about: the first that is no plumbing, without its wrappers."""
    first = next((part for part in parts if part.program not in _PLUMBING), parts[0] if parts else None)
    while first is not None and first.is_wrapper and first.inner:
        first = first.inner[-1]
    return first


def _holes(part: Judged) -> Iterator[str]:
    for below in _all((part,)):
        yield from below.placeholders


def _inner_of(parts: tuple[Judged, ...], here: tuple[int, int]) -> tuple[Command, ...]:
    return tuple(_part(below, here) for part in parts for below in part.inner)


def _part(part: Judged, here: tuple[int, int]) -> Command:
    worst = part.worst
    text = " ".join(arg.text for arg in part.words)
    return Command(
        masked(text), *here, part.program, part.subcommand, _words(part.words), part.target, part.where,
        tuple(_part(below, here) for below in part.inner), tuple(dict.fromkeys(_holes(part))), pasted(text),
        worst.own, worst.why, Found.PART, part.is_known,
    )  # fmt: skip


def _words(args: tuple[Arg, ...]) -> tuple[Word, ...]:
    return tuple(
        Word(
            masked(arg.text),
            bool(placeholders(arg, takes_names=True)),
            bool(pasted(arg.text)) or any(holds_secret(name) for name in arg.variables),
            arg.is_dynamic,
        )
        for arg in args
    )


def _setting(piece: Piece, first_line: int) -> Command:
    """Return `NAME = value`, which a person sets somewhere: in a dashboard, a file."""
    found = SETTING.match(piece.text)
    name, value = (found["name"], found["value"]) if found is not None else ("", "")
    holes = tuple(placeholders(Arg(value)))
    risk = risk_of(Effect.USES, has_placeholder=bool(holes), uses_secret=False)
    here = (first_line + piece.line, first_line + piece.end_line)
    words = (Word(name), Word(masked(value), bool(holes), bool(pasted(f"{name}={value}"))))
    return Command(
        masked(piece.text), *here, "", "", words, name, Where(), (), holes, pasted(f"{name}={value}"), risk,
        "a setting to be made by hand", piece.found,
    )  # fmt: skip


def _unread(piece: Piece, first_line: int) -> Command:
    here = (first_line + piece.line, first_line + piece.end_line)
    return Command(
        piece.text[:200] + " …", *here, "", "", (), "", HERE, (), (), (), Risk.CHANGES,
        f"longer than {MAX_CHARS} characters: not read", piece.found, False,
    )  # fmt: skip


def sql_command(piece: Piece, first_line: int) -> Command:
    here = (first_line + piece.line, first_line + piece.end_line)
    if piece.text.startswith("\\"):
        verdict = meta(piece.text)
        effect, why, is_known = verdict.effect, verdict.why, verdict.is_known
    else:
        effect, why, is_known = judge_sql(piece.text)
    holes = tuple(
        hole
        for hole in placeholders(Arg(piece.text), takes_names=True)
        if hole[0] in "<{" or re.fullmatch(r"\[\w+[-_](?:name|id)\]", hole)
    )
    if deceit(piece.text) and effect < Effect.CHANGES:
        effect, why = Effect.CHANGES, deceit(piece.text)
    risk = risk_of(effect, has_placeholder=bool(holes), uses_secret=False)
    found = statements(piece.text)
    verb = found[0][0] if found else ""
    return Command(
        masked(piece.text), *here, "sql", verb, (), "", HERE, (), holes, pasted(piece.text), risk, why, piece.found, is_known,
    )  # fmt: skip
