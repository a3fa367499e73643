"""Agreement of two rankings with ties; every function takes whole stacks of rankings.

`a` and `b` are grades of shape (..., n_answers), higher = better, NaN = not ranked, and broadcast
against each other over all axes but the last. For two single rankings an undefined statistic raises;
in a stack it is NaN, so that the defined ones can be counted. With missing grades only the pairs of
answers that both sides ranked count. methods.md §1 gives the definitions and says which to prefer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray, as_grades
from harness.stats.pairs import (
    defined_or_raise,
    ranked_pairs_first,
    ratio,
    signs_pairs_first,
)

NO_PAIR = "the two rankings share no pair of answers that both ranked"


class PairCounts(NamedTuple):
    """How the pairs of answers fall, for two rankings (or for each two of a stack)."""

    n_pairs: FloatArray
    concordant: FloatArray
    discordant: FloatArray
    tied_a: FloatArray
    """Tied in a only."""
    tied_b: FloatArray
    """Tied in b only."""
    tied_both: FloatArray


def pair_counts(a: ArrayLike, b: ArrayLike) -> PairCounts:
    """Count the pairs of answers that two rankings order alike, oppositely, or tie.

    Parameters
    ----------
    a, b : array_like of shape (..., n_answers)
        Grades, higher = better, NaN = not ranked.

    Returns
    -------
    PairCounts
        Six arrays of shape (...). The five kinds add up to `n_pairs`.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than two answers.
    """
    left, right = two_sides(a, b)
    s, t = signs_pairs_first(left), signs_pairs_first(right)
    shared = ranked_pairs_first(left) & ranked_pairs_first(right)
    product = s * t
    tied_s, tied_t = (s == 0) & shared, (t == 0) & shared
    kinds = (shared, product > 0, product < 0, tied_s & (t != 0), tied_t & (s != 0), tied_s & tied_t)
    counted = [(kind & shared).sum(axis=0).astype(np.float64) for kind in kinds]
    return PairCounts(*[np.asarray(count) for count in counted])


def kemeny_distance(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Count how far apart two rankings are: 0 per pair alike, 1 tie against strict, 2 opposite.

    Parameters
    ----------
    a, b : array_like of shape (..., n_answers)
        Grades, higher = better, NaN = not ranked.

    Returns
    -------
    ndarray of shape (...)
        0 = same order … 2P = reversed strict orders; lower = more alike.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no pair of answers is ranked on both sides (NaN in a stack).

    Notes
    -----
    ``d(a, b) = sum over i < j of |s_ij(a) - s_ij(b)|``, the Kemeny-Snell distance, equal to
    ``ConsRank::kemenyd``. Missing pairs are left out, so distances with different coverage do not compare;
    `tau_x` divides by the number of shared pairs and does.

    References
    ----------
    J. G. Kemeny & J. L. Snell, Mathematical Models in the Social Sciences, 1962.

    Examples
    --------
    >>> float(kemeny_distance([4, 3, 2, 1], [3, 3, 2, 1]))
    1.0
    """
    distance, n_pairs = _distance_and_pairs(a, b)
    return defined_or_raise(np.where(n_pairs > 0, distance, np.nan), NO_PAIR)


