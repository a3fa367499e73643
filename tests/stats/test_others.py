"""Agreement with the others of a case, as sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UndefinedStatisticError
from harness.stats.group import leave_one_out_tau, mean_pairwise_tau
from harness.stats.others import tau_sums


def test_leaving_one_out_of_case_h(six_people: np.ndarray) -> None:
    """Case H of methods.md: .3, .3, .233333, .233333, .233333, -.7; mean of all pairs .1."""
    found = tau_sums(six_people)
    assert found.leave_one_out == pytest.approx([0.3, 0.3, 0.7 / 3, 0.7 / 3, 0.7 / 3, -0.7])
    assert found.mean == pytest.approx(0.1)


def test_without_the_sixth_person_the_rest_of_case_h_agree(six_people: np.ndarray) -> None:
    """By hand: 15 pairs sum to 1.5, the sixth person's five to -3.5; the other ten pairs have mean .5."""
    assert tau_sums(six_people).without_each[5] == pytest.approx(0.5)


@pytest.mark.parametrize("share_missing", [0.0, 0.1, 0.6])
def test_the_sums_equal_the_table_of_all_pairs(share_missing: float) -> None:
    """Sums, complete or with holes and across blocks, are those of the full table of tau_x."""
    rng = np.random.default_rng(3)
    for n_answers in (2, 3, 5):
        grades = rng.integers(1, 4, (300, n_answers)).astype(float)
        grades[rng.random(grades.shape) < share_missing] = np.nan
        found = tau_sums(grades)
        assert found.leave_one_out == pytest.approx(leave_one_out_tau(grades), nan_ok=True)
        rest = np.delete(grades, 7, axis=0)
        assert found.without_each[7] == pytest.approx(mean_pairwise_tau(rest))


@given(st.lists(st.lists(st.integers(1, 4), min_size=3, max_size=3), min_size=2, max_size=9))
def test_reversing_everybody_changes_nothing(rankings: list[list[int]]) -> None:
    """People agree as much upside down, and the mean of all is the mean pairwise agreement."""
    grades = np.array(rankings, dtype=float)
    found, turned = tau_sums(grades), tau_sums(-grades)
    assert found.sums == pytest.approx(turned.sums)
    assert found.mean == pytest.approx(mean_pairwise_tau(grades))


def test_who_ranked_nothing_counts_nowhere() -> None:
    """An absent person has no agreement, and takes nothing from the others'."""
    found = tau_sums(np.array([[2, 1, 3], [np.nan] * 3, [2, 1, 3]]))
    assert found.counts.tolist() == [1, 0, 1]
    assert np.isnan(found.leave_one_out[1])
    assert found.mean == 1.0


@pytest.mark.parametrize("grades", [np.empty((0, 4)), [[1, 2, 3]], [[1, np.nan, np.nan], [np.nan, 1, 2]]])
def test_nobody_to_agree_with_is_undefined(grades: object) -> None:
    """Without two people who share a pair there is no mean."""
    assert np.isnan(tau_sums(np.asarray(grades)).mean)


def test_one_answer_has_no_pair() -> None:
    """Cases of a single answer are refused, as everywhere."""
    with pytest.raises(UndefinedStatisticError):
        tau_sums([[1], [1]])
