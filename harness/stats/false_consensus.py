"""How alike people become who were shown one proposal. Arrays as in `harness.stats.arms`.

`cases` holds one array of grades (n_people, n_answers) per case, row i the same person in each, NaN = not
graded.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from harness.stats.arms import ArmMeans, left_out_people, mean_of_defined
from harness.stats.arrays import BoolArray, FloatArray, as_group
from harness.stats.intervals import Interval
from harness.stats.others import TauSums, tau_sums


def false_consensus(cases: Sequence[FloatArray], shown: ArrayLike) -> ArmMeans:
    """Say how far people agree with each other in each arm: one proposal in sight makes people alike.

    Parameters
    ----------
    cases : sequence of ndarray of shape (n_people, n_answers)
        See the module.
    shown : array_like of shape (n_people, n_cases)
        1 = saw the proposal, 0 = by lot not, NaN = no verdict.

    Returns
    -------
    ArmMeans
        Mean tau_x between two people of the arm, per case; NaN with fewer than two. Their difference is what
        agreement is inflated by when people's grades are collected with a proposal in sight.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.

    Examples
    --------
    >>> people = np.array([[2.0, 1], [2, 1], [2, 1], [1, 2]])
    >>> false_consensus([people], [[1], [1], [0], [0]]).difference.tolist()
    [2.0]
    """
    seen = as_group(shown)
    means = [[_tau_of(grades, seen[:, c] == arm).mean for arm in (1, 0)] for c, grades in enumerate(cases)]
    table = np.array(means, dtype=np.float64).reshape(-1, 2)
    return ArmMeans(table[:, 0], table[:, 1])


def consensus_over_people(
    cases: Sequence[FloatArray], shown: ArrayLike, confidence: float = 0.95
) -> Interval:
    """Give the interval of the mean difference of `false_consensus` for other people (T2).

    Parameters
    ----------
    cases, shown
        As in `false_consensus`.
    confidence : float
        Nominal coverage.

    Returns
    -------
    Interval
        As in `harness.stats.anchoring.effect_over_people`: each person left out in turn, the arms apart
        where people were dealt.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three people in an arm, or when it is undefined without somebody.
    """
    seen = as_group(shown)
    full = false_consensus(cases, seen)
    left_out = np.tile(full.difference, (len(seen), 1))
    present = np.zeros(len(seen), dtype=bool)
    for c, grades in enumerate(cases):
        there = ~np.isnan(grades).all(axis=1)
        for arm, other, sign in ((1, full.control[c], 1.0), (0, full.shown[c], -1.0)):
            inside = (seen[:, c] == arm) & there
            left_out[inside, c] = sign * (_tau_of(grades, inside).without_each[inside] - other)
            present |= inside
    means = [mean_of_defined(row) for row in left_out[present]]
    return left_out_people(means, mean_of_defined(full.difference), seen[present], confidence)


def _tau_of(grades: FloatArray, inside: BoolArray) -> TauSums:
    return tau_sums(np.where(inside[:, None], grades, np.nan))
