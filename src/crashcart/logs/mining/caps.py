"""What a miner may hold: memory stays bounded whatever it is fed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caps:
    """Bounds of one miner. Lines are cut at 4 KiB (folded) and 128 words in any case."""

    forms: int = 32_768  # live forms; beyond, rare ones are generalised
    ids: int = 262_144  # form ids ever given out; beyond, unknown forms are counted as overflow
    size_bytes: int = 48 << 20  # text of live forms and their samples
    samples: int = 8  # raw lines kept per form and shown per template
    sample_bytes: int = 1_024
    recent: int = 32_768  # folded lines remembered, twice over
    recent_bytes: int = 8 << 20
    table: int = 131_072  # folded lines known by a hash alone, 48 bytes each; then it begins anew
