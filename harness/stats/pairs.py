"""A ranking with ties as what it says about each pair of answers.

Grades go in (higher = better, ties and gaps allowed, NaN = not ranked); only their order counts.
Pairs are in the order of ``numpy.triu_indices``: (0,1), (0,2), …, (k-2,k-1).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import BoolArray, FloatArray, IntArray, SignArray, as_grades


def pair_indices(n_answers: int) -> tuple[IntArray, IntArray]:
    """Give the first and the second answer of each of the k(k-1)/2 pairs.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers: there is no pair to compare.
    """
    if n_answers < 2:
        raise UndefinedStatisticError(f"{n_answers} answer(s): there is no pair to compare")
    return _pairs_of(n_answers)


@lru_cache(maxsize=64)
def _pairs_of(n_answers: int) -> tuple[IntArray, IntArray]:
    first, second = np.triu_indices(n_answers, 1)
    for side in (first, second):
        # Shared by all callers.
        side.flags.writeable = False
    return first, second


def signs_pairs_first(grades: FloatArray) -> SignArray:
    """Give pair signs with the pairs on the first axis; a missing pair is 0 here.

    Sums over pairs are several times faster along the first axis, which is why this form exists.
    """
    first, second = pair_indices(grades.shape[-1])
    by_answer = np.ascontiguousarray(np.moveaxis(grades, -1, 0))
    signs = np.empty((len(first), *by_answer.shape[1:]), dtype=np.int8)
    for pair, (i, j) in enumerate(zip(first, second, strict=True)):
        above = np.asarray(by_answer[i] > by_answer[j])
        below = np.asarray(by_answer[i] < by_answer[j])
        np.subtract(above.view(np.int8), below.view(np.int8), out=signs[pair, ...])
    return signs


def ranked_pairs_first(grades: FloatArray) -> BoolArray:
    """Tell, pairs on the first axis, where both answers of a pair are ranked."""
    first, second = pair_indices(grades.shape[-1])
    ranked = np.moveaxis(~np.isnan(grades), -1, 0)
    both: BoolArray = ranked[first] & ranked[second]
    return both


def pair_signs(grades: ArrayLike) -> tuple[SignArray, BoolArray]:
    """Say for each pair of answers which one is better.

    Parameters
    ----------
    grades : array_like of shape (..., n_answers)
        Higher = better, NaN = not ranked. A stack of rankings is usually (n_rankings, n_answers).

    Returns
    -------
    signs : ndarray of int8 of shape (..., n_pairs)
        +1 the first answer of the pair is better, -1 the second, 0 tied or missing.
    missing : ndarray of bool of shape (..., n_pairs)
        True where an answer of the pair is not ranked; such a sign says nothing.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.

    Examples
    --------
    >>> pair_signs([[4, 2, 2]])[0]
    array([[1, 1, 0]], dtype=int8)
    """
    array = as_grades(grades)
    signs = np.moveaxis(signs_pairs_first(array), 0, -1)
    missing = np.moveaxis(~ranked_pairs_first(array), 0, -1)
    return signs, missing


def thermometer(grades: ArrayLike) -> FloatArray:
    """Write a ranking as 2P numbers, 0 or 1, whose squared distance is the Kemeny distance.

    Parameters
    ----------
    grades : array_like of shape (..., n_answers)
        Higher = better, NaN = not ranked.

    Returns
    -------
    ndarray of shape (..., 2 * n_pairs)
        First u = 1[s >= 0] ("at least as good") for every pair, then v = 1[s > 0] ("strictly
        better") for every pair; NaN in both where the pair is not ranked.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.

    Notes
    -----
    For signs s, s' of one pair: ``|s - s'| = (u - u')**2 + (v - v')**2``. So means, variances and
    analysis of variance of these columns are those of √(Kemeny distance), without approximation.

    Examples
    --------
    >>> thermometer([4, 2, 2])
    array([1., 1., 1., 1., 1., 0.])
    """
    signs, missing = pair_signs(grades)
    columns = np.concatenate([signs >= 0, signs > 0], axis=-1).astype(np.float64)
    columns[np.concatenate([missing, missing], axis=-1)] = np.nan
    return columns


def dense_grades(grades: ArrayLike) -> FloatArray:
    """Number the tiers of each ranking without gaps, 1 = worst.

    Parameters
    ----------
    grades : array_like of shape (..., n_answers)
        Higher = better, NaN = not ranked.

    Returns
    -------
    ndarray of shape (..., n_answers)
        1 = worst … number of tiers = best; NaN stays NaN.

    Examples
    --------
    >>> dense_grades([4, 1, 4, 3])
    array([3., 1., 3., 2.])
    """
    array = as_grades(grades)
    equal_to_earlier = np.tril(array[..., :, None] == array[..., None, :], -1)
    new_tier = ~equal_to_earlier.any(axis=-1) & ~np.isnan(array)
    below = array[..., None, :] < array[..., :, None]
    dense = 1.0 + (below & new_tier[..., None, :]).sum(axis=-1)
    return np.where(np.isnan(array), np.nan, dense)


def tiers(grades: ArrayLike) -> tuple[tuple[int, ...], ...]:
    """List the answers of one ranking tier by tier, best tier first; unranked answers are left out.

    Examples
    --------
    >>> tiers([3, 1, 3, 2])
    ((0, 2), (3,), (1,))
    """
    array = as_grades(grades)
    if array.ndim != 1:
        raise ValueError("tiers takes one ranking, an array with one axis")
    levels = np.unique(array[~np.isnan(array)])[::-1]
    return tuple(tuple(int(i) for i in np.flatnonzero(array == level)) for level in levels)


def mid_ranks(grades: ArrayLike) -> FloatArray:
    """Place the answers on 1 = worst … k = best, tied answers sharing the mean of their places.

    Parameters
    ----------
    grades : array_like of shape (..., n_answers)
        Higher = better, NaN = not ranked.

    Returns
    -------
    ndarray of shape (..., n_answers)
        Mid-ranks in grade direction: higher = better. They sum to k(k+1)/2, where k counts the
        ranked answers only; NaN stays NaN.

    Notes
    -----
    ``1 + #worse + (#equal - 1) / 2``; the same as ``scipy.stats.rankdata(grades, "average")``.

    Examples
    --------
    >>> mid_ranks([4, 2, 2, 1])
    array([4. , 2.5, 2.5, 1. ])
    """
    array = as_grades(grades)
    worse = (array[..., None, :] < array[..., :, None]).sum(axis=-1)
    equal = (array[..., None, :] == array[..., :, None]).sum(axis=-1)
    return np.where(np.isnan(array), np.nan, 1.0 + worse + (equal - 1) / 2)


def tie_share(grades: ArrayLike) -> FloatArray:
    """Give the share of an annotator's pairs of answers that are tied.

    Parameters
    ----------
    grades : array_like of shape (..., n_answers)
        Higher = better, NaN = not ranked.

    Returns
    -------
    ndarray of shape (...)
        0 = a strict ranking, 1 = all answers equal. In a stack, NaN for a ranking without any pair.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers, and for a single ranking in which fewer than two
        answers are ranked.

    Examples
    --------
    >>> float(tie_share([2, 2, 1, 1])) == 2 / 6
    True
    """
    signs, missing = pair_signs(grades)
    n_pairs = (~missing).sum(axis=-1)
    tied = ((signs == 0) & ~missing).sum(axis=-1)
    return defined_or_raise(ratio(tied, n_pairs), "fewer than two answers are ranked")


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> FloatArray:
    """Divide element by element; NaN, without a warning, where the denominator is 0."""
    top, bottom = np.broadcast_arrays(
        np.asarray(numerator, dtype=np.float64), np.asarray(denominator, dtype=np.float64)
    )
    quotient = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=quotient, where=bottom != 0)
    return quotient


def defined_or_raise(values: FloatArray, reason: str) -> FloatArray:
    """Pass on a stack, in which NaN marks what is undefined; refuse a single undefined number.

    Raises
    ------
    UndefinedStatisticError
        When `values` is one number and that number is NaN.
    """
    if values.ndim == 0 and np.isnan(values):
        raise UndefinedStatisticError(reason)
    return values
