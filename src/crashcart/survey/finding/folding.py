"""What Python source says without being run: the addresses it assigns, with the environment filled in. Pure."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterator, Mapping

Folded = str | list["Folded"] | dict[str, "Folded"] | None
_MOST = 2000  # characters of a folded text


def assigned(text: str, path: str, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield name and value of every address that the source assigns; Django's DATABASES as urls."""
    if "://" not in text and "DATABASES" not in text:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    folder = _Folder(path, environ)
    for node in tree.body:
        for target, value in _assignments(node):
            folded = folder.fold(value)
            folder.names[target] = folded
            if target == "DATABASES" and isinstance(folded, dict):
                yield from _databases(folded)
    # A call may carry an address of its own: Celery("app", broker="redis://...").
    for inner in ast.walk(tree):
        for name, value in _named_values(inner):
            folded = folder.fold(value)
            if isinstance(folded, str) and "://" in folded and len(folded) < _MOST:
                yield name, folded


def _assignments(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value


def _named_values(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
            elif isinstance(target, ast.Attribute):
                yield target.attr, node.value
            elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                yield str(target.slice.value), node.value
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        yield node.target.id, node.value
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg, node.value


def _databases(tables: Mapping[str, Folded]) -> Iterator[tuple[str, str]]:
    for alias, table in tables.items():
        if not isinstance(table, dict):
            continue
        said = {key: value for key, value in table.items() if isinstance(value, str)}
        engine = said.get("ENGINE", "").rpartition(".")[2]
        name = said.get("NAME", "")
        if engine in ("sqlite3", "spatialite") and name:
            yield f"DATABASES[{alias!r}]", f"sqlite:///{name}"
        elif engine in ("postgresql", "postgresql_psycopg2", "postgis", "mysql"):
            scheme = "mysql" if engine == "mysql" else "postgresql"
            user = f"{said['USER']}@" if said.get("USER") else ""
            host = "" if said.get("HOST", "").startswith("/") else said.get("HOST", "")
            port = f":{said['PORT']}" if said.get("PORT") else ""
            yield f"DATABASES[{alias!r}]", f"{scheme}://{user}{host or 'localhost'}{port}/{name}"


class _Folder:
    """Folds constant expressions. What it cannot fold is None."""

    def __init__(self, path: str, environ: Mapping[str, str]) -> None:
        self.path = path
        self.environ = environ
        self.names: dict[str, Folded] = {"__file__": path}

    def fold(self, node: ast.expr | None) -> Folded:
        """Return the value of an expression, or None."""
        if isinstance(node, ast.Constant):
            return None if node.value is None or isinstance(node.value, bytes) else str(node.value)
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Dict):
            keys = [self.fold(key) for key in node.keys]
            return {key: self.fold(value) for key, value in zip(keys, node.values, strict=True) if isinstance(key, str)}
        if isinstance(node, ast.JoinedStr):
            parts = [self.fold(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values]
            return "".join(map(str, parts)) if all(isinstance(part, str) for part in parts) else None
        if isinstance(node, ast.BinOp):
            return self._joined(node)
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return next((value for part in node.values if (value := self.fold(part))), None)
        if isinstance(node, ast.Attribute):
            inner = self.fold(node.value)
            return os.path.dirname(inner) if node.attr == "parent" and isinstance(inner, str) else None
        if isinstance(node, ast.Subscript):
            return self._item(node)
        return self._call(node) if isinstance(node, ast.Call) else None

    def _joined(self, node: ast.BinOp) -> Folded:
        left, right = self.fold(node.left), self.fold(node.right)
        if not isinstance(left, str) or not isinstance(right, str):
            return None
        if isinstance(node.op, ast.Div):
            return os.path.normpath(os.path.join(left, right))
        return left + right if isinstance(node.op, ast.Add) else None

    def _item(self, node: ast.Subscript) -> Folded:
        if ast.unparse(node.value) in ("os.environ", "environ"):
            name = self.fold(node.slice)
            return self.environ.get(name) if isinstance(name, str) else None
        if (
            isinstance(node.value, ast.Attribute)
            and node.value.attr == "parents"
            and isinstance(node.slice, ast.Constant)
        ):
            inner, steps = self.fold(node.value.value), node.slice.value
            if isinstance(inner, str) and isinstance(steps, int):
                for _ in range(steps + 1):
                    inner = os.path.dirname(inner)
                return inner
        return None

    def _call(self, node: ast.Call) -> Folded:
        called = ast.unparse(node.func)
        folded = [self.fold(argument) for argument in node.args]
        first = folded[0] if folded else None
        if called in (
            "os.environ.get",
            "environ.get",
            "os.getenv",
            "getenv",
            "config",
            "env",
            "env.str",
            "env.db",
            "env.url",
        ):
            return self._from_environ(node, folded)
        if called.endswith((".resolve", ".absolute")) and isinstance(node.func, ast.Attribute):
            return self.fold(node.func.value)
        if not isinstance(first, str):
            return None
        if called in ("os.path.dirname",):
            return os.path.dirname(first)
        if called in ("os.path.join", "Path.joinpath"):
            parts = [part for part in folded if isinstance(part, str)]
            return os.path.normpath(os.path.join(*parts)) if len(parts) == len(folded) else None
        if called in (
            "str",
            "Path",
            "pathlib.Path",
            "os.path.abspath",
            "os.path.realpath",
            "SecretStr",
            "PostgresDsn",
            "RedisDsn",
        ):
            return os.path.abspath(first) if "abspath" in called and first.startswith("/") else first
        return None

    def _from_environ(self, node: ast.Call, folded: list[Folded]) -> Folded:
        name = folded[0] if folded else None
        given = self.environ.get(name) if isinstance(name, str) else None
        if given is not None:
            return given
        default = next((self.fold(keyword.value) for keyword in node.keywords if keyword.arg == "default"), None)
        return folded[1] if len(folded) > 1 else default
