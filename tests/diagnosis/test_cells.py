"""Several claims over one look weigh once."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from crashcart.diagnosis.cells import Shift, Stake, telling, weigh, weigh_shifts

STEADY = settings(deadline=None, derandomize=True, database=None)
# Claim 0 implies 1 implies 2; claim 3 stands alone.
IMPLIED = (frozenset({0, 1, 2}), frozenset({1, 2}), frozenset({2}), frozenset({3}))
POSSIBLE = [
    (*chain, other)
    for chain in ((True, True, True), (False, True, True), (False, False, True), (False, False, False))
    for other in (True, False, None)
]


def stake(claim, h, f=0.005):
    return Stake(claim, h, f, False)


def log(stakes, truths):
    return weigh(telling(stakes, IMPLIED), truths, IMPLIED).log


def test_one_claim_weighs_as_the_formula_says():
    assert math.isclose(log([stake(0, 0.85)], (True,) * 4), math.log((1 - 0.995 * 0.15) / 0.005))
    assert math.isclose(log([stake(0, 0.85)], (False,) * 4), math.log(0.15))
    assert log([stake(0, 0.85)], (None,) * 4) == 0.0


@STEADY
@given(st.floats(0.01, 0.99), st.floats(0, 1), st.floats(0.001, 0.3), st.floats(0.001, 0.3), st.sampled_from(POSSIBLE))
def test_a_weaker_claim_that_is_not_likelier_changes_nothing(h, part, f, other_f, truths):
    for narrow, wide in ((0, 1), (0, 2), (1, 2)):
        alone = log([stake(narrow, h, f)], truths)
        both = log([stake(narrow, h, f), stake(wide, max(0.0001, h * part), other_f)], truths)
        assert math.isclose(alone, both, abs_tol=1e-9)


@STEADY
@given(st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3), st.floats(0.01, 0.99), st.sampled_from(POSSIBLE))
def test_a_cell_never_weighs_more_than_the_strongest_single_claim(likelihoods, other, truths):
    """Never a product: the whole lies within what the claims say one by one."""
    stakes = telling([*(stake(i, h) for i, h in enumerate(likelihoods)), stake(3, other)], IMPLIED)
    whole = weigh(stakes, truths, IMPLIED).log
    singly = [weigh([one], truths, IMPLIED).log for one in stakes]
    assert min(*singly, 0.0) - 1e-9 <= whole <= max(*singly, 0.0) + 1e-9


def test_at_least_500_but_not_the_expected_503_is_less_than_at_least_500():
    wide, narrow = stake(1, 0.95), stake(0, 0.9)
    whole = log([wide, narrow], (False, True, True, None))
    assert log([narrow], (False, True, True, None)) < whole < log([wide], (False, True, True, None))


def test_a_wider_claim_between_two_is_left_out_unless_it_is_likelier():
    """Tried and found: it would move weight from "at least 400" to "at least 500" without the guide saying so."""
    narrow, between, wide = stake(0, 0.3), stake(1, 0.3), stake(2, 0.6)
    truths = (False, True, True, None)
    assert log([narrow, between, wide], truths) == log([narrow, wide], truths)
    assert telling([narrow, stake(1, 0.31), wide], IMPLIED) == (narrow, stake(1, 0.31), wide)


def test_a_wide_claim_that_is_hardly_likelier_is_floored_by_the_narrow_one():
    """As the two likelihoods meet, "500 and not 503" comes to what "not 503" says, and not to impossible."""
    narrow, truths = stake(0, 0.85), (False, True, True, None)
    assert math.isclose(log([narrow, stake(1, 0.85 + 1e-9)], truths), log([narrow], truths))


def test_never_speaks_against_when_seen_and_hardly_for_when_not():
    never = Shift(0, 0.01, 0.3)
    assert math.isclose(weigh_shifts([never], (True,))[0], math.log(0.01 / 0.3))
    assert math.isclose(weigh_shifts([never], (False,))[0], math.log(0.99 / 0.7))
    assert weigh_shifts([never], (None,)) == (0.0, None)
