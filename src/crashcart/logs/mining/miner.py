"""The miner: log messages in, templates with exact counts out, in bounded memory.

Lines become *forms* at once (digits folded, values masked) and keep the form's id for good; which *template* a form
belongs to is decided when asked, from all forms seen so far.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crashcart.logs import loops
from crashcart.logs.loops.library import FormTable
from crashcart.logs.mining.absorb import absorbed
from crashcart.logs.mining.caps import Caps
from crashcart.logs.mining.crowd import Crowd
from crashcart.logs.mining.displays import without_displays
from crashcart.logs.mining.fold import fold
from crashcart.logs.mining.forms import OVERFLOW, Forms
from crashcart.logs.mining.lex import Shape, cut
from crashcart.logs.mining.mask import masker
from crashcart.logs.mining.merge import cluster
from crashcart.logs.mining.recent import Recent
from crashcart.logs.mining.render import render
from crashcart.logs.mining.template import Template, template_id
from crashcart.logs.shape.lines import Offsets, line_starts

# Blocks are worked on in pieces that fit the processor's cache.
_PIECE_BYTES = 1 << 18
_UNKNOWN = 2048


@dataclass(frozen=True, slots=True)
class _Decided:
    """Templates as of one moment, and for each form id the place of its template among them."""

    templates: tuple[Template, ...]
    places: NDArray[np.int32]


class Miner:
    """Mines the templates of log messages.

    The same lines in the same order give the same result, however they are cut into blocks, and however many miners
    share the work, if parts are merged in order. Once a cap is struck (`is_crowded`), counts stay exact, but which
    forms were generalised then depends on the cuts.
    """

    def __init__(self, caps: Caps | None = None) -> None:
        self._caps = caps or Caps()
        self._forms = Forms(self._caps)
        self._recent = Recent(self._caps)
        self._crowd = Crowd()
        self._table: FormTable | None = None  # made when lines are taken out of a block
        self._mask = masker()
        self._decided: _Decided | None = None

    @property
    def lines(self) -> int:
        """Lines fed so far."""
        return int(self._forms.counts.sum())

    @property
    def overflow_lines(self) -> int:
        """Lines of forms there was no room for: their template is `<*>`."""
        at = self._forms.get(OVERFLOW)
        return 0 if at < 0 else int(self._forms.live_counts()[at])

    @property
    def is_crowded(self) -> bool:
        """Whether a cap was struck: rare forms were generalised."""
        return self._forms.is_struck

    def feed(self, block: bytes) -> NDArray[np.int32]:
        """Take a block of lines, cut at a newline, and return the form id of each.

        A last line without its newline counts as a line; an empty block has none.
        """
        self._decided = None
        found: list[NDArray[np.int32]] = []
        start = 0
        while start < len(block):
            end = len(block)
            if end - start > _PIECE_BYTES:
                end = block.find(b"\n", start + _PIECE_BYTES) + 1 or end
            found.append(self._feed_piece(block[start:end]))
            start = end
        return np.concatenate(found) if found else np.empty(0, dtype=np.int32)

    def take(self, data: bytes, begins: Offsets, ends: Offsets) -> NDArray[np.int32]:
        """Take the lines that stand in these ranges of a block, and return the form id of each."""
        self._table = self._table or loops.form_table(room=self._caps.table)
        if self._table is None:
            lines = [data[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
            return self.feed(b"\n".join((*lines, b"")))
        self._decided = None
        keys, ids = self._table.look_up(data, begins, ends)
        # A few at a time: of the others, most are like one of these.
        while len(unknown := np.flatnonzero(ids < 0)):
            here = unknown[:_UNKNOWN]
            lines = [data[begin:end] for begin, end in zip(begins[here].tolist(), ends[here].tolist(), strict=True)]
            ids[here] = self._ids(fold(b"\n".join((*lines, b""))))
            self._table.learn(keys[here], ids[here])
            ids[unknown[_UNKNOWN:]] = self._table.recall(keys[unknown[_UNKNOWN:]])
        self._count(ids)
        self._sample(data, begins, ends, ids)
        return ids

    def merge(self, other: Miner) -> NDArray[np.int32]:
        """Take over what another miner saw after this one, and return its form ids as ids of this one."""
        self._decided = None
        theirs = other._forms
        self._forms.is_struck |= theirs.is_struck
        ids: NDArray[np.int32] = np.zeros(len(theirs), dtype=np.int32)
        counts = theirs.live_counts()
        for form, i in list(theirs.live()):
            ids[i] = mine = self._forms.overflow() if form == OVERFLOW else self._form_id(form)
            self._forms.counts[mine] += counts[i]
            for line in theirs.samples.get(i, ()):
                self._forms.keep_sample(mine, line)
        return ids[theirs.resolved()]

    def result(self) -> tuple[Template, ...]:
        """Return the templates, most lines first; their counts sum to `lines`."""
        return self._decide().templates

    def places(self) -> NDArray[np.int32]:
        """Return for each form id the place of its template in `result`."""
        return self._decide().places

    def template_of(self, form_id: int) -> Template:
        """Return the template that a form id belongs to by now."""
        decided = self._decide()
        return decided.templates[int(decided.places[form_id])]

    def _feed_piece(self, block: bytes) -> NDArray[np.int32]:
        if not block.endswith(b"\n"):
            block += b"\n"
        ids = self._ids(fold(block))
        self._count(ids)
        if self._forms.hungry[ids].any():
            ends = loops.line_ends(block)
            self._sample(block, line_starts(ends), ends, ids)
        return ids

    def _ids(self, lines: list[bytes]) -> NDArray[np.int32]:
        ids = self._recent.look_up(lines)
        for at in np.flatnonzero(ids < 0).tolist():
            ids[at] = self._unseen(lines[at])
        return ids

    def _count(self, ids: NDArray[np.int32]) -> None:
        seen = np.bincount(ids)
        self._forms.counts[: seen.size] += seen

    def _unseen(self, line: bytes) -> int:
        found = self._recent.get(line)
        if found < 0:
            found = self._form_id(self._mask(without_displays(line)))
            self._recent.put(line, found)
        return found

    def _form_id(self, form: bytes) -> int:
        forms = self._forms
        found = forms.get(form)
        if found >= 0:
            return found
        if not self._crowd.is_empty():
            form = self._crowd.general(form)
            found = forms.get(form)
            if found >= 0:
                return found
        if not forms.has_ids():
            return forms.overflow()
        if forms.is_full():
            self._crowd.thin(forms)
            return self._form_id(form)
        return forms.add(form)

    def _sample(self, data: bytes, begins: Offsets, ends: Offsets, ids: NDArray[np.int32]) -> None:
        forms = self._forms
        at = np.flatnonzero(forms.hungry[ids])
        for form_id, begin, end in zip(ids[at].tolist(), begins[at].tolist(), ends[at].tolist(), strict=True):
            if forms.hungry[form_id]:
                forms.keep_sample(form_id, data[begin:end])

    def _decide(self) -> _Decided:
        if self._decided is None:
            self._decided = _decide(self._forms)
        return self._decided


def _decide(forms: Forms) -> _Decided:
    counts = forms.live_counts()
    live = [(form, i) for form, i in forms.live() if counts[i]]
    shapes = _shapes([form for form, _ in live])
    by_text: dict[str, list[int]] = defaultdict(list)
    for found in cluster(shapes, [int(counts[i]) for _, i in live]):
        by_text[render([shapes[m] for m in found.members])].extend(live[m][1] for m in found.members)
    into = absorbed({text: int(counts[ids].sum()) for text, ids in by_text.items()})
    for text, host in into.items():
        if host != text:
            by_text[host].extend(by_text.pop(text))
    templates: list[Template] = []
    places: NDArray[np.int32] = np.zeros(len(forms), dtype=np.int32)
    weighed = [(-int(counts[ids].sum()), text, sorted(ids)) for text, ids in by_text.items()]
    for place, (minus_count, text, ids) in enumerate(sorted(weighed)):
        places[ids] = place
        templates.append(Template(template_id(text), text, -minus_count, _some_samples(forms, ids), len(ids)))
    return _Decided(tuple(templates), places[forms.resolved()])


def _shapes(live: Sequence[bytes]) -> list[Shape]:
    # Forms share most of their words and gaps: holding each text once keeps 30,000 of them small.
    texts: dict[str, str] = {}
    all_gaps: dict[tuple[str, ...], tuple[str, ...]] = {}
    shapes: list[Shape] = []
    for form in live:
        gaps, words = cut(form.decode("utf-8", "replace"))
        shapes.append(Shape(all_gaps.setdefault(gaps, gaps), tuple([texts.setdefault(word, word) for word in words])))
    return shapes


def _some_samples(forms: Forms, ids: Sequence[int]) -> tuple[bytes, ...]:
    """Return up to as many samples as the caps allow: the first of each form, then their second, and so on."""
    wanted = forms.caps.samples
    kept: dict[bytes, None] = {}
    for rank in range(wanted):
        for i in ids:
            lines = forms.samples[i]
            if rank < len(lines):
                kept[lines[rank]] = None
                if len(kept) == wanted:
                    return tuple(kept)
    return tuple(kept)
