"""Sightings gathered by what they are of, given names, and joined by who needs whom. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from crashcart.survey.finding.parts import Anchor, Edge, Part, Said, Sighting, Sure, Value

_ORDER = ("nginx", "http", "celery", "worker", "postgres", "sqlite", "redis", "tcp", "provider")


class Found:
    """Sightings and edges as they come in. The kind that says most stands; of a key, the surest value, then the first."""

    def __init__(self) -> None:
        self._by_anchor: dict[Anchor, Sighting] = {}
        self._edges: dict[tuple[Anchor, Anchor], Edge] = {}

    def take(self, signs: Iterable[Sighting | Edge]) -> None:
        """Add all of them."""
        for sign in signs:
            if isinstance(sign, Edge):
                self._edges.setdefault((sign.source, sign.target), sign)
            else:
                self.add(sign)

    def add(self, new: Sighting) -> None:
        """Add one sighting to what is known of its part."""
        known = self._by_anchor.get(new.anchor)
        if known is None:
            self._by_anchor[new.anchor] = new
            return
        keys = dict(new.keys)
        for key, said in known.keys.items():
            is_reference = str(said.value).startswith("env:")  # says more than the address behind it
            if key not in keys or is_reference or said.sure >= keys[key].sure:
                keys[key] = said
            if key == "logs" and key in new.keys:
                keys[key] = _both(said, new.keys[key])
        surer = max((known, new), key=lambda sighting: sighting.sure)
        kind = known.kind if _ORDER.index(known.kind) <= _ORDER.index(new.kind) or new.kind == "tcp" else new.kind
        if known.kind in ("tcp", "worker") and new.kind not in ("tcp", "worker"):
            kind = new.kind
        self._by_anchor[new.anchor] = replace(known, kind=kind, how=surer.how, sure=surer.sure, keys=keys)

    def prefer(self, anchor: Anchor, keys: Mapping[str, Said]) -> None:
        """Put these keys in front of what is known: an address in the settings says more than a bare port."""
        known = self._by_anchor.get(anchor)
        if known is not None and not str(known.keys.get("url", Said("", "", Sure.GUESS)).value).startswith("env:"):
            self._by_anchor[anchor] = replace(known, keys={**known.keys, **keys})

    def complete(self, anchor: Anchor, keys: Mapping[str, Said]) -> None:
        """Add keys that are not known yet."""
        known = self._by_anchor.get(anchor)
        if known is not None:
            self._by_anchor[anchor] = replace(known, keys={**keys, **known.keys})

    def kind(self, anchor: Anchor) -> str:
        """Return the kind of a part; empty when there is none."""
        known = self._by_anchor.get(anchor)
        return known.kind if known is not None else ""

    def value(self, anchor: Anchor, key: str) -> str:
        """Return one value of a part; empty when it has none."""
        known = self._by_anchor.get(anchor)
        value: Value = known.keys[key].value if known is not None and key in known.keys else ""
        return value if isinstance(value, str) else ""

    def sightings(self) -> tuple[Sighting, ...]:
        """Return one sighting for each part, in the order of a request."""
        return tuple(sorted(self._by_anchor.values(), key=lambda one: (_ORDER.index(one.kind), one.hint, one.anchor)))

    def edges(self) -> tuple[Edge, ...]:
        """Return all edges."""
        return tuple(self._edges.values())


def join(found: Found) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Return the parts, each under a name of its own, and what was left out with the reason."""
    kept = [one for one in found.sightings() if _is_whole(one)]
    asides = [
        f"{one.hint} ({one.kind}) is left out: nothing says where it is"
        for one in found.sightings()
        if not _is_whole(one)
    ]
    names = _names(kept)
    parts = []
    for one in kept:
        needs = [
            Said(names[edge.target], edge.how, edge.sure)
            for edge in found.edges()
            if edge.source == one.anchor and edge.target in names and edge.target != one.anchor
        ]
        ordered = tuple(sorted(needs, key=lambda said: str(said.value)))
        parts.append(Part(names[one.anchor], one.kind, one.how, one.sure, one.keys, ordered))
    return tuple(parts), tuple(asides)


def _is_whole(one: Sighting) -> bool:
    needed = {"http": "url", "provider": "url", "nginx": "url", "postgres": "url", "redis": "url", "sqlite": "path"}
    return needed.get(one.kind, "") in ("", *one.keys)


def _names(kept: Sequence[Sighting]) -> Mapping[Anchor, str]:
    names: dict[Anchor, str] = {}
    for one in kept:
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", one.hint).strip("-") or one.kind
        plain = plain if re.match(r"[A-Za-z_]", plain) else f"{one.kind}-{plain}"
        for name in (plain, f"{plain}-{one.kind}", *(f"{plain}-{number}" for number in range(2, 1000))):
            if name not in names.values():
                names[one.anchor] = name
                break
    return names


def _both(one: Said, other: Said) -> Said:
    values = dict.fromkeys((*_many(one.value), *_many(other.value)))
    surer = max((one, other), key=lambda said: said.sure)
    return Said(tuple(values), surer.how, surer.sure)


def _many(value: Value) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value
