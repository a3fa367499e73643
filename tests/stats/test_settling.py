"""How many more rankings would settle a pair."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stats.intervals import jeffreys_interval
from harness.stats.settling import MOST, preference_is_settled, rankings_to_settle


@pytest.mark.parametrize(
    ("n_for", "n_against"), [(4, 0), (3, 0), (9, 2), (8, 2), (60, 40), (58, 42), (30, 31), (0, 5)]
)
def test_settled_is_a_jeffreys_interval_without_one_half(n_for: int, n_against: int) -> None:
    """The shortcut through the distribution function says what the interval's ends say."""
    found = jeffreys_interval(n_for, n_for + n_against, n_least=1)
    assert preference_is_settled(n_for, n_against) == (not found.low <= 0.5 <= found.high)


def test_few_people_by_hand() -> None:
    """Unanimous: Beta(4.5, 0.5) has .015 below one half, Beta(3.5, 0.5) .03: four settle, three do not."""
    assert [rankings_to_settle(n, 0) for n in (1, 2, 3, 4)] == [3.0, 2.0, 1.0, 0.0]


def test_an_even_split_is_settled_by_no_number() -> None:
    """Half and half stays half and half, and so does a lead that ten thousand more would not show."""
    assert math.isinf(rankings_to_settle(7, 7))
    assert math.isinf(rankings_to_settle(5_001, 5_000))


@given(st.integers(0, 40), st.integers(0, 40))
def test_the_answer_is_the_smallest_number(n_for: int, n_against: int) -> None:
    """With so many more at the same ratio the pair is settled, with one fewer it is not."""
    more = rankings_to_settle(n_for, n_against)
    assert more == rankings_to_settle(n_against, n_for)
    if math.isinf(more):
        return
    n_seen = n_for + n_against
    assert 0 <= more <= MOST
    grown = (n_seen + more) / n_seen
    assert preference_is_settled(n_for * grown, n_against * grown)
    if more:
        fewer = (n_seen + more - 1) / n_seen
        assert not preference_is_settled(n_for * fewer, n_against * fewer)
