"""The anchoring effect: what seeing a proposal does to people. Arrays are those of `harness.stats.arms`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arms import (
    MIN_CASES,
    MIN_PEOPLE,
    Design,
    arm_means,
    arm_sums,
    design_of,
    known_in_both,
    left_out_people,
    mean_of_defined,
    refuse_small,
)
from harness.stats.arrays import FloatArray
from harness.stats.intervals import Interval, jackknife_t
from harness.stats.pairs import ratio

_SMALL = 1e-9


def anchoring_effect(figures: ArrayLike, shown: ArrayLike) -> float:
    """Say how much a figure differs where the proposal was seen: shown minus control.

    Parameters
    ----------
    figures, shown : array_like of shape (n_people, n_cases)
        See `harness.stats.arms`. With tau_x to the proposal as the figure this is the anchoring effect.

    Returns
    -------
    float
        0 = seeing the proposal changed nothing on average; > 0 with tau_x: people moved towards it; 2 at
        most.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three people in an arm (people dealt) or in all (cases dealt), or when no
        case has both arms.

    Notes
    -----
    People dealt: ``mean over cases c of (mean of y_ic over those who saw it - mean over those who did not)``,
    every case with equal weight. Cases dealt: least squares, delta of ``y_ic = a_i + b_c + delta shown_ic``,
    so that each person is compared with himself or herself and each case with itself; with complete and
    balanced data both are the same number. As arms were drawn by lot the difference is caused by the
    proposal, whatever the people and cases are like.

    References
    ----------
    R. A. Fisher, The Design of Experiments, 1935; G. W. Imbens & D. B. Rubin, Causal Inference for
    Statistics, Social, and Biomedical Sciences, 2015, chapters 5-7.

    Examples
    --------
    >>> saw = [[1, 1]] * 3 + [[0, 0]] * 3
    >>> anchoring_effect([[1.0, 0.5]] * 3 + [[0.5, 0.5]] * 3, saw)
    0.25
    """
    y, seen = _enough(figures, shown)
    return _defined(_effect(y, seen, design_of(seen)))


def effect_over_people(figures: ArrayLike, shown: ArrayLike, confidence: float = 0.95) -> Interval:
    """Give the interval of `anchoring_effect` for "these cases, other people" (T2).

    Parameters
    ----------
    figures, shown : array_like of shape (n_people, n_cases)
        See `harness.stats.arms`.
    confidence : float
        Nominal coverage.

    Returns
    -------
    Interval
        Each person is left out in turn. People dealt: the two arms apart, quantile with Welch's degrees of
        freedom; without holes it is Welch's t interval of the people's means. Cases dealt: one jackknife over
        all people, t_{n-1}: differences inside people, so that what people are like drops out.

    Raises
    ------
    UndefinedStatisticError
        As `anchoring_effect`, or when the effect is undefined without somebody.

    Notes
    -----
    ``SE² = sum over arms a of (n_a - 1)/n_a sum over i in a of (theta_(i) - mean_a)²`` and
    ``df = SE⁴ / sum of SE_a⁴ / (n_a - 1)``. In simulations of six cases, whether or not people differ in how
    far they are moved: 5, 10 and 20 people an arm .96, .95 and .95; cases dealt to 6, 10 and 20 people .96,
    .95 and .95, with intervals half as wide.

    References
    ----------
    B. L. Welch, Biometrika 34 (1947) 28-35, doi:10.1093/biomet/34.1-2.28; J. N. Arvesen, Annals of
    Mathematical Statistics 40 (1969) 2076-2100, doi:10.1214/aoms/1177697287.
    """
    y, seen = _enough(figures, shown)
    kept = ~np.isnan(y).all(axis=1)
    y, seen = y[kept], seen[kept]
    return left_out_people(_without_each(y, seen), anchoring_effect(y, seen), seen, confidence)


def effect_over_cases(figures: ArrayLike, shown: ArrayLike, confidence: float = 0.95) -> Interval:
    """Give the interval of `anchoring_effect` for other cases like these (T3): leave out one case in turn.

    Parameters
    ----------
    figures, shown : array_like of shape (n_people, n_cases)
        See `harness.stats.arms`.
    confidence : float
        Nominal coverage.

    Returns
    -------
    Interval
        Jackknife, t_{C-1}; with people dealt the t interval of the differences of the cases. It is about
        these people: where they were dealt, arms that chance made unequal are in `effect_over_people` only.

    Raises
    ------
    UndefinedStatisticError
        As `anchoring_effect`, or with fewer than three cases that have both arms.
    """
    y, seen = _enough(figures, shown)
    design, usable = design_of(seen), ~np.isnan(arm_means(y, seen).difference)
    if design == "people":
        y, seen = y[:, usable], seen[:, usable]
    if usable.sum() < MIN_CASES:
        raise UndefinedStatisticError(f"{int(usable.sum())} case(s) with both arms: three at least")
    left_out = [
        _effect(np.delete(y, case, axis=1), np.delete(seen, case, axis=1), design)
        for case in range(y.shape[1])
    ]
    return jackknife_t(left_out, _effect(y, seen, design), confidence=confidence)


def _enough(figures: ArrayLike, shown: ArrayLike) -> tuple[FloatArray, FloatArray]:
    y, seen = known_in_both(figures, shown)
    if design_of(seen) == "people":
        refuse_small([int((seen == arm).any(axis=1).sum()) for arm in (1, 0)])
    elif (n_people := int((~np.isnan(seen)).any(axis=1).sum())) < MIN_PEOPLE:
        raise UndefinedStatisticError(f"{n_people} people: three at least")
    return y, seen


def _effect(y: FloatArray, seen: FloatArray, design: Design) -> float:
    if design == "cases":
        return _Normal.of(y, seen).effect()
    return mean_of_defined(arm_means(y, seen).difference)


def _without_each(y: FloatArray, seen: FloatArray) -> list[float]:
    """The effect when each person in turn is left out."""
    if design_of(seen) == "cases":
        equations = _Normal.of(y, seen)
        return [equations.effect(without=person) for person in range(len(y))]
    means = arm_means(y, seen)
    left_out = np.tile(means.difference, (len(y), 1))
    for arm, other, sign in ((1, means.control, 1.0), (0, means.shown, -1.0)):
        inside = seen == arm
        total, count = arm_sums(y, inside)
        without = sign * (ratio(total - np.where(inside, y, 0.0), count - inside) - other)
        left_out = np.where(inside, without, left_out)
    return [mean_of_defined(row) for row in left_out]


class _Normal(NamedTuple):
    """Least squares with a level for each person: figures and arms, each minus the person's own mean."""

    there: FloatArray
    """(n_people, n_cases): 1 where there is a figure."""
    arms: FloatArray
    figures: FloatArray

    @classmethod
    def of(cls, y: FloatArray, seen: FloatArray) -> _Normal:
        there = (~np.isnan(y)).astype(np.float64)
        n_own = np.maximum(there.sum(axis=1, keepdims=True), 1.0)
        centred = [
            there * (flat - flat.sum(axis=1, keepdims=True) / n_own) for flat in map(np.nan_to_num, (seen, y))
        ]
        return cls(there, *centred)

    def effect(self, without: int | None = None) -> float:
        """Give delta, once the levels of the cases are taken out too; NaN where the arms do not tell it."""
        there, arms, figures = (
            self if without is None else (np.delete(part, without, axis=0) for part in self)
        )
        n_own = np.maximum(there.sum(axis=1, keepdims=True), 1.0)
        cases = np.diag(there.sum(axis=0)) - there.T @ (there / n_own)
        levels = np.linalg.pinv(cases, hermitian=True) @ arms.sum(axis=0)
        left = float((arms**2).sum() - arms.sum(axis=0) @ levels)
        if left <= _SMALL:
            return float("nan")
        return float(((arms * figures).sum() - figures.sum(axis=0) @ levels) / left)


def _defined(found: float) -> float:
    if np.isnan(found):
        raise UndefinedStatisticError("no case was graded in both arms")
    return found
