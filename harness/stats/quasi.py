"""Error bars that may be compared by eye: quasi-variances."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray

MAX_STEPS = 200
SMALL = 1e-12
"""Steps smaller than this (of a mean variance) end the search."""


def quasi_variances(covariance: ArrayLike) -> FloatArray:
    """Give each item one variance, so that those of any two nearly add up to that of their difference.

    Parameters
    ----------
    covariance : array_like of shape (n_items, n_items)
        Of the worths (or of contrasts of them with one item: only differences count).

    Returns
    -------
    ndarray of shape (n_items,)
        Their square roots are the error bars of a plot in which bars may be compared by eye. NaN for an item
        whose best quasi-variance is not positive (a few unequal items: print the covariances instead).

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two items, or when two items differ by a constant (variance 0).

    Notes
    -----
    Least squares of ``log(q_i + q_j) - log Var(i - j)`` over all pairs. Exact for three items; for two only
    the sum is determined and each gets half.

    References
    ----------
    D. Firth & R. X. de Menezes, Biometrika 91 (2004) 65-80, doi:10.1093/biomet/91.1.65.

    Examples
    --------
    >>> quasi_variances(np.diag([1.0, 4.0, 9.0])).round(6)
    array([1., 4., 9.])
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    n_items = len(matrix)
    if n_items < 2:
        raise UndefinedStatisticError("quasi-variances need two items or more")
    own = np.diag(matrix)
    wanted = own[:, None] + own[None, :] - 2.0 * matrix
    np.fill_diagonal(wanted, 1.0)
    if not (wanted > 0).all():
        raise UndefinedStatisticError("the difference of two items has no variance")
    scale = float(wanted.sum() - n_items) / (n_items * (n_items - 1))
    wanted = wanted / scale
    found = np.full(n_items, 0.5)
    for _ in range(MAX_STEPS):
        step = _step(found, wanted)
        while _misfit(found + step, wanted) > _misfit(found, wanted) and np.abs(step).max() > SMALL:
            step = step / 2.0
        found = found + step
        if np.abs(step).max() <= SMALL:
            break
    return np.where(found > 0, found * scale, np.nan)


def _misfit(variances: FloatArray, wanted: FloatArray) -> float:
    """Sum of squared log ratios over all pairs, twice; infinite where a sum of two is not positive."""
    sums = variances[:, None] + variances[None, :]
    np.fill_diagonal(sums, 1.0)
    if not (sums > 0).all():
        return float("inf")
    logs = np.log(sums) - np.log(wanted)
    np.fill_diagonal(logs, 0.0)
    return float((logs**2).sum())


def _step(variances: FloatArray, wanted: FloatArray) -> FloatArray:
    """Gauss-Newton step; the shortest one where two items leave a choice."""
    sums = variances[:, None] + variances[None, :]
    np.fill_diagonal(sums, 1.0)
    slope = 1.0 / sums
    missing = (np.log(wanted) - np.log(sums)) * slope
    np.fill_diagonal(slope, 0.0)
    np.fill_diagonal(missing, 0.0)
    normal = slope**2 + np.diag((slope**2).sum(axis=1))
    return np.asarray(np.linalg.lstsq(normal, missing.sum(axis=1), rcond=None)[0])
