"""Rule 3 of an honest score: no word of the lab stands in a shipped pack.

    python lab/tools/check_words.py [PACKS]

Read from the lab's sources (not run; what only its command line says is left out): string literals of four letters and more except docstrings,
names of modules, classes and functions, the service's settings, and port numbers.

- A *marked* word (a path, file, option, setting, host, number, logger or identifier: anything that
  is no plain English) may stand nowhere in a pack, and the service's own names neither.
- A *text* (a log line, an error, an answer) of a program that runs in a world, or of its user, may
  not be quoted: what a pack quotes in a code span must neither contain such a text nor lie within
  one; `%s`, `{x}` and `<x>` all mean "anything".

False alarms are kept out in three ways, and by nothing else. Plain English is no mark: prose of a
pack may say "the provider", and quoting a single plain word (`error`) proves nothing. What the
standard library or a dependency of the lab also says is theirs, not the lab's; that is looked up
in their sources, for hits only. And ELSEWHERE lists, with its source, what neither can know.
"""

from __future__ import annotations

import ast
import re
import sys
import sysconfig
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

LAB = Path(__file__).parents[1]
SOURCES = LAB / "src" / "crashcart_lab"
PACKS = LAB.parent / "src" / "crashcart" / "packs"

SHORTEST = 4
# What can speak in a world: the programs, and the user. What the lab says of itself is no evidence of anything.
SPEAKERS = ("digest", "simulator", "neighbours", "site", "client.py")
# What never enters a world: the lab's own doors, which print for whoever runs it.
DOORS = ("cli.py", "demo.py", "product.py", "truths.py", "score", "repair")
# The service and the package. A pack that says either was written for the lab.
NAMES = ("digest", "crashcart_lab")
ELSEWHERE = {
    "REDIS_URL": "Heroku's and Render's documentation: the setting under which a Redis is attached to an app",
    "8000": "the port that uvicorn and Django take unless told otherwise",
    "65535": "the last port there is",
    "/health": "the path that most services give their health page",
    "crashcart.toml": "the product's own system file",
    "billing details": "OpenAI's guide to error codes: 429, you exceeded your current quota",
    "does not exist or you do not have access": "OpenAI's API: 404, model_not_found",
    "Connection refused) while connecting to upstream": "nginx's error log: connect() failed (111: Connection refused)",
    "upstream timed out": "nginx's error log: upstream timed out (110: Connection timed out)",
    "PRAGMA wal_checkpoint(TRUNCATE)": "SQLite's list of pragmas",
}
# Words as prose has them; everything else is marked.
PLAIN = re.compile(r"[A-Za-z][a-z]*(?:(?:[-']|[,;:.)]? \(?)[A-Za-z]?[a-z]*)*[.:)]?", re.ASCII)
PORT = re.compile(r"(?<![a-z])ports?(?![a-z])", re.IGNORECASE)
HOLE = "\0"
LAB_HOLE = re.compile(r"%(?:\(\w+\))?[-+#0]*\d*(?:\.\d+)?[sdrfgx]|\{[^{}]*\}")
PACK_HOLE = re.compile(r"<[^<>]*>|\{[^{}]*\}")
SPAN = re.compile(r"(`+)(.+?)\1", re.DOTALL)
QUOTED = re.compile(r"\"([^\"]+)\"|'([^']+)'")


@dataclass(frozen=True, slots=True)
class Words:
    """What the lab says, and where: by word, the first file and line."""

    marked: dict[str, str]
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of the lab in a pack."""

    line: int
    found: str
    word: str
    source: str


def words_of(sources: Path) -> Words:
    """Return the lab's words."""
    marked: dict[str, str] = dict.fromkeys(NAMES, "the service's or the lab's own name")
    texts: dict[str, str] = {}
    for path in sorted(sources.rglob("*.py")):
        if path.relative_to(sources).parts[0] in DOORS:
            continue
        text = path.read_text(encoding="utf-8")
        inner = path.relative_to(sources)
        marked.setdefault(".".join((sources.name, *inner.with_suffix("").parts)), f"{inner}:1")
        for word, line in (*_said(ast.parse(text)), *_ports(path, text)):
            if " " in word and inner.parts[0] in SPEAKERS:
                texts.setdefault(_with_holes(word, LAB_HOLE), f"{inner}:{line}")
            if is_marked(word):
                marked.setdefault(word.strip(), f"{inner}:{line}")
    return Words(marked, texts)


def is_marked(word: str) -> bool:
    """Whether the word is no plain English, and long enough to be a trace."""
    bare = LAB_HOLE.sub("", word).strip()
    return len(bare) >= SHORTEST and bool(re.search(r"\w{3}", bare)) and not PLAIN.fullmatch(bare)


def hits(pack: str, words: Words) -> list[Hit]:
    """Return the lab's words in the text of a pack."""
    found = {
        Hit(_line(pack, at), word, word, source) for word, source in words.marked.items() for at in _in(word, pack)
    }
    for span in SPAN.finditer(pack):
        for quote in QUOTED.finditer(span[2]):
            text = quote[1] or quote[2]
            found |= {Hit(_line(pack, span.start()), text, said, where) for said, where in _quoted(text, words.texts)}
    return sorted((hit for hit in found if not _is_elsewhere(hit)), key=lambda hit: (hit.line, hit.word))


