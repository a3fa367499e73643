"""The order a group would agree on: Borda's mean places, and Kemeny's medians with ties."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, IntArray, as_group
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
    choices = _optimal_tiers(_tier_costs(group))
    n_medians = _count_orders(choices)
    if n_medians > max_medians:
        raise UndefinedStatisticError(f"{n_medians} orders are equally good; there is no consensus to show")
    orders = _unfold(choices, len(choices) - 1)
    dense = np.array([_dense_from_tiers(order, n_answers) for order in orders])
    return dense[np.lexsort(dense.T[::-1])]


class _TierCosts(NamedTuple):
    """Costs in pair-points for sets of answers, written as bit masks 0 … 2^k - 1."""

    tie: IntArray
    """tie[B]: cost of tying all answers of B."""
    above: IntArray
    """above[B, R]: cost of putting all of B above all of R."""


def _tier_costs(group: FloatArray) -> _TierCosts:
    better = (group[:, :, None] > group[:, None, :]).sum(axis=0)
    equal = (group[:, :, None] == group[:, None, :]).sum(axis=0)
    np.fill_diagonal(equal, 0)
    cost_above = equal + 2 * better.T
    cost_tied = better + better.T
    n_answers = group.shape[1]
    members = (np.arange(2**n_answers)[:, None] >> np.arange(n_answers)) & 1
    above = members @ cost_above @ members.T
    tie = ((members @ cost_tied) * members).sum(axis=1) // 2
    return _TierCosts(tie.astype(np.int64), above.astype(np.int64))


def _optimal_tiers(costs: _TierCosts) -> list[list[int]]:
    """For every set of answers, the best tiers with which a cheapest order of the set can begin."""
    n_sets = len(costs.tie)
    best = np.zeros(n_sets, dtype=np.int64)
    choices: list[list[int]] = [[]]
    for whole in range(1, n_sets):
        top = _subsets(whole)[1:]
        rest = whole ^ top
        cost = costs.tie[top] + costs.above[top, rest] + best[rest]
        best[whole] = cost.min()
        choices.append([int(tier) for tier in top[cost == best[whole]]])
    return choices


def _subsets(whole: int) -> IntArray:
    """All subsets of a bit mask, the empty one first."""
    subsets = np.zeros(1, dtype=np.int64)
    for bit in range(whole.bit_length()):
        if whole >> bit & 1:
            subsets = np.concatenate([subsets, subsets | (1 << bit)])
    return subsets


def _count_orders(choices: list[list[int]]) -> int:
    counts = [1]
    for whole in range(1, len(choices)):
        counts.append(sum(counts[whole ^ top] for top in choices[whole]))
    return counts[-1]


def _unfold(choices: list[list[int]], whole: int) -> list[tuple[int, ...]]:
    """All cheapest orders of a set, each as its tiers (bit masks), best tier first."""
    if whole == 0:
        return [()]
    return [(top, *below) for top in choices[whole] for below in _unfold(choices, whole ^ top)]


def _dense_from_tiers(order: tuple[int, ...], n_answers: int) -> FloatArray:
    dense = np.empty(n_answers)
    for height, tier in enumerate(reversed(order), start=1):
        dense[[answer for answer in range(n_answers) if tier >> answer & 1]] = height
    return dense
