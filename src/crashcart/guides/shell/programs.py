"""What programs do, from the tables: which words of a command make it look, change, restart or destroy.

A table entry is a program. `same` takes over another entry, `free = {name = reason}` lists programs that only look
whatever their options. Otherwise:

- `rules."words" = "class: reason"`: words are the first positional words in order (`*` any, `*=*` a pattern) and
  options that must be there (`-s=KILL`: with that value, `-dump*`: whatever follows). The rule with the most words holds; of equals the worst.
- `default` when no rule fits, `alone` when nothing follows the program, `piped` when text is piped into it.
  Without a default, what no rule names is not known.
- `values`: options that take the next word. `strict`: the only options that may stand beside a look.
- `single_dash`: `-abc` is one option, not three. `subs`: the first words name a subcommand.
- `["docker exec"]`: options of one subcommand that runs others, where they differ from those of the program.
- `target`: which positional word is acted on, counted after the program.
- `wraps = n`: runs the words after n positional ones; `joins`: as shell text; `extra`: more words come from its input;
  `background`: what it runs stays. `language`: its words hold a language, judged elsewhere.

Classes: look, use, change, restart, destroy; secret (a look that prints one); exec: PLACE (runs the words behind a
place), wrap (runs the words behind), as: PROGRAM (the words behind are those of that program), sql (a statement).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib.resources import files
from typing import cast

from .listing import listed
from .model import Effect

EFFECTS = {
    "look": Effect.LOOKS,
    "secret": Effect.LOOKS,
    "exec": Effect.LOOKS,
    "wrap": Effect.LOOKS,
    "as": Effect.LOOKS,
    "sql": Effect.LOOKS,
    "use": Effect.USES,
    "change": Effect.CHANGES,
    "restart": Effect.RESTARTS,
    "destroy": Effect.DESTROYS,
}
# Options that make a program write or start something, in whatever program they stand: no look goes with them.
LEVERS = listed(
    """--output-file --outfile --out-file --output-dir --output-directory --write --exec --exec-batch --pre --pager
    --post-renderer --fix --in-place --inplace --autofix --ext-diff --upload-pack --receive-pack --exec-path
    --log-file --logfile --config-env --enable-exec --to-command --rsh --rsync-path --use-compress-program
    --checkpoint-action --delete --remove --remove-source-files --purge --open-files-in-pager --init-command
    --script --eval --execute --load --plugin --engine"""
)
_GIT_LEVERS = frozenset({"-c", "--exec-path"})
TABLES = ("shell", "files", "system", "network", "containers", "data", "cloud", "code")


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a rule says: its class (a key of EFFECTS) and the reason, or for exec and as a name."""

    word: str
    reason: str

    @property
    def effect(self) -> Effect:
        """Return what it comes to by itself."""
        return EFFECTS[self.word]


@dataclass(frozen=True, slots=True)
class Rule:
    """`positional` must begin the positional words, every one of `options` must be there."""

    positional: tuple[str, ...]
    options: tuple[str, ...]
    says: Sentence

    @property
    def weight(self) -> tuple[int, int]:
        """Return how closely it describes a command: by how many words, and by how many of them to the letter."""
        return len(self.positional) + len(self.options), sum(word != "*" for word in self.positional)


@dataclass(frozen=True, slots=True)
class Program:
    """One entry of the tables."""

    name: str
    rules: tuple[Rule, ...] = ()
    default: Sentence | None = None
    alone: Sentence | None = None
    piped: Sentence | None = None
    values: frozenset[str] = frozenset()
    strict: frozenset[str] | None = None
    has_subs: bool = False
    has_verbs: bool = False
    is_single_dash: bool = False
    target: int | None = None
    wraps: int | None = None
    joins: bool = False
    extra: bool = False
    background: bool = False
    language: str = ""
    subcommands: frozenset[str] = frozenset()
    _by_word: dict[str, tuple[Rule, ...]] = field(default_factory=dict, compare=False, repr=False)

    def best(self, arguments: Arguments) -> Rule | None:
        """Return the rule that describes the words most closely; of equals the worst."""
        fitting = [rule for rule in self._beginning(arguments) if arguments.fit(rule)]
        return max(fitting, key=lambda rule: (rule.weight, rule.says.effect), default=None)

    def _beginning(self, arguments: Arguments) -> tuple[Rule, ...]:
        """Return the rules that may fit by the first word alone, in their order; there are hundreds for `kubectl`."""
        word = arguments.positional[0].partition("/")[0] if arguments.positional else ""
        if word not in self.subcommands:
            word = ""
        if word not in self._by_word:
            firsts = ((rule, rule.positional[0] if rule.positional else "*") for rule in self.rules)
            self._by_word[word] = tuple(rule for rule, first in firsts if first == word or "*" in first or "/" in first)
        return self._by_word[word]

    def strange(self, arguments: Arguments) -> str:
        """Return the first option that may not stand beside a look, or ""."""
        if self.strict is None:
            levers = LEVERS | _GIT_LEVERS if self.name == "git" else LEVERS
            return next((name for name, _ in arguments.options if name in levers), "")
        return next((name for name, _ in arguments.options if name not in self.strict), "")


