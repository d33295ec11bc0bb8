"""A survey merged into a system file that people may have changed: their values, comments and order stand. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import tomlkit
from tomlkit.items import Item, Table

from crashcart.survey.finding.parts import Part, Said, Survey
from crashcart.survey.finding.write import comment, differing, entries, part_text

# Comments that are ours begin so; any other comment is a person's and is left as it is.
_OURS = re.compile(r"#\s*(?:sure|likely|guess|not found any more|changed by hand)\b")
_GONE = "not found any more"
_IDENTITIES = ("url", "path", "command")


@dataclass(frozen=True, slots=True)
class Merged:
    """The new text, and what differs from the old one: names of parts, and lines of people that stand."""

    text: str
    new: tuple[str, ...]
    gone: tuple[str, ...]
    kept: tuple[str, ...]  # "api: url"


def merge(text: str, survey: Survey) -> Merged:
    """Return the file with new parts added and vanished ones marked; nothing is deleted, no value of people replaced.

    Raises:
        tomlkit.exceptions.TOMLKitError: the text is no TOML.
    """
    document = tomlkit.parse(text)
    targets = document.get("targets")
    tables: dict[str, Table] = {}
    if targets is not None:
        tables = {str(name): table for name, table in targets.items() if isinstance(table, Table)}
    taken = dict(_pairs(survey, tables))
    survey = _renamed(survey, taken, frozenset(tables))
    fresh = tuple(part for part in survey.parts if part.name not in tables)
    kept: list[str] = []
    for part in survey.parts:
        if part.name in tables:
            kept += _update(tables[part.name], part, frozenset(one.name for one in fresh))
    found = {part.name for part in survey.parts}
    gone = tuple(name for name, table in tables.items() if name not in found and _is_ours(table.trivia.comment))
    for name in gone:
        _mark_gone(tables[name])
    whole = tomlkit.dumps(document).rstrip("\n") + "\n"
    return Merged(
        whole + "".join(f"\n{part_text(part)}" for part in fresh), tuple(p.name for p in fresh), gone, tuple(kept)
    )


def _pairs(survey: Survey, tables: Mapping[str, Table]) -> Iterator[tuple[str, str]]:
    """Yield which part is which table: by where it is, else by its name with the same kind."""
    free = dict(tables)
    by_identity = [
        (part, name)
        for part in survey.parts
        for name, table in tables.items()
        if any(key in table and key in part.keys and table[key] == part.keys[key].value for key in _IDENTITIES)
    ]
    done = set[str]()
    by_name = [(part, part.name) for part in survey.parts if part.name in tables]
    for part, name in (*by_identity, *by_name):
        if part.name not in done and name in free and (name == part.name or free[name].get("kind") == part.kind):
            del free[name]
            done.add(part.name)
            yield part.name, name


def _renamed(survey: Survey, taken: Mapping[str, str], names: frozenset[str]) -> Survey:
    """Return the survey under the names that the file has."""
    new_names = dict(taken)
    for part in survey.parts:
        if part.name not in new_names:
            used = {*names, *new_names.values()}
            choices = (part.name, *(f"{part.name}-{number}" for number in range(2, 1000)))
            new_names[part.name] = next(name for name in choices if name not in used)
    parts = tuple(
        replace(
            part,
            name=new_names[part.name],
            depends=tuple(replace(said, value=new_names[str(said.value)]) for said in part.depends),
        )
        for part in survey.parts
    )
    return replace(survey, parts=parts)


def _update(table: Table, part: Part, fresh: frozenset[str]) -> Iterator[str]:
    """Bring one table up to date; yield the lines of people that say something else than was found."""
    told = comment(part.how, part.sure.word)
    if table.trivia.comment != f"# {told}" and (not table.trivia.comment or _is_ours(table.trivia.comment)):
        table.comment(told)
    for key, said in differing(table, part):
        item = table[key]
        if isinstance(item, Item) and (not item.trivia.comment or _is_ours(item.trivia.comment)):
            item.comment(f"changed by hand; init finds {said.value!r} ({comment(said.how, said.sure.word)})")
        yield f"{part.name}: {key}"
    for key, said in entries(part):
        if key not in table:
            _add(table, key, said)
    needs = [str(said.value) for said in part.depends if str(said.value) in fresh]
    listed = table.get("depends")
    if isinstance(listed, list):
        for name in needs:
            if name not in listed:
                listed.append(name)


def _add(table: Table, key: str, said: Said) -> None:
    value = tomlkit.item(said.value if isinstance(said.value, str) else list(said.value))
    value.comment(comment(said.how, said.sure.word))
    table.add(key, value)


def _mark_gone(table: Table) -> None:
    was = table.trivia.comment.lstrip("# ").strip()
    if not was.startswith(_GONE):
        table.comment(f"{_GONE}; before that {was}")


def _is_ours(text: str) -> bool:
    return bool(_OURS.match(text))
