"""Remarks on fences: a reader copies what is marked as shell into a shell, whatever stands there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from crashcart.guides.foreign.nouns import Fence
from crashcart.guides.foreign.text import word_set
from crashcart.guides.shell import FenceKind, Found, Remark

from .nouns import Text, flat
from .python import tree_of

SHELLS = word_set("bash sh shell zsh console shell-session terminal")
_SESSIONS = word_set("console shell-session terminal")  # what they show may be nothing but output
_FEWEST = 2  # lines that are certainly no shell; one alone may be a command that we do not know
_MARK = r"(?:\d{1,3}[.)]|[\u2022\u2192\u25aa\u25ba])\s+\S"  # of lists: no language of programs begins a line so
_LIST = re.compile(rf"^\s*{_MARK}")
_FOREIGN = re.compile(
    rf"^\s*(?:{_MARK}"
    r"|(?:-\s+)?[\"']?[A-Za-z][\w ./-]{0,60}[\"']?:(?:\s|$)"  # of YAML and JSON, and labels with words behind them
    r"|(?:import|from)\s+[\w.]+(?:\s+import\b.*)?$|(?:async\s+)?(?:def|class)\s+\w.*:$|[\w.]+\s=\s\S|[\w.]+\([^)]*\)?,?$"  # of Python
    r"|-\s+[A-Z][a-z]+\s)"  # a list of words
)


def info_of(fence: Fence) -> str:
    """Return the language that a fence is marked with."""
    return fence.info.split(" ")[0].strip("{}.").casefold()


def fence_language(text: Text) -> Iterator[Remark]:
    """The mark is not what the fence holds: all of it, or some lines of it. Told once a fence."""
    for fence in text.guide.fences:
        info = info_of(fence)
        rule = _RULES.get(info)
        holds = rule(fence, text) if rule else ""
        if holds:
            yield Remark(
                "wrong-fence-language", max(1, fence.lines.first - 1), f"```{flat(info, 40)}",
                f"the fence is marked {flat(info, 40)} and holds {holds}", "mark it as what it holds, split it, or mark it not at all",
            )  # fmt: skip


def _in_shell(fence: Fence, text: Text) -> str:
    """Return which lines of a shell's fence are no shell: several in a row, in no command and no comment."""
    if text.kinds[fence.lines.first] is FenceKind.SESSION or "<<" in fence.text:
        return ""
    known = {
        line
        for command in text.found[fence.lines.first]
        if command.found is not Found.SETTING or "=" in command.text.split(" ")[0]
        for line in range(command.line, command.end_line + 1)
    }
    run: list[int] = []
    certain = 0
    for number in range(fence.lines.first, fence.lines.last + 1):
        line = text.line(number)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        is_foreign = _FOREIGN.match(line) is not None
        if number in known or not (run or is_foreign):
            if certain >= _FEWEST:
                break
            run, certain = [], 0
            continue
        run.append(number)
        certain += is_foreign
    return f"no shell in lines {run[0]} to {run[-1]}" if certain >= _FEWEST else ""


def _in_python(fence: Fence, text: Text) -> str:
    return (_listed(fence) or _shell_line(fence, text)) if tree_of(fence.text) is None else ""


def _in_yaml(fence: Fence, text: Text) -> str:
    """Commands in YAML are values of keys, and so indented; one at the margin is none."""
    return _listed(fence) or _shell_line(fence, text)


def _listed(fence: Fence) -> str:
    count = sum(_LIST.match(line) is not None for line in fence.text.split("\n"))
    return "a list of words" if count >= _FEWEST else ""


def _shell_line(fence: Fence, text: Text) -> str:
    if text.kinds[fence.lines.first] in (FenceKind.COMMANDS, FenceKind.SESSION):
        return "commands"
    lines = [
        command.line
        for command in text.found[fence.lines.first]
        if command.found in (Found.LINE, Found.PROMPT) and text.line(command.line)[:1] not in (" ", "\t", "-")
    ]
    return f"a command of a shell (line {lines[0]})" if lines else ""


def _in_json(fence: Fence, text: Text) -> str:
    return "commands" if text.kinds[fence.lines.first] in (FenceKind.COMMANDS, FenceKind.SESSION) else _listed(fence)


_RULES: Mapping[str, Callable[[Fence, Text], str]] = {
    **dict.fromkeys(SHELLS - _SESSIONS, _in_shell),
    **dict.fromkeys(("python", "py"), _in_python),
    **dict.fromkeys(("yaml", "yml"), _in_yaml),
    "json": _in_json,
    **dict.fromkeys(("javascript", "js"), lambda fence, _: _listed(fence)),
}
