"""Two halves of a group that were dealt at random, and whether their difference could be the deal's."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.pairs import thermometer
from harness.stats.permutation import ShuffleTest

N_DEALS = 1_999
_TOLERANCE = 1e-9


def dealt_halves_test(
    a: ArrayLike, b: ArrayLike, rng: np.random.Generator, n_deals: int = N_DEALS
) -> ShuffleTest:
    """Ask whether two halves of a class differ, by dealing the same rankings into two halves again and again.

    Parameters
    ----------
    a : array_like of shape (n_rankings_a, n_answers)
    b : array_like of shape (n_rankings_b, n_answers)
        Grades of one case, higher = better, complete.
    rng : numpy.random.Generator
        Deals; its seed is the session's.
    n_deals : int
        Random deals; the one that was seen counts as one more.

    Returns
    -------
    ShuffleTest
        p-value, at least ``1 / (n_deals + 1)``; statistic = squared distance of the mean thermometers.

    Raises
    ------
    UndefinedStatisticError
        Undefined when a half is empty, or a grade is missing.

    Notes
    -----
    Valid because the halves were drawn at random, whatever the pupils are like: the test repeats the draw.
    `two_group_exact_test` tries every deal; from 22 pupils on there are too many.

    References
    ----------
    B. Phipson & G. K. Smyth, 2010: ``(b + 1) / (B + 1)``.

    Examples
    --------
    >>> found = dealt_halves_test([[2, 1]] * 9, [[1, 2]] * 9, np.random.default_rng(1), 999)
    >>> found.p_value < 0.01
    True
    """
    left, right = thermometer(a), thermometer(b)
    if len(left) == 0 or len(right) == 0:
        raise UndefinedStatisticError("one of the two halves is empty")
    columns = np.concatenate([left, right])
    if np.isnan(columns).any():
        raise UndefinedStatisticError("a grade is missing")
    n_left, n_right = len(left), len(right)
    places = np.argsort(rng.random((n_deals, len(columns))), axis=1)
    dealt = (places < n_left).astype(np.float64)
    seen = np.arange(len(columns)) < n_left
    sums = np.vstack([seen.astype(np.float64), dealt]) @ columns
    gaps = sums / n_left - (columns.sum(axis=0) - sums) / n_right
    statistics = (gaps**2).sum(axis=1)
    at_least = int((statistics[1:] >= statistics[0] - _TOLERANCE).sum())
    return ShuffleTest((at_least + 1) / (n_deals + 1), float(statistics[0]), n_deals)
