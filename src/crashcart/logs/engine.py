"""The pass over logs: blocks in, in order; signatures, templates, rates, durations out. Two passes add up to one.

Nothing here loops over lines: a line costs array work, and only what is new, and what brings an exception, is looked
at by itself. What is kept is bounded by the number of different statements and not by the size of the logs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from crashcart.logs import loops
from crashcart.logs.anchors import codes, duration_anchor, durations, places, status_anchor
from crashcart.logs.filtered import Window, kept
from crashcart.logs.latency import BINS, Bins, binned
from crashcart.logs.levels import ERROR, INFO, UNKNOWN, JsonLevels
from crashcart.logs.mining.miner import Miner
from crashcart.logs.portable import PortableMiner
from crashcart.logs.shape.exceptions import Raised, tracebacks
from crashcart.logs.shape.fields import fields_of
from crashcart.logs.shape.lines import Offsets, line_starts
from crashcart.logs.shape.shaper import Found, Shaped, Shaper
from crashcart.logs.sheets import Ids, Place, Sheet, Sheets, Slots, Times, grouped
from crashcart.logs.signatures.scanner import Hits, Scanner
from crashcart.logs.tally import LEVEL_BITS, Tally
from crashcart.logs.unwrap import Unwrapper
from crashcart.model.logs import LogTrouble

EXAMPLE_BYTES: Final = 600
_EXAMPLES: Final = 16_384
_LATEST_S: Final = 1 << 32  # in the year 2106
_EXCEPTIONS: Final = 4_096
_TIMED: Final = 4_096
_LOOKED_AT_BYTES: Final = 1_024
_INDENTED: Final = np.zeros(256, np.bool_)
_INDENTED[list(b" \t)]}\r\n")] = True
_REFUSAL = re.compile(
    rb"authentication (?:failed|failure|error)|failed password|invalid (?:api[ _-]?key|token|credentials?|password|user)|"
    rb"(?:token|password|credentials?|signature) (?:is |has |was )?(?:invalid|expired|rejected|incorrect)|login failed|"
    rb"failed login|failed to authenticate|unauthori[sz]ed|not authenticated|access denied|auth(?:entication)? required|"
    rb"wrong password|incorrect (?:username|password|api key)|permission denied for|noauth|wrongpass"
)

# Looking for a word is a hundred times faster than trying the pattern at every character.
_REFUSAL_WORDS: Final = (
    b"auth",
    b"passw",
    b"invalid",
    b"expired",
    b"rejected",
    b"incorrect",
    b"denied",
    b"login",
    b"wrong",
)

RaisedKey = tuple[int, str, str]  # form of the record's first line, type, own frame


@dataclass(slots=True)
class FileState:
    """One file as far as it was read."""

    name: str
    shaper: Shaper
    unwrapper: Unwrapper = field(default_factory=Unwrapper)
    lines: int = 0
    size_bytes: int = 0
    is_in_traceback: bool = False  # of the last record
    is_kept: bool = False  # whether the last record is asked for
    open_known: set[int] = field(default_factory=set)  # signatures that were met in it
    open_form: int = -1  # form, moment and place of the last record: an exception may still come with it
    open_second: int = -1
    open_place: Place | None = None
    lines_before: int = 0  # of the same file, in a pass before this one
    first: int = np.iinfo(np.int64).max
    last: int = np.iinfo(np.int64).min
    is_out_of_order: bool = False


@dataclass(slots=True)
class FileFacts:
    """What is left of a file once it was read."""

    lines: int = 0
    size_bytes: int = 0
    last: int = -1
    is_out_of_order: bool = False


@dataclass(slots=True)
class RaisedTimes:
    """An exception: how often, where in the logs, and its message at first."""

    times: Times
    raised: Raised


@dataclass(slots=True)
class Totals:
    """Sums over all files."""

    kept: int = 0
    zoned: int = 0
    dated: int = 0
    trouble: dict[tuple[str, str], LogTrouble] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A block as its program wrote it, where its lines end there, where they begin in the block of the file, where its
    tracebacks begin, and the signatures that stand in it; None where none is looked for."""

    data: bytes
    ends: Offsets
    begins: Offsets
    tracebacks: Sequence[int]
    hits: Hits | None


