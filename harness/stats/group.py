"""Agreement inside a group of rankings of one case, between two groups, and its ceilings."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray, as_group
from harness.stats.consensus import kemeny_medians
from harness.stats.pairs import dense_grades, thermometer
from harness.stats.summary import pair_sums

MANY_PAIRS = 2_500
"""From so many pairs of incomplete rankings on, sums are quicker than comparing each two."""


def all_pairs(grades: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Give two stacks that hold every pair of distinct rankings once, for any statistic of two rankings.

    Parameters
    ----------
    grades : array_like of shape (n_rankings, n_answers)

    Returns
    -------
    first, second : ndarray of shape (n_rankings * (n_rankings - 1) / 2, n_answers)

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two rankings: nobody is compared with himself.

    Examples
    --------
    >>> from harness.stats.agreement import conflict_rate
    >>> float(conflict_rate(*all_pairs([[2, 1], [1, 2], [2, 1]])).mean()) == 2 / 3
    True
    """
    group = as_group(grades)
    if len(group) < 2:
        raise UndefinedStatisticError(f"{len(group)} ranking(s): agreement inside a group needs two")
    first, second = np.triu_indices(len(group), 1)
    return group[first], group[second]


def mean_pairwise_tau(grades: ArrayLike) -> float:
    """Say how far the members of one group agree with each other on a case: mean tau_x of all pairs.

    Parameters
    ----------
    grades : array_like of shape (n_rankings, n_answers)
        Higher = better, NaN = not ranked.

    Returns
    -------
    float
        -1 … 1; 1 = everyone has the same order. For people the human-human line, for repeats of one judge
        its retest agreement.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two rankings, or when no two of them share a pair of ranked answers.

    Notes
    -----
    Complete rankings: ``1 - 2 n/(n-1) mean over pairs of [u(1-u) + v(1-v)]`` with u, v the column means of
    the thermometer, in O(n). With missing grades: the mean over those pairs of annotators that share a
    pair of answers, from sums per set of ranked answers when there are many (`harness.stats.summary`).

    Examples
    --------
    >>> round(mean_pairwise_tau([[4, 3, 2, 1], [4, 3, 2, 1], [1, 2, 3, 4]]), 6)
    -0.333333
    """
    group = as_group(grades)
    if np.isnan(group).any() or len(group) < 2:
        if len(group) ** 2 > 2 * MANY_PAIRS:
            return _mean_of_defined(pair_sums(group[None]).mean_tau())
        return _mean_of_defined(tau_x(*all_pairs(group)))
    return float(_complete_taus(group[None])[0])


def mean_pairwise_taus(groups: FloatArray) -> FloatArray:
    """`mean_pairwise_tau` of many groups of equally many rankings, (n_groups, n_rankings, n_answers).

    NaN where it is undefined.
    """
    if groups.shape[1] < 2:
        return np.full(len(groups), np.nan)
    if not np.isnan(groups).any():
        return _complete_taus(groups)
    return np.array([_tau_or_nan(group) for group in groups])


def _tau_or_nan(group: FloatArray) -> float:
    try:
        return mean_pairwise_tau(group)
    except UndefinedStatisticError:
        return float("nan")


def _complete_taus(groups: FloatArray) -> FloatArray:
    columns = thermometer(groups)
    n_rankings, n_pairs = columns.shape[1], columns.shape[2] // 2
    mean = columns.mean(axis=1)
    spread = (mean * (1.0 - mean)).sum(axis=1) / n_pairs
    taus: FloatArray = 1.0 - 2.0 * n_rankings / (n_rankings - 1) * spread
    return taus


