"""Names for the arrays that every statistic takes and gives; a missing number is NaN."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
SignArray = NDArray[np.int8]
BoolArray = NDArray[np.bool_]


def as_grades(grades: ArrayLike) -> FloatArray:
    """Give grades as floats with the answers on the last axis.

    Raises
    ------
    ValueError
        When there is no axis of answers (a bare number) or a grade is infinite.
    """
    array = np.asarray(grades, dtype=np.float64)
    if array.ndim == 0:
        raise ValueError("grades need an axis of answers; a single number is not a ranking")
    if np.isinf(array).any():
        raise ValueError("a grade is infinite; a missing grade is NaN")
    return array


def as_group(grades: ArrayLike) -> FloatArray:
    """Give grades as floats of shape (n_rankings, n_answers).

    Raises
    ------
    ValueError
        When the array has not exactly two axes.
    """
    array = as_grades(grades)
    if array.ndim != 2:
        raise ValueError(f"expected grades of shape (n_rankings, n_answers), got {array.shape}")
    return array
