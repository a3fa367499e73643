"""Which annotators look careless: signals to look at, never a reason to remove anybody by itself.

Whoever holds a minority view also agrees less with the others. Nothing here can tell the two apart, which is
why one signal flags nobody (methods.md §7), and why weights are a sensitivity check and no default.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import BoolArray, FloatArray, as_group
from harness.stats.pairs import mid_ranks, ratio

LOW_CUT = 3.0
"""Median absolute deviations (times 1.4826) below the median."""
MAD_TO_SD = 1.4826
MIN_PEOPLE = 3
MIN_CASES = 3
"""Cases that one person must have graded to be called low."""
MIN_SLOT_CASES = 4
SAME_SLOTS = 0.8
ALL_TIED = 0.5
FAST = 0.5
_TOLERANCE = 1e-12


class Reliability(NamedTuple):
    """How much better or worse each annotator agrees with the others than the others do."""

    raw: FloatArray
    """(n_people,): mean over cases of own agreement minus the case's mean; NaN for who graded nothing."""
    shrunk: FloatArray
    """(n_people,): raw times n / (n + kappa); all NaN when kappa is unknown."""
    n_cases: FloatArray
    kappa: float
    """Cases after which half of a raw value is believed; inf when people do not differ beyond chance."""
    deviations: FloatArray
    """(n_people, n_cases): own agreement minus the case's mean; NaN = not graded."""

    @property
    def believed(self) -> FloatArray:
        """(n_people,): n / (n + kappa), the part of a raw value that is kept."""
        return _believed(self.n_cases, self.kappa)


def reliability(leave_one_out: ArrayLike) -> Reliability:
    """Say how far each annotator agrees with the others beyond what the cases allow, shrunk towards 0.

    Parameters
    ----------
    leave_one_out : array_like of shape (n_people, n_cases)
        Mean tau_x of each annotator to the others in each case (`tau_sums(...).leave_one_out`), NaN = not
        graded.

    Returns
    -------
    Reliability
        0 = agrees like the average annotator on the same cases; negative = less.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three annotators.

    Notes
    -----
    ``r_h = mean_c (tau_hc - mean_h tau_hc)``: hard cases pull nobody down. Shrunk to
    ``r_h n_h / (n_h + kappa)`` with ``kappa = within / between``. Within: the variance of a person's case
    values around their mean, pooled. Between: the variance of the r_h minus what within alone makes of it; 0
    or less gives kappa = inf, and every shrunk value is 0. kappa is NaN when nobody graded two cases.
    """
    table = as_group(leave_one_out)
    if len(table) < MIN_PEOPLE:
        raise UndefinedStatisticError(f"{len(table)} annotator(s): too few to call one of them odd")
    defined = ~np.isnan(table)
    filled = np.where(defined, table, 0.0)
    centre = ratio(filled.sum(axis=0), defined.sum(axis=0))
    deviations = np.where(defined, filled - np.where(np.isnan(centre), 0.0, centre), 0.0)
    n_cases = defined.sum(axis=1).astype(np.float64)
    raw = ratio(deviations.sum(axis=1), n_cases)
    squares = np.where(defined, deviations - np.where(np.isnan(raw), 0.0, raw)[:, None], 0.0) ** 2
    kappa = _kappa(float(squares.sum()), raw[n_cases > 0], n_cases[n_cases > 0])
    shown = np.where(defined, deviations, np.nan)
    return Reliability(raw, raw * _believed(n_cases, kappa), n_cases, kappa, shown)


def low_agreement(found: Reliability) -> BoolArray:
    """Tell who agrees far less than the rest: r_h below the median by three robust standard deviations.

    Returns
    -------
    ndarray of bool of shape (n_people,)
        Only people with at least three cases can be low, and nobody is when more than half of the people
        have the same value (the spread is then unknown).

    Notes
    -----
    ``r_h < median - 3 * 1.4826 * MAD`` over the people with three cases. In simulation with one random
    responder among twelve, 6 / 12 / 24 cases: found .63 / .82 / .96 of the time, a careful person called low
    .010 / .012 / .008 (methods.md §7).
    """
    eligible = found.n_cases >= MIN_CASES
    low = np.zeros(len(found.raw), dtype=np.bool_)
    if eligible.sum() < MIN_PEOPLE:
        return low
    values = found.raw[eligible]
    middle = float(np.median(values))
    spread = MAD_TO_SD * float(np.median(np.abs(values - middle)))
    if spread > _TOLERANCE:
        low[eligible] = values < middle - LOW_CUT * spread
    return low


