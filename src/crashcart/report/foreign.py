"""What became of a foreign guide, and what is wrong with it: for people, as JSON, and as SARIF 2.1.0 for code hosts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Protocol
from urllib.parse import quote

import msgspec

from crashcart.report.document import Json
from crashcart.report.plain import line as one_line

VERSION = 1
SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SHOWN_LINES = 12
# Legal in JSON, and yet they turn or hide text in whatever shows it: written as \\u....
_ACTING = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff\ufff9-\ufffb\U000e0000-\U0010ffff]"
)


class Told(Protocol):
    """A remark: `code` is stable, `why` it matters, `todo` what to do."""

    @property
    def code(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def todo(self) -> str: ...


class Word(Protocol):
    """An enumeration of words."""

    @property
    def value(self) -> str: ...


class Entry(Protocol):
    """What a line of the source became."""

    @property
    def line(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def became(self) -> Word: ...
    @property
    def what(self) -> str: ...
    @property
    def why(self) -> str: ...


class Todo(Protocol):
    """Something to do, with the lines it is about."""

    @property
    def what(self) -> str: ...
    @property
    def lines(self) -> tuple[int, ...]: ...


class Imported(Protocol):
    """A draft with its account."""

    @property
    def text(self) -> str: ...
    @property
    def problems(self) -> int: ...
    @property
    def entries(self) -> Sequence[Entry]: ...
    @property
    def todo(self) -> Sequence[Todo]: ...
    @property
    def unread(self) -> int: ...
    @property
    def coverage(self) -> float: ...


Levels = Mapping[str, tuple[str, str]]  # code -> level and meaning


def import_text(draft: Imported, source: str) -> str:
    """Return the account of an import: how much was carried over, what to do next, and each line."""
    counts = _counts(draft.entries)
    lines = [
        f"{one_line(source)}: {_count(draft.problems, 'problem')}; {draft.coverage:.0%} of its lines stand in the draft",
        "  " + ", ".join(f"{count} {word}" for word, count in counts.items()),
    ]
    if draft.unread:
        lines.append(f"  {draft.unread} lines behind the last one that is read were left out")
    lines += ["", "To do, what helps most first:"] if draft.todo else ["", "Nothing to do."]
    for number, todo in enumerate(draft.todo, start=1):
        lines.append(f"{number:3}. {one_line(todo.what)}{_at(todo.lines)}")
    lines += ["", "Line by line:"]
    lines += _line_by_line(draft.entries)
    return "\n".join(lines) + "\n"


def _line_by_line(entries: Sequence[Entry]) -> Iterator[str]:
    """What each line became; lines of one fate that follow each other stand together."""
    told = (entry for entry in entries if entry.became.value != "frame")
    for (became, what, why), group in groupby(told, key=lambda entry: (entry.became.value, entry.what, entry.why)):
        run = list(group)
        lines = f"{run[0].line}" if len(run) == 1 else f"{run[0].line}-{run[-1].line}"
        shown = one_line(run[0].text, 60) or "(blank)"
        reason = " - ".join(part for part in (one_line(what, 100), one_line(why, 120)) if part)
        yield f"{lines:>9}  {became:8}  {shown:60}  {reason}".rstrip()


def import_json(draft: Imported, source: str) -> bytes:
    """Return the draft with its account as JSON."""
    document: dict[str, Json] = {
        "v": VERSION,
        "source": source,
        "draft": draft.text,
        "problems": draft.problems,
        "coverage": round(draft.coverage, 4),
        "counts": dict(_counts(draft.entries)),
        "unread": draft.unread,
        "todo": [{"what": todo.what, "lines": list(todo.lines)} for todo in draft.todo],
        "lines": [
            {
                "line": entry.line, "text": entry.text, "role": entry.role, "became": entry.became.value,
                "what": entry.what, "why": entry.why,
            }
            for entry in draft.entries
        ],
    }  # fmt: skip
    return _encoded(document)


def audit_text(path: str, remarks: Sequence[Told], levels: Levels) -> str:
    """Return the remarks on one guide."""
    if not remarks:
        return f"{one_line(path)}: nothing to remark\n"
    lines = []
    for told in remarks:
        lines.append(f"{one_line(path)}:{told.line}: {levels[told.code][0]}[{told.code}]: {one_line(told.why, 300)}")
        lines += [f"    {one_line(told.text, 120)}"] if told.text.strip() else []
        lines.append(f"  try {one_line(told.todo, 300)}")
    return "\n".join(lines) + "\n"


def audit_json(found: Mapping[str, Sequence[Told]], levels: Levels) -> bytes:
    """Return the remarks on several guides as JSON."""
    document: dict[str, Json] = {
        "v": VERSION,
        "guides": [
            {
                "path": path,
                "remarks": [
                    {
                        "code": told.code, "level": levels[told.code][0], "line": told.line, "text": told.text,
                        "why": told.why, "todo": told.todo,
                    }
                    for told in remarks
                ],
            }
            for path, remarks in found.items()
        ],
    }  # fmt: skip
    return _encoded(document)


def sarif(found: Mapping[str, Sequence[Told]], levels: Levels, *, version: str) -> bytes:
    """Return the remarks as a SARIF 2.1.0 log; paths with forward slashes, as the format wants URIs."""
    used = sorted({told.code for remarks in found.values() for told in remarks})
    rules: list[Json] = [
        {
            "id": code,
            "shortDescription": {"text": levels[code][1]},
            "defaultConfiguration": {"level": levels[code][0]},
        }
        for code in used
    ]
    results: list[Json] = [
        {
            "ruleId": told.code,
            "ruleIndex": used.index(told.code),
            "level": levels[told.code][0],
            "message": {"text": f"{one_line(told.why)}. Try {one_line(told.todo)}."},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": _uri(path)},
                        "region": {"startLine": max(1, told.line)},
                    }
                }
            ],
        }
        for path, remarks in found.items()
        for told in remarks
    ]
    tool: dict[str, Json] = {"driver": {"name": "crashcart", "version": version, "rules": rules}}
    return _encoded(
        {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": tool, "columnKind": "unicodeCodePoints", "results": results}]}
    )  # fmt: skip


def _uri(path: str) -> str:
    return quote(path.replace("\\", "/"))


def _encoded(document: dict[str, Json]) -> bytes:
    text = msgspec.json.format(msgspec.json.encode(document), indent=1).decode()
    return _ACTING.sub(lambda found: json.dumps(found.group())[1:-1], text).encode() + b"\n"


def _counts(entries: Iterable[Entry]) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in entries:
        found[entry.became.value] = found.get(entry.became.value, 0) + 1
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def _at(lines: Sequence[int]) -> str:
    if not lines:
        return ""
    more = f" and {len(lines) - _SHOWN_LINES} more" if len(lines) > _SHOWN_LINES else ""
    return f" (line{'s' if lines[1:] else ''} {', '.join(map(str, lines[:_SHOWN_LINES]))}{more})"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
