"""How alike rankings are that differ in one thing: all pairs of rankings, without listing a single pair."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.stats.arrays import BoolArray, FloatArray, IntArray


class LevelSums(NamedTuple):
    """Sums over pairs of rankings, one entry for each level within a stratum.

    An entry adds up all pairs of a ranking of this level with a ranking of another level of the same stratum.
    Over all entries of a stratum every pair is therefore counted twice.
    """

    strata: IntArray
    """(n_groups,)"""
    levels: IntArray
    """(n_groups,)"""
    n_pairs: FloatArray
    """(n_groups,): pairs of rankings that have at least one pair of answers in common."""
    tau: FloatArray
    """(n_groups,): sum of their tau_x."""
    changed: FloatArray
    """(n_groups,): sum of their shares of answer pairs that are read differently."""
    group_of: IntArray
    """(n_rankings,): the entry to which each ranking belongs."""


def between_levels(signs: ArrayLike, strata: ArrayLike, levels: ArrayLike) -> LevelSums:
    """Add up how alike rankings of one case are that share a stratum and differ in level.

    Parameters
    ----------
    signs : array_like of shape (n_rankings, n_pairs)
        +1, 0 or -1 for each pair of answers; NaN = not ranked.
    strata : array_like of int of shape (n_rankings,)
        What must be the same for two rankings to be compared.
    levels : array_like of int of shape (n_rankings,)
        What must differ.

    Returns
    -------
    LevelSums
        Sums, not means, so that strata and judges can be put together; 0 pairs where a level is alone.

    Notes
    -----
    Both figures are bilinear in the counts of +1, 0 and -1 per pair of answers, so the sum over all pairs of
    rankings needs these counts only: time is linear in rankings. Two rankings are compared on the answer
    pairs that both ranked (tau_x of methods.md §1.2); rankings are counted by which pairs they lack, so time
    grows with the square of the number of such patterns, which is 1 for complete rankings.

    Examples
    --------
    >>> sums = between_levels([[1, 1, 1], [1, 1, -1], [1, 1, 1]], [0, 0, 0], [0, 1, 1])
    >>> sums.n_pairs.tolist(), sums.changed.round(4).tolist()
    ([2.0, 2.0], [0.3333, 0.3333])
    """
    table = np.asarray(signs, dtype=np.float64)
    groups = _groups(np.asarray(strata, dtype=np.int64), np.asarray(levels, dtype=np.int64))
    patterns, pattern_of = _patterns(np.isnan(table))
    counted = [_counts(table, pattern_of == one, groups) for one in range(len(patterns))]
    n_pairs, tau, changed = np.zeros((3, len(groups.levels)))
    for (one, own), (other, rest) in product(enumerate(counted), repeat=2):
        shared = ~(patterns[one] | patterns[other])
        if not shared.any():
            continue
        own_counts, other_counts = own.by_level[:, shared], rest.of_others[:, shared]
        found = own.n_by_level * rest.n_of_others
        n_pairs += found
        tau += found - _distance(own_counts, other_counts) / shared.sum()
        changed += found - (own_counts * other_counts).sum(axis=(1, 2)) / shared.sum()
    return LevelSums(groups.strata, groups.levels, n_pairs, tau, changed, groups.of_ranking)


class _Groups(NamedTuple):
    of_ranking: IntArray
    strata: IntArray
    levels: IntArray
    stratum_of: IntArray
    """(n_groups,): place of the group's stratum among all."""


class _Counts(NamedTuple):
    by_level: FloatArray
    """(n_groups, n_answer_pairs, 3): how many rankings of the group say -1, 0, +1."""
    n_by_level: FloatArray
    of_others: FloatArray
    """The same for the other levels of the stratum."""
    n_of_others: FloatArray


def _groups(strata: IntArray, levels: IntArray) -> _Groups:
    all_strata, stratum = np.unique(strata, return_inverse=True)
    all_levels, level = np.unique(levels, return_inverse=True)
    # One number for each level within a stratum, in the order of both.
    found, of_ranking = np.unique(stratum * len(all_levels) + level, return_inverse=True)
    stratum_of, level_of = np.divmod(found, max(1, len(all_levels)))
    return _Groups(of_ranking.ravel(), all_strata[stratum_of], all_levels[level_of], stratum_of)


def _patterns(missing: BoolArray) -> tuple[BoolArray, IntArray]:
    if not missing.any():
        return missing[:1], np.zeros(len(missing), dtype=np.int64)
    patterns, pattern_of = np.unique(missing, axis=0, return_inverse=True)
    return patterns, pattern_of.ravel()


def _counts(signs: FloatArray, chosen: BoolArray, groups: _Groups) -> _Counts:
    n_groups, n_strata = len(groups.levels), int(groups.stratum_of.max(initial=-1)) + 1
    own = groups.of_ranking[chosen]
    says = (signs[chosen][:, :, None] == np.array([-1.0, 0.0, 1.0])).astype(np.float64)
    by_level = _added(says, own, n_groups)
    in_stratum = _added(by_level, groups.stratum_of, n_strata)
    n_by_level = np.bincount(own, minlength=n_groups).astype(np.float64)
    n_in_stratum = np.bincount(groups.stratum_of, weights=n_by_level, minlength=n_strata)
    others = in_stratum[groups.stratum_of] - by_level
    return _Counts(by_level, n_by_level, others, n_in_stratum[groups.stratum_of] - n_by_level)


def _added(counts: FloatArray, places: IntArray, n_places: int) -> FloatArray:
    """Sum of the counts of each place; whole numbers, so in whatever order."""
    sums = np.zeros((n_places, *counts.shape[1:]))
    if len(places):
        order = np.argsort(places, kind="stable")
        found, starts = np.unique(places[order], return_index=True)
        sums[found] = np.add.reduceat(counts[order], starts, axis=0)
    return sums


def _distance(own: FloatArray, others: FloatArray) -> FloatArray:
    """Sum of |s - s'| over rankings and answer pairs, from counts of -1, 0, +1 on the last axis."""
    below, tied, above = own[..., 0], own[..., 1], own[..., 2]
    moved = (
        below * (others[..., 1] + 2 * others[..., 2])
        + tied * (others[..., 0] + others[..., 2])
        + above * (2 * others[..., 0] + others[..., 1])
    )
    total: FloatArray = moved.sum(axis=1)
    return total