def _said(tree: ast.Module) -> Iterator[tuple[str, int]]:
    skipped = {*_docstrings(tree), *_parts(tree)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(word)) if id(node) not in skipped and len(word) >= SHORTEST:
                yield word, node.lineno
            case ast.JoinedStr(values=parts):
                whole = "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)
                pieces = [] if " " in whole else whole.split("{}")  # of `{url}/health`, the path
                yield from ((word, node.lineno) for word in (whole, *pieces))
            case ast.ClassDef(name=name, bases=[ast.Name(id="BaseSettings")]):
                yield name, node.lineno
                yield from _variables(node)
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, node.lineno
            case _:
                pass


def _ports(path: Path, text: str) -> Iterator[tuple[str, int]]:
    """Yield the numbers in lines about ports; other numbers are counts and times, and hit by chance."""
    for at, line in enumerate(text.splitlines(), start=1):
        if path.name == "ports.py" or PORT.search(line):
            yield from ((number, at) for number in re.findall(r"\b\d{4,5}\b", line))


def _variables(settings: ast.ClassDef) -> Iterator[tuple[str, int]]:
    """Yield the variables of the environment that these settings come from."""
    for node in settings.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name.upper(), node.lineno
            case _:
                pass


def _parts(tree: ast.Module) -> Iterator[int]:
    """Yield the pieces of f-strings, which are taken whole."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from map(id, node.values)


def _docstrings(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            match node.body:
                case [ast.Expr(value=ast.Constant(value=str()) as text), *_]:
                    yield id(text)
                case _:
                    pass


def _in(word: str, pack: str) -> Iterator[int]:
    # Whole words only: `_job` is no trace of the lab in `last_job_id`.
    before = r"(?<!\w)" if word[0].isalnum() or word[0] == "_" else ""
    after = r"(?!\w)" if word[-1].isalnum() or word[-1] == "_" else ""
    for found in re.finditer(before + re.escape(word) + after, pack):
        yield found.start()


def _quoted(text: str, said: dict[str, str]) -> Iterator[tuple[str, str]]:
    quote = _with_holes(text, PACK_HOLE)
    for word, source in said.items():
        if _fits(word, quote) or (" " in quote.strip() and _fits(quote, word)):
            yield word.replace(HOLE, "..."), source


def _with_holes(text: str, hole: re.Pattern[str]) -> str:
    return re.sub(r"\s+", " ", hole.sub(HOLE, text)).strip()


def _fits(inner: str, outer: str) -> bool:
    """Whether *inner* occurs in *outer*, where its holes stand for anything."""
    if len(inner.replace(HOLE, "").strip()) < SHORTEST:
        return False
    pattern = ".+?".join(re.escape(part) for part in inner.split(HOLE))
    edges = (r"(?<!\w)" if inner[0].isalnum() else "", r"(?!\w)" if inner[-1].isalnum() else "")
    return re.search(edges[0] + pattern + edges[1], outer, re.IGNORECASE) is not None


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _is_elsewhere(hit: Hit) -> bool:
    if hit.found in NAMES:
        return False
    # Numbers prove nothing: some library has them all.
    return hit.found in ELSEWHERE or (not hit.found.isdigit() and is_said_by_a_library(hit.found))


@cache
def is_said_by_a_library(word: str) -> bool:
    """Whether the standard library or a dependency of the lab has this text in its sources."""
    return word.encode() in _library_text()


@cache
def _library_text() -> bytes:
    return b"\n".join(path.read_bytes() for path in _library_files())


def _library_files() -> tuple[Path, ...]:
    declared = tomllib.loads((LAB / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in declared]
    ours = [Path(str(file.locate())) for name in _with_theirs(names) for file in metadata.files(name) or ()]
    stdlib = Path(sysconfig.get_path("stdlib"))
    theirs = [path for path in stdlib.rglob("*.py") if not {"site-packages", "test", "idlelib"} & set(path.parts)]
    return tuple(path for path in (*ours, *theirs) if path.suffix == ".py" and path.is_file())


def _with_theirs(names: Iterable[str]) -> list[str]:
    """Return the distributions and, one step further, what they need."""
    found: dict[str, None] = {}
    for name in names:
        found[name] = None
        for line in metadata.requires(name) or ():
            if "extra ==" not in line:
                found[re.split(r"[^\w.-]", line, maxsplit=1)[0]] = None
    return [name for name in found if _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def main(packs: Path) -> int:
    words = words_of(SOURCES)
    paths = sorted(packs.rglob("*.md"))
    found = [(path, hit) for path in paths for hit in hits(path.read_text(encoding="utf-8"), words)]
    for path, hit in found:
        print(f"{path}:{hit.line}: {hit.found!r} is a word of the lab: {hit.word!r} in {hit.source}")
    print(f"{len(found)} words of the lab in {len(paths)} packs ({len(words.marked)} words, {len(words.texts)} texts)")
    return 1 if found or not paths else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PACKS))