def mean_cross_tau(a: ArrayLike, b: ArrayLike) -> float:
    """Say how far two groups agree on a case: mean tau_x of each member of one with each of the other.

    Parameters
    ----------
    a : array_like of shape (n_rankings_a, n_answers)
    b : array_like of shape (n_rankings_b, n_answers)
        Grades, higher = better, NaN = not ranked.

    Returns
    -------
    float
        -1 … 1, higher = more alike.

    Raises
    ------
    UndefinedStatisticError
        Undefined when a group is empty, or no two members share a pair of ranked answers.

    Notes
    -----
    ``1 - mean over pairs of [u_A(1-u_B) + u_B(1-u_A) + the same for v]`` for complete rankings.
    """
    left, right = as_group(a), as_group(b)
    if len(left) == 0 or len(right) == 0:
        raise UndefinedStatisticError("one of the two groups has no ranking")
    if left.shape[1] != right.shape[1]:
        raise ValueError("the two groups rank different numbers of answers")
    if np.isnan(left).any() or np.isnan(right).any():
        if len(left) * len(right) > MANY_PAIRS:
            return _mean_of_defined(pair_sums(left[None]).cross_tau(pair_sums(right[None])))
        return _mean_of_defined(tau_x(left[:, None], right[None]))
    columns = thermometer(left)
    p, q = columns.mean(axis=0), thermometer(right).mean(axis=0)
    return float(1.0 - (p * (1.0 - q) + q * (1.0 - p)).sum() / (columns.shape[1] // 2))


def mean_cross_taus(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """`mean_cross_tau` of many cases at once.

    Parameters
    ----------
    a : array_like of shape (n_cases, n_rankings_a, n_answers)
    b : array_like of shape (n_cases, n_rankings_b, n_answers)
        Grades, higher = better, complete.

    Returns
    -------
    ndarray of shape (n_cases,)
        -1 … 1, higher = more alike.

    Raises
    ------
    UndefinedStatisticError
        Undefined when a group is empty, or a grade is missing.
    """
    left, right = thermometer(a), thermometer(b)
    if left.shape[1] == 0 or right.shape[1] == 0:
        raise UndefinedStatisticError("one of the two groups has no ranking")
    p, q = left.mean(axis=1), right.mean(axis=1)
    if np.isnan(p).any() or np.isnan(q).any():
        raise UndefinedStatisticError("many cases at once need complete rankings; a grade is missing")
    found: FloatArray = 1.0 - (p * (1.0 - q) + q * (1.0 - p)).sum(axis=-1) / (p.shape[-1] // 2)
    return found


def value_gap(a: ArrayLike, b: ArrayLike) -> float:
    """Measure the disagreement of two groups that is left after each side's own noise: the value gap.

    Parameters
    ----------
    a : array_like of shape (n_rankings_a, n_answers)
    b : array_like of shape (n_rankings_b, n_answers)
        Grades of one case, higher = better; for instance a judge's repeats and people.

    Returns
    -------
    float
        0 = both groups have the same opinions, pair by pair (in expectation); higher = further apart,
        2 at most.
        An estimate may be slightly negative and is reported as it is.

    Raises
    ------
    UndefinedStatisticError
        Undefined when a group has fewer than two rankings: its own noise is unknown.

    Notes
    -----
    ``gap = (tau_AA + tau_BB) / 2 - tau_AB``, so ``tau_AB = average of own consistencies - gap``. It estimates
    ``|mu_A - mu_B|**2 / P`` without bias: an energy distance.

    References
    ----------
    M. L. Rizzo & G. J. Székely, Annals of Applied Statistics 4 (2010) 1034-1055, arXiv:1011.2288.
    """
    own = (mean_pairwise_tau(a) + mean_pairwise_tau(b)) / 2.0
    return own - mean_cross_tau(a, b)


def leave_one_out_tau(grades: ArrayLike) -> FloatArray:
    """Say for each annotator how far he or she agrees with the others on a case.

    Parameters
    ----------
    grades : array_like of shape (n_annotators, n_answers)
        Higher = better, NaN = not ranked.

    Returns
    -------
    ndarray of shape (n_annotators,)
        Mean tau_x to each of the others, -1 … 1; NaN for who shares no pair of ranked answers with anybody.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two annotators.
    """
    group = as_group(grades)
    if len(group) < 2:
        raise UndefinedStatisticError("one annotator has no others to agree with")
    table = np.array(tau_x(group[:, None], group[None]))
    np.fill_diagonal(table, np.nan)
    return np.array([_nan_mean(row) for row in table])


def leave_one_out_ceiling(grades: ArrayLike) -> FloatArray:
    """Say for each annotator how far the best consensus of the others would agree with him or her.

    Parameters
    ----------
    grades : array_like of shape (n_annotators, n_answers)
        Higher = better, complete.

    Returns
    -------
    ndarray of shape (n_annotators,)
        tau_x to the Kemeny median of the rest, averaged over all medians where several are equally good.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two annotators, or when a ranking is incomplete.
    """
    group = as_group(grades)
    if len(group) < 2:
        raise UndefinedStatisticError(
            "the crowd ceiling needs two annotators: one, and a consensus of the rest"
        )
    if np.isnan(group).any():
        raise UndefinedStatisticError("the crowd ceiling needs complete rankings")
    # Annotators with the same order leave the same rest: each order is solved once.
    orders, who = np.unique(dense_grades(group), axis=0, return_inverse=True)
    ceilings = np.empty(len(orders))
    for position, order in enumerate(orders):
        rest = np.delete(group, int(np.flatnonzero(who.ravel() == position)[0]), axis=0)
        ceilings[position] = float(tau_x(kemeny_medians(rest), order).mean())
    return ceilings[who.ravel()]


def crowd_ceiling(grades: ArrayLike) -> float:
    """Say how far the consensus of a crowd agrees with one more member of it, on one case.

    Parameters
    ----------
    grades : array_like of shape (n_annotators, n_answers)
        Higher = better, complete.

    Returns
    -------
    float
        Mean of `leave_one_out_ceiling`, -1 … 1. A judge above it is nearer to people than
        their own consensus.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two annotators, or when a ranking is incomplete.
    """
    return float(leave_one_out_ceiling(grades).mean())


def _nan_mean(values: FloatArray) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")


def _mean_of_defined(values: FloatArray) -> float:
    mean = _nan_mean(values)
    if np.isnan(mean):
        raise UndefinedStatisticError("no two rankings share a pair of answers that both ranked")
    return mean
