"""Conflict wins, shares and the overlap of criteria."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.errors import UndefinedStatisticError
from harness.stats.choice import build_choices, choice_weights, leave_one_case_out
from harness.stats.intervals import jackknife_t
from harness.stats.weights import conflict_wins, implied_shares, variance_inflation

NAN = float("nan")

grades_of_three = hnp.arrays(np.float64, (3, 5, 4), elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, NAN]))


def test_conflicts_by_hand() -> None:
    """Helpful a > b = c, harmless c > a = b: only a-c conflicts; the ranking c > a > b follows harmless."""
    counts = conflict_wins([[2, 1, 3]], [[3, 2, 2]], [[1, 1, 2]])
    assert counts.n_readings.tolist() == [0, 1, 0]
    assert counts.wins_first.tolist() == [0, 0, 0]
    assert counts.shares.tolist() == [0.0]


def test_a_tie_is_half_a_win() -> None:
    """A ranking that ties the pair follows neither criterion: one half."""
    assert conflict_wins([[2, 2]], [[2, 1]], [[1, 2]]).shares.tolist() == [0.5]


def test_repeats_are_one_trial() -> None:
    """Four readings of one pair, won, won, tied, lost, are one trial with share 2.5 / 4."""
    counts = conflict_wins([[2, 1], [2, 1], [1, 1], [1, 2]], [[2, 1]] * 4, [[1, 2]] * 4)
    assert counts.n_readings.tolist() == [4]
    assert counts.shares.tolist() == [0.625]


def test_missing_grades_are_no_conflict() -> None:
    """A pair that the ranking or a criterion does not cover is not counted."""
    assert conflict_wins([[NAN, 1]], [[2, 1]], [[1, 2]]).n_readings.tolist() == [0]
    assert conflict_wins([[2, 1]], [[NAN, 1]], [[1, 2]]).n_readings.tolist() == [0]


@given(grades_of_three)
def test_what_one_criterion_wins_the_other_loses(grades: np.ndarray) -> None:
    """Swapping the criteria turns every share into its complement; a ranking by the first wins everything."""
    overall, first, second = grades
    counts = conflict_wins(overall, first, second)
    swapped = conflict_wins(overall, second, first)
    assert np.array_equal(counts.n_readings, swapped.n_readings)
    assert counts.shares + swapped.shares == pytest.approx(np.ones(len(counts.shares)))
    assert np.all(conflict_wins(first, first, second).shares == 1.0)


def test_shares_by_hand() -> None:
    """Negative coefficients count as 0, the others sum to 1."""
    assert implied_shares([2.0, -1.0, 6.0]).tolist() == [0.25, 0.0, 0.75]
    stack = implied_shares([[1.0, 1.0], [-1.0, -2.0]])
    assert stack[0].tolist() == [0.5, 0.5]
    assert np.isnan(stack[1]).all()


def test_shares_without_a_positive_coefficient_are_undefined() -> None:
    """A ranking against every criterion has no shares."""
    with pytest.raises(UndefinedStatisticError, match="no criterion"):
        implied_shares([-1.0, 0.0])


def test_overlap_of_two_is_that_of_their_correlation() -> None:
    """Two criteria with correlation .6 inflate each other by 1 / (1 - .36)."""
    # x = (1,-1,1,-1), z = (1,1,-1,-1) are orthogonal; y = .6 x + .8 z has correlation .6 with x.
    x, z = np.array([1.0, -1, 1, -1]), np.array([1.0, 1, -1, -1])
    found = variance_inflation(np.column_stack([x, 0.6 * x + 0.8 * z]))
    assert found == pytest.approx([1 / 0.64] * 2)


def test_overlap_as_in_the_inverse_correlation_matrix() -> None:
    """Three criteria: the diagonal of the inverse of their correlations."""
    rows = np.random.default_rng(3).normal(size=(40, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.7], [0, 0, 1]])
    rows -= rows.mean(axis=0)
    expected = np.diag(np.linalg.inv(np.corrcoef(rows.T)))
    assert variance_inflation(rows) == pytest.approx(expected)


def test_criteria_that_fix_or_never_vary() -> None:
    """Copies inflate without end; a criterion that never varies has no figure."""
    assert np.isinf(variance_inflation([[1.0, 1.0], [-1.0, -1.0]])).all()
    found = variance_inflation([[1.0, 0.0], [-1.0, 0.0]])
    assert found[0] == 1.0
    assert np.isnan(found[1])


TRUTH = np.array([0.5, 0.3, 0.2])


def _study(
    rng: np.random.Generator, n_cases: int, n_runs: int, unasked: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Grades overall and on three criteria with halo .6, 1 to 4; `unasked` = what else counts."""
    halo = np.full((3, 3), 0.6) + 0.4 * np.eye(3)
    latent = rng.multivariate_normal(np.zeros(3), halo, size=(n_cases, 4))
    criteria = np.clip(np.round(2.5 + 1.1 * latent), 1, 4)
    utility = 1.5 * criteria @ TRUTH + unasked * rng.normal(size=(n_cases, 4))
    drawn = utility[None] + rng.gumbel(size=(n_runs, n_cases, 4))
    overall = np.clip(np.round(2.5 + 0.8 * (drawn - drawn.mean(axis=2, keepdims=True))), 1, 4)
    tables = np.broadcast_to(criteria, (n_runs, *criteria.shape))
    return overall.reshape(-1, 4), tables.reshape(-1, 4, 3), np.tile(np.arange(n_cases), n_runs)


@pytest.mark.slow
@pytest.mark.parametrize(("n_cases", "least", "most"), [(6, 0.22, 0.50), (24, 0.12, 0.26), (60, 0.08, 0.17)])
def test_repeats_do_not_replace_cases(n_cases: int, least: float, most: float) -> None:
    """Twenty runs: shares recovered, interval covers, and with six cases it is too wide to be told."""
    rng = np.random.default_rng(n_cases)
    shares, half_widths, inside = [], [], 0
    for _ in range(60):
        overall, tables, cases = _study(rng, n_cases, 20, unasked=0.8)
        choices = build_choices(overall, tables, cases=cases)
        full = choice_weights(choices)
        share = implied_shares(full)
        left_out = implied_shares(leave_one_case_out(choices, full))
        interval = jackknife_t(left_out[:, 0], share[0], "arcsin_sqrt")
        shares.append(share)
        half_widths.append((interval.high - interval.low) / 2)
        inside += interval.low <= TRUTH[0] <= interval.high
    assert np.mean(shares, axis=0) == pytest.approx(TRUTH, abs=0.08)
    assert inside / 60 >= 0.88
    assert least <= np.median(half_widths) <= most


def test_six_cases_hold_few_conflicts() -> None:
    """With halo .6 some 3.6 of 36 answer pairs are real conflicts of two criteria, as specified."""
    rng = np.random.default_rng(1)
    n_conflicts = []
    for _ in range(200):
        _, tables, _ = _study(rng, 6, 1, unasked=0.0)
        counts = [conflict_wins(case[None, :, 0], case[None, :, 0], case[None, :, 1]) for case in tables]
        n_conflicts.append(sum(count.shares.size for count in counts))
    assert 3.0 <= np.mean(n_conflicts) <= 4.2
