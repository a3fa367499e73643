"""Error bars that may be compared by eye: quasi-variances."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray


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
    from scipy.optimize import least_squares

    matrix = np.asarray(covariance, dtype=np.float64)
    first, second = np.triu_indices(len(matrix), 1)
    if len(first) == 0:
        raise UndefinedStatisticError("quasi-variances need two items or more")
    own = np.diag(matrix)
    wanted = own[first] + own[second] - 2.0 * matrix[first, second]
    if not (wanted > 0).all():
        raise UndefinedStatisticError("the difference of two items has no variance")
    scale = float(wanted.mean())
    tiny = 1e-9

    def misfit(q: FloatArray) -> FloatArray:
        return np.asarray(np.log(q[first] + q[second]) - np.log(wanted / scale))

    found = least_squares(
        misfit,
        np.full(len(matrix), 0.5),
        bounds=(tiny, np.inf),
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-12,
    )
    return np.where(found.x > 1e3 * tiny, found.x * scale, np.nan)
