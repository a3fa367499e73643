"""Shares of comparisons won, and mean places, case by case."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.stats import standings
from harness.stats.stages import histogram, pool_rankings
from harness.stats.standings import mean_places, win_shares

NAN = float("nan")


def test_shares_and_places_by_hand() -> None:
    """Case 0: 3 > 2 = 1 twice, and reversed once; case 1: only items 0 and 1, a tie."""
    rankings = np.array([[3, 1, 1], [3, 1, 1], [1, 3, 3], [2, 2, NAN]])
    pool = pool_rankings(rankings, clusters=[0, 0, 0, 1])
    # Item 0 wins 4 of 6 comparisons; item 1 half of three ties and one of three against 0: (1 + 1.5) / 6.
    assert win_shares(pool, 3)[0] == pytest.approx([4 / 6, 2.5 / 6, 2.5 / 6])
    assert win_shares(pool, 3)[1, :2].tolist() == [0.5, 0.5]
    assert np.isnan(win_shares(pool, 3)[1, 2])
    # Item 0 stands at 3, 3, 1; item 1 at 1.5, 1.5, 2.5.
    assert mean_places(pool, 3)[0] == pytest.approx([7 / 3, 5.5 / 3, 5.5 / 3])
    assert mean_places(pool, 3)[1, :2].tolist() == [1.5, 1.5]


def test_two_answers_of_one_item_are_not_compared() -> None:
    """Items 0, 0, 1 in places 3, 1, 2: item 0 wins one of its two comparisons."""
    pool = pool_rankings([[3, 1, 2]], [[0, 0, 1]])
    assert win_shares(pool, 2).tolist() == [[0.5, 0.5]]
    assert mean_places(pool, 2).tolist() == [[2.0, 2.0]]


@given(
    hnp.arrays(np.float64, (6, 4), elements=st.sampled_from([1.0, 2.0, 3.0, NAN])),
    st.lists(st.integers(0, 2), min_size=6, max_size=6),
)
def test_counting_distinct_rankings_once_changes_nothing(grades: np.ndarray, cases: list[int]) -> None:
    """The histogram gives the same shares, and the shares of complete cases average one half."""
    pool = pool_rankings(grades, clusters=cases)
    shares = win_shares(pool, 4)
    assert win_shares(histogram(pool), 4) == pytest.approx(shares, nan_ok=True)
    complete = pool_rankings(np.nan_to_num(grades, nan=2.0), clusters=cases)
    assert win_shares(complete, 4).mean(axis=1) == pytest.approx(0.5)


def test_blocks_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """More rankings than fit into a block give what one block gives."""
    pool = pool_rankings(np.random.default_rng(2).integers(1, 4, (50, 3)), clusters=np.arange(50) % 7)
    whole = win_shares(pool, 3)
    monkeypatch.setattr(standings, "BLOCK", 8)
    assert win_shares(pool, 3) == pytest.approx(whole)
