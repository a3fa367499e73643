"""All pairs of rankings that differ in one thing, added up without listing them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stats.agreement import tau_x
from harness.stats.group import mean_pairwise_tau
from harness.stats.ladder import between_levels
from harness.stats.pairs import pair_signs


def signs_of(grades: np.ndarray) -> np.ndarray:
    """Pair signs, NaN where a pair is not ranked."""
    signs, missing = pair_signs(grades)
    return np.where(missing, np.nan, signs)


def by_loops(grades: np.ndarray, strata: np.ndarray, levels: np.ndarray) -> tuple[int, float, float]:
    """Number of pairs, sum of tau_x and sum of changed shares, pair by pair."""
    signs = signs_of(grades)
    n_pairs, tau, changed = 0, 0.0, 0.0
    for a, b in combinations(range(len(grades)), 2):
        both = ~(np.isnan(signs[a]) | np.isnan(signs[b]))
        if strata[a] != strata[b] or levels[a] == levels[b] or not both.any():
            continue
        n_pairs += 1
        tau += float(tau_x(grades[a], grades[b]))
        changed += float((signs[a] != signs[b])[both].mean())
    return n_pairs, tau, changed


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 0.25]))
def test_sums_equal_loops_over_all_pairs(seed: int, missing: float) -> None:
    """Counts give what comparing every two rankings gives, with ties, gaps and missing answers."""
    rng = np.random.default_rng(seed)
    grades = rng.integers(1, 5, (rng.integers(1, 25), 4)).astype(float)
    grades[rng.random(grades.shape) < missing] = np.nan
    strata, levels = rng.integers(0, 3, (2, len(grades)))
    sums = between_levels(signs_of(grades), strata, levels)
    n_pairs, tau, changed = by_loops(grades, strata, levels)
    assert sums.n_pairs.sum() == 2 * n_pairs
    assert sums.tau.sum() == pytest.approx(2 * tau, abs=1e-9)
    assert sums.changed.sum() == pytest.approx(2 * changed, abs=1e-9)


def test_each_level_gets_its_own_pairs() -> None:
    """An entry holds the pairs of its level with all others, so that one judge can be told apart."""
    grades = np.array([[2.0, 1], [2, 1], [1, 2], [1, 1]])
    sums = between_levels(signs_of(grades), [0] * 4, [5, 5, 6, 7])
    # level 5 (two rankings) meets 6 (opposite: tau -1, changed) and 7 (tied: tau 0, changed), twice each
    assert sums.levels.tolist() == [5, 6, 7]
    assert sums.n_pairs.tolist() == [4, 3, 3]
    assert sums.tau.tolist() == [-2, -2, 0]
    assert sums.changed.tolist() == [4, 3, 3]
    assert sums.group_of.tolist() == [0, 0, 1, 2]


def test_levels_of_one_ranking_each_are_the_pairs_of_a_group(six_people: np.ndarray) -> None:
    """Every ranking a level of its own: the mean is the group's mean pairwise tau_x, .1 for case H."""
    sums = between_levels(signs_of(six_people), np.zeros(6), np.arange(6))
    assert sums.n_pairs.sum() / 2 == 15
    assert sums.tau.sum() / sums.n_pairs.sum() == pytest.approx(0.1)
    assert sums.tau.sum() / sums.n_pairs.sum() == pytest.approx(mean_pairwise_tau(six_people))
    # S1, the share of pairs read alike, is .4222222 there (methods.md §1.5)
    assert 1 - sums.changed.sum() / sums.n_pairs.sum() == pytest.approx(0.4222222, abs=1e-7)


def test_what_cannot_be_compared_has_no_pairs() -> None:
    """One ranking, one level, no stratum in common, or no pair in common: sums of 0 pairs."""
    alone = between_levels([[1.0, 1, 1]], [0], [0])
    assert (alone.n_pairs.tolist(), alone.tau.tolist()) == ([0], [0])
    apart = between_levels([[1.0], [1.0], [1.0], [1.0]], [0, 0, 1, 1], [0, 0, 1, 1])
    assert apart.n_pairs.tolist() == [0, 0]
    nothing_shared = between_levels([[1.0, np.nan], [np.nan, 1.0]], [0, 0], [0, 1])
    assert nothing_shared.n_pairs.tolist() == [0, 0]
