"""The log-likelihood of stages of choice with ties (Davidson-Luce), and its derivatives."""

from __future__ import annotations

import numpy as np

from harness.stats.arrays import FloatArray, IntArray
from harness.stats.stages import Stages

STEP = 1e-5
"""Step of the central differences that give the information from the exact gradient."""


class Likelihood:
    """The log-likelihood of stages, as a function of log-worths followed by log-deltas."""

    def __init__(self, stages: Stages, n_items: int, tie_sizes: tuple[int, ...]) -> None:
        self.stages, self.n_items, self.tie_sizes = stages, n_items, tie_sizes
        self.n_points = n_items + len(tie_sizes)
        self._set_weights = np.bincount(stages.set_of, stages.weights, len(stages.sets))
        # A padded place points to one item more, whose worth is 0.
        self._places = np.where(stages.sets < 0, n_items, stages.sets)
        self._total = self._taken(np.zeros(len(stages.weights), dtype=np.int64), 1)[0]

    def value(self, point: FloatArray) -> float:
        """Log-likelihood."""
        return self.value_and_gradient(point)[0]

    def value_and_gradient(self, point: FloatArray) -> tuple[float, FloatArray]:
        """Log-likelihood and its gradient."""
        log_sums, by_item, by_size = self._expected(point)
        value = float(self._total @ point - self._set_weights @ log_sums)
        weighted = (by_item * self._set_weights[:, None]).ravel()
        items = np.bincount(self._places.ravel(), weighted, self.n_items + 1)[:-1]
        return value, self._total - np.concatenate([items, self._set_weights @ by_size])

    def information(self, point: FloatArray) -> FloatArray:
        """Minus the second derivatives."""
        columns = []
        for place in range(self.n_points):
            step = np.zeros(self.n_points)
            step[place] = STEP
            above, below = (self.value_and_gradient(point + sign * step)[1] for sign in (1, -1))
            columns.append((below - above) / (2.0 * STEP))
        matrix = np.array(columns)
        return np.asarray((matrix + matrix.T) / 2.0)

    def scores(self, point: FloatArray) -> FloatArray:
        """Gradient of each cluster's own rankings: an array of shape (n_clusters, n_points)."""
        _, by_item, by_size = self._expected(point)
        stages = self.stages
        names, cluster = np.unique(stages.clusters, return_inverse=True)
        cluster = np.asarray(cluster, dtype=np.int64).ravel()
        sums = np.zeros((len(names), self.n_items + 1))
        places = self._places[stages.set_of]
        expected = by_item[stages.set_of] * stages.weights[:, None]
        np.add.at(sums, (np.repeat(cluster, places.shape[1]), places.ravel()), expected.ravel())
        sizes = np.zeros((len(names), len(self.tie_sizes)))
        np.add.at(sizes, cluster, by_size[stages.set_of] * stages.weights[:, None])
        return np.asarray(self._taken(cluster, len(names)) - np.concatenate([sums[:, :-1], sizes], axis=1))

    def _taken(self, cluster: IntArray, n_clusters: int) -> FloatArray:
        """Features of what was taken: 1/|S| for every item of S, and 1 for the size of the tie."""
        stages = self.stages
        features = np.zeros((n_clusters, self.n_points))
        rows, places = np.nonzero(stages.chosen)
        share = stages.weights[rows] / stages.sizes[rows]
        np.add.at(features, (cluster[rows], stages.sets[stages.set_of[rows], places]), share)
        for number, size in enumerate(self.tie_sizes):
            tied = stages.sizes == size
            np.add.at(features[:, self.n_items + number], cluster[tied], stages.weights[tied])
        return features

    def _expected(self, point: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """For each choice set: log of the denominator, mean features by place, chance of each tie size."""
        worth = np.append(point[: self.n_items], -np.inf)[self._places]
        top = worth.max(axis=1)
        log_delta = np.append(0.0, point[self.n_items :])
        largest = float(log_delta.max())
        deltas = np.exp(log_delta - largest)
        parts = [block_sums(worth - top[:, None], size) for size in (1, *self.tie_sizes)]
        whole = np.array([delta * sums for delta, (sums, _) in zip(deltas, parts, strict=True)])
        single = np.sum([delta * held for delta, (_, held) in zip(deltas, parts, strict=True)], axis=0)
        total = whole.sum(axis=0)
        return np.log(total) + top + largest, single / total[:, None], (whole[1:] / total).T


def block_sums(relative: FloatArray, size: int) -> tuple[FloatArray, FloatArray]:
    """Sum f over all blocks of one size, and over those that hold each item, divided by the size.

    Parameters
    ----------
    relative : ndarray of shape (n_sets, width)
        Log-worths of the members of each set; minus infinity = no member.
    size : int
        Items taken at once, d.

    Returns
    -------
    whole : ndarray of shape (n_sets,)
        The elementary symmetric polynomial e_d of the d-th roots of the worths.
    held : ndarray of shape (n_sets, width)
        ``x_i e_(d-1)(without x_i) / d``, from the products of the items before and after i: sums of positive
        terms only, so nothing cancels.
    """
    roots = np.exp(relative / size).T
    n_items, n_sets = roots.shape
    before = _running(roots, size)
    after = _running(roots[::-1], size)[::-1]
    without = np.zeros((n_items, n_sets))
    for order in range(size):
        without += before[:-1, order] * after[1:, size - 1 - order]
    return before[-1, size], (roots * without / size).T


def _running(roots: FloatArray, size: int) -> FloatArray:
    """Elementary symmetric polynomials of the first t items: shape (n_items + 1, size + 1, n_sets)."""
    n_items, n_sets = roots.shape
    sums = np.zeros((n_items + 1, size + 1, n_sets))
    sums[:, 0] = 1.0
    for place in range(n_items):
        sums[place + 1, 1:] = sums[place, 1:] + roots[place] * sums[place, :-1]
    return sums
