"""Shares of a panel with further factors, with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from harness.compare.estimates import (
    JACKKNIFE,
    JACKKNIFE_ARCSIN,
    MIN_CASES,
    optional_interval,
    tidy,
    undefined,
)
from harness.errors import UndefinedStatisticError
from harness.schema import Estimate, Factor, FactorShare
from harness.stats import factors as stats
from harness.stats.arrays import FloatArray
from harness.stats.intervals import Interval, jackknife_t

NOTHING_LEFT = 1e-12
"""What is less than this share of everything is a rounding error."""

_Split = list[stats.FactorComponents]


class Cases(NamedTuple):
    """Cells per case, and the same without each full run in turn."""

    cells: Sequence[stats.Cells]
    without_run: Sequence[Sequence[stats.Cells]]
    """Empty where runs cannot be left out."""


class _Part(NamedTuple):
    """One part: its names, how much of a case it is, and its share of all cases."""

    factors: tuple[Factor, ...]
    variance: Callable[[stats.FactorComponents], float]
    share: Callable[[stats.FactorShares], float]


def factor_shares_of(axes: tuple[Factor, ...], cases: Cases, *, nested: bool) -> tuple[FactorShare, ...]:
    """Every effect, then the noise, then the part of the noise that order makes, if it is known."""
    split = stats.nested_components if nested else stats.crossed_components
    whole = [split(cells) for cells in cases.cells]
    without = [[split(cells) for cells in left] for left in cases.without_run]
    return tuple(_share(part, whole, without) for part in _parts(axes, whole))


def _parts(axes: tuple[Factor, ...], cases: _Split) -> list[_Part]:
    parts = [_effect(axes, effect) for effect in cases[0].effects]
    parts.append(_Part(("noise",), lambda case: case.noise, lambda found: found.noise))
    if all(case.order is not None for case in cases):
        parts.append(_Part(("order",), lambda case: case.order or 0.0, lambda found: found.order or 0.0))
    return parts


def _effect(axes: tuple[Factor, ...], effect: stats.Axes) -> _Part:
    return _Part(
        tuple(axes[axis] for axis in effect),
        lambda case: case.effects[effect],
        lambda found: found.effects[effect],
    )


def _share(part: _Part, cases: _Split, without_run: Sequence[_Split]) -> FactorShare:
    variance = tidy(float(np.mean([part.variance(case) / case.n_pairs for case in cases])))
    try:
        value = part.share(stats.factor_shares(cases))
    except UndefinedStatisticError:
        return FactorShare(factors=part.factors, share=undefined("no_variation"), variance=variance)
    estimate = Estimate(
        value=tidy(value),
        n=len(cases),
        unit="cases",
        intervals=(
            *optional_interval(lambda: _over_cases(part, cases, value), "T3", JACKKNIFE_ARCSIN),
            *optional_interval(lambda: _over_runs(part, without_run, value), "T1", JACKKNIFE),
        ),
        undefined_because="too_few_cases" if len(cases) < MIN_CASES else None,
    )
    return FactorShare(factors=part.factors, share=estimate, variance=variance)


def _over_cases(part: _Part, cases: _Split, value: float) -> Interval:
    if len(cases) < MIN_CASES:
        raise UndefinedStatisticError("too few cases")
    left_out = shares_without_each(
        [part.variance(case) / case.n_pairs for case in cases], [case.total / case.n_pairs for case in cases]
    )
    return jackknife_t(left_out, value, "arcsin_sqrt")


def shares_without_each(parts: Sequence[float], totals: Sequence[float]) -> FloatArray:
    """Share of a part when each case in turn is left out, in time linear in cases.

    Raises UndefinedStatisticError when without some case no two judgements differ.
    """
    part, total = np.array(parts), np.array(totals)
    rest = total.sum() - total
    if (rest <= NOTHING_LEFT * np.abs(total).sum()).any():
        raise UndefinedStatisticError("no two judgements of a case differ: there is nothing to divide")
    return np.asarray((part.sum() - part) / rest)


def _over_runs(part: _Part, without_run: Sequence[_Split], value: float) -> Interval:
    return jackknife_t([part.share(stats.factor_shares(cases)) for cases in without_run], value)