def is_all_tied(grades: ArrayLike) -> BoolArray:
    """Tell for each ranking whether it says nothing: all graded answers equal (and at least two graded)."""
    group = as_group(grades)
    graded = ~np.isnan(group)
    highest = np.where(graded, group, -np.inf).max(axis=1)
    lowest = np.where(graded, group, np.inf).min(axis=1)
    tied: BoolArray = (graded.sum(axis=1) > 1) & (highest == lowest)
    return tied


def commonest_pattern(patterns: Sequence[Sequence[float]]) -> float:
    """Give the share of cases in which the same grades stand in the same slots; NaN below four cases.

    Parameters
    ----------
    patterns : sequence of sequences of float
        One per case: the grades in the order in which the answers were shown.

    Returns
    -------
    float
        Share of the commonest pattern, 1 / n … 1. All answers tied is no pattern of slots: it counts among
        the cases, never as a pattern.
    """
    if len(patterns) < MIN_SLOT_CASES:
        return float("nan")
    counted = Counter(tuple(pattern) for pattern in patterns if len(set(pattern)) > 1)
    return max(counted.values(), default=0) / len(patterns)


def relative_time(seconds: ArrayLike) -> FloatArray:
    """Say how fast each annotator typically is: the median over cases of own time by the case's median.

    Parameters
    ----------
    seconds : array_like of shape (n_people, n_cases)
        NaN = unknown.

    Returns
    -------
    ndarray of shape (n_people,)
        1 = as long as others take, below .5 = too fast (a convention of survey practice); NaN where fewer
        than three people were timed on every one of the cases, or the case's median is 0.
    """
    table = as_group(seconds)
    known = ~np.isnan(table)
    ratios = np.full(table.shape, np.nan)
    for case in np.flatnonzero(known.sum(axis=0) >= MIN_PEOPLE):
        middle = float(np.median(table[known[:, case], case]))
        if middle > 0:
            ratios[:, case] = table[:, case] / middle
    return np.array([_median(row[~np.isnan(row)]) for row in ratios])


def weighted_borda(grades: ArrayLike, weights: ArrayLike) -> FloatArray:
    """Give each answer its mean place with some annotators counting more: a sensitivity check.

    Parameters
    ----------
    grades : array_like of shape (n_people, n_answers)
        NaN = not ranked.
    weights : array_like of shape (n_people,)
        ``max(mean leave-one-out tau_x, 0)``; equal weights give Borda's mean places.

    Returns
    -------
    ndarray of shape (n_answers,)
        Weighted mean mid-ranks, higher = better, rounded to nine decimals so that ties stay ties; NaN for an
        answer without any weight.

    Notes
    -----
    Off by default: it assumes one truth, and calls a minority incompetent.
    """
    ranks = mid_ranks(as_group(grades))
    ranked = ~np.isnan(ranks)
    share = np.where(ranked, np.asarray(weights, dtype=np.float64)[:, None], 0.0)
    return np.round(ratio((np.where(ranked, ranks, 0.0) * share).sum(axis=0), share.sum(axis=0)), 9)


def _kappa(squares: float, raw: FloatArray, n_cases: FloatArray) -> float:
    freedom = float((n_cases - 1.0).sum())
    if freedom < 1 or len(raw) < 2:
        return float("nan")
    within = squares / freedom
    between = float(raw.var(ddof=1)) - within * float((1.0 / n_cases).mean())
    if within <= _TOLERANCE:
        return 0.0
    return within / between if between > _TOLERANCE else float("inf")


def _believed(n_cases: FloatArray, kappa: float) -> FloatArray:
    return np.zeros(len(n_cases)) if np.isinf(kappa) else ratio(n_cases, n_cases + kappa)


def _median(values: FloatArray) -> float:
    return float(np.median(values)) if len(values) else float("nan")
