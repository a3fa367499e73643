"""Rankings as stages of choice: from the answers that are left, a block of tied ones is taken."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.stats.arrays import BoolArray, FloatArray, IntArray, as_group
from harness.stats.pairs import dense_grades

ABSENT = -1
"""Fills the rows of choice sets that are smaller than the largest."""
LARGEST = 2**62
"""Whole numbers up to here stand for rows."""


class Stages(NamedTuple):
    """Distinct choice sets, and what was chosen from them how often."""

    sets: IntArray
    """(n_sets, width): the items of a choice set, ascending, then `ABSENT`."""
    set_of: IntArray
    """(n_stages,): row of `sets`."""
    chosen: BoolArray
    """(n_stages, width): which members of the set were taken."""
    weights: FloatArray
    """(n_stages,)"""
    clusters: IntArray
    """(n_stages,): the case (or other unit) that the ranking belongs to, numbered from 0."""

    @property
    def sizes(self) -> IntArray:
        """(n_stages,): how many items were taken at once; more than one = a tie."""
        return np.asarray(self.chosen.sum(axis=1), dtype=np.int64)

    @property
    def set_sizes(self) -> IntArray:
        """(n_stages,): how many items there were to choose from."""
        return np.asarray((self.sets >= 0).sum(axis=1)[self.set_of], dtype=np.int64)


class Pool(NamedTuple):
    """Rankings of some items each: row i grades the items that stand in row i of `items`."""

    grades: FloatArray
    items: IntArray
    weights: FloatArray
    clusters: IntArray

    def rows(self, which: slice | BoolArray) -> Pool:
        """Some of the rankings."""
        return Pool(self.grades[which], self.items[which], self.weights[which], self.clusters[which])


def pool_rankings(
    grades: ArrayLike,
    items: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
) -> Pool:
    """Bring rankings into one shape; without `items` column j is item j, without `clusters` all are one.

    Raises
    ------
    ValueError
        When shapes do not fit, or a weight is not a positive number.
    """
    group = as_group(grades)
    shape = group.shape
    columns = np.arange(shape[1]) if items is None else np.asarray(items, dtype=np.int64)
    counts = np.ones(shape[0]) if weights is None else np.asarray(weights, dtype=np.float64)
    units = np.zeros(shape[0], np.int64) if clusters is None else np.asarray(clusters, dtype=np.int64)
    if counts.shape != shape[:1] or units.shape != shape[:1]:
        raise ValueError("weights and clusters need one entry for each ranking")
    if not (np.isfinite(counts).all() and (counts > 0).all()):
        raise ValueError("the weight of a ranking must be a positive number")
    return Pool(group, np.broadcast_to(columns, shape), counts, units)


def histogram(pool: Pool) -> Pool:
    """Keep each distinct ranking of a cluster once, with its summed weight: the likelihood is the same."""
    present = ~np.isnan(pool.grades)
    levels = _levels(pool.grades)
    named = np.where(present, pool.items, ABSENT)
    if not len(levels):
        return pool
    whole = np.column_stack([named, levels, pool.clusters])
    first, place = distinct_rows(whole)
    distinct = whole[first]
    width = levels.shape[1]
    kept = distinct[:, width:-1].astype(np.float64)
    kept[kept == 0.0] = np.nan
    counts = np.bincount(place, weights=pool.weights, minlength=len(distinct))
    return Pool(kept, np.maximum(distinct[:, :width], 0), counts.astype(np.float64), distinct[:, -1])


def stages_of(pool: Pool) -> Stages:
    """Take rankings apart, best block first; the last single item is no choice and no stage.

    Notes
    -----
    Linear in the number of rankings (give it the `histogram` of them); the likelihood needs its denominators
    only once for every distinct choice set.
    """
    width = pool.grades.shape[1]
    levels = _levels(pool.grades)
    member_rows, chosen_rows, rows = [], [], []
    for level in range(1, int(levels.max(initial=0)) + 1):
        members = (levels > 0) & (levels <= level)
        chosen = levels == level
        (stage,) = np.nonzero(chosen.any(axis=1) & (members.sum(axis=1) > 1))
        member_rows.append(np.where(members, pool.items, ABSENT)[stage])
        chosen_rows.append(chosen[stage])
        rows.append(stage)
    if not rows:
        nothing = np.zeros(0, np.int64)
        empty = np.zeros((0, width), np.int64)
        return Stages(empty, nothing, empty.astype(np.bool_), np.zeros(0), nothing)
    row = np.concatenate(rows)
    sets, set_of, taken = _compact(np.concatenate(member_rows), np.concatenate(chosen_rows))
    return Stages(sets, set_of, taken, pool.weights[row], pool.clusters[row])


def beaten(stages: Stages, n_items: int) -> BoolArray:
    """Tell who was ever placed strictly above whom: an array of shape (n_items, n_items)."""
    members = stages.sets[stages.set_of]
    graph = np.zeros((n_items, n_items), dtype=np.bool_)
    for i in range(members.shape[1]):
        for j in range(members.shape[1]):
            strict = stages.chosen[:, i] & ~stages.chosen[:, j] & (members[:, j] >= 0)
            graph[members[strict, i], members[strict, j]] = True
    return graph


def strongly_connected(graph: BoolArray) -> bool:
    """Tell whether every node is reached from every other along the arrows of a graph.

    Notes
    -----
    Wins form such a graph: with one component there is no group that nobody outside ever beat, and the
    worths are finite (L. R. Ford, American Mathematical Monthly 64 (1957) 28-33).
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    n_components, _ = connected_components(
        csr_matrix(graph.astype(np.float64)), directed=True, connection="strong"
    )
    return bool(n_components == 1)


def _levels(grades: FloatArray) -> IntArray:
    """Dense grades as whole numbers, 0 = not ranked."""
    dense = dense_grades(grades)
    return np.where(np.isnan(dense), 0.0, dense).astype(np.int64)


def _compact(members: IntArray, chosen: BoolArray) -> tuple[IntArray, IntArray, BoolArray]:
    """Sort each set's items to the left, and list every distinct set once."""
    order = np.argsort(np.where(members < 0, np.iinfo(np.int64).max, members), axis=1, kind="stable")
    sorted_sets = np.take_along_axis(members, order, axis=1)
    width = int((sorted_sets >= 0).sum(axis=1).max(initial=0))
    first, set_of = distinct_rows(sorted_sets[:, :width])
    taken = np.take_along_axis(chosen, order, axis=1)[:, :width]
    return sorted_sets[first, :width], set_of, taken


def distinct_rows(table: IntArray) -> tuple[IntArray, IntArray]:
    """Find the first of each kind of row, and the kind of every row.

    Parameters
    ----------
    table : ndarray of int of shape (n_rows, n_columns)

    Returns
    -------
    first : ndarray of int of shape (n_kinds,)
    kind : ndarray of int of shape (n_rows,)
        ``table[first[kind]]`` is the table.

    Notes
    -----
    Rows become one whole number each, which sorts ten times faster than rows do (``numpy.unique`` with an
    axis); where the numbers grow too large, they are numbered anew.
    """
    code = np.zeros(len(table), dtype=np.int64)
    n_codes = 1
    for column in table.T:
        low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
        n_values = high - low + 1
        if n_codes * n_values > LARGEST:
            code = np.unique(code, return_inverse=True)[1].ravel()
            n_codes = int(code.max()) + 1
        code = code * n_values + (column - low)
        n_codes *= n_values
    _, first, kind = np.unique(code, return_index=True, return_inverse=True)
    return first, np.asarray(kind, dtype=np.int64).ravel()
