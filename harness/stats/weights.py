"""How much each of several criteria counts for an annotator, as far as grades on them tell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, as_group
from harness.stats.pairs import pair_signs


class ConflictCounts(NamedTuple):
    """For each pair of answers of a case: how often two criteria disagree, and which one is followed."""

    n_readings: FloatArray
    """(n_pairs,): rankings in which the annotator's own two criteria order the pair oppositely."""
    wins_first: FloatArray
    """(n_pairs,): those of them in which the ranking follows the first criterion, ties a half."""

    @property
    def shares(self) -> FloatArray:
        """One share for each pair of answers on which the criteria ever disagree."""
        seen = self.n_readings > 0
        return np.asarray(self.wins_first[seen] / self.n_readings[seen])


def conflict_wins(overall: ArrayLike, first: ArrayLike, second: ArrayLike) -> ConflictCounts:
    """Count, where two of an annotator's own criteria disagree about a pair, which one the ranking follows.

    Parameters
    ----------
    overall, first, second : array_like of shape (n_rankings, n_answers)
        Grades overall and on two criteria, of the same rankings of one case; NaN = not graded.

    Returns
    -------
    ConflictCounts
        Add the pairs of all cases; a pair is one trial however often it was read, because asking again does
        not make another conflict (methods.md §5: repeats do not replace cases).

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers. No conflict at all is no error: the counts are 0.

    Notes
    -----
    Only pairs that both criteria order strictly, and oppositely, and that the overall grades cover. No model.

    Examples
    --------
    Helpful says a over b over c, harmless the reverse, the ranking b over a over c:

    >>> conflict_wins([[2, 3, 1]], [[3, 2, 1]], [[1, 2, 3]]).shares
    array([0., 1., 1.])
    """
    whole, own, other = (pair_signs(as_group(grades)) for grades in (overall, first, second))
    conflict = (own[0] * other[0] < 0) & ~whole[1]
    followed = (1.0 + whole[0] * own[0]) / 2.0
    return ConflictCounts(
        conflict.sum(axis=0).astype(np.float64), np.where(conflict, followed, 0.0).sum(axis=0)
    )


def implied_shares(weights: ArrayLike) -> FloatArray:
    """Turn coefficients into shares: what each criterion has of the sum of the positive ones.

    Parameters
    ----------
    weights : array_like of shape (..., n_criteria)
        `choice_weights` of the annotator's own grades on the criteria.

    Returns
    -------
    ndarray of shape (..., n_criteria)
        ``max(w, 0) / sum of max(w, 0)``: 0 … 1, sum 1. In a stack, NaN where no coefficient is positive.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no coefficient is positive: the ranking goes against every criterion.

    Examples
    --------
    >>> implied_shares([1.0, -0.5, 3.0])
    array([0.25, 0.  , 0.75])
    """
    positive = np.maximum(np.asarray(weights, dtype=np.float64), 0.0)
    total = positive.sum(axis=-1, keepdims=True)
    if positive.ndim == 1 and not total[0] > 0:
        raise UndefinedStatisticError("no criterion raises an answer's place")
    shares: FloatArray = np.divide(positive, total, out=np.full(positive.shape, np.nan), where=total > 0)
    return shares


def variance_inflation(features: ArrayLike) -> FloatArray:
    """Say how much the criteria overlap (halo): 1 = each grade says something of its own.

    Parameters
    ----------
    features : array_like of shape (n_rows, n_criteria)
        Grades on the criteria, centred within each ranking.

    Returns
    -------
    ndarray of shape (n_criteria,)
        ``1 / (1 - R²)`` of each criterion explained by the others: the factor by which the overlap inflates
        the variance of its coefficient. Above 5 the criteria cannot be told apart. NaN for a criterion that
        never varies, infinite where the others fix it.

    Notes
    -----
    R² about 0, without intercept: the rows are centred already.

    Examples
    --------
    >>> variance_inflation([[1, 1], [-1, 1], [1, -1], [-1, -1]])
    array([1., 1.])
    """
    table = as_group(features)
    table = table[~np.isnan(table).any(axis=1)]
    inflation = np.full(table.shape[1], np.nan)
    for place in range(table.shape[1]):
        own, others = table[:, place], np.delete(table, place, axis=1)
        total = float(own @ own)
        if total > 0:
            fitted = others @ np.linalg.lstsq(others, own, rcond=None)[0]
            rest = float(((own - fitted) ** 2).sum()) / total
            inflation[place] = 1.0 / rest if rest > 1e-12 else np.inf
    return inflation
