"""`crashcart guide tell-apart`, as whoever writes guides runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Shop


def test_causes_with_evidence_of_their_own_are_fine(shop: Shop) -> None:
    ran = shop.run("guide", "tell-apart")

    assert ran.code == 0
    assert ran.out.startswith("Every pair of ")


def test_two_causes_with_the_same_evidence_are_named_with_what_to_do(shop: Shop) -> None:
    guide = shop.folder / "shop.md"
    guide.write_text(guide.read_text().replace("warehouse timed out", "warehouse said 403"))

    ran = shop.run("guide", "tell-apart")

    assert ran.code == 1
    assert "the warehouse refuses us (shop:shop.warehouse-refuses)  " in ran.out
    assert "the warehouse is slow (shop:shop.warehouse-slow)  " in ran.out
    assert "all looks together tell 0.0 dB" in ran.out
    assert "to do: give one of them evidence that the other cannot have" in ran.out
