"""Where judge-person agreement gets its variation from: cases, people, runs and the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import FloatArray

MIN_CASES_SPREAD = 6
"""Fewer cases say too little about how much cases differ to plan with it."""


class Spread(NamedTuple):
    """Where one judge-person tau_x gets its variation from, as standard deviations."""

    case: float
    """Cases differ, whoever reads them."""
    person: float
    """People differ about a case."""
    run: float
    """The judge differs from run to run on a case."""
    rest: float
    """This run and this person on this case."""


PUBLISHED_WORLD = Spread(case=0.21, person=0.29, run=0.10, rest=0.21)
"""A plausible world, simulated (people agree .28, a judge with itself .63); prefer a pilot's own."""


def spread_of(cases: Sequence[ArrayLike]) -> Spread:
    """Learn from a pilot where the variation of judge-person agreement comes from.

    Parameters
    ----------
    cases : sequence of array_like of shape (n_people, n_runs)
        tau_x of each person with each run of one judge, one table per case; NaN = undefined. A person with
        a hole is left out of this case. Numbers of people and runs may differ between cases.

    Returns
    -------
    Spread
        Standard deviations; a negative estimate of a variance is given as 0.

    Raises
    ------
    UndefinedStatisticError
        Undefined with fewer than six cases that hold at least two people and two runs.

    Notes
    -----
    Method of moments on people x runs inside each case, averaged over cases: ``s_rest^2 = MS_rest``,
    ``s_person^2 = (MS_people - MS_rest) / n_r``, ``s_run^2 = (MS_runs - MS_rest) / n_h``, and
    ``s_case^2`` = variance of the case means minus what the other three make of it. People are treated
    as new in every case, as in `harness.stats.planning.half_width`; that they are the same ones is not used.

    Examples
    --------
    >>> spread_of([[[c, c], [c, c]] for c in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)]).person
    0.0
    """
    tables = [_complete(np.asarray(case, dtype=np.float64)) for case in cases]
    usable = [table for table in tables if min(table.shape) >= 2]
    if len(usable) < MIN_CASES_SPREAD:
        raise UndefinedStatisticError(
            f"{len(usable)} case(s) with two people and two runs: how much cases differ needs six"
        )
    person, run, rest = np.maximum(np.mean([_two_way(table) for table in usable], axis=0), 0.0)
    sizes = [table.shape for table in usable]
    inside = np.mean([person / n_h + run / n_r + rest / (n_h * n_r) for n_h, n_r in sizes])
    case = float(np.var([table.mean() for table in usable], ddof=1) - inside)
    return Spread(*(math.sqrt(max(0.0, float(variance))) for variance in (case, person, run, rest)))


def pooled_spread(spreads: Sequence[Spread]) -> Spread:
    """Average several judges' spreads, as variances.

    Raises
    ------
    UndefinedStatisticError
        Undefined without any.
    """
    if not spreads:
        raise UndefinedStatisticError("there is no spread to average")
    return Spread(*(float(deviation) for deviation in np.sqrt(np.square(spreads).mean(axis=0))))


def _complete(table: FloatArray) -> FloatArray:
    if table.ndim != 2:
        raise ValueError(f"expected a table of people and runs, got {table.shape}")
    return table[~np.isnan(table).any(axis=1)]


def _two_way(table: FloatArray) -> tuple[float, float, float]:
    """Variances of people, runs and rest in one case, unclipped."""
    n_people, n_runs = table.shape
    centre = table.mean()
    by_person, by_run = table.mean(axis=1) - centre, table.mean(axis=0) - centre
    residual = table - centre - by_person[:, None] - by_run[None]
    rest = float((residual**2).sum()) / ((n_people - 1) * (n_runs - 1))
    people = n_runs * float((by_person**2).sum()) / (n_people - 1)
    runs = n_people * float((by_run**2).sum()) / (n_runs - 1)
    return (people - rest) / n_runs, (runs - rest) / n_people, rest
