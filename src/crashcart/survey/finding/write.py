"""A survey as the text of a system file: each line with how it was found and how sure that is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from crashcart.survey.finding.parts import Part, Said, Survey, Value

HEADER = (
    "# Written by `crashcart init`. Behind each line: how sure it is, and how it was found.\n"
    "# sure: seen at work; likely: a file says so; guess: it is usual. Change what is wrong: the next init keeps it.\n"
)
_KEYS = ("url", "path", "app", "queues", "health", "metrics", "probe", "key", "key_header", "command", "service", "logs", "env_file")  # fmt: skip
_WIDTH = 44  # of what stands before a comment, where it fits
_SECRET_IN_URL = re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)")


def system_text(survey: Survey) -> str:
    """Return a whole system file."""
    lines = [HEADER, "[system]", line("name", survey.name)]
    if survey.environment is not None:
        lines.append(line("environment", survey.environment))
    else:
        lines.append('# environment = "production"   # not known: shown in every report')
    return "\n".join(lines) + "\n" + "".join(f"\n{part_text(part)}" for part in survey.parts)


def part_text(part: Part) -> str:
    """Return the table of one part."""
    lines = [f"[targets.{part.name}] # {comment(part.how, part.sure.word)}", f'kind = "{part.kind}"']
    lines += [line(key, said) for key, said in entries(part)]
    return "\n".join(lines) + "\n"


def entries(part: Part) -> Iterator[tuple[str, Said]]:
    """Yield the keys of a part in the order in which a person reads them; `depends` last, with its reasons in one."""
    for key in (*_KEYS, *sorted(part.keys.keys() - set(_KEYS))):
        if key in part.keys:
            yield key, part.keys[key]
    if part.depends:
        yield "depends", depends_of(part.depends)


def depends_of(needs: Sequence[Said]) -> Said:
    """Return the names of needed parts as one value; the least sure of them says how sure it is."""
    how = "; ".join(f"{said.value}: {said.how}" for said in needs)
    return Said(tuple(str(said.value) for said in needs), how, min(said.sure for said in needs))


def line(key: str, said: Said) -> str:
    """Return one line of the file."""
    left = f"{key} = {literal(said.value)}"
    return f"{left:<{_WIDTH}} # {comment(said.how, said.sure.word)}"


def comment(how: str, word: str) -> str:
    """Return the words behind a line: on one line, harmless, and without what may be secret."""
    plain = "".join(char if char.isprintable() else "?" for char in how)
    return f"{word}: " + _SECRET_IN_URL.sub(r"\1***", plain)


def literal(value: Value) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, str):
        return f'"{_escaped(value)}"'
    return "[" + ", ".join(f'"{_escaped(item)}"' for item in value) + "]"


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


def differing(values: Mapping[str, object], part: Part) -> Iterator[tuple[str, Said]]:
    """Yield the keys that stand in the file with another value than was found."""
    for key, said in entries(part):
        if key in values and key != "depends" and _plain(values[key]) != said.value:
            yield key, said


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
