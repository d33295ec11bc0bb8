"""The miner: exact counts, however the lines come; bounded memory, whatever they are."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from crashcart.logs.mining import Caps, Miner

sys.path.insert(0, str(Path(__file__).parent))
from generated import labelled

LOG = labelled(3_000, 11)
SMALL = Caps(forms=256, ids=2_048, size_bytes=64 << 10, recent=256, recent_bytes=64 << 10)


def _mined(*blocks: bytes, caps: Caps | None = None) -> Miner:
    miner = Miner(caps)
    for block in blocks:
        miner.feed(block)
    return miner


def _cut(block: bytes, parts: int, seed: int) -> list[bytes]:
    lines = block.splitlines(keepends=True)
    cuts = sorted(random.Random(seed).choices(range(len(lines) + 1), k=parts - 1))
    return [b"".join(lines[a:b]) for a, b in pairwise([0, *cuts, len(lines)])]


def test_every_line_is_counted_once() -> None:
    miner = _mined(LOG.block)

    assert miner.lines == len(LOG.lines) == sum(template.count for template in miner.result())
    assert not miner.is_crowded
    assert miner.overflow_lines == 0


@pytest.mark.parametrize("seed", range(6))
def test_blocks_may_be_cut_at_any_newline(seed: int) -> None:
    whole = _mined(LOG.block)
    cut = _mined(*_cut(LOG.block, 9, seed))

    assert cut.result() == whole.result()
    assert np.array_equal(cut.places(), whole.places())


@pytest.mark.parametrize("seed", range(6))
def test_parts_merged_in_order_give_what_one_pass_gives(seed: int) -> None:
    """Files are mined by several processes; the answer must not tell how many."""
    whole = _mined(LOG.block)
    first, *others = (_mined(part) for part in _cut(LOG.block, 4, seed))
    for other in others:
        first.merge(other)

    assert first.result() == whole.result()
    assert np.array_equal(first.places(), whole.places())


def test_merging_tells_what_became_of_the_ids() -> None:
    one, two = _mined(b"other 1\n"), Miner()
    ids = two.feed(LOG.block)
    texts = [two.template_of(i).text for i in ids[:50].tolist()]

    mapped = one.merge(two)[ids]

    assert [one.template_of(i).text for i in mapped[:50].tolist()] == texts


def test_counts_kept_by_form_add_up_by_template() -> None:
    """The pass keeps counts by form id and minute, and asks for templates at the end."""
    miner = Miner()
    seen = np.zeros(100_000, dtype=np.int64)
    for block in _cut(LOG.block, 5, 1):
        ids = miner.feed(block)
        seen += np.bincount(ids, minlength=seen.size)

    places = miner.places()
    counts = np.bincount(places, weights=seen[: places.size])

    assert counts.astype(int).tolist() == [template.count for template in miner.result()]


def test_a_last_line_without_newline_counts_and_an_empty_block_does_not() -> None:
    miner = Miner()

    assert miner.feed(b"").tolist() == []
    assert len(miner.feed(b"a\nb")) == 2
    assert len(miner.feed(b"\n\n")) == 2
    assert [(template.text, template.count) for template in miner.result()] == [("", 2), ("a", 1), ("b", 1)]


def test_samples_are_the_first_raw_lines_of_each_form() -> None:
    miner = _mined(b"".join(b"took %d ms\n" % i for i in range(20)))

    (template,) = miner.result()

    assert template.text == "took <*> ms"
    assert template.samples == tuple(b"took %d ms" % i for i in range(8))


def test_samples_are_cut_at_their_cap() -> None:
    (template,) = _mined(b"a" * 5_000 + b"\n").result()

    assert template.samples == (b"a" * Caps().sample_bytes,)


def test_lines_are_read_up_to_four_kib_and_128_words() -> None:
    words = b"w " * 300
    long = b"start " + b"x, " * 3_000

    miner = _mined(words + b"one\n" + words + b"two\n" + long + b"one\n" + long + b"two\n")

    assert [template.count for template in miner.result()] == [2, 2]


def test_a_flood_of_forms_stays_within_the_caps_and_loses_no_line() -> None:
    """A log whose every line is new must not take the machine down, nor falsify a count."""
    chance = random.Random(5)
    flood = [
        f"{chance.randbytes(6).hex(chr(46))} {_word(chance)} {_word(chance)} {_word(chance)}" for _ in range(20_000)
    ]
    lines = [line for one in flood for line in (one, "cash drawer left open")]
    miner = _mined("\n".join(lines).encode(), caps=SMALL)

    forms = miner._forms

    assert miner.is_crowded
    assert len(list(forms.live())) <= SMALL.forms + 1
    assert len(forms) <= SMALL.ids
    assert forms.size_bytes <= 2 * SMALL.size_bytes
    assert sum(template.count for template in miner.result()) == miner.lines == 40_000
    assert {template.text: template.count for template in miner.result()}["cash drawer left open"] == 20_000


def test_a_word_with_endless_values_becomes_a_hole_though_the_miner_is_full() -> None:
    chance = random.Random(6)
    lines = [f"login of {_word(chance)} was accepted" for _ in range(5_000)]
    miner = _mined("\n".join(lines).encode(), caps=SMALL)

    assert miner.is_crowded
    assert [(template.text, template.count) for template in miner.result()] == [("login of <*> was accepted", 5_000)]
    assert miner.overflow_lines == 0


def test_what_finds_no_room_is_counted_as_overflow() -> None:
    chance = random.Random(7)
    lines = [" ".join(_word(chance) for _ in range(chance.randrange(1, 9))) for _ in range(20_000)]
    miner = _mined("\n".join(lines).encode(), caps=SMALL)

    overflow = [template.count for template in miner.result() if template.text == "<*>"]

    assert 0 < miner.overflow_lines <= sum(overflow)
    assert sum(template.count for template in miner.result()) == 20_000


def test_ids_given_before_a_flood_still_lead_to_their_template() -> None:
    chance = random.Random(8)
    miner = Miner(SMALL)
    early = miner.feed(b"cash drawer left open\n" * 50 + b"login of ann was accepted\n")
    miner.feed("\n".join(f"login of {_word(chance)} was accepted" for _ in range(3_000)).encode())

    assert miner.template_of(int(early[0])).text == "cash drawer left open"
    assert miner.template_of(int(early[-1])).text == "login of <*> was accepted"


def test_full_miners_merge_without_losing_a_line() -> None:
    chance = random.Random(9)
    parts = [
        _mined("\n".join(f"{_word(chance)} of {_word(chance)} x{i}y" for i in range(4_000)).encode(), caps=SMALL)
        for _ in range(3)
    ]
    first, *others = parts
    for other in others:
        first.merge(other)

    assert first.lines == 12_000 == sum(template.count for template in first.result())
    assert first.is_crowded


@pytest.mark.parametrize(
    "block",
    [
        b"\x00" * 100 + b"\n",
        b"nul \x00 in the middle\n",
        b"\xff\xfe\xc3\x28 not utf-8\n",
        b"\x01\x02\x03\x1a control\n",
        b"\n" * 1_000,
        b"\r\n\r\n",
        b"x" * 1_000_000 + b"\n",
        b"7" * 1_000_000 + b"\n",
        b"a " * 500_000 + b"\n",
        b"<*> <*>\n",
        "\u2028 line separator, \U0001f600\n".encode(),
        b'="' * 2_000 + b"\n",
        b"1 " * 2_000 + b"\n",
        b"((((((((" * 500 + b"\n",
    ],
)
def test_hostile_lines_are_lines(block: bytes) -> None:
    """What stands in a log is a stranger's text."""
    miner = Miner()

    ids = miner.feed(block * 3)

    assert len(ids) == 3 * block.count(b"\n") == sum(template.count for template in miner.result())
    for template in miner.result():
        template.text.encode()


def test_the_same_lines_give_the_same_bytes_under_any_hash_seed() -> None:
    here = Path(__file__).parent
    program = (
        f"import sys; sys.path.insert(0, {str(here)!r}); from generated import labelled; "
        "from crashcart.logs.mining import Miner; m = Miner(); m.feed(labelled(800, 2).block); print(m.result())"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(told) == 1
    assert "sale <*> closed by <*> at till <*>" in told.pop()


def test_the_id_of_a_template_depends_on_its_text_alone() -> None:
    one, two = _mined(b"took 1 ms\n"), _mined(b"other\ntook 2 ms\ntook 5 ms\n")

    assert one.result()[0].id in {template.id for template in two.result()}
    assert len({template.id for template in _mined(LOG.block).result()}) == len(_mined(LOG.block).result())


def _word(chance: random.Random) -> str:
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randrange(4, 10)))
