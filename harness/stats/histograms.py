"""How often each order with ties occurs: all that rankings of up to five answers have to say."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, IntArray, as_grades
from harness.stats.pairs import dense_grades, pair_indices

MAX_ANSWERS = 5
"""541 orders of five answers; six answers have 4,683, and their pairs are the smaller table."""
MISSING = -1
"""Bin of a ranking that leaves an answer out."""

CodeArray = NDArray[np.int32]


@lru_cache(maxsize=8)
def weak_orders(n_answers: int) -> FloatArray:
    """List every order with ties of so many answers.

    Parameters
    ----------
    n_answers : int
        2 to 5.

    Returns
    -------
    ndarray of shape (n_orders, n_answers)
        Dense grades (1 = worst), in lexicographic order; 3, 13, 75, 541 of them for 2, 3, 4, 5 answers.
        Shared by all callers and not writeable.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two or more than five answers.

    Examples
    --------
    >>> weak_orders(2).tolist()
    [[1.0, 1.0], [1.0, 2.0], [2.0, 1.0]]
    """
    _refuse_size(n_answers)
    every = np.array(list(product(range(1, n_answers + 1), repeat=n_answers)), dtype=np.float64)
    orders: FloatArray = every[(dense_grades(every) == every).all(axis=1)]
    orders.flags.writeable = False
    return orders


def order_bins(grades: ArrayLike) -> IntArray:
    """Say which of the orders of `weak_orders` each ranking is.

    Parameters
    ----------
    grades : array_like of shape (..., n_answers)
        Higher = better, NaN = not ranked; 2 to 5 answers.

    Returns
    -------
    ndarray of shape (...)
        Row of `weak_orders`, or -1 where an answer is not ranked.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two or more than five answers.

    Notes
    -----
    The signs of the pairs, read as digits in base three, are looked up: some 5 ms per million rankings of
    four answers.

    Examples
    --------
    >>> order_bins([[7, 3], [2, 2], [1, float("nan")]])
    array([ 2,  0, -1])
    """
    array = as_grades(grades)
    _refuse_size(array.shape[-1])
    by_answer = np.ascontiguousarray(np.moveaxis(array, -1, 0))
    bins = _bins_of_codes(array.shape[-1])[_codes(by_answer)]
    bins[np.isnan(by_answer).any(axis=0)] = MISSING
    return np.asarray(bins)


def order_histograms(grades: ArrayLike) -> IntArray:
    """Count, in each case, how many rankings have each order.

    Parameters
    ----------
    grades : array_like of shape (n_cases, n_rankings, n_answers)
        Higher = better, NaN = not ranked; 2 to 5 answers.

    Returns
    -------
    ndarray of shape (n_cases, n_orders)
        Columns as the rows of `weak_orders`; a ranking that leaves an answer out is not counted.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two or more than five answers.

    Examples
    --------
    >>> order_histograms([[[2, 1], [4, 3], [1, 1]], [[1, 2], [1, 2], [1, 2]]])
    array([[1, 0, 2],
           [0, 3, 0]])
    """
    bins = order_bins(grades)
    if bins.ndim != 2:
        raise ValueError("expected grades of shape (n_cases, n_rankings, n_answers)")
    n_cases, n_orders = len(bins), len(weak_orders(np.shape(grades)[-1]))
    places = bins + n_orders * np.arange(n_cases)[:, None]
    counts = np.bincount(places[bins != MISSING], minlength=n_cases * n_orders)
    return counts.reshape(n_cases, n_orders).astype(np.int64)


@lru_cache(maxsize=8)
def pair_tables(n_answers: int) -> tuple[FloatArray, FloatArray]:
    """Say for every order and pair of answers whether the first is at least as good, and whether better.

    Parameters
    ----------
    n_answers : int
        2 to 5.

    Returns
    -------
    at_least, above : ndarray of shape (n_orders, n_pairs)
        0 or 1. A histogram times these tables counts the rankings that say so.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two or more than five answers.
    """
    orders = weak_orders(n_answers)
    first, second = pair_indices(n_answers)
    at_least = (orders[:, first] >= orders[:, second]).astype(np.float64)
    above = (orders[:, first] > orders[:, second]).astype(np.float64)
    for table in (at_least, above):
        table.flags.writeable = False
    return at_least, above


def _codes(by_answer: FloatArray) -> CodeArray:
    """Signs of the pairs as digits 0, 1, 2 of a number in base three; a missing grade counts as a tie."""
    first, second = pair_indices(len(by_answer))
    codes = np.zeros(by_answer.shape[1:], dtype=np.int32)
    for i, j in zip(first, second, strict=True):
        codes *= 3
        codes += np.asarray(by_answer[i] > by_answer[j])
        codes -= np.asarray(by_answer[i] < by_answer[j])
    codes += (3 ** len(first) - 1) // 2
    return codes


@lru_cache(maxsize=8)
def _bins_of_codes(n_answers: int) -> IntArray:
    orders = weak_orders(n_answers)
    bins = np.full(3 ** len(pair_indices(n_answers)[0]), MISSING, dtype=np.int64)
    bins[_codes(np.ascontiguousarray(orders.T))] = np.arange(len(orders))
    return bins


def _refuse_size(n_answers: int) -> None:
    if not 2 <= n_answers <= MAX_ANSWERS:
        raise UndefinedStatisticError(
            f"orders are counted for 2 to {MAX_ANSWERS} answers, not {n_answers}: use the pairs"
        )
