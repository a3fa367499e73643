"""Histograms over orders with ties, for up to five answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.errors import UndefinedStatisticError
from harness.stats import histograms
from harness.stats.agreement import tau_x

NAN = float("nan")
stacks = st.integers(2, 5).flatmap(
    lambda k: hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 3), st.integers(1, 6), st.just(k)),
        elements=st.sampled_from([1.0, 2.0, 3.0, 4.5, NAN]),
    )
)


@pytest.mark.parametrize(("n_answers", "n_orders"), [(2, 3), (3, 13), (4, 75), (5, 541)])
def test_the_number_of_orders(n_answers: int, n_orders: int) -> None:
    """Fubini's numbers, methods.md §0; and no order occurs twice."""
    orders = histograms.weak_orders(n_answers)
    assert orders.shape == (n_orders, n_answers)
    assert len(np.unique(orders, axis=0)) == n_orders


def test_every_order_finds_its_own_bin() -> None:
    """The bin of the i-th order is i, whatever grades write it down."""
    for n_answers in range(2, 6):
        orders = histograms.weak_orders(n_answers)
        assert histograms.order_bins(orders).tolist() == list(range(len(orders)))
        assert histograms.order_bins(orders * 2.5 - 7).tolist() == list(range(len(orders)))


def test_a_histogram_by_hand() -> None:
    """Three orders of two answers: tied, second better, first better; a hole is not counted."""
    case = [[1, 1], [1, 2], [2, 4], [5, 3], [NAN, 3]]
    assert histograms.order_histograms(np.array([case, [[3, 3]] * 5])).tolist() == [[1, 2, 1], [5, 0, 0]]


@given(stacks)
def test_counting_one_by_one_gives_the_same(grades: np.ndarray) -> None:
    """Each complete ranking is counted once, at the order it is at distance 0 from."""
    found = histograms.order_histograms(grades)
    orders = histograms.weak_orders(grades.shape[2])
    for case, counts in zip(grades, found, strict=True):
        complete = case[~np.isnan(case).any(axis=1)]
        expected = np.zeros(len(orders))
        for ranking in complete:
            expected[np.flatnonzero(tau_x(ranking[None], orders) == 1)] += 1
        assert counts.tolist() == expected.tolist()


def test_pair_tables_are_the_signs_of_the_orders() -> None:
    """At least as good and not better is a tie; both tables agree with the grades."""
    orders = histograms.weak_orders(3)
    at_least, above = histograms.pair_tables(3)
    assert at_least[:, 1].tolist() == (orders[:, 0] >= orders[:, 2]).tolist()
    assert (at_least - above)[:, 2].tolist() == (orders[:, 1] == orders[:, 2]).tolist()


def test_the_shared_tables_cannot_be_spoilt() -> None:
    """What is cached for everybody is read-only."""
    with pytest.raises(ValueError, match="read-only"):
        histograms.weak_orders(3)[0, 0] = 9


@pytest.mark.parametrize("n_answers", [1, 6])
def test_other_sizes_are_undefined(n_answers: int) -> None:
    """One answer has no order, and six have too many."""
    with pytest.raises(UndefinedStatisticError, match="2 to 5"):
        histograms.order_bins(np.ones((3, n_answers)))
    with pytest.raises(UndefinedStatisticError):
        histograms.weak_orders(n_answers)


def test_one_case_alone_is_an_error_of_the_caller() -> None:
    """Histograms are counted per case: a single stack of rankings is refused."""
    with pytest.raises(ValueError, match="n_cases"):
        histograms.order_histograms([[1, 2], [2, 1]])