class LogPass:
    """One pass over logs, in order: `begin` a file, `feed` its blocks, `end` it."""

    def __init__(self, scanner: Scanner | None = None, *, window: Window | None = None) -> None:
        self.miner: Miner = PortableMiner()
        self.tally = Tally()
        self.slots = Slots()
        self.sheets = Sheets()
        self.examples: dict[int, Place] = {}  # by slot
        self.raised: dict[RaisedKey, RaisedTimes] = {}
        self.raised_more = 0  # exceptions there was no room for
        self.durations: dict[int, Bins] = {}  # by form
        self.refusals: dict[int, Times] = {}  # by form: lines with a response code that says so
        self.known: dict[int, Times] = {}  # by signature
        self.files: dict[str, FileFacts] = {}
        self.totals = Totals()
        self._names: list[str] = []
        self._scanner = scanner
        self._window = window
        self._levels = JsonLevels()
        self._open: FileState | None = None

    def begin(self, file: str, *, written_s: float) -> None:
        """Begin a file, or go on with one; `written_s` is when it was last written, for stamps without a year."""
        self.end()
        if file not in self.files:
            self.files[file] = FileFacts()
            self._names.append(file)
        self._open = FileState(file, Shaper(written_s=written_s), lines_before=self.files[file].lines)

    def prepare(self, data: bytes) -> Prepared:
        """Do what hangs on nothing that `feed` finds. It changes nothing that it reads, so another thread may be ahead
        with the blocks of the file that was begun, in order."""
        assert self._open is not None, "begin a file first"
        ends, begun = loops.line_ends(data), tracebacks(data)
        begins = line_starts(ends)
        lines = self._open.unwrapper.feed(data, begun=begun, braced=_braced(data, begins, ends))
        if lines is not data:
            ends, begun = loops.line_ends(lines), tracebacks(lines)
        scanner = self._scanner
        hits = scanner.scan(lines, ends=ends) if scanner is not None and scanner.signatures else None
        return Prepared(lines, ends, begins, begun, hits)

    def feed(self, data: bytes, *, offset: int, prepared: Prepared | None = None) -> None:
        """Take whole lines of the file that was begun; `prepared` is what `prepare` returned for them."""
        state = self._open
        assert state is not None, "begin a file first"
        if not data:
            return
        prepared = prepared or self.prepare(data)
        size_bytes = len(data)
        data, ends = prepared.data, prepared.ends
        shaped = state.shaper.feed(data, ends=ends, begun=prepared.tracebacks)
        units = self._units(data, shaped, state)
        is_kept = np.ones(len(units), np.bool_)
        if self._window is not None:
            is_kept = kept(data, shaped, units, self._window)
        block = _Block(data, prepared.begins + offset, shaped, units, is_kept)
        block.forms = self._mine(data, shaped, block.rows)
        self._note_moments(state, block)
        levels = self._levels_of(block, state)
        slots = block.forms.astype(np.int64) << LEVEL_BITS | levels
        self.tally.add(block.seconds, slots)
        self.slots.grow(len(self.sheets.level))
        self.slots.add(block.seconds, slots)
        self._keep_examples(block, slots, state)
        self._measure(block)
        self._keep_exceptions(shaped.exceptions, block, state)
        if prepared.hits is not None:
            self._keep_hits(prepared.hits, block, state)
        self._remember_last(block, state)
        self.totals.kept += len(block.rows)
        state.lines += len(ends)
        state.size_bytes += size_bytes

    def end(self) -> None:
        """End the file that is open, if there is one."""
        state, self._open = self._open, None
        if state is None:
            return
        for found in state.shaper.finish():
            self._keep_exception(found, state.open_form, state.open_second, state.open_place)
        facts = self.files[state.name]
        facts.is_out_of_order |= state.is_out_of_order or state.shaper.out_of_order > 0
        facts.is_out_of_order |= bool(state.last >= 0 and state.first < facts.last)
        facts.lines += state.lines
        facts.size_bytes += state.size_bytes
        facts.last = max(facts.last, state.last)

    def note(self, trouble: LogTrouble) -> None:
        """Keep what stood in the way of reading; the same trouble with the same file is counted."""
        key = (trouble.kind, trouble.file)
        before = self.totals.trouble.get(key)
        count = trouble.count + (before.count if before is not None else 0)
        self.totals.trouble[key] = LogTrouble(trouble.kind, trouble.file, trouble.detail, count)

    # --- one block ----------------------------------------------------------------------------------------------------

    def _units(self, data: bytes, shaped: Shaped, state: FileState) -> Offsets:
        """Return the lines that say something of their own: heads of records, and lines without a stamp that are
        neither indented nor part of a traceback. One bad stamp must not make a thousand lines one record."""
        starts = shaped.starts
        within = _in_tracebacks(shaped, is_open=state.is_in_traceback)
        state.is_in_traceback = bool(within[-1]) or bool(_last_has_traceback(shaped))
        first = np.frombuffer(data, np.uint8)[np.minimum(starts, len(data) - 1)]
        loose = ~_INDENTED[first] & ~within & (shaped.ends > starts)
        rows: Offsets = np.flatnonzero((shaped.is_head | loose) & (shaped.ends > starts))
        return rows

    def _mine(self, data: bytes, shaped: Shaped, rows: Offsets) -> Ids:
        return self.miner.take(data, shaped.body_starts[rows], shaped.body_ends[rows])

    def _levels_of(self, block: _Block, state: FileState) -> Offsets:
        """Return the level of each row: its own in JSON, by its response code in an access log, else its form's."""
        forms, sheets = block.forms, self.sheets
        if len(forms):
            sheets.grow(int(forms.max()) + 1)
        while len(unknown := np.flatnonzero(sheets.level[forms] < 0)):
            for row in unknown[:1024].tolist():
                if int(forms[row]) not in sheets.by_form:
                    sheets.put(int(forms[row]), _sheet_of(block.line(row)))
        levels = sheets.level[forms].astype(np.int64)
        is_json = np.flatnonzero(np.frombuffer(block.data, np.uint8)[block.starts] == ord("{"))
        if len(is_json):
            own = self._levels.read(block.data, block.starts[is_json], block.ends[is_json])
            levels[is_json] = np.where(own > UNKNOWN, own, levels[is_json])
        for anchor, rows in sheets.groups(forms, 1):
            code = codes(block.data, places(block.data, anchor, block.starts[rows], block.ends[rows]))
            self._refuse(block, rows[(code == 401) | (code == 403)], state)
            bare = levels[rows] == UNKNOWN
            levels[rows[bare]] = np.where(code[bare] >= 500, ERROR, np.where(code[bare] > 0, INFO, UNKNOWN))
        return levels

    def _refuse(self, block: _Block, rows: Offsets, state: FileState) -> None:
        """Count lines with a response code that refuses. Forms whose words say so are counted as a whole, in the end."""
        for form, mine in grouped(block.forms[rows]):
            if not self.sheets.by_form[form].is_refusal:
                times = self.refusals.setdefault(form, Times())
                times.place = times.place or self._place(block, int(rows[mine[0]]), state)
                _add(times, block.seconds[rows[mine]])

    def _keep_examples(self, block: _Block, slots: Offsets, state: FileState) -> None:
        new = np.flatnonzero(~self.slots.is_met[slots])
        for row in new.tolist():
            slot = int(slots[row])
            if not self.slots.is_met[slot]:
                self.slots.is_met[slot] = True
                if len(self.examples) < _EXAMPLES:
                    self.examples[slot] = self._place(block, row, state)

    def _measure(self, block: _Block) -> None:
        for anchor, rows in self.sheets.groups(block.forms, 2):
            starts, ends = block.starts[rows], block.ends[rows]
            seconds = durations(block.data, anchor, places(block.data, anchor, starts, ends), ends)
            for form, mine in grouped(block.forms[rows]):
                bins = self.durations.get(form)
                if bins is not None or len(self.durations) < _TIMED:
                    found = binned(seconds[mine])
                    self.durations[form] = found if bins is None else bins + found

    def _keep_exceptions(self, exceptions: Sequence[Found], block: _Block, state: FileState) -> None:
        for found in exceptions:
            line = found.line - state.lines
            if line < 0:
                self._keep_exception(found, state.open_form, state.open_second, state.open_place)
                continue
            row = int(np.searchsorted(block.rows, line))
            if row < len(block.rows) and block.rows[row] == line:
                kept = self._keep_exception(found, int(block.forms[row]), int(block.seconds[row]), None)
                if kept is not None and kept.place is None:
                    kept.place = self._place(block, row, state)

    def _keep_exception(self, found: Found, form: int, second: int, place: Place | None) -> Times | None:
        """Count an exception, and return what is kept of its kind; None for nothing."""
        if form < 0:
            return None  # its record is outside of the window, or was not asked for
        raised = found.raised
        own = raised.own
        where = f"{own.file}:{own.line} in {own.function}" if own is not None else ""
        key = (form, raised.type, where)
        kept = self.raised.get(key)
        if kept is None:
            if len(self.raised) >= _EXCEPTIONS:
                self.raised_more += 1
                return None
            kept = self.raised[key] = RaisedTimes(Times(place=place), Raised(raised.type, raised.message, own))
        kept.times.add(1, second, second)
        return kept.times

    def _keep_hits(self, hits: Hits, block: _Block, state: FileState) -> None:
        """Count the records in which each signature stands, whichever of their lines it is in."""
        if not len(hits.lines):
            return
        record = np.searchsorted(block.units, hits.lines, side="right") - 1
        is_kept = np.append(block.is_kept, state.is_kept)[record]  # -1: the record that the last block left open
        for signature in np.flatnonzero(np.bincount(hits.signatures[is_kept])).tolist():
            mine = is_kept & (hits.signatures == signature)
            if signature in state.open_known:
                mine &= record >= 0
            at = np.flatnonzero(mine)
            at = at[np.flatnonzero(np.diff(record[at], prepend=-2))]
            if len(at):
                times = self.known.setdefault(signature, Times())
                times.place = times.place or self._line_place(block, int(hits.lines[at[0]]), state)
                _add(times, _sane(block.shaped.seconds[hits.lines[at]]))
        is_last = is_kept & (record == len(block.units) - 1)
        kept = state.open_known if not len(block.units) else set()
        state.open_known = kept | set(hits.signatures[is_last].tolist())

    def _remember_last(self, block: _Block, state: FileState) -> None:
        """Keep what the last record is, for what comes with it in the next block."""
        if len(block.units):
            state.is_kept = bool(block.is_kept[-1])
        heads = np.flatnonzero(block.shaped.is_head)
        if not len(heads):
            return
        row = int(np.searchsorted(block.rows, heads[-1]))
        state.open_form = -1
        if row < len(block.rows) and block.rows[row] == heads[-1]:
            state.open_form, state.open_second = int(block.forms[row]), int(block.seconds[row])
            state.open_place = self._place(block, row, state)

    def _note_moments(self, state: FileState, block: _Block) -> None:
        dated = block.shaped.seconds >= 0
        if dated.any():
            seconds = block.shaped.seconds[dated]
            state.first, state.last = min(state.first, int(seconds.min())), max(state.last, int(seconds.max()))
        self.totals.dated += int(np.count_nonzero(block.seconds >= 0))
        self.totals.zoned += int(np.count_nonzero(block.shaped.is_zoned[block.rows] & (block.seconds >= 0)))

    def _place(self, block: _Block, row: int, state: FileState) -> Place:
        return self._line_place(block, int(block.rows[row]), state)

    def _line_place(self, block: _Block, line: int, state: FileState) -> Place:
        begin, end = int(block.shaped.starts[line]), int(block.shaped.ends[line])
        number = state.lines_before + state.lines + line
        text = block.data[begin : min(end, begin + EXAMPLE_BYTES)]
        return Place(self._names.index(state.name), number, int(block.offsets[line]), text)

    # --- two passes ---------------------------------------------------------------------------------------------------

    def merge(self, other: LogPass) -> None:
        """Take over what another pass found in what comes after; of a file that both read, it began at a stamp."""
        self.end()
        other.end()
        before = {name: facts.lines for name, facts in self.files.items()}
        moved = _Moved(self._numbers(other), [before.get(name, 0) for name in other._names])
        mapped = self.miner.merge(other.miner)
        size = int(mapped.max()) + 1 if len(mapped) else 0
        self.sheets.grow(size)
        self.slots.grow(len(self.sheets.level))
        self.tally.merge(other.tally, mapped)
        self.slots.merge(other.slots, mapped)
        for form, sheet in other.sheets.by_form.items():
            self.sheets.put(int(mapped[form]), sheet)
        self._merge_examples(other, mapped, moved)
        self._merge_raised(other, mapped, moved)
        for form, bins in other.durations.items():
            mine = int(mapped[form])
            self.durations[mine] = self.durations.get(mine, np.zeros(BINS, np.int64)) + bins
        for form, times in other.refusals.items():
            self.refusals.setdefault(int(mapped[form]), Times()).merge(times, moved.place(times.place))
        for signature, times in other.known.items():
            self.known.setdefault(signature, Times()).merge(times, moved.place(times.place))
        self._merge_files(other)

    def _numbers(self, other: LogPass) -> list[int]:
        for name in other._names:
            if name not in self.files:
                self.files[name] = FileFacts()
                self._names.append(name)
        return [self._names.index(name) for name in other._names]

    def _merge_examples(self, other: LogPass, mapped: Ids, moved: _Moved) -> None:
        for slot, place in other.examples.items():
            mine = int(mapped[slot >> LEVEL_BITS]) << LEVEL_BITS | slot & ((1 << LEVEL_BITS) - 1)
            if mine not in self.examples and len(self.examples) < _EXAMPLES:
                found = moved.place(place)
                assert found is not None
                self.examples[mine] = found

    def _merge_raised(self, other: LogPass, mapped: Ids, moved: _Moved) -> None:
        self.raised_more += other.raised_more
        for (form, kind, where), theirs in other.raised.items():
            key = (int(mapped[form]), kind, where)
            mine = self.raised.get(key)
            if mine is None and len(self.raised) >= _EXCEPTIONS:
                self.raised_more += theirs.times.count
                continue
            if mine is None:
                mine = self.raised[key] = RaisedTimes(Times(), theirs.raised)
            mine.times.merge(theirs.times, moved.place(theirs.times.place))

    def _merge_files(self, other: LogPass) -> None:
        for name, theirs in other.files.items():
            mine = self.files[name]
            mine.is_out_of_order |= theirs.is_out_of_order
            mine.lines += theirs.lines
            mine.size_bytes += theirs.size_bytes
            mine.last = max(mine.last, theirs.last)
        for trouble in other.totals.trouble.values():
            self.note(trouble)
        self.totals.kept += other.totals.kept
        self.totals.zoned += other.totals.zoned
        self.totals.dated += other.totals.dated

    def name_of(self, place: Place) -> str:
        """Return the file of a place."""
        return self._names[place.file]

    def __getstate__(self) -> dict[str, object]:
        """Return all but the compiled signatures, for another process."""
        self.end()
        return {**self.__dict__, "_scanner": None}


