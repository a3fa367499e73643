"""Agreement on kinds of verdict that have no order: first wins, second wins, tie; right, wrong.

These are the figures that papers about LLM judges print, so that ours can be laid beside them. Categories
are numbers that only tell kinds apart (0, 1, 2 or any other); NaN = not given. None of these functions knows
that two verdicts on one case depend on each other: intervals come from whole cases, never from here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, IntArray

ONE_KIND = "everything given is of one kind: by chance alone nobody could have differed"


class MacroScores(NamedTuple):
    """Means over the categories, each counting the same however rare it is."""

    precision: float
    recall: float
    f1: float


def accuracy(given: ArrayLike, truth: ArrayLike) -> float:
    """Give the share of units on which two sides say the same kind of thing.

    Parameters
    ----------
    given, truth : array_like of shape (n_units,)
        Categories; NaN = not given. A unit that one side lacks is left out: a judge's failures are no ties.

    Returns
    -------
    float
        0 = never … 1 = always the same. What chance alone gives is not taken off; `cohen_kappa` does that.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no unit has a category on both sides.

    Notes
    -----
    Symmetric. To count failures as wrong, give them a category that the truth does not have.

    Examples
    --------
    >>> accuracy([1, 2, 0, np.nan], [1, 2, 2, 1])
    0.6666666666666666
    """
    left, right = _shared(given, truth)
    return float((left == right).mean())


def cohen_kappa(a: ArrayLike, b: ArrayLike) -> float:
    """Measure how far two annotators agree beyond what their own habits give by chance.

    Parameters
    ----------
    a, b : array_like of shape (n_units,)
        Categories; NaN = not given. Only units with both count.

    Returns
    -------
    float
        1 = full agreement, 0 = as by chance, negative = worse than chance.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no unit has both, and when both sides use one and the same category throughout.

    Notes
    -----
    ``(p_o - p_e) / (1 - p_e)`` with ``p_e = sum over c of p_c(a) p_c(b)``: each side keeps its own margins.
    Unweighted: every disagreement counts the same. Equals ``sklearn.metrics.cohen_kappa_score``, except that
    undefined raises here.

    References
    ----------
    J. Cohen, Educational and Psychological Measurement 20 (1960) 37-46, doi:10.1177/001316446002000104.

    Examples
    --------
    >>> round(cohen_kappa([1, 1, 2, 2], [1, 1, 2, 1]), 6)
    0.5
    """
    left, right = _shared(a, b)
    kinds = np.unique(np.concatenate([left, right]))
    shares = [(side[:, None] == kinds).mean(axis=0) for side in (left, right)]
    by_chance = float(shares[0] @ shares[1])
    if len(kinds) == 1:
        raise UndefinedStatisticError(ONE_KIND)
    return (float((left == right).mean()) - by_chance) / (1.0 - by_chance)


def category_counts(given: ArrayLike, categories: ArrayLike | None = None) -> IntArray:
    """Count, unit by unit, how many annotators chose each category.

    Parameters
    ----------
    given : array_like of shape (n_annotators, n_units)
        Categories; NaN = not given.
    categories : array_like of shape (n_categories,), optional
        Which to count, in which order; absent = all that occur, ascending.

    Returns
    -------
    ndarray of int of shape (n_units, n_categories)

    Raises
    ------
    UndefinedStatisticError
        Undefined when nothing is given and no categories are named.
    """
    values = np.atleast_2d(np.asarray(given, dtype=np.float64))
    kinds = (
        np.unique(values[~np.isnan(values)]) if categories is None else np.asarray(categories, dtype=float)
    )
    if len(kinds) == 0:
        raise UndefinedStatisticError("nobody gave anything: there is no category to count")
    return np.stack([(values == kind).sum(axis=0) for kind in kinds], axis=-1).astype(np.int64)


def pairwise_agreement(counts: ArrayLike) -> float:
    """Give the raw share of pairs of annotators that say the same of one unit, averaged over the units.

    Parameters
    ----------
    counts : array_like of shape (n_units, n_categories)
        How many annotators chose each category; see `category_counts`. Units may have unequal numbers.

    Returns
    -------
    float
        0 = no two alike … 1 = all alike; the raw ceiling for a judge that is compared with one person.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no unit has two annotators; units with one are left out.

    Notes
    -----
    ``mean over units of sum_c n_c (n_c - 1) / (n (n - 1))``, the P-bar of Fleiss (1971).

    Examples
    --------
    >>> round(pairwise_agreement([[3, 0], [2, 1]]), 6)
    0.666667
    """
    table = np.asarray(counts, dtype=np.float64)
    totals = table.sum(axis=1)
    paired = totals >= 2
    if not paired.any():
        raise UndefinedStatisticError("no unit was judged by two annotators")
    table, totals = table[paired], totals[paired]
    alike: FloatArray = (table * (table - 1)).sum(axis=1) / (totals * (totals - 1))
    return float(alike.mean())


def fleiss_kappa(counts: ArrayLike) -> float:
    """Measure how far a group agrees on kinds beyond chance, everybody drawing from one common habit.

    Parameters
    ----------
    counts : array_like of shape (n_units, n_categories)
        How many annotators chose each category; every unit by equally many (two at least).

    Returns
    -------
    float
        1 = full agreement, 0 = as by chance, negative = worse than chance.

    Raises
    ------
    UndefinedStatisticError
        Undefined without units, with fewer than two annotators per unit, with unequal numbers of annotators,
        and when everything is of one category.

    Notes
    -----
    ``(P - P_e) / (1 - P_e)``: P is `pairwise_agreement`, ``P_e`` the sum of the squared shares of the
    categories over all units. With two annotators this is Scott's pi, not Cohen's kappa: both sides share one
    set of margins. Equals ``statsmodels.stats.inter_rater.fleiss_kappa``.

    References
    ----------
    J. L. Fleiss, Psychological Bulletin 76 (1971) 378-382, doi:10.1037/h0031619.

    Examples
    --------
    >>> round(fleiss_kappa([[2, 0], [1, 1], [0, 2]]), 6)
    0.333333
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 2 or table.size == 0:
        raise UndefinedStatisticError("there is no unit to agree on")
    totals = table.sum(axis=1)
    if (totals != totals[0]).any():
        raise UndefinedStatisticError("Fleiss' kappa needs equally many annotators for every unit")
    agreement = pairwise_agreement(table)
    shares: FloatArray = table.sum(axis=0) / table.sum()
    by_chance = float((shares**2).sum())
    if (shares > 0).sum() == 1:
        raise UndefinedStatisticError(ONE_KIND)
    return (agreement - by_chance) / (1.0 - by_chance)


