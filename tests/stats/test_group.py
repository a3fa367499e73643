"""Agreement inside and between groups of rankings: worked case H, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.errors import UndefinedStatisticError
from harness.stats import agreement, coefficients, group

NAN = float("nan")
groups = hnp.arrays(
    np.float64, st.tuples(st.integers(4, 7), st.just(4)), elements=st.integers(1, 4).map(float)
)


def test_case_h_pair_means(six_people: np.ndarray) -> None:
    """The human-human figures of methods.md §1.5."""
    two = group.all_pairs(six_people)
    assert group.mean_pairwise_tau(six_people) == pytest.approx(0.1)
    assert float(coefficients.tau_b(*two).mean()) == pytest.approx(0.1341333, abs=1e-7)
    assert float(agreement.s1(*two).mean()) == pytest.approx(0.4222222, abs=1e-7)
    assert float(agreement.conflict_rate(*two).mean()) == pytest.approx(0.3222222, abs=1e-7)
    assert float(agreement.hesitation_rate(*two).mean()) == pytest.approx(0.2555556, abs=1e-7)
    assert float(agreement.floor(*two).mean()) == pytest.approx(0.0129630, abs=1e-7)


def test_case_h_leave_one_out(six_people: np.ndarray) -> None:
    """Each person's agreement with the five others, methods.md §1.5."""
    expected = [0.3, 0.3, 0.233333, 0.233333, 0.233333, -0.7]
    assert group.leave_one_out_tau(six_people).tolist() == pytest.approx(expected, abs=1e-6)


def test_case_h_crowd_ceiling(six_people: np.ndarray) -> None:
    """Each person against all Kemeny medians of the rest, methods.md §2.1."""
    expected = [2 / 3, 5 / 9, 1 / 3, 1 / 3, 1 / 3, -1]
    assert group.leave_one_out_ceiling(six_people).tolist() == pytest.approx(expected)
    assert group.crowd_ceiling(six_people) == pytest.approx(sum(expected) / 6)


def test_case_h_against_a_judge(six_people: np.ndarray, judge_repeats: np.ndarray) -> None:
    """One judge against six people, then its three repeats with the value gap, methods.md §1.5."""
    expected = [2 / 3, 1 / 2, 1 / 2, 1 / 3, 1 / 2, -2 / 3]
    assert agreement.tau_x(judge_repeats[0], six_people).tolist() == pytest.approx(expected)
    assert group.mean_pairwise_tau(judge_repeats) == pytest.approx(0.5555556, abs=1e-7)
    assert group.mean_cross_tau(judge_repeats, six_people) == pytest.approx(0.2870370, abs=1e-7)
    assert group.value_gap(judge_repeats, six_people) == pytest.approx(0.0407407, abs=1e-7)


def test_gap_of_the_toy_example() -> None:
    """The toy of methods.md §4.2: 8.2222 - (1.3333 + 6.6667)/2 = 4.2222 of 6 pair-points."""
    a = np.array([[4, 3, 2, 1], [4, 3, 2, 1], [3, 4, 2, 1]])
    b = np.array([[1, 2, 3, 4], [2, 1, 3, 4], [4, 3, 1, 2]])
    between = float(agreement.kemeny_distance(a[:, None], b[None]).mean())
    inside = [float(agreement.kemeny_distance(*group.all_pairs(side)).mean()) for side in (a, b)]
    assert [between, *inside] == pytest.approx([8.2222, 1.3333, 6.6667], abs=5e-5)
    assert group.value_gap(a, b) == pytest.approx(0.7037037, abs=1e-7)


@given(groups)
def test_pair_mean_equals_the_mean_over_all_pairs(grades: np.ndarray) -> None:
    """The O(n) formula gives what comparing every two rankings gives."""
    by_pairs = float(agreement.tau_x(*group.all_pairs(grades)).mean())
    assert group.mean_pairwise_tau(grades) == pytest.approx(by_pairs, abs=1e-12)


