"""What is drawn depends on the seed, on nothing else, and does vary."""

from __future__ import annotations

from dataclasses import fields

import pytest

from crashcart_lab import drill, noise
from crashcart_lab.errors import LabError
from crashcart_lab.faults import ALIKE, FAULTS, Fault


def test_the_same_seed_draws_the_same_setting_and_ten_seeds_vary_every_part_of_it():
    drawn = [noise.draw_setting(seed) for seed in range(10)]

    assert drawn == [noise.draw_setting(seed) for seed in range(10)]
    for field in fields(noise.Setting):
        assert len({getattr(one, field.name) for one in drawn}) > 1, field.name


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_ten_seeds_meet_every_variant_of_a_fault(fault: Fault):
    """We develop on seeds 0-9; a variant they never meet would first be met by the score."""
    few = [fault.draw(drill.chance(fault, seed=seed)) for seed in range(10)]
    many = [fault.draw(drill.chance(fault, seed=seed)) for seed in range(300)]

    assert few == many[:10]
    for name in many[0]:
        variants = {one[name] for one in many}
        if len(variants) <= 4:
            assert {one[name] for one in few} == variants, name


def test_every_failing_client_run_ends_before_the_client_gives_up():
    """Two tries of the longest timeout and a pause, for all jobs at once, must fit into its patience."""
    settings = [noise.draw_setting(seed) for seed in range(200)]

    assert max(one.openai_timeout_s for one in settings) * 2 + 1 < 10
    assert max(one.sqlite_busy_timeout_s for one in settings) * 3 < 10


def test_without_a_name_the_seed_chooses_one_of_those_that_look_alike():
    assert {drill.choose(None, seed=seed).name for seed in range(300)} == {fault.name for fault in ALIKE}
    assert {drill.choose("", seed=seed, is_any=True).name for seed in range(900)} == {fault.name for fault in FAULTS}
    assert drill.choose(None, seed=5) is drill.choose("", seed=5)
    with pytest.raises(LabError, match="no fault 'rate-limit'"):
        drill.choose("rate-limit", seed=0)
