"""Which situations are predicted by whom: never by a fit that saw them."""

from __future__ import annotations

import numpy as np

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import IntArray

MAX_LEAVE_ONE = 100
"""More situations than this are left out in groups."""
N_FOLDS = 10


def situation_folds(
    cases_per_situation: IntArray, rng: np.random.Generator, n_folds: int | None = None
) -> IntArray:
    """Deal situations to folds, all cases of one situation together.

    Parameters
    ----------
    cases_per_situation : ndarray of int of shape (n_situations,)
        How many cases share each situation.
    rng : numpy.random.Generator
        Breaks ties: situations of one size are dealt in random order.
    n_folds : int, optional
        Absent: one fold for each situation up to 100 of them, ten folds for more.

    Returns
    -------
    ndarray of shape (n_situations,)
        The fold of each situation, from 0: as many cases in each as can be, the largest situations first.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two situations.
    """
    n_situations = len(cases_per_situation)
    if n_situations < 2:
        raise UndefinedStatisticError("one situation cannot be left out: nothing is left to learn from")
    if n_folds is None:
        n_folds = n_situations if n_situations <= MAX_LEAVE_ONE else N_FOLDS
    if n_folds >= n_situations:
        return np.arange(n_situations)
    folds = np.empty(n_situations, dtype=np.int64)
    filled = np.zeros(n_folds, dtype=np.int64)
    shuffled = rng.permutation(n_situations)
    for situation in shuffled[np.argsort(-cases_per_situation[shuffled], kind="stable")]:
        folds[situation] = np.argmin(filled)
        filled[folds[situation]] += cases_per_situation[situation]
    return folds
