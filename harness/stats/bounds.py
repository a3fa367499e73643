"""What missing verdicts could have been at worst and at best."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, SignArray, as_group
from harness.stats.pairs import dense_grades, ranked_pairs_first, ratio, signs_pairs_first

MAX_TRIED = 5
"""With more answers than this the orders are too many to be tried for every case (six: 4,683)."""
_SIGNS = np.array([-1, 0, 1], dtype=np.int8)


class Extremes(NamedTuple):
    """The lowest and the highest mean agreement that any ranking could have."""

    worst: float
    best: float


def tau_extremes(others: ArrayLike) -> Extremes:
    """Find the least and the greatest mean tau_x with some people that any order with ties could reach.

    Parameters
    ----------
    others : array_like of shape (n_people, n_answers)
        Higher = better, NaN = not ranked.

    Returns
    -------
    Extremes
        Both within -1 … 1. For a verdict that is missing, whatever it would have been lies between them.

    Raises
    ------
    UndefinedStatisticError
        Undefined when nobody ranks two answers.

    Notes
    -----
    The mean over people is a sum over pairs of answers of a cost for each of the three signs. Up to five
    answers all weak orders (541) are tried. With more, each pair takes its own best and worst sign, which no
    order need have: a wider, still valid bound.

    Examples
    --------
    Two people with opposite orders of two answers: whoever orders them agrees with one, whoever ties with
    neither, and every order has mean 0.

    >>> tau_extremes([[2, 1], [1, 2]])
    Extremes(worst=0.0, best=0.0)
    """
    group = as_group(others)
    gain = _pair_gains(group)
    n_answers = group.shape[1]
    if n_answers > MAX_TRIED:
        return Extremes(float(gain.min(axis=1).sum()), float(gain.max(axis=1).sum()))
    columns = _sign_columns(n_answers)
    reached = gain[np.arange(len(gain)), columns].sum(axis=1)
    return Extremes(float(reached.min()), float(reached.max()))


def bounded_mean(known: float, n_known: int, n_missing: int, extremes: Extremes) -> Extremes:
    """Say between what the mean of a case would lie if its missing verdicts had come in.

    Parameters
    ----------
    known : float
        Mean over the verdicts that are there; ignored when there is none.
    n_known, n_missing : int
        Verdicts that are there, and that failed.
    extremes : Extremes
        What one verdict can reach, from `tau_extremes`.

    Raises
    ------
    UndefinedStatisticError
        Undefined without any verdict, known or missing.

    Examples
    --------
    >>> bounded_mean(0.5, 3, 1, Extremes(-1.0, 1.0))
    Extremes(worst=0.125, best=0.625)
    """
    total = n_known + n_missing
    if total == 0:
        raise UndefinedStatisticError("no verdict was asked for")
    sum_known = n_known * known if n_known else 0.0
    worst, best = ((sum_known + n_missing * end) / total for end in extremes)
    return Extremes(worst, best)


def weak_orders(n_answers: int) -> FloatArray:
    """List every order with ties of a few answers, as dense grades (1 = worst): 3, 13, 75, 541 of 2 to 5.

    Examples
    --------
    >>> weak_orders(2)
    array([[1., 1.],
           [1., 2.],
           [2., 1.]])
    """
    every = np.array(list(product(range(1, n_answers + 1), repeat=n_answers)), dtype=np.float64)
    return np.unique(dense_grades(every), axis=0)


def _pair_gains(group: FloatArray) -> FloatArray:
    """What each sign of each pair adds to the mean tau_x: shape (n_pairs, 3), signs -1, 0, +1."""
    signs, shared = signs_pairs_first(group), ranked_pairs_first(group)
    n_shared = shared.sum(axis=0)
    counted = n_shared > 0
    if not counted.any():
        raise UndefinedStatisticError("nobody ranks two answers")
    weight = ratio(shared[:, counted], n_shared[counted]) / counted.sum()
    distance = np.abs(_SIGNS[None, :, None] - signs[:, None, counted])
    return np.asarray((weight[:, None, :] * (1.0 - distance)).sum(axis=2))


@lru_cache(maxsize=8)
def _sign_columns(n_answers: int) -> SignArray:
    """Which of the three signs each weak order has in each pair: shape (n_orders, n_pairs)."""
    return np.asarray(signs_pairs_first(weak_orders(n_answers)).T + 1, dtype=np.int8)
