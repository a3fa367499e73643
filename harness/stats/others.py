"""Each annotator's agreement with the others of one case, as sums: memory linear in annotators."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray, as_group
from harness.stats.pairs import pair_signs, ratio

_BLOCK = 256
"""Annotators compared with all others at once, when rankings are incomplete."""


class TauSums(NamedTuple):
    """Row sums of the table of tau_x between annotators, the diagonal left out."""

    sums: FloatArray
    """(n_annotators,): sum of tau_x to each of the others."""
    counts: FloatArray
    """(n_annotators,): how many others share a pair of ranked answers with this one."""

    @property
    def mean(self) -> float:
        """Mean tau_x between two annotators; NaN when no two share a pair."""
        return float(ratio(self.sums.sum(), self.counts.sum()))

    @property
    def leave_one_out(self) -> FloatArray:
        """Mean tau_x of each annotator to the others; NaN for who shares a pair with nobody."""
        return ratio(self.sums, self.counts)

    @property
    def without_each(self) -> FloatArray:
        """Mean tau_x between two annotators when each in turn is left out."""
        return ratio(self.sums.sum() - 2.0 * self.sums, self.counts.sum() - 2.0 * self.counts)


def tau_sums(grades: ArrayLike) -> TauSums:
    """Add up, for each annotator, the agreement with each of the others on one case.

    Parameters
    ----------
    grades : array_like of shape (n_annotators, n_answers)
        Higher = better, NaN = not ranked.

    Returns
    -------
    TauSums
        Sums and counts; both 0 for who ranked nothing. The mean of all, each one's mean with the others, and
        the mean without each one follow without the table of all pairs.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.

    Notes
    -----
    Complete rankings: in one pair of answers with p annotators above, z tied and m below, who stands above is
    at distance z + 2 m from all others together; O(n). Incomplete ones: pair by pair, a block at a time,
    O(n²) time and O(n) memory.

    Examples
    --------
    >>> tau_sums([[2, 1], [1, 2], [2, 1]]).leave_one_out
    array([ 0., -1.,  0.])
    """
    group = as_group(grades)
    voters = np.flatnonzero(~np.isnan(group).all(axis=1))
    sums, counts = np.zeros(len(group)), np.zeros(len(group))
    if len(voters) > 1:
        own = group[voters]
        found = _sums_of_incomplete(own) if np.isnan(own).any() else _sums_of_complete(own)
        sums[voters], counts[voters] = found
    return TauSums(sums, counts)


def _sums_of_complete(group: FloatArray) -> tuple[FloatArray, FloatArray]:
    signs = pair_signs(group)[0].astype(np.int64)
    above, tied, below = ((signs == side).sum(axis=0) for side in (1, 0, -1))
    distances = np.where(signs > 0, tied + 2 * below, np.where(signs < 0, tied + 2 * above, above + below))
    others = float(len(group) - 1)
    return others - distances.sum(axis=1) / signs.shape[1], np.full(len(group), others)


def _sums_of_incomplete(group: FloatArray) -> tuple[FloatArray, FloatArray]:
    sums, counts = np.zeros(len(group)), np.zeros(len(group))
    for start in range(0, len(group), _BLOCK):
        block = slice(start, start + _BLOCK)
        table = np.array(tau_x(group[block, None], group[None]))
        rows = np.arange(len(table))
        table[rows, start + rows] = np.nan
        shared = ~np.isnan(table)
        sums[block] = np.where(shared, table, 0.0).sum(axis=1)
        counts[block] = shared.sum(axis=1)
    return sums, counts
