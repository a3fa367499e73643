"""The order a group would agree on: Borda's mean places, and Kemeny's medians with ties."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import BoolArray, FloatArray, IntArray, as_group
from harness.stats.pairs import mid_ranks, ratio

MAX_ANSWERS = 10
"""The search is over subsets of answers, 3^k steps."""


def borda(grades: ArrayLike) -> FloatArray:
    """Give each answer its mean place in the group, 1 = worst … k = best.

    Parameters
    ----------
    grades : array_like of shape (n_rankings, n_answers)
        Higher = better, NaN = not ranked.

    Returns
    -------
    ndarray of shape (n_answers,)
        Mean mid-rank, higher = better. Equal means are tied.

    Raises
    ------
    UndefinedStatisticError
        Undefined when some answer was ranked by nobody.

    Notes
    -----
    An incomplete ranking counts with the places among the answers that it ranks (1 … number ranked), which
    pulls the answers of short rankings down: prefer complete ones.

    Examples
    --------
    >>> borda([[4, 3, 2, 1], [3, 3, 2, 1]])
    array([3.75, 3.25, 2.  , 1.  ])
    """
    ranks = mid_ranks(as_group(grades))
    ranked = ~np.isnan(ranks)
    if not ranked.any(axis=0).all():
        raise UndefinedStatisticError("some answer was ranked by nobody")
    return ratio(np.where(ranked, ranks, 0.0).sum(axis=0), ranked.sum(axis=0))


def kemeny_medians(grades: ArrayLike, max_medians: int = 100_000) -> FloatArray:
    """Find every order with ties that is nearest to the group on the whole.

    Parameters
    ----------
    grades : array_like of shape (n_rankings, n_answers)
        Higher = better, NaN = not ranked; at most 10 answers.
    max_medians : int
        More equally good orders than this are counted, not listed.

    Returns
    -------
    ndarray of shape (n_medians, n_answers)
        All orders with the least sum of Kemeny distances to the group, as dense grades (1 = worst), in
        lexicographic order. Even three rankings often have several: say so, or average over them.

    Raises
    ------
    UndefinedStatisticError
        Undefined without any ranking, with fewer than two or more than 10 answers, and when more than
        `max_medians` orders are equally good (two opposite rankings make every order a median).

    Notes
    -----
    Exact dynamic programme over the set S of answers still to be placed, whose best tier is B:
    ``best[S] = min over B of tie(B) + above(B, S - B) + best[S - B]``; O(3^k) steps, whole numbers.
    Same as trying all weak orders. Pairs with a missing grade cost nothing, as in ConsRank.

    References
    ----------
    J. G. Kemeny & J. L. Snell, 1962; S. Amodio, A. D'Ambrosio & R. Siciliano, EJOR 249 (2016) 667-676,
    doi:10.1016/j.ejor.2015.08.048.

    Examples
    --------
    >>> kemeny_medians([[3, 2, 1], [3, 2, 1], [1, 2, 3]])
    array([[3., 2., 1.]])
    """
    group = as_group(grades)
    if len(group) == 0:
        raise UndefinedStatisticError("there is no ranking to take a consensus of")
    n_answers = group.shape[1]
    if not 2 <= n_answers <= MAX_ANSWERS:
        raise UndefinedStatisticError(
            f"a Kemeny median is computed for 2 to {MAX_ANSWERS} answers, not {n_answers}"
        )
    found = _Cheapest(group[None])
    if found.n_orders[0] > max_medians:
        raise UndefinedStatisticError(
            f"{found.n_orders[0]} orders are equally good; there is no consensus to show"
        )
    dense = [_heights(order, n_answers) for order in found.orders(0)]
    return np.array(dense, dtype=np.float64)


Tiers = tuple[tuple[int, ...], ...]
"""An order as the answers (from 0) of each tier, best tier first."""


def kemeny_medians_of_each(groups: FloatArray, max_medians: int) -> list[tuple[Tiers, ...]]:
    """Find the medians of many groups of equally many rankings at once, as tiers.

    Parameters
    ----------
    groups : ndarray of shape (n_groups, n_rankings, n_answers)
        At least one ranking, and two to ten answers.
    max_medians : int
        Of a group with more equally good orders than this none is listed.

    Returns
    -------
    list of tuple of Tiers
        For every group its medians, in the order of `kemeny_medians`.
    """
    at_once = max(1, _SETS_AT_ONCE >> (2 * groups.shape[2]))
    medians: list[tuple[Tiers, ...]] = []
    for start in range(0, len(groups), at_once):
        found = _Cheapest(groups[start : start + at_once])
        medians += [
            _as_tiers(found, group) if n_orders <= max_medians else ()
            for group, n_orders in enumerate(found.n_orders.tolist())
        ]
    return medians


def _as_tiers(found: _Cheapest, group: int) -> tuple[Tiers, ...]:
    return tuple(tuple(_members(tier) for tier in order) for order in found.orders(group))


_SETS_AT_ONCE = 1 << 18
"""Pairs of sets of answers whose costs stand in memory at once."""


class _Cheapest:
    """The cheapest orders of some groups: for every set of answers, the tiers that can stand on top of it."""

    def __init__(self, groups: FloatArray) -> None:
        costs = _tier_costs(groups)
        n_groups, n_sets = costs.tie.shape
        self._n_answers = groups.shape[2]
        best = np.zeros((n_sets, n_groups), dtype=np.int64)
        counts = np.ones((n_sets, n_groups), dtype=np.int64)
        self._tops: list[BoolArray] = [np.ones((n_groups, 0), dtype=np.bool_)]
        for whole in range(1, n_sets):
            top = _subsets(whole)
            rest = whole ^ top
            cost = costs.tie[:, top] + costs.above[:, top, rest] + best[rest].T
            best[whole] = cost.min(axis=1)
            cheapest = cost == best[whole][:, None]
            counts[whole] = (cheapest * counts[rest].T).sum(axis=1)
            self._tops.append(cheapest)
        self.n_orders: IntArray = counts[-1]
        """How many orders of each group are equally good."""

    def orders(self, group: int) -> list[tuple[int, ...]]:
        """All cheapest orders of a group, each as its tiers (bit masks), best tier first."""
        found = self._unfold(group, len(self._tops) - 1)
        return sorted(found, key=lambda order: _heights(order, self._n_answers))

    def _unfold(self, group: int, whole: int) -> list[tuple[int, ...]]:
        if whole == 0:
            return [()]
        tops = _subsets(whole)[self._tops[whole][group]].tolist()
        return [(top, *below) for top in tops for below in self._unfold(group, whole ^ top)]


class _TierCosts(NamedTuple):
    """Costs in pair-points for sets of answers, written as bit masks 0 … 2^k - 1; groups first."""

    tie: IntArray
    """tie[:, B]: cost of tying all answers of B."""
    above: IntArray
    """above[:, B, R]: cost of putting all of B above all of R."""


def _tier_costs(groups: FloatArray) -> _TierCosts:
    better = (groups[..., :, None] > groups[..., None, :]).sum(axis=1)
    equal = (groups[..., :, None] == groups[..., None, :]).sum(axis=1)
    n_answers = groups.shape[2]
    equal[:, range(n_answers), range(n_answers)] = 0
    worse = np.swapaxes(better, 1, 2)
    members = (np.arange(2**n_answers)[:, None] >> np.arange(n_answers)) & 1
    above = members @ (equal + 2 * worse) @ members.T
    tie = ((members @ (better + worse)) * members).sum(axis=2) // 2
    return _TierCosts(tie.astype(np.int64), above.astype(np.int64))


@lru_cache(maxsize=1_024)
def _subsets(whole: int) -> IntArray:
    """All subsets of a bit mask but the empty one."""
    subsets = np.zeros(1, dtype=np.int64)
    for bit in range(whole.bit_length()):
        if whole >> bit & 1:
            subsets = np.concatenate([subsets, subsets | (1 << bit)])
    return subsets[1:]


@lru_cache(maxsize=1_024)
def _members(tier: int) -> tuple[int, ...]:
    return tuple(answer for answer in range(tier.bit_length()) if tier >> answer & 1)


def _heights(order: tuple[int, ...], n_answers: int) -> list[int]:
    """Dense grades of an order, 1 = worst."""
    heights = [0] * n_answers
    for height, tier in enumerate(reversed(order), start=1):
        for answer in _members(tier):
            heights[answer] = height
    return heights
