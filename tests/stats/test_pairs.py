"""A ranking as pair signs, thermometer, dense grades, tiers and mid-ranks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import rankdata

from harness.errors import UndefinedStatisticError
from harness.stats import agreement, pairs

NAN = float("nan")
stacks = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 5), st.integers(2, 6)),
    elements=st.integers(1, 5).map(float),
)


def test_mid_ranks_equal_scipys() -> None:
    """Mid-ranks are scipy's average ranks of the grades, so 1 is the worst place."""
    grades = np.array([[4.0, 2, 2, 1], [1, 1, 1, 7], [3, 9, 5, 3]])
    assert np.array_equal(pairs.mid_ranks(grades), rankdata(grades, axis=1))


def test_pair_signs_by_hand() -> None:
    """Signs follow the pairs (0,1), (0,2), (1,2) and call a missing pair missing, not tied."""
    signs, missing = pairs.pair_signs(np.array([[4, 1, 4], [2, NAN, 1]]))
    assert signs.tolist() == [[1, 0, -1], [0, 1, 0]]
    assert missing.tolist() == [[False, False, False], [True, False, True]]
    assert signs.dtype == np.int8


def test_thermometer_by_hand() -> None:
    """First come the "at least as good" columns, then the "strictly better" ones."""
    # grades 4, 1, 4: signs +, 0, - → u = 1, 1, 0 and v = 1, 0, 0
    assert pairs.thermometer([4, 1, 4]).tolist() == [1, 1, 0, 1, 0, 0]


def test_missing_pairs_are_nan_in_both_halves_of_the_thermometer() -> None:
    """A pair that is not ranked is never coded as an opinion."""
    assert np.isnan(pairs.thermometer([2, NAN, 1])).tolist() == [True, False, True] * 2


def test_dense_grades_keep_the_order_and_close_the_gaps() -> None:
    """Grades 4,4,2,1 and 3,3,2,1 are the same ranking; NaN stays NaN."""
    dense = pairs.dense_grades(np.array([[4, 4, 2, 1], [30, 30, 2, 1], [NAN, 7, 3, 7]]))
    assert dense[0].tolist() == dense[1].tolist() == [3, 3, 2, 1]
    assert np.isnan(dense[2, 0])
    assert dense[2, 1:].tolist() == [2, 1, 2]


def test_tiers_are_listed_best_first_without_the_unranked() -> None:
    """The first tier holds the answers with the highest grade."""
    assert pairs.tiers([3, 1, NAN, 3, 2]) == ((0, 3), (4,), (1,))


def test_mid_ranks_ignore_the_unranked() -> None:
    """Places are counted among the ranked answers only."""
    places = pairs.mid_ranks([5, NAN, 5, 1])
    assert np.isnan(places[1])
    assert places[[0, 2, 3]].tolist() == [2.5, 2.5, 1]


def test_tie_share_counts_only_ranked_pairs() -> None:
    """With one answer missing, three pairs of four answers remain, one of them tied."""
    assert pairs.tie_share(np.array([[2, 2, 1, NAN], [2, 2, 1, 1]])).tolist() == pytest.approx([1 / 3, 2 / 6])


@given(stacks)
def test_thermometer_distance_is_the_kemeny_distance(grades: np.ndarray) -> None:
    """Squared Euclidean distance of thermometers equals the Kemeny distance, exactly."""
    columns = pairs.thermometer(grades)
    squared = ((columns[0] - columns[1]) ** 2).sum()
    assert squared == agreement.kemeny_distance(grades[0], grades[1])


@given(stacks)
def test_only_the_order_counts(grades: np.ndarray) -> None:
    """Dense grades, mid-ranks and tie share do not change when grades are stretched."""
    stretched = grades**3 + 2.0
    assert np.array_equal(pairs.dense_grades(grades), pairs.dense_grades(stretched))
    assert np.array_equal(pairs.mid_ranks(grades), pairs.mid_ranks(stretched))
    assert np.array_equal(pairs.pair_signs(grades)[0], pairs.pair_signs(stretched)[0])


@given(stacks)
def test_reversing_negates_the_signs(grades: np.ndarray) -> None:
    """Turning a ranking round turns every pair sign round."""
    assert np.array_equal(pairs.pair_signs(-grades)[0], -pairs.pair_signs(grades)[0])


def test_one_answer_has_no_pairs() -> None:
    """With a single answer the pair statistics are undefined, in words."""
    with pytest.raises(UndefinedStatisticError, match="no pair"):
        pairs.pair_signs([[3.0]])


def test_tie_share_of_an_unranked_case_is_undefined() -> None:
    """One ranking without two ranked answers raises; in a stack it is NaN."""
    with pytest.raises(UndefinedStatisticError, match="fewer than two"):
        pairs.tie_share([NAN, 3, NAN])
    assert np.isnan(pairs.tie_share(np.array([[NAN, 3, NAN], [1, 1, 2]]))).tolist() == [True, False]


def test_infinite_grades_are_refused() -> None:
    """Infinity is a mistake of the caller, not a missing grade."""
    with pytest.raises(ValueError, match="infinite"):
        pairs.mid_ranks([1.0, np.inf])
