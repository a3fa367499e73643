"""Two maps of the same points laid over each other: turned, mirrored, moved, and scaled where said."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, as_group

_TOLERANCE = 1e-12


class Aligned(NamedTuple):
    """A map laid over another."""

    points: FloatArray
    r2: float
    """Share of the target's spread that the aligned map explains: 1 = the same picture … 0 = nothing."""
    turn: FloatArray
    """(n_axes, n_axes): what turns, mirrors and scales."""
    shift: FloatArray
    """(n_axes,): added afterwards."""

    def carry(self, points: FloatArray) -> FloatArray:
        """Take further points of the second map along."""
        return np.asarray(points @ self.turn + self.shift)


def procrustes(target: ArrayLike, points: ArrayLike, *, scaled: bool = False) -> Aligned:
    """Turn, mirror and move a map so that it lies over another as well as it can.

    Parameters
    ----------
    target, points : array_like of shape (n_points, n_axes)
        The same points in the same order.
    scaled : bool
        Whether the aligned points may also be made larger or smaller; the R² is that of the scaled map in
        either case.

    Returns
    -------
    Aligned
        The points in the target's coordinates, and R².

    Raises
    ------
    UndefinedStatisticError
        Undefined when all points of a map lie in one place, or a coordinate is NaN.

    Notes
    -----
    With A and B centred and ``AᵀB = U S Vᵀ``: rotation ``V Uᵀ``, scale ``sum S / |B|²``,
    ``R² = (sum S)² / (|A|² |B|²)``. ``scipy.spatial.procrustes`` reports the disparity ``1 - R²``.

    References
    ----------
    J. C. Gower, Generalized Procrustes analysis, Psychometrika 40 (1975), doi:10.1007/BF02291478.

    Examples
    --------
    >>> turned = procrustes([[0, 0], [2, 0], [0, 1]], [[5, 5], [5, 7], [4, 5]])
    >>> round(turned.r2, 6), turned.points.round(6).tolist()
    (1.0, [[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    """
    first, second = as_group(target), as_group(points)
    centre = first.mean(axis=0)
    a, b = first - centre, second - second.mean(axis=0)
    size_a, size_b = float((a * a).sum()), float((b * b).sum())
    if not (size_a > _TOLERANCE and size_b > _TOLERANCE):
        raise UndefinedStatisticError("all points of a map lie in one place, or some have no place")
    left, singular, right = np.linalg.svd(a.T @ b)
    total = float(singular.sum())
    turn = (right.T @ left.T) * (total / size_b if scaled else 1.0)
    shift = centre - second.mean(axis=0) @ turn
    return Aligned(second @ turn + shift, min(1.0, total**2 / (size_a * size_b)), turn, shift)
