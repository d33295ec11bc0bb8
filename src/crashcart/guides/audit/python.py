"""Remarks on Python in a guide: a few mistakes that a reader would copy with it. Parsed, never run.

Only what follows from the text of one fence is said; style is the business of linters.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator

from crashcart.guides.shell import FenceKind, Remark

from .nouns import Text, flat

_MAX_CHARS = 20_000  # of one fence; the parser's time and depth are bounded by it
_MOST_FENCES = 400
_SECRET_NAME = re.compile(r"SECRET|PASSWORD|PASSWD|TOKEN|(?:^|_)KEY(?:$|_)|PRIVATE", re.IGNORECASE)
_DATABASE = re.compile(r"\.(?:db|sqlite3?)\b|DATABASE_PATH|DB_PATH|db_path|database_path", re.IGNORECASE)
_NESTED = re.compile(r"[(\[{]")
_DEEPEST = 200  # brackets in one line: more can end the parser's stack

_Told = Iterator[tuple[str, int, str, str]]  # code, line within the fence from 1, why, what to do


def told_of_python(text: Text) -> Iterator[Remark]:
    """What is wrong with the Python of a guide."""
    fences = [fence for fence in text.guide.fences if text.kinds[fence.lines.first] is FenceKind.CODE]
    for fence in fences[:_MOST_FENCES]:
        tree = tree_of(fence.text)
        if tree is None:
            continue
        for rule in _RULES:
            for code, line, why, todo in rule(tree):
                number = fence.lines.first + line - 1
                yield Remark(code, number, flat(text.line(number)), why, todo)


def tree_of(source: str) -> ast.Module | None:
    """Return the tree of a fence, None when it is no Python or only a part of a program."""
    if len(source) > _MAX_CHARS or any(len(_NESTED.findall(line)) > _DEEPEST for line in source.split("\n")):
        return None
    whole = re.sub(r"(\bdef\s+\w+\()[^()\n]*\.\.\.(\s*\))", r"\1*_\2", source)  # `def f(...)`: as guides leave out
    whole = re.sub(r"(?m)^([ \t]*)#\s*\.\.\..*$", r"\1...", whole)  # `# ... our code ...` stands for code
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a stranger's text: bad escapes
            return ast.parse(whole)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _unused(tree: ast.Module) -> _Told:
    """A number or text that is given a name in a function, and never asked for: the setting does nothing."""
    for function in _functions(tree):
        used = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
        if any(isinstance(node, (ast.Global, ast.Nonlocal)) for node in ast.walk(function)) or "locals" in used:
            continue
        for node in function.body:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.value, ast.Constant):
                name = node.targets[0]
                if isinstance(name, ast.Name) and name.id not in used and not name.id.startswith("_"):
                    yield (
                        "unused-name", node.lineno, f"nothing uses {flat(name.id, 40)}, so it has no effect",
                        "use it, or leave it out",
                    )  # fmt: skip


def _default_first(tree: ast.Module) -> _Told:
    """`.get(name, [x])[0]`: the default stands in for a name that is missing, and not for an empty list."""
    told: set[int] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and node.slice.value == 0
            and isinstance(node.value, ast.Call)
            and isinstance(node.value.func, ast.Attribute)
            and node.value.func.attr == "get"
            and len(node.value.args) == 2
            and isinstance(node.value.args[1], ast.List)
            and node.value.args[1].elts
            and node.lineno not in told
        ):
            told.add(node.lineno)
            yield (
                "empty-list", node.lineno, "the default is used when the name is missing, and not when its list is empty: then this fails",
                "write `(x.get(name) or [default])[0]`",
            )  # fmt: skip


def _empty_secret(tree: ast.Module) -> _Told:
    """A secret whose default is empty: whoever knows that it is not set can sign."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and _called(node) in ("getenv", "get")
            and len(node.args) == 2
            and all(isinstance(arg, ast.Constant) for arg in node.args)
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
            and _SECRET_NAME.search(node.args[0].value)
            and isinstance(node.args[1], ast.Constant)
            and node.args[1].value == ""
        ):
            name = flat(node.args[0].value, 40)
            yield (
                "empty-secret", node.lineno, f"when {name} is not set, the secret is empty, and anybody knows it",
                "stop when it is not set",
            )  # fmt: skip


def _not_given_back(tree: ast.Module) -> _Told:
    """A gauge that goes up and, when something is raised in between, never down again."""
    for function in _functions(tree):
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and _called(node) in ("inc", "dec")]
        safe = {
            id(inner)
            for node in ast.walk(function)
            if isinstance(node, ast.Try)
            for last in node.finalbody
            for inner in ast.walk(last)
        }
        ups = {_object(node) for node in calls if _called(node) == "inc"}
        downs = [node for node in calls if _called(node) == "dec" and _object(node) in ups]
        if downs and not any(id(node) in safe for node in downs):
            name = flat(_object(downs[0]), 40)
            yield (
                "not-given-back", downs[0].lineno, f"{name} is not lowered when something is raised before, and stays too high",
                "lower it in a `finally`, or use `track_inprogress()`",
            )  # fmt: skip


def _live_copy(tree: ast.Module) -> _Told:
    """A database file that is copied as a file, while it is written to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in ("copy", "copy2", "copyfile") and node.args:
            source = ast.unparse(node.args[0])
            if _object(node) == "shutil" and _DATABASE.search(source) and "backup" not in source.casefold():
                yield (
                    "live-sqlite-copy", node.lineno,
                    "a database file that is copied while it is written to may be torn, and the WAL beside it is left out",
                    "use the `backup` method of a connection, or VACUUM INTO",
                )  # fmt: skip


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def _called(node: ast.Call) -> str:
    return (
        node.func.attr
        if isinstance(node.func, ast.Attribute)
        else node.func.id
        if isinstance(node.func, ast.Name)
        else ""
    )


def _object(node: ast.Call) -> str:
    return ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""


_RULES: tuple[Callable[[ast.Module], _Told], ...] = (
    _unused,
    _default_first,
    _empty_secret,
    _not_given_back,
    _live_copy,
)
