"""Whole studies at once: what a million rankings say, from sums per case that are kept instead of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.stats.arrays import BoolArray, FloatArray, IntArray, as_grades
from harness.stats.histograms import MAX_ANSWERS, order_histograms, pair_tables
from harness.stats.pairs import pair_indices, ratio

SIDES = 3
"""A pair of answers is split when at least one in three rankings stands on each side."""
_BLOCK = 1 << 18
"""Rankings that are looked at together: what is needed beside the sums stays this small."""


class CaseSummaries(NamedTuple):
    """What the rankings of each case say; NaN = undefined in this case."""

    n_rankings: FloatArray
    """(n_cases,): rankings with a pair of ranked answers."""
    mean_tau: FloatArray
    """(n_cases,): mean tau_x of two of them."""
    tie_share: FloatArray
    """(n_cases,): mean share of tied pairs."""
    split_pairs: FloatArray
    """(n_cases,): share of pairs with at least a third of the rankings on each side."""


@dataclass(frozen=True)
class PairSums:
    """Sums over the rankings of each case, one group for each set of answers that was ranked; by case."""

    n_cases: int
    case: IntArray
    """(n_groups,): the case of each group."""
    n_rankings: FloatArray
    """(n_groups,)."""
    ranked: BoolArray
    """(n_groups, n_pairs): both answers of the pair are ranked."""
    at_least: FloatArray
    """(n_groups, n_pairs): rankings in which the first answer of the pair is at least as good."""
    above: FloatArray
    """(n_groups, n_pairs): rankings in which it is better."""

    def summaries(self) -> CaseSummaries:
        """What the rankings of each case say."""
        n_pairs = self.ranked.sum(axis=1)
        tied = self._by_case((self.at_least - self.above).sum(axis=1) / n_pairs)
        n_rankings = self._by_case(self.n_rankings)
        return CaseSummaries(n_rankings, self.mean_tau(), ratio(tied, n_rankings), self.split_pairs())

    def mean_tau(self) -> FloatArray:
        """Mean tau_x between two rankings of each case, as `harness.stats.group.mean_pairwise_tau`."""
        own = self._overlap(self)
        # Nobody is compared with himself: every ranking agrees fully with itself, once.
        sums, counts = own.sums - self.n_rankings_of_cases(), own.counts - self.n_rankings_of_cases()
        return ratio(sums, counts)

    def cross_tau(self, other: PairSums) -> FloatArray:
        """Mean tau_x between a ranking of one side and one of the other, case by case; NaN without any."""
        if self.n_cases != other.n_cases:
            raise ValueError("the two sides need the same cases")
        both = self._overlap(other)
        return ratio(both.sums, both.counts)

    def split_pairs(self) -> FloatArray:
        """Share of the pairs of answers of each case with a third or more of the rankings on each side."""
        n_pairs = self.ranked.shape[1]
        n, above, below = np.zeros((3, self.n_cases, n_pairs))
        counted = self.ranked * self.n_rankings[:, None]
        np.add.at(n, self.case, counted)
        np.add.at(above, self.case, self.above)
        np.add.at(below, self.case, counted - self.at_least)
        split = (SIDES * above >= n) & (SIDES * below >= n) & (n > 0)
        return ratio(split.sum(axis=1), (n > 0).sum(axis=1))

    def n_rankings_of_cases(self) -> FloatArray:
        """Rankings of each case with a pair of ranked answers."""
        return self._by_case(self.n_rankings)

    def _by_case(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.bincount(self.case, weights=values, minlength=self.n_cases), dtype=np.float64)

    def _overlap(self, other: PairSums) -> _Overlap:
        sums, counts = np.zeros((2, self.n_cases))
        mine, yours = self._bounds(), other._bounds()
        plain = (np.diff(mine) == 1) & (np.diff(yours) == 1)
        one, another = mine[:-1][plain], yours[:-1][plain]
        sums[plain], counts[plain] = _one_with_one(self, one, other, another)
        for case in np.flatnonzero(~plain & (np.diff(mine) > 0) & (np.diff(yours) > 0)):
            here, there = slice(*mine[case : case + 2]), slice(*yours[case : case + 2])
            sums[case], counts[case] = _each_with_each(self, here, other, there)
        return _Overlap(sums, counts)

    def _bounds(self) -> IntArray:
        """First group of each case, and the end."""
        return np.searchsorted(self.case, np.arange(self.n_cases + 1))


class _Overlap(NamedTuple):
    """Over all pairs of rankings of two sides: sum of tau_x, and how many share a pair of answers."""

    sums: FloatArray
    counts: FloatArray


def pair_sums(grades: ArrayLike) -> PairSums:
    """Reduce the rankings of many cases to sums, from which every agreement between groups follows.

    Parameters
    ----------
    grades : array_like of shape (n_cases, n_rankings, n_answers)
        Higher = better, NaN = not ranked; all NaN = this person did not rank this case.

    Returns
    -------
    PairSums

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.

    Notes
    -----
    Up to five answers through histograms of orders, from six through the pairs. Time is linear in rankings;
    beside the sums it needs memory for a few hundred thousand rankings, whatever their number. Rankings that
    leave answers out are grouped by what they rank; with g such groups a case costs g squared more.

    Examples
    --------
    >>> sums = pair_sums([[[4, 3, 2, 1], [4, 3, 2, 1], [1, 2, 3, 4]]])
    >>> round(float(sums.mean_tau()[0]), 6)
    -0.333333
    """
    array = np.asarray(grades)
    if array.ndim != 3:
        raise ValueError(f"expected grades of shape (n_cases, n_rankings, n_answers), got {array.shape}")
    pair_indices(array.shape[2])
    parts = [part for start, block in _blocks(array) for part in _block_sums(block, start)]
    return _joined(parts, array.shape[0], array.shape[2])


def summarise(grades: ArrayLike) -> CaseSummaries:
    """Say, for every case, how many ranked it, how far they agree, how much they tie and where they split.

    Parameters
    ----------
    grades : array_like of shape (n_cases, n_rankings, n_answers)
        Higher = better, NaN = not ranked; all NaN = this person did not rank this case.

    Returns
    -------
    CaseSummaries
        One number per case; the mean over cases is the figure of the report.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.

    Notes
    -----
    The same numbers as `mean_pairwise_tau`, `tie_share` and the report's split pairs give case by case. A
    million rankings of four answers take some 30 ms.

    Examples
    --------
    >>> found = summarise([[[2, 1], [2, 1], [1, 2]], [[1, 1], [1, 1], [1, 1]]])
    >>> found.tie_share.tolist(), found.split_pairs.tolist()
    ([0.0, 1.0], [1.0, 0.0])
    """
    return pair_sums(grades).summaries()


class _Part(NamedTuple):
    """Groups of some cases."""

    case: IntArray
    n_rankings: FloatArray
    ranked: BoolArray
    at_least: FloatArray
    above: FloatArray


def _blocks(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Iterator[tuple[int, FloatArray]]:
    per_case = max(1, array.shape[1])
    step = max(1, _BLOCK // per_case)
    for start in range(0, len(array), step):
        yield start, as_grades(array[start : start + step])


def _block_sums(block: FloatArray, start: int) -> list[_Part]:
    if not np.isnan(block).any():
        return [_complete_sums(block, start)]
    n_ranked = (~np.isnan(block)).sum(axis=2)
    partly = (n_ranked >= 2) & (n_ranked < block.shape[2])
    parts = [_complete_sums(block, start)]
    if partly.any():
        parts.append(_incomplete_sums(block[partly], np.nonzero(partly)[0] + start))
    return parts


def _complete_sums(block: FloatArray, start: int) -> _Part:
    """Sums over the complete rankings of each case."""
    n_answers = block.shape[2]
    if n_answers <= MAX_ANSWERS:
        histograms = order_histograms(block)
        at_least, above = (histograms @ table for table in pair_tables(n_answers))
        n_rankings = histograms.sum(axis=1).astype(np.float64)
    else:
        at_least, above, n_rankings = _count_pairs(block)
    kept = np.flatnonzero(n_rankings > 0)
    ranked = np.ones((len(kept), at_least.shape[1]), dtype=np.bool_)
    return _Part(kept + start, n_rankings[kept], ranked, at_least[kept], above[kept])


def _count_pairs(block: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    holed: BoolArray = np.asarray(np.isnan(block).any(axis=2))
    if holed.any():
        # NaN is neither above nor below: a ranking with a hole must not be counted in its other pairs.
        block = np.where(holed[:, :, None], np.nan, block)
    by_answer = np.ascontiguousarray(np.moveaxis(_as_small_integers(block), -1, 0))
    first, second = pair_indices(len(by_answer))
    at_least, above = np.empty((2, block.shape[0], len(first)))
    for pair, (i, j) in enumerate(zip(first, second, strict=True)):
        at_least[:, pair] = _count_true(np.asarray(by_answer[i] >= by_answer[j]))
        above[:, pair] = _count_true(np.asarray(by_answer[i] > by_answer[j]))
    return at_least, above, (~holed).sum(axis=1).astype(np.float64)


def _count_true(rows: BoolArray) -> IntArray:
    """Count along rows, as bits: twice as fast as `numpy.count_nonzero` along an axis."""
    return np.asarray(np.bitwise_count(np.packbits(rows, axis=1)).sum(axis=1), dtype=np.int64)


def _as_small_integers(block: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.number]]:
    """Grades as bytes where they are small whole numbers, which compare several times faster."""
    if not -128 <= block.min(initial=0) <= block.max(initial=0) <= 127:
        return block
    small = block.astype(np.int8)
    return small if np.array_equal(small, block) else block


def _incomplete_sums(rows: FloatArray, case: IntArray) -> _Part:
    """Sums over rankings with holes, apart for each case and set of ranked answers."""
    n_answers = rows.shape[1]
    answered = ~np.isnan(rows)
    keys = (case << n_answers) + answered @ (1 << np.arange(n_answers))
    groups, first_row, group = np.unique(keys, return_index=True, return_inverse=True)
    i, j = pair_indices(n_answers)
    ranked = answered[first_row][:, i] & answered[first_row][:, j]
    at_least, above = np.empty((2, len(groups), len(i)))
    for pair, (one, other) in enumerate(zip(rows.T[i], rows.T[j], strict=True)):
        at_least[:, pair] = np.bincount(group[one >= other], minlength=len(groups))
        above[:, pair] = np.bincount(group[one > other], minlength=len(groups))
    n_rankings = np.bincount(group, minlength=len(groups)).astype(np.float64)
    return _Part(groups >> n_answers, n_rankings, ranked, at_least, above)


def _joined(parts: list[_Part], n_cases: int, n_answers: int) -> PairSums:
    n_pairs = n_answers * (n_answers - 1) // 2
    if not parts:
        empty = np.empty((0, n_pairs))
        return PairSums(n_cases, np.empty(0, np.int64), np.empty(0), empty.astype(np.bool_), empty, empty)
    joined = _Part(*(np.concatenate(side) for side in zip(*parts, strict=True)))
    order = np.argsort(joined.case, kind="stable")
    case, n_rankings, ranked = joined.case[order], joined.n_rankings[order], joined.ranked[order]
    return PairSums(n_cases, case, n_rankings, ranked, joined.at_least[order], joined.above[order])


def _one_with_one(mine: PairSums, a: IntArray, yours: PairSums, b: IntArray) -> tuple[FloatArray, FloatArray]:
    """Cases with one group on each side, all at once."""
    apart = (_sides(mine, a) * _sides(yours, b, turned=True)).sum(axis=1)
    n_shared = (mine.ranked[a] & yours.ranked[b]).sum(axis=1)
    counts = np.where(n_shared > 0, mine.n_rankings[a] * yours.n_rankings[b], 0.0)
    return counts - np.nan_to_num(ratio(apart, n_shared)), counts


def _each_with_each(mine: PairSums, a: slice, yours: PairSums, b: slice) -> tuple[float, float]:
    """One case: every group of one side with every group of the other."""
    apart = _sides(mine, a) @ _sides(yours, b, turned=True).T
    n_shared = mine.ranked[a].astype(np.float64) @ yours.ranked[b].T.astype(np.float64)
    counts = np.where(n_shared > 0, np.outer(mine.n_rankings[a], yours.n_rankings[b]), 0.0)
    return float((counts - np.nan_to_num(ratio(apart, n_shared))).sum()), float(counts.sum())


def _sides(sums: PairSums, groups: IntArray | slice, *, turned: bool = False) -> FloatArray:
    """How many say yes and no to each half of the thermometer; turned: their product is who differs."""
    everybody = sums.ranked[groups] * sums.n_rankings[groups][:, None]
    at_least, above = sums.at_least[groups], sums.above[groups]
    sides = [at_least, everybody - at_least, above, everybody - above]
    if turned:
        sides = [sides[1], sides[0], sides[3], sides[2]]
    return np.concatenate(sides, axis=1)
