"""People who saw a proposal beside those from whom chance kept it: figures by person, case and arm.

Figures are one number per person and case, `figures[i, c]` of shape (n_people, n_cases), NaN = none; for
instance tau_x between what a person said and what was proposed. `shown` has the same shape: 1 = this person
saw the proposal of this case, 0 = by lot not, NaN = no verdict. Two designs give the same arrays: whole
people are dealt into arms ("people"), or each person sees proposals on a random half of the cases ("cases").
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import BoolArray, FloatArray, as_group
from harness.stats.intervals import Interval, jackknife_t
from harness.stats.pairs import ratio

Design = Literal["people", "cases"]
"""What was dealt: whole people, or the cases of each person."""
MIN_PEOPLE = 3
"""Fewer people in an arm (in all, where each person is in both) get words instead of a number."""
MIN_CASES = 3
"""Fewer cases say nothing about other cases."""


class ArmMeans(NamedTuple):
    """One number per case and arm; NaN where an arm has nobody."""

    shown: FloatArray
    control: FloatArray

    @property
    def difference(self) -> FloatArray:
        """Shown minus control, case by case."""
        return self.shown - self.control


def design_of(shown: ArrayLike) -> Design:
    """Tell from who saw what whether people or cases were dealt: nobody in both arms means people."""
    seen = as_group(shown)
    in_both = ((seen == 1).any(axis=1) & (seen == 0).any(axis=1)).any()
    return "cases" if in_both else "people"


def arm_means(figures: ArrayLike, shown: ArrayLike) -> ArmMeans:
    """Average a figure over the people of each arm, case by case.

    Parameters
    ----------
    figures, shown : array_like of shape (n_people, n_cases)
        See the module.

    Returns
    -------
    ArmMeans
        Two arrays of shape (n_cases,).

    Examples
    --------
    >>> means = arm_means([[1.0, 0.5], [0.0, 0.5], [0.5, np.nan]], [[1, 1], [0, 0], [0, np.nan]])
    >>> means.shown.tolist(), means.control.tolist()
    ([1.0, 0.5], [0.25, 0.5])
    """
    y, seen = known_in_both(figures, shown)
    return ArmMeans(*(ratio(*arm_sums(y, seen == arm)) for arm in (1, 0)))


def known_in_both(figures: ArrayLike, shown: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Give figures and arms as arrays, each NaN where the other is.

    Raises
    ------
    ValueError
        When their shapes differ, or `shown` holds anything but 1, 0 and NaN.
    """
    y, seen = np.array(figures, dtype=np.float64), np.array(shown, dtype=np.float64)
    if y.ndim != 2 or y.shape != seen.shape:
        raise ValueError(f"figures {y.shape} and shown {seen.shape} need one shape: people, cases")
    if not (np.isnan(seen) | (seen == 0) | (seen == 1)).all():
        raise ValueError("`shown` holds 1, 0 and NaN only")
    missing = np.isnan(y) | np.isnan(seen)
    y[missing], seen[missing] = np.nan, np.nan
    return y, seen


def left_out_people(left_out: ArrayLike, full: float, shown: ArrayLike, confidence: float = 0.95) -> Interval:
    """Give an interval over people from the figure without each of them, the arms apart where they differ.

    Parameters
    ----------
    left_out : array_like of shape (n_people,)
        The figure without person i.
    full : float
        The figure with everybody.
    shown : array_like of shape (n_people, n_cases)
        See the module; who saw some proposals and not others makes one sample of all people.
    confidence : float
        Nominal coverage.

    Returns
    -------
    Interval
        See `harness.stats.anchoring.effect_over_people`.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than three people in an arm, or when a figure is NaN.
    """
    values, seen = np.asarray(left_out, dtype=np.float64), as_group(shown)
    if design_of(seen) == "cases":
        if len(values) < MIN_PEOPLE:
            raise UndefinedStatisticError(f"{len(values)} people: three at least")
        return jackknife_t(values, full, confidence=confidence)
    if np.isnan(values).any() or np.isnan(full):
        raise UndefinedStatisticError("the figure is undefined when some person is left out")
    arms = [values[(seen == arm).any(axis=1)] for arm in (1, 0)]
    refuse_small([len(arm) for arm in arms])
    parts = [(len(arm) - 1) / len(arm) * float(((arm - arm.mean()) ** 2).sum()) for arm in arms]
    reach = _welch(parts, [len(arm) for arm in arms], confidence)
    return Interval(full - reach, full + reach, len(values))


def mean_of_defined(values: ArrayLike) -> float:
    """Average what is defined; NaN when nothing is."""
    array = np.asarray(values, dtype=np.float64).ravel()
    defined = array[~np.isnan(array)]
    return float(defined.mean()) if defined.size else float("nan")


def arm_sums(figures: FloatArray, inside: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Add up figures over the people who are inside, case by case; and count them."""
    return np.where(inside, figures, 0.0).sum(axis=0), inside.sum(axis=0).astype(np.float64)


def refuse_small(sizes: list[int]) -> None:
    """Refuse arms of fewer than three people; sizes of those who saw proposals, and of the others."""
    if min(sizes) < MIN_PEOPLE:
        raise UndefinedStatisticError(f"{sizes[0]} people saw proposals, {sizes[1]} none: three at least")


def _welch(variances: list[float], sizes: list[int], confidence: float) -> float:
    from scipy.special import stdtrit

    total = sum(variances)
    if total <= 0.0:
        return 0.0
    freedom = total**2 / sum(part**2 / (size - 1) for part, size in zip(variances, sizes, strict=True))
    return float(stdtrit(freedom, 0.5 + confidence / 2.0)) * math.sqrt(total)
