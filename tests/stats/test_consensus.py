"""Borda and Kemeny consensus."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.errors import UndefinedStatisticError
from harness.stats import agreement, consensus, pairs

NAN = float("nan")


def weak_orders(n_answers: int) -> np.ndarray:
    """Every ranking with ties of so many answers, as dense grades, in lexicographic order."""
    every = np.array(list(itertools.product(range(1, n_answers + 1), repeat=n_answers)), float)
    return np.unique(pairs.dense_grades(every), axis=0)


def grades(*rankings: str) -> np.ndarray:
    """Orders written with 1 = best, as grades."""
    return np.array([[-float(place) for place in ranking] for ranking in rankings])


def mean_tau(medians: np.ndarray, group: np.ndarray) -> list[float]:
    """Each median's mean tau_x with the group."""
    return [float(agreement.tau_x(median, group).mean()) for median in medians]


@pytest.mark.parametrize(("n_answers", "fubini"), [(2, 3), (3, 13), (4, 75), (5, 541)])
def test_number_of_weak_orders(n_answers: int, fubini: int) -> None:
    """The brute force that checks the search really lists all weak orders (Fubini numbers)."""
    assert len(weak_orders(n_answers)) == fubini


def test_case_h_has_five_medians(six_people: np.ndarray) -> None:
    """The five orders of ConsRank for case H, each with mean tau_x .4166667."""
    medians = consensus.kemeny_medians(six_people)
    expected = pairs.dense_grades(grades("1122", "1123", "1223", "1233", "1234"))
    assert sorted(map(tuple, medians)) == sorted(map(tuple, expected))
    assert mean_tau(medians, six_people) == pytest.approx([0.4166667] * 5, abs=1e-7)


def test_condorcet_cycle_has_three_medians() -> None:
    """123, 231, 312 are equally good, with mean tau_x 1/9 (ConsRank)."""
    cycle = grades("123", "231", "312")
    medians = consensus.kemeny_medians(cycle)
    assert sorted(map(tuple, medians)) == sorted(map(tuple, pairs.dense_grades(cycle)))
    assert mean_tau(medians, cycle) == pytest.approx([1 / 9] * 3)


def test_a_median_may_hold_ties() -> None:
    """1122, 1122, 1213, 2133, 1111 have the one median 1122, mean tau_x 2/3 (ConsRank)."""
    group = grades("1122", "1122", "1213", "2133", "1111")
    medians = consensus.kemeny_medians(group)
    assert medians.tolist() == [[2, 2, 1, 1]]
    assert mean_tau(medians, group) == pytest.approx([2 / 3])


def test_borda_of_case_h(six_people: np.ndarray) -> None:
    """Mean mid-ranks of methods.md §1.5, 4 = best."""
    assert consensus.borda(six_people).tolist() == pytest.approx([3.25, 2.75, 2.25, 1.75])


@given(
    st.integers(2, 4).flatmap(
        lambda k: hnp.arrays(
            np.float64,
            st.tuples(st.integers(1, 5), st.just(k)),
            elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, NAN]),
        )
    )
)
def test_medians_are_those_of_trying_every_order(group: np.ndarray) -> None:
    """The subset search returns all of, and only, the orders that brute force finds."""
    orders = weak_orders(group.shape[1])
    distance = np.nansum(np.array([_distances(order, group) for order in orders]), axis=1)
    expected = orders[distance == distance.min()]
    assert np.array_equal(consensus.kemeny_medians(group), expected)


def _distances(order: np.ndarray, group: np.ndarray) -> list[float]:
    return [float(agreement.kemeny_distance(order[None], one[None])[0]) for one in group]


def test_ten_answers_are_searched_exactly() -> None:
    """Ten answers: nine people with one order and one with another give the first order back."""
    majority = [3.0, 1, 4, 10, 5, 9, 2, 6, 8, 7]
    group = np.array([majority] * 9 + [sorted(majority)])
    assert consensus.kemeny_medians(group).tolist() == [majority]


def test_too_many_medians_are_counted_not_listed() -> None:
    """Two opposite orders of ten answers leave all 102,247,563 weak orders equally good."""
    up = list(range(10))
    with pytest.raises(UndefinedStatisticError, match="102247563 orders"):
        consensus.kemeny_medians([up, up[::-1]])


@pytest.mark.parametrize("shape", [(0, 3), (2, 1), (2, 11)])
def test_medians_outside_the_range_are_undefined(shape: tuple[int, int]) -> None:
    """No ranking, one answer, or eleven answers give a reason, not a median."""
    with pytest.raises(UndefinedStatisticError):
        consensus.kemeny_medians(np.ones(shape))


def test_borda_of_an_answer_that_nobody_ranked_is_undefined() -> None:
    """An answer without any grade has no place."""
    with pytest.raises(UndefinedStatisticError, match="nobody"):
        consensus.borda([[1, NAN, 2], [2, NAN, 1]])
    assert consensus.borda(np.array([[1, NAN, 2], [2, 3, 1]])).tolist() == [1.5, 3, 1.5]
