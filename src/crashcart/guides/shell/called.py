"""What the text around a command makes of it: a call of its functions, a setting that nothing in it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from .model import Command, Found, Risk

MAX_FUNCTIONS = 200  # of one text; with more of them a call is a program that is not known
_USES = re.compile(r"\$\{?[#!]?([A-Za-z_]\w*)")
_WORDS = re.compile(r"[\w.\-]+")
_PLAIN = re.compile(r"[^|&;<>`\n]*")
_CONSTANT = re.compile(r"(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)=(?:'[^'$\n]+'|\"[^\"$`\n]+\"|[^\s$`;|&()'\"]+)")


def called(found: list[Command], functions: Mapping[str, Command], text: str) -> list[Command]:
    """Return the commands as the text around makes them."""
    harm = _harm(functions) if len(functions) <= MAX_FUNCTIONS else {}
    used = frozenset(_USES.findall(text))
    return [_setting(_call(command, harm), used) for command in found]


def _call(command: Command, harm: Mapping[str, Command]) -> Command:
    """Return the call of a function as harmful as the worst in the function."""
    worst = harm.get(command.text.split(None, 1)[0]) if command.text.strip() else None
    if worst is None or command.found is Found.PART or command.inner:
        return command
    # Redirections, chains and substitutions have a harm of their own, which stands in the command's.
    if not _PLAIN.fullmatch(command.text) or "$(" in command.text:
        return command if command.risk.rank >= worst.risk.rank else replace(command, risk=worst.risk, why=worst.why)
    name = command.text.split(None, 1)[0]
    return replace(command, risk=worst.risk, why=f"{name} is a function of the text: {worst.why}")


def _harm(functions: Mapping[str, Command]) -> dict[str, Command]:
    """Return for each function the worst that it does, the functions that it calls included."""
    uses = {name: set(_WORDS.findall(whole.text)) & (functions.keys() - {name}) for name, whole in functions.items()}
    harm = dict(functions)
    for _ in range(len(functions)):  # a chain of calls is no longer than this
        before = dict(harm)
        for name, others in uses.items():
            harm[name] = max((harm[name], *(harm[other] for other in others)), key=lambda command: command.risk.rank)
        if harm == before:
            break
    return harm


def _setting(command: Command, used: frozenset[str]) -> Command:
    """Return `NAME=value` as a change when nothing in the text reads the name: it is a line for a file of settings."""
    constant = _CONSTANT.fullmatch(command.text) if command.risk is Risk.READ_ONLY else None
    if constant is None or constant["name"] in used:
        return command
    return replace(command, risk=Risk.CHANGES, why="a setting that a program reads when it starts")
