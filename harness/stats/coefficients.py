"""Secondary coefficients for two rankings: tau_b, Spearman's rho, top-1.

Known to readers and comparable with the literature; why they are not the headline stands in methods.md §1.2.
Arguments and undefined values as in `harness.stats.agreement`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from harness.stats.agreement import pair_counts, two_sides
from harness.stats.arrays import BoolArray, FloatArray
from harness.stats.pairs import defined_or_raise, mid_ranks, ratio


def tau_b(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Measure agreement on strict pairs, corrected for ties: Kendall's tau_b, a secondary figure.

    Parameters
    ----------
    a, b : array_like of shape (..., n_answers)
        Grades, higher = better, NaN = not ranked.

    Returns
    -------
    ndarray of shape (...)
        1 = same order with the same ties … -1 = reversed.

    Raises
    ------
    UndefinedStatisticError
        Undefined when a ranking is all tied, or no pair is ranked on both sides (NaN in a stack).

    Notes
    -----
    ``(C - D) / sqrt((P - ties_a)(P - ties_b))``, as ``scipy.stats.kendalltau``. It rewards hiding behind
    ties and drops the cases that it cannot score (methods.md §1.2), hence `tau_x` in the headline.
    """
    counts = pair_counts(a, b)
    strict = counts.concordant + counts.discordant
    root = np.sqrt((strict + counts.tied_b) * (strict + counts.tied_a))
    reason = "tau_b needs at least one strict pair in each ranking"
    return defined_or_raise(ratio(counts.concordant - counts.discordant, root), reason)


def spearman(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Correlate the mid-ranks of two rankings: Spearman's rho, a secondary figure, -1 to 1.

    Raises
    ------
    UndefinedStatisticError
        Undefined when a ranking is all tied or fewer than two answers are shared (NaN in a stack).

    Notes
    -----
    Pearson's correlation of mid-ranks among the answers that both sides ranked.
    """
    left, right = _shared_answers(a, b)
    x = _centred(mid_ranks(left))
    y = _centred(mid_ranks(right))
    root = np.sqrt((x * x).sum(axis=-1) * (y * y).sum(axis=-1))
    return defined_or_raise(ratio((x * y).sum(axis=-1), root), "rho needs a strict pair in each ranking")


def top1(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Give the chance that both pick the same best answer, ties broken at random.

    Parameters
    ----------
    a, b : array_like of shape (..., n_answers)
        Grades, higher = better, NaN = not ranked; only answers ranked on both sides take part.

    Returns
    -------
    ndarray of shape (...)
        ``|A and B| / (|A| |B|)`` for the sets A, B of best answers, 0 to 1. Chance alone gives 1/k,
        whatever the ties.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no answer is ranked on both sides (NaN in a stack).
    """
    left, right = (_best(side) for side in _shared_answers(a, b))
    both = (left & right).sum(axis=-1)
    product = left.sum(axis=-1) * right.sum(axis=-1)
    return defined_or_raise(ratio(both, product), "no answer is ranked by both sides")


def _shared_answers(a: ArrayLike, b: ArrayLike) -> tuple[FloatArray, FloatArray]:
    left, right = np.broadcast_arrays(*two_sides(a, b))
    missing = np.isnan(left) | np.isnan(right)
    return np.where(missing, np.nan, left), np.where(missing, np.nan, right)


def _centred(ranks: FloatArray) -> FloatArray:
    ranked = ~np.isnan(ranks)
    filled = np.where(ranked, ranks, 0.0)
    mean = ratio(filled.sum(axis=-1), ranked.sum(axis=-1))
    return np.where(ranked, filled - mean[..., None], 0.0)


def _best(grades: FloatArray) -> BoolArray:
    lowered = np.where(np.isnan(grades), -np.inf, grades)
    best: BoolArray = (lowered == lowered.max(axis=-1, keepdims=True)) & ~np.isnan(grades)
    return best