def tau_x(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Measure how far two rankings agree, ties counted as opinions: the headline figure.

    Parameters
    ----------
    a, b : array_like of shape (..., n_answers)
        Grades, higher = better, NaN = not ranked.

    Returns
    -------
    ndarray of shape (...)
        1 = the same order, 0 = half of the possible distance, -1 = reversed strict orders.

    Raises
    ------
    UndefinedStatisticError
        Undefined only when no pair of answers is ranked on both sides (NaN in a stack).

    Notes
    -----
    ``tau_x = 1 - d / P = (C + T_ab - D) / P``. Two all-tied rankings agree fully (1), all-tied against strict
    is 0: unlike tau_b nothing is undefined by ties, and unlike tau_b nothing is gained by tying more.
    What chance alone gives is `floor`. Some 2 ms per 100,000 pairs of four answers.

    References
    ----------
    E. J. Emond & D. W. Mason, J. Multi-Criteria Decision Analysis 11 (2002) 17-28, doi:10.1002/mcda.313.

    Examples
    --------
    >>> round(float(tau_x([4, 3, 2, 1], [3, 3, 2, 1])), 6)
    0.833333
    """
    distance, n_pairs = _distance_and_pairs(a, b)
    return defined_or_raise(1.0 - ratio(distance, n_pairs), NO_PAIR)


def conflict_rate(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Give the share of pairs that the two rankings order oppositely, D / P: 0 none … 1 all.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no pair of answers is ranked on both sides (NaN in a stack).
    """
    counts = pair_counts(a, b)
    return defined_or_raise(ratio(counts.discordant, counts.n_pairs), NO_PAIR)


def hesitation_rate(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Give the share of pairs that one ranking ties and the other does not, (T_a + T_b) / P.

    Notes
    -----
    ``1 - tau_x = 2 * conflict_rate + hesitation_rate``.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no pair of answers is ranked on both sides (NaN in a stack).
    """
    counts = pair_counts(a, b)
    return defined_or_raise(ratio(counts.tied_a + counts.tied_b, counts.n_pairs), NO_PAIR)


def s1(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Give the share of pairs on which both say the same, ties included: (C + T_ab) / P, 0 to 1.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no pair of answers is ranked on both sides (NaN in a stack).

    References
    ----------
    L. Zheng et al., 2023, arXiv:2306.05685 (setup S1); D. Deutsch et al., 2023, arXiv:2305.14324 (acc_eq).
    """
    counts = pair_counts(a, b)
    return defined_or_raise(ratio(counts.concordant + counts.tied_both, counts.n_pairs), NO_PAIR)


def s2(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Give the share of alike pairs among those that both order strictly: C / (C + D), 0 to 1.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no pair is strict on both sides (NaN in a stack): print how many survive.

    References
    ----------
    L. Zheng et al., 2023, arXiv:2306.05685 (setup S2).
    """
    counts = pair_counts(a, b)
    share = ratio(counts.concordant, counts.concordant + counts.discordant)
    return defined_or_raise(share, "no pair of answers is ordered strictly by both rankings")


def floor(a: ArrayLike, b: ArrayLike) -> FloatArray:
    """Give the tau_x expected when one side's answers are relabelled at random: t_a * t_b.

    Returns
    -------
    ndarray of shape (...)
        Product of the shares of tied pairs: 0 when a side has no tie … 1 when both tie everything.

    Raises
    ------
    UndefinedStatisticError
        Undefined when no pair of answers is ranked on both sides (NaN in a stack).

    Notes
    -----
    Exact for complete rankings: the mean of `tau_x` over all k! relabellings of one side. With missing
    grades the tie shares are those among the shared pairs.
    """
    counts = pair_counts(a, b)
    ties_a = ratio(counts.tied_a + counts.tied_both, counts.n_pairs)
    ties_b = ratio(counts.tied_b + counts.tied_both, counts.n_pairs)
    return defined_or_raise(ties_a * ties_b, NO_PAIR)


def alpha_k(tau_mean: float, floor_mean: float) -> float:
    """Correct a mean tau_x for chance: 1 = full agreement, 0 = what ties alone give, negative = worse.

    Parameters
    ----------
    tau_mean, floor_mean : float
        Means of `tau_x` and of `floor` over the same cases.

    Raises
    ------
    UndefinedStatisticError
        Undefined when the floor is 1: every ranking ties everything, so chance already agrees fully.

    Notes
    -----
    ``(tau - floor) / (1 - floor)``: Krippendorff's ``1 - D_o / D_e``, D_e from relabelling inside the case.
    """
    if floor_mean >= 1.0:
        raise UndefinedStatisticError("every ranking ties all answers: chance alone agrees fully")
    return (tau_mean - floor_mean) / (1.0 - floor_mean)


def two_sides(a: ArrayLike, b: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Give both sides equal numbers of axes, so that pairs can go first and the rest broadcasts."""
    left, right = as_grades(a), as_grades(b)
    if left.shape[-1] != right.shape[-1]:
        raise ValueError(f"rankings of {left.shape[-1]} and {right.shape[-1]} answers do not compare")
    n_axes = max(left.ndim, right.ndim)
    padded = [side.reshape((1,) * (n_axes - side.ndim) + side.shape) for side in (left, right)]
    return padded[0], padded[1]


def _distance_and_pairs(a: ArrayLike, b: ArrayLike) -> tuple[FloatArray, FloatArray]:
    left, right = two_sides(a, b)
    # Signs are within ±1, so differences fit in int8.
    steps = np.abs(signs_pairs_first(left) - signs_pairs_first(right))
    if not (np.isnan(left).any() or np.isnan(right).any()):
        distance = np.add.reduce(steps, axis=0, dtype=np.int16)
        return np.asarray(distance, dtype=np.float64), np.full(distance.shape, float(len(steps)))
    shared = ranked_pairs_first(left) & ranked_pairs_first(right)
    distance = (steps * shared).sum(axis=0)
    return np.asarray(distance, dtype=np.float64), np.asarray(shared.sum(axis=0), dtype=np.float64)
