"""Complete rankings on the map, from mean thermometers: what the general functions give."""

from __future__ import annotations

import numpy as np
import pytest

from harness.stats.map import case_distances, mean_columns, relabelled
from harness.stats.map_columns import relabelled_columns, summed_distances

OWNERS = np.repeat(np.arange(40), [1, 2, 3, 4] * 10)


def rankings(n_answers: int) -> np.ndarray:
    """Of forty annotators, one to four each, with ties."""
    return np.random.default_rng(n_answers).integers(1, 4, (len(OWNERS), n_answers)).astype(np.float64)


@pytest.mark.parametrize("n_answers", [2, 3, 4, 6])
def test_answers_are_renamed_as_in_the_rankings(n_answers: int) -> None:
    """The same random numbers name the answers alike, whether rankings or their means are renamed."""
    grades = rankings(n_answers)
    by_ranking = relabelled(grades, OWNERS, np.random.default_rng(3))
    by_column = relabelled_columns(mean_columns(grades, OWNERS), np.random.default_rng(3))
    assert by_column == pytest.approx(mean_columns(by_ranking, OWNERS), abs=1e-12)


@pytest.mark.parametrize("n_answers", [2, 4])
def test_distances_are_added_up_over_cases(n_answers: int) -> None:
    """One product of matrices gives the sum of every case's distances."""
    columns = mean_columns(rankings(n_answers), OWNERS).reshape(8, 5, -1)
    assert summed_distances(columns) == pytest.approx(case_distances(columns).sum(axis=0), abs=1e-12)