@given(groups)
def test_cross_mean_equals_the_mean_over_the_table(grades: np.ndarray) -> None:
    """The O(n) formula for two groups gives what the whole table gives, and is symmetric."""
    a, b = grades[:1], grades[1:]
    table = agreement.tau_x(a[:, None], b[None])
    assert group.mean_cross_tau(a, b) == pytest.approx(float(table.mean()), abs=1e-12)
    assert group.mean_cross_tau(b, a) == pytest.approx(group.mean_cross_tau(a, b), abs=1e-12)


@given(groups)
def test_no_single_ranking_beats_the_class_equation(grades: np.ndarray) -> None:
    """In the sample's own pair probabilities, nobody agrees on average by more than (1 + own agreement)/2."""
    with_itself = float(agreement.tau_x(grades[:, None], grades[None]).mean())
    assert agreement.tau_x(grades[:, None], grades[None]).mean(axis=1).max() <= (1 + with_itself) / 2 + 1e-12


def test_missing_grades_use_the_pairs_that_are_shared() -> None:
    """Pairs of people without a shared pair of answers are left out of the mean, not counted as 0."""
    # tau_x(0,1) = -1 on answers 0,1; tau_x(0,2) = 1 on 2,3; 1 and 2 share nothing
    grades = np.array([[4, 3, 2, 1], [1, 2, NAN, NAN], [NAN, NAN, 5, 3]])
    assert group.mean_pairwise_tau(grades) == 0
    assert group.leave_one_out_tau(grades).tolist() == [0, -1, 1]
    assert group.mean_cross_tau(grades[:1], grades[1:]) == 0


@pytest.mark.parametrize(
    "statistic", [group.mean_pairwise_tau, group.leave_one_out_tau, group.crowd_ceiling, group.all_pairs]
)
def test_one_ranking_is_no_group(statistic: object) -> None:
    """Agreement inside a group of one is undefined."""
    with pytest.raises(UndefinedStatisticError):
        statistic([[4, 3, 2, 1]])  # type: ignore[operator]


def test_gap_without_repeats_is_undefined(six_people: np.ndarray) -> None:
    """A judge that was asked once has an unknown noise, so no gap."""
    with pytest.raises(UndefinedStatisticError, match="needs two"):
        group.value_gap([[4, 3, 2, 1]], six_people)


def test_nothing_shared_is_undefined() -> None:
    """Two people who ranked different answers have no agreement."""
    with pytest.raises(UndefinedStatisticError, match="no two rankings"):
        group.mean_pairwise_tau([[1, 2, NAN, NAN], [NAN, NAN, 1, 2]])


def test_ceiling_refuses_incomplete_rankings() -> None:
    """The crowd ceiling is not computed from holes."""
    with pytest.raises(UndefinedStatisticError, match="complete"):
        group.crowd_ceiling(np.array([[1, 2, NAN], [1, 2, 3], [3, 2, 1]]))


def test_empty_group_is_undefined() -> None:
    """An empty group agrees with nobody."""
    with pytest.raises(UndefinedStatisticError, match="no ranking"):
        group.mean_cross_tau(np.empty((0, 3)), [[1, 2, 3]])


@given(st.integers(1, 4), st.integers(1, 4), st.integers(2, 5), st.integers(0, 2**32))
def test_cross_tau_of_many_cases_is_that_of_each(
    n_own: int, n_others: int, n_answers: int, seed: int
) -> None:
    """Many cases at once give what every case gives alone."""
    rng = np.random.default_rng(seed)
    own = rng.integers(1, 5, (3, n_own, n_answers)).astype(float)
    others = rng.integers(1, 5, (3, n_others, n_answers)).astype(float)
    expected = [group.mean_cross_tau(a, b) for a, b in zip(own, others, strict=True)]
    assert group.mean_cross_taus(own, others) == pytest.approx(expected, abs=1e-12)


def test_cross_tau_of_many_cases_needs_complete_groups() -> None:
    """An empty group or a missing grade in any of the cases is refused."""
    with pytest.raises(UndefinedStatisticError, match="no ranking"):
        group.mean_cross_taus(np.zeros((2, 0, 3)), np.zeros((2, 1, 3)))
    with pytest.raises(UndefinedStatisticError, match="missing"):
        group.mean_cross_taus(np.full((1, 1, 3), np.nan), np.zeros((1, 1, 3)))
