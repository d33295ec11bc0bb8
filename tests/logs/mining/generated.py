"""A small labelled log of our own making: statements of an invented shop, with values of many kinds in them."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass


def _words(text: str) -> list[str]:
    return text.split()


_PEOPLE = _words("ann bob eve carla dmitri elena farid gita hugo ines jonas kemal lucia marek nadia omar petra rosa")
_HOSTS = _words("till-a till-b stock-db stock-db-copy gateway mailer printer backoffice depot-north depot-south")
_SHELVES = _words("bread cheese fruit soap candles paper screws paint tea coffee")
_REASONS = _words("TimeoutError KeyError ValueError BrokenPipeError PermissionError LookupError")

Draw = Callable[[random.Random], str]
_VALUES: dict[str, Draw] = {
    "person": lambda r: r.choice(_PEOPLE),
    "host": lambda r: r.choice(_HOSTS),
    "shelf": lambda r: r.choice(_SHELVES),
    "reason": lambda r: r.choice(_REASONS),
    "n": lambda r: str(r.choice((0, 1, 7, 12, 365, r.randrange(10**6)))),
    "f": lambda r: f"{r.random() * 90:.2f}",
    "ip": lambda r: ".".join(str(r.randrange(1, 255)) for _ in range(4)),
    "id": lambda r: f"{r.getrandbits(48):012x}",
    "path": lambda r: "/" + "/".join(r.choice(_SHELVES) for _ in range(r.randrange(1, 4))),
    "flag": lambda r: r.choice(("true", "false")),
    "order": lambda r: f"ord-{r.randrange(10**5)}",
}

# What a line says, with a name where a value goes; the label has <*> there.
STATEMENTS = (
    "sale {n} closed by {person} at till {host}",
    "sale {n} opened by {person} at till {host}",
    "stock of {shelf} fell to {n} below the mark",
    "price list reloaded from {path} in {f} s",
    "login of {person} from {ip} accepted",
    "login of {person} from {ip} refused: account is locked",
    "printer out of paper",
    "order {order} shipped, tracking={id} gift={flag}",
    "worker {n} raised {reason} while packing {order}",
    "link to {host} lost after {f} ms, {n} messages waiting",
    "link to {host} restored",
    "nightly count differs: shelf={shelf} booked={n} counted={n}",
    "cash drawer left open",
    "refund of {f} granted by {person}",
    "cannot read {path}: permission denied",
    "cannot read {path}: no such file",
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """Lines, and for each the template it was made from."""

    lines: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def block(self) -> bytes:
        """The lines as a block of bytes."""
        return "".join(f"{line}\n" for line in self.lines).encode()


def labelled(count: int, seed: int) -> Labelled:
    """Return that many lines; some statements are a hundred times as frequent as others."""
    chance = random.Random(seed)
    weights = [1 / (rank + 1) for rank in range(len(STATEMENTS))]
    drawn = chance.choices(STATEMENTS, weights, k=count)
    lines = tuple(re.sub(r"\{(\w+)\}", lambda m: _VALUES[m[1]](chance), statement) for statement in drawn)
    return Labelled(lines, tuple(re.sub(r"\{\w+\}", "<*>", statement) for statement in drawn))


def grouping_accuracy(labels: Sequence[str], found: Sequence[str]) -> float:
    """Return the share of lines whose found group is, as a set of lines, exactly their true group."""
    both, true, mined = Counter(zip(labels, found, strict=True)), Counter(labels), Counter(found)
    return sum(n for (a, b), n in both.items() if n == true[a] == mined[b]) / len(labels)


def template_accuracy(labels: Sequence[str], found: Sequence[str]) -> float:
    """Return the F1 of template texts: one is right if all its lines, and no others, are labelled with that text."""
    lines: dict[str, set[str]] = {}
    for label, text in zip(labels, found, strict=True):
        lines.setdefault(text, set()).add(label)
    right = sum(1 for text, seen in lines.items() if seen == {text})
    return 2 * right / (len(lines) + len(set(labels)))