def plurality(counts: ArrayLike) -> IntArray:
    """Name the category that more of a unit's annotators chose than any other.

    Parameters
    ----------
    counts : array_like of shape (n_units, n_categories)
        How many annotators chose each category.

    Returns
    -------
    ndarray of int of shape (n_units,)
        Position of the category; -1 where two or more share the most votes, or nobody voted.

    Raises
    ------
    ValueError
        When there are no categories.

    Notes
    -----
    Not the sign of a mean vote: of "first, tie, tie" this makes a tie, the sign makes "first".

    Examples
    --------
    >>> plurality([[3, 1, 1], [2, 2, 1], [0, 0, 1]])
    array([ 0, -1,  2])
    """
    table = np.asarray(counts, dtype=np.int64)
    most = table.max(axis=1, keepdims=True)
    alone = ((table == most).sum(axis=1) == 1) & (most[:, 0] > 0)
    return np.where(alone, table.argmax(axis=1), -1)


def macro_scores(
    given: ArrayLike,
    truth: ArrayLike,
    categories: ArrayLike | None = None,
    undefined_as: float | None = None,
) -> MacroScores:
    """Average precision, recall and F1 over the categories: how a three-way judge is usually scored.

    Parameters
    ----------
    given, truth : array_like of shape (n_units,)
        Categories said and right; NaN = not given, such a unit is left out. To count failures as wrong, give
        them a category that is not among `categories`.
    categories : array_like of shape (n_categories,), optional
        Those to average over; absent = all that the truth has.
    undefined_as : float, optional
        What an undefined precision, recall or F1 of one category counts as (scikit-learn's convention is 0);
        absent = it raises.

    Returns
    -------
    MacroScores
        Each 0 … 1, higher = better. F1 is the mean of the categories' F1, not the F1 of the means.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no unit has both; and, without `undefined_as`, when a category is never said
        (precision), never right (recall), or neither (F1).

    Notes
    -----
    ``precision = hits / said``, ``recall = hits / right``, ``F1 = 2 hits / (said + right)``; equals
    ``precision_recall_fscore_support(..., average="macro", zero_division=undefined_as)``. A category that is
    never hit but said and right has F1 = 0.

    Examples
    --------
    >>> macro_scores([1, 1, 2, 2], [1, 2, 2, 2])
    MacroScores(precision=0.75, recall=0.8333333333333333, f1=0.7333333333333334)
    """
    left, right = _shared(given, truth)
    kinds = np.unique(right) if categories is None else np.asarray(categories, dtype=np.float64)
    said, meant = left[:, None] == kinds, right[:, None] == kinds
    hits, n_said, n_meant = (said & meant).sum(axis=0), said.sum(axis=0), meant.sum(axis=0)
    fractions = ((hits, n_said), (hits, n_meant), (2 * hits, n_said + n_meant))
    means = [
        _macro_mean(name, kinds, top, bottom, undefined_as)
        for name, (top, bottom) in zip(MacroScores._fields, fractions, strict=True)
    ]
    return MacroScores(*means)


def _shared(a: ArrayLike, b: ArrayLike) -> tuple[FloatArray, FloatArray]:
    left, right = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if left.shape != right.shape or left.ndim != 1:
        raise ValueError(f"expected two arrays of one length, got {left.shape} and {right.shape}")
    both = ~np.isnan(left) & ~np.isnan(right)
    if not both.any():
        raise UndefinedStatisticError("no unit has a category on both sides")
    return left[both], right[both]


def _macro_mean(
    name: str, kinds: FloatArray, top: IntArray, bottom: IntArray, undefined_as: float | None
) -> float:
    empty = bottom == 0
    if empty.any() and undefined_as is None:
        raise UndefinedStatisticError(f"{name} of category {kinds[empty][0]:g}: no unit to compute it from")
    filler = 0.0 if undefined_as is None else undefined_as
    shares = np.divide(top, bottom, out=np.full(len(kinds), filler), where=~empty)
    return float(shares.mean())
