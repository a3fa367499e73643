"""Maps of complete rankings, from mean thermometers alone: many cases take one product of matrices."""

from __future__ import annotations

from functools import lru_cache
from math import isqrt

import numpy as np

from harness.stats.arrays import FloatArray, IntArray
from harness.stats.pairs import pair_indices


def relabelled_columns(columns: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Give the mean thermometers of complete rankings once the answers are named at random.

    Parameters
    ----------
    columns : ndarray of shape (n_annotators, 2 * n_pairs)
        From `harness.stats.map.mean_columns`, nothing missing.
    rng : numpy.random.Generator
        The same numbers give what `mean_columns` of `relabelled` would.

    Returns
    -------
    ndarray of shape (n_annotators, 2 * n_pairs)
    """
    n_pairs = columns.shape[1] // 2
    at_least, above = _turned_pairs(n_pairs)
    n_answers = len(at_least)
    sources = rng.random((len(columns), n_answers)).argsort(axis=1)
    first, second = (sources[:, side] for side in pair_indices(n_answers))
    places = np.concatenate([at_least[first, second], above[first, second]], axis=1)
    # Read the other way round, "at least as good" is what is left of "strictly better".
    turned = 1.0 - np.concatenate([columns[:, n_pairs:], columns[:, :n_pairs]], axis=1)
    return np.take_along_axis(np.concatenate([columns, turned], axis=1), places, axis=1)


@lru_cache(maxsize=16)
def _turned_pairs(n_pairs: int) -> tuple[IntArray, IntArray]:
    """For answers a and b, where both columns of their pair stand, as it is listed or turned."""
    n_answers = (1 + isqrt(1 + 8 * n_pairs)) // 2
    first, second = pair_indices(n_answers)
    at_least, above = np.zeros((2, n_answers, n_answers), dtype=np.int64)
    pairs = np.arange(n_pairs)
    at_least[first, second], at_least[second, first] = pairs, 2 * n_pairs + pairs
    above[first, second], above[second, first] = n_pairs + pairs, 3 * n_pairs + pairs
    return at_least, above


def summed_distances(columns: FloatArray) -> FloatArray:
    """Add up the distances of `harness.stats.map.case_distances` over cases in which nothing is missing.

    Parameters
    ----------
    columns : ndarray of shape (n_cases, n_points, 2 * n_pairs)

    Returns
    -------
    ndarray of shape (n_points, n_points)
        One product of matrices for all cases.
    """
    n_points, n_pairs = columns.shape[1], columns.shape[2] // 2
    rows = np.swapaxes(columns, 0, 1).reshape(n_points, -1)
    squares = (rows**2).sum(axis=1)
    total = squares[:, None] + squares - 2.0 * rows @ rows.T
    return np.asarray(np.maximum(total, 0.0) / n_pairs)