@dataclass(frozen=True, slots=True)
class _Moved:
    """Where the places of another pass are in this one."""

    files: Sequence[int]
    lines: Sequence[int]

    def place(self, place: Place | None) -> Place | None:
        if place is None:
            return None
        return Place(self.files[place.file], place.line + self.lines[place.file], place.offset, place.text)


class _Block:
    """A block with its units, lines that say something of their own, and of those the `rows` that are asked for."""

    __slots__ = ("data", "ends", "forms", "is_kept", "offsets", "rows", "seconds", "shaped", "starts", "units")

    def __init__(
        self, data: bytes, offsets: Offsets, shaped: Shaped, units: Offsets, is_kept: npt.NDArray[np.bool_]
    ) -> None:
        self.data, self.offsets, self.shaped, self.units, self.is_kept = data, offsets, shaped, units, is_kept
        self.rows: Offsets = units[is_kept]
        self.starts, self.ends = shaped.starts[self.rows], shaped.ends[self.rows]
        self.seconds = _sane(shaped.seconds[self.rows])
        self.forms: Ids = np.empty(0, np.int32)

    def line(self, row: int) -> bytes:
        begin, end = int(self.starts[row]), int(self.ends[row])
        return self.data[begin:end][:_LOOKED_AT_BYTES].rstrip(b"\r")


