"""Edits of YAML, by the places that the composer tells: every other byte stays. Pure.

A library that writes YAML again would keep comments and order, but not indents, quotes and line breaks.
"""

from __future__ import annotations

import json
import re

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from crashcart.actions.config.change import CannotEdit

_PLAIN = re.compile(r"[A-Za-z0-9_/.+-][A-Za-z0-9_/.+@ :-]*")
_DASH = re.compile(r"[ ]*-[ ]+")
_BLOCKS = ("|", ">")


def assign(text: str, name: str, value: str) -> str:
    """Return the text in which that key has the value, of the type that it had; a new key goes into its section.

    Raises:
        CannotEdit: the value has another type, there is no such section, or it is written in a way we do not edit.
    """
    root = _root(text)
    if root is None:
        return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}{_key(name)}: {_fresh(value)}\n"
    parent, key = _parent(root, name)
    node = _child(parent, key)
    if node is None:
        return _inserted(text, parent, key, value, name)
    if not isinstance(node, ScalarNode) or node.style in _BLOCKS:
        raise CannotEdit(f"{name} is no value on one line")
    begins, ends = node.start_mark.index, node.end_mark.index
    gap = " " if begins == ends and not text[:begins].endswith(" ") else ""
    return text[:begins] + gap + _like(node, value, name) + text[ends:]


def remove(text: str, name: str) -> str:
    """Return the text without that key.

    Raises:
        CannotEdit: it does not stand on lines of its own.
    """
    root = _root(text)
    parent, key = _parent(root, name)
    pair = next((pair for pair in _pairs(parent) if pair[0].value == key), None)
    if pair is None or not isinstance(parent, MappingNode) or parent.flow_style:
        raise CannotEdit(f"{name} does not stand on a line of its own")
    start = _line_start(text, pair[0].start_mark.index)
    is_simple = isinstance(pair[1], ScalarNode) and pair[1].style not in _BLOCKS
    if text[start : pair[0].start_mark.index].strip() or not (is_simple or getattr(pair[1], "flow_style", False)):
        raise CannotEdit(f"{name} is no value on one line")
    return text[:start] + text[_line_end(text, pair[1].end_mark.index) :]


def extend(text: str, name: str, value: str, *, old: str) -> str:
    """Return the text in which that list, or text of values joined by commas, has one more entry.

    Raises:
        CannotEdit: it is neither, or its last entry is no value on one line.
    """
    parent, key = _parent(_root(text), name)
    node = _child(parent, key)
    if isinstance(node, ScalarNode):
        return assign(text, name, f"{old},{value}" if old.strip() else value)
    if not isinstance(node, SequenceNode):
        raise CannotEdit(f"{name} is no list")
    last = node.value[-1] if node.value else None
    written = _like(last, value, name) if isinstance(last, ScalarNode) and not last.style else _fresh(value)
    if node.flow_style:
        closes = node.end_mark.index - 1
        return text[:closes] + (", " if node.value else "") + written + text[closes:]
    if not isinstance(last, ScalarNode) or last.style in _BLOCKS:
        raise CannotEdit(f"the last entry of {name} is no value on one line")
    start = _line_start(text, last.start_mark.index)
    dash = text[start : last.start_mark.index]
    if not _DASH.fullmatch(dash):
        raise CannotEdit(f"the last entry of {name} does not stand on a line of its own")
    return _with_line(text, _line_end(text, last.end_mark.index), dash + written)


# --- places ------------------------------------------------------------------------------------------------------------


def _root(text: str) -> Node | None:
    try:
        found: Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise CannotEdit("the file is no YAML") from error
    return found


def _pairs(node: Node | None) -> list[tuple[Node, Node]]:
    return list(node.value) if isinstance(node, MappingNode) else []


def _parent(root: Node | None, name: str) -> tuple[Node, str]:
    *sections, key = name.split(".")
    node = root
    for section in sections:
        node = _child(node, section)
    if node is None or isinstance(node, ScalarNode):
        raise CannotEdit(f"there is no section for {name}")
    return node, key


def _child(node: Node | None, key: str) -> Node | None:
    if isinstance(node, SequenceNode):
        return node.value[int(key)] if key.isdecimal() and int(key) < len(node.value) else None
    # Of two equal keys, the last one counts.
    return next((value for found, value in reversed(_pairs(node)) if found.value == key), None)


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _with_line(text: str, at: int, line: str) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    glue = newline if at and not text[:at].endswith("\n") else ""
    return f"{text[:at]}{glue}{line}{newline}{text[at:]}"


def _inserted(text: str, parent: Node, key: str, value: str, name: str) -> str:
    pairs = _pairs(parent)
    if not isinstance(parent, MappingNode):
        raise CannotEdit(f"{name} has no section that could hold it")
    written = f"{_key(key)}: {_fresh(value)}"
    if parent.flow_style:
        closes = parent.end_mark.index - 1
        return text[:closes] + (", " if pairs else "") + written + text[closes:]
    simple = [pair for pair in pairs if isinstance(pair[1], ScalarNode) and pair[1].style not in _BLOCKS]
    beside = simple[-1][0] if simple else pairs[0][0]
    start = _line_start(text, beside.start_mark.index)
    indent = text[start : beside.start_mark.index]
    if indent.strip():
        raise CannotEdit(f"there is no line for {name} to stand on")
    return _with_line(text, _line_end(text, simple[-1][1].end_mark.index) if simple else start, indent + written)


# --- values ------------------------------------------------------------------------------------------------------------


def _like(node: ScalarNode, value: str, name: str) -> str:
    """Return the value as it is written in place of the old one: same type, same quotes."""
    if node.style == "'" and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    if node.style == '"':
        return json.dumps(value, ensure_ascii=False)
    kind = node.tag.rpartition(":")[2]
    if kind in ("str", "null"):
        return _fresh(value, is_text=kind == "str")
    if not _PLAIN.fullmatch(value) or _resolved(value) != kind:
        raise CannotEdit(f"{name} is of the type {kind}, and the new value is not")
    return value


def _fresh(value: str, *, is_text: bool = False) -> str:
    kinds = ("str",) if is_text else ("str", "int", "float", "bool")
    is_plain = _PLAIN.fullmatch(value) and ": " not in value and value == value.strip() and not value.endswith(":")
    if is_plain and not value.startswith("- ") and value not in ("-", "---", "...") and _resolved(value) in kinds:
        return value
    return json.dumps(value, ensure_ascii=False)


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and ":" not in name and _resolved(name) == "str" else json.dumps(name)


def _resolved(value: str) -> str:
    """Return the type that YAML gives to this text when it stands without quotes."""
    tag: str = yaml.SafeLoader("").resolve(ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return tag.rpartition(":")[2]
