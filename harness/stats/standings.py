"""How items fare that are ranked together in many cases: share of comparisons won, and mean place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harness.stats.arrays import FloatArray
from harness.stats.pairs import mid_ranks, ratio
from harness.stats.stages import Pool

BLOCK = 32_768
"""Rankings that are looked at together: memory stays bounded."""

_Tally = Callable[[Pool], tuple[FloatArray, FloatArray]]


def win_shares(pool: Pool, n_items: int) -> FloatArray:
    """Give each item's share of comparisons won, case by case: ties count a half.

    Parameters
    ----------
    pool : Pool
        From `pool_rankings`; its clusters are the cases.
    n_items : int
        Items are numbered from 0.

    Returns
    -------
    ndarray of shape (n_cases, n_items)
        0 = lost against everything … 1 = won against everything; cases in ascending order of their numbers;
        NaN where an item was compared with no other one. Two answers of the same item are not compared.
    """
    return _by_case(pool, n_items, _wins)


def mean_places(pool: Pool, n_items: int) -> FloatArray:
    """Give each item's mean mid-rank, case by case: 1 = worst … k = best, NaN where it was not ranked.

    Parameters
    ----------
    pool, n_items
        As in `win_shares`. Places compare between cases only where these rank equally many answers.

    Returns
    -------
    ndarray of shape (n_cases, n_items)
    """
    return _by_case(pool, n_items, _places)


def _by_case(pool: Pool, n_items: int, tally: _Tally) -> FloatArray:
    names, case = np.unique(pool.clusters, return_inverse=True)
    place = np.asarray(case).ravel()[:, None] * n_items + pool.items
    size = len(names) * n_items
    sums, counts = np.zeros(size), np.zeros(size)
    for start in range(0, len(pool.weights), BLOCK):
        rows = slice(start, start + BLOCK)
        block = pool.rows(rows)
        gained, counted = tally(block)
        weight = block.weights[:, None]
        sums += np.bincount(place[rows].ravel(), (gained * weight).ravel(), size)
        counts += np.bincount(place[rows].ravel(), (counted * weight).ravel(), size)
    return ratio(sums, counts).reshape(len(names), n_items)


def _wins(pool: Pool) -> tuple[FloatArray, FloatArray]:
    own, other = pool.grades[:, :, None], pool.grades[:, None, :]
    met = ~np.isnan(own) & ~np.isnan(other) & (pool.items[:, :, None] != pool.items[:, None, :])
    won = np.where(met, (own > other) + 0.5 * (own == other), 0.0)
    return np.asarray(won.sum(axis=2)), np.asarray(met.sum(axis=2), dtype=np.float64)


def _places(pool: Pool) -> tuple[FloatArray, FloatArray]:
    ranked = ~np.isnan(pool.grades)
    return np.where(ranked, mid_ranks(pool.grades), 0.0), ranked.astype(np.float64)