def _sheet_of(line: bytes) -> Sheet:
    level = int(fields_of(line.decode("utf-8", "replace")).level) + 1
    small = line.lower()
    is_refusal = any(word in small for word in _REFUSAL_WORDS) and _REFUSAL.search(small) is not None
    return Sheet(level, status_anchor(line), duration_anchor(line), is_refusal)


def _braced(data: bytes, starts: Offsets, ends: Offsets) -> list[int]:
    """Return what `unwrap.braced_lines` does."""
    chars = np.frombuffer(data, np.uint8)
    last = ends - 1
    last -= chars[last] == ord("\r")
    found = (chars[last] == ord("}")) & (last >= starts) & (chars[starts] != ord("{"))
    begins: list[int] = starts[found].tolist()
    return begins


def _sane(seconds: Offsets) -> Offsets:
    """Return -1 for what is no moment: before 1970, or so late that it is no stamp."""
    found: Offsets = np.where((seconds >= 0) & (seconds < _LATEST_S), seconds, -1)
    return found


def _add(times: Times, seconds: Offsets) -> None:
    dated = seconds[seconds >= 0]
    first, last = (int(dated.min()), int(dated.max())) if len(dated) else (-1, -1)
    times.add(len(seconds), first, last)


def _in_tracebacks(shaped: Shaped, *, is_open: bool) -> npt.NDArray[np.bool_]:
    """Say which lines follow the beginning of a traceback within its record."""
    starts = shaped.starts
    within = np.zeros(len(starts), np.bool_)
    heads = np.flatnonzero(shaped.is_head)
    if is_open:
        within[: heads[0] if len(heads) else len(starts)] = True
    if len(shaped.tracebacks):
        lines = np.searchsorted(starts, shaped.tracebacks, side="right") - 1
        ends = np.append(heads, len(starts))[np.searchsorted(heads, lines, side="right")]
        depth = np.zeros(len(starts) + 1, np.int64)
        np.add.at(depth, lines + shaped.is_head[lines], 1)
        np.add.at(depth, ends, -1)
        within |= np.cumsum(depth[:-1]) > 0
    return within


def _last_has_traceback(shaped: Shaped) -> bool:
    heads = np.flatnonzero(shaped.is_head)
    return bool(len(heads) and len(shaped.tracebacks) and shaped.tracebacks[-1] >= shaped.starts[heads[-1]])
