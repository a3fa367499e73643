"""From numbers per case to estimates: a value with its interval, its n and the question, or a reason."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.schema import Estimate, Interval, ShuffleTest, Target, Undefined, Unit
from harness.stats import intervals
from harness.stats.arrays import FloatArray
from harness.stats.permutation import N_SHUFFLES
from harness.stats.permutation import ShuffleTest as Shuffled

DIGITS = 10
"""Decimals that are kept: what lies beyond differs between processors, and the file must not."""
MIN_CASES = 3
"""Fewer cases say nothing about other cases."""

SHUFFLED_VERDICTS = 100_000_000
"""Shuffles times verdicts: what a test of a large run may take."""
FEWEST_SHUFFLES = 999
"""Enough to say p = .001, and p = .05 to within .014 (twice its standard error)."""

Bounds = tuple[float, float]
SHARE: Bounds = (0.0, 1.0)
"""Where a share of pairs can lie."""
TAU: Bounds = (-1.0, 1.0)
"""Where tau_x can lie."""

T_OVER_CASES = "t over cases"
JACKKNIFE = "jackknife-t"
JACKKNIFE_ARCSIN = "jackknife-t on arcsin-sqrt"


def tidy(number: float) -> float:
    """Round away what rounding errors made; never a negative zero."""
    return round(float(number), DIGITS) + 0.0


def tidy_or_none(number: float) -> float | None:
    """The same for a number that may be undefined: NaN becomes None."""
    return None if np.isnan(number) else tidy(number)


def tidy_all(numbers: FloatArray) -> list[float | None]:
    """The same for many."""
    return [None if math.isnan(one) else round(one, DIGITS) + 0.0 for one in numbers.tolist()]


def nan_mean(values: ArrayLike) -> float:
    """Average what is defined; NaN when nothing is."""
    array = np.asarray(values, dtype=np.float64).ravel()
    defined = array[~np.isnan(array)]
    return float(defined.mean()) if defined.size else float("nan")


def undefined(because: Undefined, unit: Unit = "cases") -> Estimate:
    """Say that there is no number, and why."""
    return Estimate(value=None, n=0, unit=unit, undefined_because=because)


def mean_over_cases(
    values: Sequence[float] | FloatArray, because: Undefined, within: Bounds = (-math.inf, math.inf)
) -> Estimate:
    """Average one figure per case, every case with equal weight, with the interval for other cases (T3).

    NaN = undefined in this case; `because` is the reason when it is undefined in all. With one or two cases
    the mean stands without an interval, and `undefined_because` says why there is none. An interval ends
    where the figure itself must, at the bounds `within`.
    """
    numbers = np.asarray(values, dtype=np.float64)
    defined = numbers[~np.isnan(numbers)]
    if len(defined) == 0:
        return undefined(because)
    found = _interval(lambda: _inside(intervals.mean_t_interval(defined), within), "T3", T_OVER_CASES)
    return _estimate(float(np.mean(defined)), len(defined), found)


def over_cases(
    cases: Sequence[ArrayLike],
    estimator: Callable[[list[FloatArray]], float],
    because: Undefined,
) -> Estimate:
    """Estimate a figure that is no plain mean of cases, with the interval that leaves out one case (T3)."""
    arrays = [np.asarray(case, dtype=np.float64) for case in cases]
    try:
        value = estimator(arrays)
    except UndefinedStatisticError:
        return undefined(because)
    found = _interval(lambda: intervals.interval_over_cases(arrays, estimator, "none"), "T3", JACKKNIFE)
    return _estimate(value, len(arrays), found)


def exact(value: float, n: int, unit: Unit = "cases") -> Estimate:
    """State a number that is known, not estimated: it has no interval."""
    return Estimate(value=tidy(value), n=n, unit=unit)


def record_interval(found: intervals.Interval, target: Target, method: str) -> Interval:
    """Write an interval down with the question it answers."""
    return Interval(low=tidy(found.low), high=tidy(found.high), target=target, method=method, n=found.n_units)


def optional_interval(
    compute: Callable[[], intervals.Interval], target: Target, method: str
) -> tuple[Interval, ...]:
    """Compute an interval; none where the data do not define it."""
    found = _interval(compute, target, method)
    return () if found is None else (found,)


def transformed(estimate: Estimate, line: Callable[[float], float]) -> Estimate:
    """Put an estimate and its intervals on another axis by a straight line (falling lines swap the ends)."""
    if estimate.value is None:
        return estimate
    turned = []
    for interval in estimate.intervals:
        low, high = sorted((line(interval.low), line(interval.high)))
        turned.append(interval.model_copy(update={"low": tidy(low), "high": tidy(high)}))
    return estimate.model_copy(update={"value": tidy(line(estimate.value)), "intervals": tuple(turned)})


def record_test(found: Shuffled, within: str) -> ShuffleTest:
    """Write a shuffle test down with what stayed together."""
    return ShuffleTest(p=tidy(found.p_value), n_shuffles=found.n_shuffles, shuffled_within=within)


def generator(seed: int, *purpose: str) -> np.random.Generator:
    """Give each purpose its own random numbers, so that one more row changes no other row's p-value."""
    digest = hashlib.sha256("\0".join(purpose).encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def shuffles_for(n_verdicts: int) -> int:
    """Shuffles of every test: 9,999 up to 10,000 verdicts, then fewer, but at least 999."""
    return min(N_SHUFFLES, max(FEWEST_SHUFFLES, SHUFFLED_VERDICTS // max(1, n_verdicts) - 1))


def _interval(compute: Callable[[], intervals.Interval], target: Target, method: str) -> Interval | None:
    try:
        return record_interval(compute(), target, method)
    except UndefinedStatisticError:
        return None


def _inside(found: intervals.Interval, within: Bounds) -> intervals.Interval:
    low, high = within
    return found._replace(low=max(found.low, low), high=min(found.high, high))


def _estimate(value: float, n: int, interval: Interval | None) -> Estimate:
    return Estimate(
        value=tidy(value),
        n=n,
        unit="cases",
        intervals=() if interval is None else (interval,),
        undefined_because="too_few_cases" if n < MIN_CASES else None,
    )
