"""Learning from rankings what answers are worth: scaling, axes, choice of features and ridge in one fit.

Everything that looks at data happens in `fit_reward`, on the situations that it is given: whoever predicts
what was left out cannot have learned from it by a side door.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import BoolArray, FloatArray, IntArray
from harness.stats.choice import (
    RIDGE,
    Choices,
    build_choices,
    case_gradients,
    choice_weights,
    held_out_likelihood,
)
from harness.stats.reward_limits import MIN_TRIAL, most_features
from harness.stats.reward_luce import luce_weights

ABSENT = -1
"""Fills the rows of rankings that rank fewer answers than the longest."""
RIDGES = (100.0, 30.0, 10.0, 3.0, 1.0, 0.3)
"""Tried from the strongest: each search starts where the last one ended."""
AXES = (0, 8, 24)
"""How many axes of meaning are tried, where there are vectors."""
_FLAT = 1e-9

Method = Literal["rank-ordered-logit", "davidson-luce"]


class Graded(NamedTuple):
    """Answers, what was measured in them, and how people ranked them."""

    counted: FloatArray
    """(n_items, n_counted): features that have a name."""
    vectors: FloatArray
    """(n_items, n_dims): meanings; n_dims = 0 without an embedding."""
    case_of: IntArray
    """(n_items,): number of the case, from 0."""
    situation_of: IntArray
    """(n_cases,): number of the situation of each case, from 0: cases that share one stay together."""
    grades: FloatArray
    """(n_rankings, width): higher = better, NaN = no answer in this place."""
    items: IntArray
    """(n_rankings, width): which answers are graded; `ABSENT` = none."""
    weights: FloatArray
    """(n_rankings,)"""

    @property
    def n_situations(self) -> int:
        """How many situations there are."""
        return int(self.situation_of.max()) + 1

    @property
    def situation_of_items(self) -> IntArray:
        """(n_items,): the situation of each answer."""
        return np.asarray(self.situation_of[self.case_of])

    @property
    def situation_of_rankings(self) -> IntArray:
        """(n_rankings,): the situation that each ranking is about; its first place is never empty."""
        return np.asarray(self.situation_of_items[self.items[:, 0]])


class RewardFit(NamedTuple):
    """What was learned, ready to be applied to answers never seen."""

    columns: IntArray
    """(n_chosen,): which counted features are used."""
    vector_centre: FloatArray
    """(n_dims,)"""
    axes: FloatArray
    """(n_axes, n_dims)"""
    centre: FloatArray
    """(n_chosen + n_axes,): means over the answers that were learned from."""
    scale: FloatArray
    """The same: standard deviations within a case, one step each."""
    bounds: FloatArray
    """(2, n_chosen + n_axes): lowest and highest; beyond them nothing is believed."""
    weights: FloatArray
    """(n_chosen + n_axes,): log odds per step."""
    ridge: float

    def steps(self, counted: FloatArray, vectors: FloatArray) -> FloatArray:
        """Every used feature of answers, in steps from the mean: (n_items, n_chosen + n_axes)."""
        measured = np.column_stack([counted[:, self.columns], (vectors - self.vector_centre) @ self.axes.T])
        inside = np.clip(measured, self.bounds[0], self.bounds[1])
        return np.asarray((inside - self.centre) / self.scale)

    def worth(self, counted: FloatArray, vectors: FloatArray) -> FloatArray:
        """(n_items,): log odds of being preferred; only differences within a situation say anything."""
        return np.asarray(self.steps(counted, vectors) @ self.weights)


def fit_reward(
    graded: Graded, kept: BoolArray | None = None, method: Method = "rank-ordered-logit"
) -> RewardFit:
    """Learn from the rankings of some situations what makes an answer preferred.

    Parameters
    ----------
    graded : Graded
        All answers and rankings.
    kept : ndarray of bool of shape (n_situations,), optional
        The situations to learn from; nothing of the others is looked at. Absent = all.
    method : {"rank-ordered-logit", "davidson-luce"}
        How ties enter: each tied answer chosen from a set that holds the other, or as outcomes of their own.

    Returns
    -------
    RewardFit

    Raises
    ------
    UndefinedStatisticError
        Undefined when the situations hold no ranking of two answers, or these differ in no feature.

    Notes
    -----
    In this order, all of it on the kept situations only: each feature in steps of its standard deviation
    within a case; principal axes of the differences between vectors of one case; where there are fewer than
    six independent comparisons per feature, forward choice by the score statistic clustered by situation,
    ``|sum_s g_s| / sqrt(sum_s g_s^2)`` with g_s the pull of situation s; the number of axes and the ridge by
    the likelihood of each kept situation under the fit without it (`held_out_likelihood`). With fewer than
    12 situations the ridge is 1 and there are no axes. Tied answers and disagreement are soft labels: every
    ranking counts with its weight.
    """
    chosen = np.ones(graded.n_situations, dtype=np.bool_) if kept is None else kept
    rows = chosen[graded.situation_of_rankings]
    prepared = _prepared(graded, chosen)
    choices = _choices(graded, prepared, rows)
    n_columns = len(prepared.columns)
    n_wanted = most_features(_n_comparisons(graded, chosen))
    if n_columns > n_wanted:
        order = forward_choice(_part(choices, np.arange(n_columns)), n_wanted)
        used, ridge, weights = _with_ridge(choices, [order], int(chosen.sum()))
    else:
        most = min(len(prepared.axes), n_wanted - n_columns)
        tried = [np.arange(n_columns + n) for n in sorted({min(n, most) for n in AXES})]
        used, ridge, weights = _with_ridge(choices, tried, int(chosen.sum()))
    fit = _only(prepared, used, ridge, weights)
    if method == "rank-ordered-logit":
        return fit
    return fit._replace(weights=luce_of(graded, fit, rows))


def refit(graded: Graded, fit: RewardFit, kept: BoolArray, method: Method) -> FloatArray:
    """Give the weights that the same features, steps and ridge have on some situations: for a jackknife.

    Raises
    ------
    UndefinedStatisticError
        As `fit_reward`.
    """
    rows = kept[graded.situation_of_rankings]
    if method == "davidson-luce":
        return luce_of(graded, fit, rows)
    return choice_weights(_choices(graded, fit, rows), fit.ridge, fit.weights)


def luce_of(graded: Graded, fit: RewardFit, rows: BoolArray) -> FloatArray:
    """Weights of the same features under Davidson-Luce, from some of the rankings."""
    steps = fit.steps(graded.counted, graded.vectors)
    grades, items = graded.grades[rows], np.where(graded.items[rows] < 0, 0, graded.items[rows])
    return luce_weights(grades, items, steps, graded.weights[rows], fit.ridge).weights


def forward_choice(choices: Choices, n_wanted: int) -> IntArray:
    """Choose features one after the other: the one that the situations most agree on pulling at.

    Returns
    -------
    ndarray of shape (at most n_wanted,)
        Columns, ascending; fewer where no other feature pulls at all.
    """
    n_features = choices.features.shape[2]
    found: list[int] = []
    point = np.zeros(n_features)
    while len(found) < min(n_wanted, n_features):
        pulls = case_gradients(choices, point)
        spread = np.sqrt((pulls**2).sum(axis=0))
        strength = np.divide(
            np.abs(pulls.sum(axis=0)), spread, out=np.zeros(n_features), where=spread > _FLAT
        )
        strength[found] = -1.0
        if strength.max() <= _FLAT:
            break
        found.append(int(strength.argmax()))
        point = np.zeros(n_features)
        point[found] = choice_weights(_part(choices, np.array(found)))
    return np.sort(np.array(found, dtype=np.int64))


def _prepared(graded: Graded, chosen: BoolArray) -> RewardFit:
    """Scaling and axes of all features that vary within a case of the chosen situations; no weights yet."""
    mine = chosen[graded.situation_of_items]
    counted, vectors, case = graded.counted[mine], graded.vectors[mine], graded.case_of[mine]
    within = _within(counted, case)
    columns = np.flatnonzero(np.sqrt((within**2).mean(axis=0)) > _FLAT)
    if len(columns) == 0:
        raise UndefinedStatisticError("the answers do not differ in any feature")
    axes = _principal_axes(_within(vectors, case), max(AXES) if chosen.sum() >= MIN_TRIAL else 0)
    vector_centre = vectors.mean(axis=0)
    measured = np.column_stack([counted[:, columns], (vectors - vector_centre) @ axes.T])
    return RewardFit(
        columns=columns,
        vector_centre=vector_centre,
        axes=axes,
        centre=measured.mean(axis=0),
        scale=np.sqrt((_within(measured, case) ** 2).mean(axis=0)),
        bounds=np.array([measured.min(axis=0), measured.max(axis=0)]),
        weights=np.zeros(measured.shape[1]),
        ridge=RIDGE,
    )


def _within(table: FloatArray, case: IntArray) -> FloatArray:
    """Deviations from the mean of the case."""
    _, number = np.unique(case, return_inverse=True)
    sums = np.zeros((int(number.max()) + 1, table.shape[1]))
    np.add.at(sums, number, table)
    return np.asarray(table - (sums / np.bincount(number)[:, None])[number])


def _principal_axes(within: FloatArray, n_wanted: int) -> FloatArray:
    """Main axes of the differences between answers of one case; each points to its largest entry."""
    n_dims = within.shape[1]
    if n_dims == 0 or n_wanted == 0:
        return np.empty((0, n_dims))
    spread, directions = np.linalg.eigh(within.T @ within)
    n_axes = min(n_wanted, int((spread > _FLAT * max(float(spread[-1]), _FLAT)).sum()))
    axes = directions[:, ::-1][:, :n_axes].T
    largest = np.abs(axes).argmax(axis=1)
    return np.asarray(axes * np.sign(axes[np.arange(n_axes), largest])[:, None])


def _choices(graded: Graded, fit: RewardFit, rows: BoolArray) -> Choices:
    """Rankings of the used features, in steps."""
    steps = fit.steps(graded.counted, graded.vectors)
    items = graded.items[rows]
    features = np.where((items < 0)[:, :, None], np.nan, steps[items])
    situations = graded.situation_of_rankings[rows]
    return build_choices(graded.grades[rows], features, cases=situations, weights=graded.weights[rows])


def _part(choices: Choices, columns: IntArray) -> Choices:
    return choices._replace(features=choices.features[:, :, columns])


def _n_comparisons(graded: Graded, chosen: BoolArray) -> int:
    """Answers of each case less one, over the cases of the chosen situations."""
    mine = chosen[graded.situation_of_items]
    return int(mine.sum()) - len(np.unique(graded.case_of[mine]))


def _with_ridge(
    choices: Choices, tried: list[IntArray], n_situations: int
) -> tuple[IntArray, float, FloatArray]:
    """The features and the ridge under which the situations left out are most likely; simple ones first."""
    if n_situations < MIN_TRIAL:
        part = _part(choices, tried[0])
        return tried[0], RIDGE, choice_weights(part)
    best: tuple[float, IntArray, float, FloatArray] | None = None
    for used in tried:
        part, point = _part(choices, used), None
        for ridge in RIDGES:
            point = choice_weights(part, ridge, point)
            likelihood = held_out_likelihood(part, point, ridge)
            if best is None or likelihood > best[0] + _FLAT:
                best = (likelihood, used, ridge, point)
    assert best is not None
    return best[1:]


def _only(prepared: RewardFit, used: IntArray, ridge: float, weights: FloatArray) -> RewardFit:
    n_columns = len(prepared.columns)
    return RewardFit(
        columns=prepared.columns[used[used < n_columns]],
        vector_centre=prepared.vector_centre,
        axes=prepared.axes[used[used >= n_columns] - n_columns],
        centre=prepared.centre[used],
        scale=prepared.scale[used],
        bounds=prepared.bounds[:, used],
        weights=weights,
        ridge=ridge,
    )
