"""What fences of code print and log: calls, branches, messages; whether a fence is a program at all."""

from __future__ import annotations

import ast
import re
import warnings

from crashcart.guides.foreign.text import word_set

MAX_CODE = 100_000  # characters of a program that are parsed
MAX_NESTING = 60
_PYTHON = word_set("python py python3 ipython pycon")
_BRACKETS = re.compile(r"[()\[\]{}]")


def is_script(text: str) -> bool:
    """Whether a fence begins as a file that is run: all that stands in it is program, however it looks."""
    return text.lstrip().startswith("#!")


def is_python(info: str) -> bool:
    """Whether an info string names Python."""
    return info.split(" ")[0].strip("{}.").casefold() in _PYTHON


def parses(text: str) -> bool:
    """Whether a text is complete Python, which no list of statements is."""
    if len(text) > MAX_CODE or _nesting(text) > MAX_NESTING:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in a stranger's text are none of ours
            ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


def _nesting(text: str) -> int:
    depth = deepest = 0
    for letter in _BRACKETS.findall(text):
        depth = depth + 1 if letter in "([{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest
