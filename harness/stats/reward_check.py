"""How well a reward model predicts rankings of situations that it never saw, and what chance would do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from harness.errors import UndefinedStatisticError
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.intervals import Interval, jackknife_t
from harness.stats.pairs import dense_grades, pair_signs, ratio
from harness.stats.reward import ABSENT, Graded, Method, RewardFit, fit_reward, refit
from harness.stats.reward_folds import situation_folds

MAX_BLOCKS = 40
"""More situations than this are left out in so many groups, for the intervals of weights."""
SHUFFLE_FOLDS = 5
"""Folds of each shuffle, and of the true grades that it is compared with."""
WORTH_DIGITS = 6
"""Worths nearer than this are tied: what lies beyond differs between processors."""


def predict_left_out(graded: Graded, folds: IntArray, method: Method) -> tuple[FloatArray, list[RewardFit]]:
    """Predict every answer by a fit on the situations of the other folds.

    Parameters
    ----------
    graded : Graded
    folds : ndarray of int of shape (n_situations,)
        From `situation_folds`.
    method : {"rank-ordered-logit", "davidson-luce"}

    Returns
    -------
    worths : ndarray of shape (n_items,)
        Predicted worth of every answer; comparable within a fold only.
    fits : list of RewardFit
        The fit that predicted each fold.

    Raises
    ------
    UndefinedStatisticError
        Undefined when the other folds teach nothing.
    """
    worths = np.full(len(graded.case_of), np.nan)
    fits = []
    of_items = folds[graded.situation_of_items]
    for fold in range(int(folds.max()) + 1):
        fit = fit_reward(graded, folds != fold, method)
        mine = of_items == fold
        worths[mine] = fit.worth(graded.counted[mine], graded.vectors[mine])
        fits.append(fit)
    return worths.round(WORTH_DIGITS), fits


class Agreement(NamedTuple):
    """How predicted worths agree with people, case by case; NaN where nobody can be agreed with."""

    taus: FloatArray
    """(n_cases,): mean tau_x with the rankings of the case, each with its weight."""
    right: FloatArray
    """(n_cases,): share of the strictly ordered pairs of its rankings that are in their order, ties 1/2."""


def agreement(graded: Graded, worths: FloatArray) -> Agreement:
    """Compare predicted worths of answers with every ranking of their case.

    Parameters
    ----------
    graded : Graded
    worths : ndarray of shape (n_items,)
        Higher = predicted to be preferred.
    """
    n_cases = len(graded.situation_of)
    predicted = np.where(graded.items == ABSENT, np.nan, worths[graded.items])
    case = graded.case_of[graded.items[:, 0]]
    taus = np.asarray(tau_x(graded.grades, predicted))
    signs, guessed = pair_signs(graded.grades)[0], pair_signs(predicted)[0]
    strict = signs != 0
    hits = np.where(guessed == 0, 0.5, guessed == signs) * strict
    known = ~np.isnan(taus)
    weight = np.where(known, graded.weights, 0.0)
    totals = np.bincount(case, weight, n_cases)
    sums = np.bincount(case, weight * np.where(known, taus, 0.0), n_cases)
    n_strict = np.bincount(case, graded.weights * strict.sum(axis=1), n_cases)
    n_right = np.bincount(case, graded.weights * hits.sum(axis=1), n_cases)
    return Agreement(ratio(sums, totals), ratio(n_right, n_strict))


def win_shares(grades: FloatArray) -> list[float]:
    """Share of its comparisons that each answer won, over all rankings of a case, ties one half.

    Parameters
    ----------
    grades : ndarray of shape (n_rankings, n_answers)
        Higher = better, NaN = not ranked. Rankings of any of the answers: votes on pairs as well.

    Returns
    -------
    list of float
        0 = always below, 1 = always above, NaN = never ranked beside another.

    Examples
    --------
    >>> win_shares(np.array([[2.0, 1.0, np.nan], [1.0, 1.0, 3.0]]))
    [0.5, 0.16666666666666666, 1.0]
    """
    differences = grades[:, :, None] - grades[:, None, :]
    met = ~np.isnan(differences) & ~np.eye(grades.shape[1], dtype=np.bool_)
    won = np.where(met, (np.sign(differences) + 1.0) / 2.0, 0.0)
    shares: list[float] = ratio(won.sum(axis=(0, 2)), met.sum(axis=(0, 2))).tolist()
    return shares


def mean_interval(values: FloatArray, situation_of: IntArray) -> tuple[float, Interval | None]:
    """Average one figure per case, with the interval for other situations like these.

    Parameters
    ----------
    values : ndarray of shape (n_cases,)
        NaN = undefined in this case, left out.
    situation_of : ndarray of int of shape (n_cases,)
        Cases of one situation are no independent witnesses: they are left out together.

    Returns
    -------
    mean : float
        NaN when nothing is defined.
    interval : Interval or None
        Jackknife-t over situations; None with fewer than three of them. Where every situation is one case it
        is the t interval of the mean. Fits that share most of what they learned from err together, so it is
        rather too narrow than too wide: in simulation it covers .92 to .93.
    """
    known = ~np.isnan(values)
    if not known.any():
        return float("nan"), None
    _, unit = np.unique(situation_of[known], return_inverse=True)
    sums, counts = np.bincount(unit, values[known]), np.bincount(unit)
    mean = float(sums.sum() / counts.sum())
    if len(counts) < 3:
        return mean, None
    return mean, jackknife_t((sums.sum() - sums) / (counts.sum() - counts), mean)


def weight_intervals(
    graded: Graded, fit: RewardFit, method: Method, rng: np.random.Generator
) -> list[Interval] | None:
    """Give the interval of every weight for other situations, the features and the ridge as they are.

    Returns
    -------
    list of Interval or None
        Jackknife-t over situations, in 40 groups where there are more; None where leaving one out leaves
        nothing to learn from.
    """
    sizes = np.bincount(graded.situation_of)
    blocks = situation_folds(sizes, rng, min(MAX_BLOCKS, len(sizes)))
    try:
        left_out = [refit(graded, fit, blocks != block, method) for block in range(int(blocks.max()) + 1)]
        return [
            jackknife_t([one[number] for one in left_out], float(full))
            for number, full in enumerate(fit.weights)
        ]
    except UndefinedStatisticError:
        return None


class Shuffled(NamedTuple):
    """What the same procedure finds when grades have nothing to do with answers."""

    observed: float
    """Mean tau_x with the true grades, in as many folds as the shuffles."""
    taus: FloatArray
    """(n_shuffles,): the same for shuffled grades."""
    n_folds: int

    @property
    def p(self) -> float:
        """(1 + shuffles at least as good) / (1 + shuffles)."""
        return float((1 + (self.taus >= self.observed - 1e-12).sum()) / (1 + len(self.taus)))


def shuffled_null(
    graded: Graded,
    method: Method,
    rng: np.random.Generator,
    n_shuffles: int,
    tick: Callable[[], None] = lambda: None,
) -> Shuffled:
    """Deal the grades of each case to its answers by lot, and learn and predict again, everything anew.

    All rankings of a case are dealt alike: people agree as much as before, about nothing.

    Parameters
    ----------
    graded : Graded
    method : {"rank-ordered-logit", "davidson-luce"}
    rng : numpy.random.Generator
    n_shuffles : int
        1 or more; ``p`` cannot be smaller than ``1 / (1 + n_shuffles)``.
    tick : callable
        Called after each shuffle.
    """
    sizes = np.bincount(graded.situation_of)
    folds = situation_folds(sizes, rng, min(SHUFFLE_FOLDS, len(sizes)))

    def found(dealt: Graded) -> float:
        taus = agreement(dealt, predict_left_out(dealt, folds, method)[0]).taus
        return float(np.nanmean(taus))

    observed = found(graded)
    taus = []
    for _ in range(n_shuffles):
        taus.append(found(_dealt(graded, rng)))
        tick()
    return Shuffled(observed, np.array(taus), int(folds.max()) + 1)


def _dealt(graded: Graded, rng: np.random.Generator) -> Graded:
    """The same rankings about answers of the same case, drawn by lot."""
    order = np.lexsort((rng.random(len(graded.case_of)), graded.case_of))
    home = np.argsort(graded.case_of, kind="stable")
    other = np.empty(len(order), dtype=np.int64)
    other[home] = order
    items = np.where(graded.items == ABSENT, ABSENT, other[graded.items])
    return graded._replace(items=items)


def stack_rankings(cases: Sequence[tuple[FloatArray, IntArray]]) -> tuple[FloatArray, IntArray, FloatArray]:
    """Lay the rankings of cases out as arrays: equal ones once, what is ranked to the left.

    Parameters
    ----------
    cases : sequence of (grades, items)
        Of each case the grades, (n_rankings, n_answers), NaN = not ranked, and the numbers of its answers.
        A ranking of fewer than two answers says nothing, and is left out.

    Returns
    -------
    grades, items : ndarray of shape (n_distinct, width)
        Dense grades; NaN and `ABSENT` where there is nothing.
    weights : ndarray of shape (n_distinct,)
        The share of the case's rankings that are this one: each case weighs 1.
    """
    table: list[FloatArray] = []
    places: list[IntArray] = []
    weights: list[float] = []
    for grades, items in cases:
        usable = np.nan_to_num(dense_grades(grades[(~np.isnan(grades)).sum(axis=1) > 1]))
        distinct, counts = np.unique(usable, axis=0, return_counts=True)
        for row, count in zip(distinct, counts, strict=True):
            ranked = row > 0
            table.append(row[ranked])
            places.append(items[ranked])
            weights.append(count / len(usable))
    width = max(map(len, table), default=0)
    laid, numbers = np.full((len(table), width), np.nan), np.full((len(table), width), ABSENT)
    for place, (row, mine) in enumerate(zip(table, places, strict=True)):
        laid[place, : len(row)], numbers[place, : len(row)] = row, mine
    return laid, numbers.astype(np.int64), np.array(weights)