@dataclass(frozen=True, slots=True)
class Arguments:
    """The words behind a program: options with their values, and the rest in order. Texts are unquoted."""

    options: tuple[tuple[str, str | None], ...]
    positional: tuple[str, ...]
    places: tuple[int, ...]  # where each positional word stands among all words
    behind: int | None = None  # the place of the first word after `--`
    names: frozenset[str] = field(default=frozenset())

    def fit(self, rule: Rule) -> bool:
        """Say whether a rule describes these words."""
        if len(rule.positional) > len(self.positional):
            return False
        pairs = zip(rule.positional, self.positional, strict=False)
        return all(_is(wanted, word) for wanted, word in pairs) and all(self.has(option) for option in rule.options)

    def has(self, option: str) -> bool:
        """Say whether an option is there; `-x=y`: with that value."""
        if option.endswith("*"):
            return any(name.startswith(option[:-1]) for name in self.names)
        name, equals, value = option.partition("=")
        if not equals:
            return name in self.names
        return any(found == name and given == value for found, given in self.options)

    def value(self, *names: str) -> str | None:
        """Return the value of the last of these options."""
        return next((value for name, value in reversed(self.options) if name in names and value is not None), None)

    def all_values(self, *names: str) -> list[str]:
        """Return the values of all of these options."""
        return [value for name, value in self.options if name in names and value is not None]


def _is(wanted: str, word: str) -> bool:
    if wanted == "*":
        return True
    if "*" in wanted:
        return fnmatchcase(word, wanted)
    return word == wanted or word.startswith(wanted + "/")  # `secret/name` names the kind, too


def arguments(program: Program, words: Iterable[str]) -> Arguments:
    """Sort words into options and the rest, as far as the tables know which option takes a value."""
    given = list(words)
    options: list[tuple[str, str | None]] = []
    positional: list[str] = []
    places: list[int] = []
    behind: int | None = None
    at = 0
    while at < len(given):
        word = given[at]
        if word == "--" and behind is None:
            behind = at + 1
            options.append(("--", None))
        elif behind is None and len(word) > 1 and word[0] == "-":
            taken, pairs = _option(program, word, given[at + 1] if at + 1 < len(given) else None)
            options += pairs
            at += taken
        else:
            positional.append(word)
            places.append(at)
        at += 1
    return Arguments(tuple(options), tuple(positional), tuple(places), behind, frozenset(name for name, _ in options))


def _option(program: Program, word: str, following: str | None) -> tuple[int, list[tuple[str, str | None]]]:
    """Return how many further words the option takes, and the options that it is."""
    name, equals, value = word.partition("=")
    if equals and (word.startswith("--") or program.is_single_dash):
        return 0, [(name, value)]
    if word in program.values:
        return (0, [(word, None)]) if following is None else (1, [(word, following)])
    if word.startswith("--") or program.is_single_dash or len(word) == 2:
        return 0, [(word, None)]
    return _cluster(program, word, following)


def _cluster(program: Program, word: str, following: str | None) -> tuple[int, list[tuple[str, str | None]]]:
    # The whole word first: tables may name `-9`, `-KILL` or `-delete` as they stand.
    found: list[tuple[str, str | None]] = [(word, None)] if _names_whole(program, word) else []
    for place, letter in enumerate(word[1:], 1):
        option = "-" + letter
        if option in program.values:
            rest = word[place + 1 :]
            if rest:
                return 0, [*found, (option, rest.removeprefix("="))]
            return (0, [*found, (option, None)]) if following is None else (1, [*found, (option, following)])
        found.append((option, None))
    return 0, found


def _names_whole(program: Program, word: str) -> bool:
    return any(word in rule.options for rule in program.rules) or (
        program.strict is not None and word in program.strict
    )


# --- reading the tables


def sentence(text: str) -> Sentence:
    """Read `class: reason`."""
    word, _, reason = text.partition(": ")
    if word not in EFFECTS:
        raise ValueError(f"no such class: {text}")
    return Sentence(word, reason)


@lru_cache(maxsize=1)
def programs() -> Mapping[str, Program]:
    """Return all programs that the tables know, by name."""
    raw: dict[str, dict[str, object]] = {}
    known: dict[str, Program] = {}
    for name in TABLES:
        table = tomllib.loads((files(__package__) / "tables" / f"{name}.toml").read_text("utf-8"))
        free = cast("dict[str, str]", table.pop("free", {}))
        known |= {word: Program(word, default=Sentence("look", reason)) for word, reason in free.items()}
        raw |= cast("dict[str, dict[str, object]]", table)
    for name in raw:
        known[name] = _program(name, raw)
    return known


def _program(name: str, raw: Mapping[str, dict[str, object]]) -> Program:
    entry = dict(raw[name])
    base = entry.pop("same", None)
    if base is not None:
        parent = dict(raw[cast(str, base)])
        rules = {**cast("dict[str, str]", parent.pop("rules", {})), **cast("dict[str, str]", entry.pop("rules", {}))}
        entry = {**parent, **entry, "rules": rules}
        if "same" in parent:
            raise ValueError(f"{name}: the same as {base}, which is the same as another")
    rules = cast("dict[str, str]", entry.get("rules", {}))
    read = tuple(_rule(words, text) for words, text in rules.items())
    strict = cast("str | None", entry.get("strict"))
    return Program(
        name,
        read,
        _sentence(entry.get("default")),
        _sentence(entry.get("alone")),
        _sentence(entry.get("piped")),
        frozenset(cast(str, entry.get("values", "")).split()),
        None if strict is None else frozenset(strict.split()),
        bool(entry.get("subs")),
        bool(entry.get("verbs")),
        bool(entry.get("single_dash")),
        cast("int | None", entry.get("target")),
        cast("int | None", entry.get("wraps")),
        bool(entry.get("joins")),
        bool(entry.get("extra")),
        bool(entry.get("background")),
        cast(str, entry.get("language", "")),
        frozenset(rule.positional[0] for rule in read if rule.positional and "*" not in rule.positional[0]),
    )


def _sentence(text: object) -> Sentence | None:
    return None if text is None else sentence(cast(str, text))


def _rule(words: str, text: str) -> Rule:
    parts = words.split()
    options = tuple(part for part in parts if part.startswith("-"))
    return Rule(tuple(part for part in parts if not part.startswith("-")), options, sentence(text))
