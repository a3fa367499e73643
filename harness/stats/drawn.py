"""Means over rankings that were not drawn evenly: each weighs the inverse of its probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray


def inverse_probability_mean(values: ArrayLike, probabilities: ArrayLike) -> float:
    """Average rankings as if their cases had been drawn evenly, though some were asked about on purpose.

    Parameters
    ----------
    values : array_like of shape (n_rankings,)
        One figure per ranking, for instance its tau_x with a judge; NaN = undefined, left out.
    probabilities : array_like of shape (n_rankings,)
        With which the case of each ranking was drawn (`Asked.probability`), above 0, at most 1.

    Returns
    -------
    float
        On the scale of `values`.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no ranking has a value.
    ValueError
        A probability outside 0 … 1.

    Notes
    -----
    ``sum(f / p) / sum(1 / p)`` (Hájek). With the same number of open cases at every draw, the expectation of
    ``1 / p`` is that number, so that this is the Horvitz-Thompson mean with a known total put in; where the
    number of open cases differs from draw to draw, a draw from more cases counts more. Evenly drawn rankings
    give the plain mean.

    References
    ----------
    J. Hájek in V. P. Godambe & D. A. Sprott (eds), Foundations of Statistical Inference, 1971, p. 236;
    T. Zrnic & E. J. Candès, Active Statistical Inference, 2024, arXiv:2403.03208.

    Examples
    --------
    >>> inverse_probability_mean([1.0, 0.0], [0.75, 0.25])
    0.25
    """
    figures, chances = _checked(values, probabilities)
    weights = 1.0 / chances
    return float((weights * figures).sum() / weights.sum())


def effective_count(probabilities: ArrayLike) -> float:
    """Say how many evenly drawn rankings unevenly weighted ones are worth, at best.

    Parameters
    ----------
    probabilities : array_like of shape (n_rankings,)

    Returns
    -------
    float
        1 … n_rankings; n when all probabilities are equal, 0 without rankings.

    Notes
    -----
    ``(sum w)² / sum w²`` with w = 1 / p (Kish): what it costs in precision to weight.

    Examples
    --------
    >>> round(effective_count([0.75, 0.25]), 6)
    1.6
    """
    weights = 1.0 / np.asarray(probabilities, dtype=np.float64)
    return float(weights.sum() ** 2 / (weights**2).sum()) if weights.size else 0.0


def _checked(values: ArrayLike, probabilities: ArrayLike) -> tuple[FloatArray, FloatArray]:
    figures = np.asarray(values, dtype=np.float64).ravel()
    chances = np.asarray(probabilities, dtype=np.float64).ravel()
    if not ((chances > 0.0) & (chances <= 1.0)).all():
        raise ValueError("a probability must be above 0 and at most 1")
    defined = ~np.isnan(figures)
    if not defined.any():
        raise UndefinedStatisticError("no ranking has a value to average")
    return figures[defined], chances[defined]
