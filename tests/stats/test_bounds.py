"""Worst and best case of missing verdicts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.errors import UndefinedStatisticError
from harness.stats.agreement import tau_x
from harness.stats.bounds import Extremes, bounded_mean, tau_extremes, weak_orders
from harness.stats.consensus import kemeny_medians

NAN = float("nan")


def test_best_for_case_h_is_that_of_its_medians(six_people: np.ndarray) -> None:
    """The most that a ranking can agree with the six people is .4166667, as their Kemeny medians do."""
    assert tau_extremes(six_people).best == pytest.approx(0.4166667, abs=1e-7)
    assert tau_extremes(six_people).best == pytest.approx(
        float(tau_x(kemeny_medians(six_people)[:1], six_people).mean())
    )


def test_worst_for_one_strict_person_is_the_reverse() -> None:
    """One strict person: 1 for the same order, -1 for the reverse; one who ties all: 1 and 0."""
    assert list(tau_extremes([[4, 3, 2, 1]])) == pytest.approx([-1.0, 1.0])
    assert list(tau_extremes([[1, 1, 1]])) == pytest.approx([0.0, 1.0])


groups = st.integers(2, 4).flatmap(
    lambda k: hnp.arrays(
        np.float64,
        st.tuples(st.integers(1, 4), st.just(k)),
        elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, NAN]),
    ).filter(lambda group: bool(((~np.isnan(group)).sum(axis=1) > 1).any()))
)


@given(groups)
def test_extremes_are_those_of_trying_every_order(group: np.ndarray) -> None:
    """With gaps in the people's grades too, the sums over pairs give the mean tau_x of the defined people."""
    means = np.nanmean(tau_x(weak_orders(group.shape[1])[:, None], group[None]), axis=1)
    found = tau_extremes(group)
    assert found.worst == pytest.approx(means.min())
    assert found.best == pytest.approx(means.max())


@given(hnp.arrays(np.float64, (3, 6), elements=st.sampled_from([1.0, 2.0, 3.0])))
def test_the_bound_for_many_answers_holds(group: np.ndarray) -> None:
    """Six answers: no order tried lies outside the bound of the single pairs, and it stays within tau_x."""
    found = tau_extremes(group)
    orders = np.concatenate([kemeny_medians(group), group, -group, np.zeros((1, 6))])
    means = tau_x(orders[:, None], group[None]).mean(axis=1)
    assert -1.0 <= found.worst <= means.min() + 1e-12
    assert means.max() - 1e-12 <= found.best <= 1.0


def test_the_bound_for_many_answers_is_sharp_where_people_agree() -> None:
    """One strict person and six answers: exactly -1 and 1."""
    assert list(tau_extremes([[6, 5, 4, 3, 2, 1]])) == pytest.approx([-1.0, 1.0])


def test_missing_verdicts_take_the_extremes() -> None:
    """Three verdicts of mean .5 and one missing: (1.5 - 1)/4 and (1.5 + 1)/4; alone, the extremes."""
    assert bounded_mean(0.5, 3, 1, Extremes(-1.0, 1.0)) == Extremes(0.125, 0.625)
    assert bounded_mean(0.5, 3, 0, Extremes(-1.0, 1.0)) == Extremes(0.5, 0.5)
    assert bounded_mean(NAN, 0, 2, Extremes(-0.2, 0.4)) == Extremes(-0.2, 0.4)


@pytest.mark.parametrize("others", [np.empty((0, 3)), [[1.0, NAN, NAN]]])
def test_nobody_to_agree_with_is_undefined(others: np.ndarray) -> None:
    """Without a person who ranks two answers there is no bound."""
    with pytest.raises(UndefinedStatisticError, match="nobody"):
        tau_extremes(others)


def test_no_verdict_asked_for_is_undefined() -> None:
    """Nothing known and nothing missing has no mean."""
    with pytest.raises(UndefinedStatisticError, match="no verdict"):
        bounded_mean(0.0, 0, 0, Extremes(-1.0, 1.0))
