"""How sharp a planned study would be, with this run's own variation where it shows enough of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Literal

import numpy as np

from harness.compare.crowd import MIN_PEOPLE, Crowd
from harness.compare.estimates import nan_mean, tidy
from harness.compare.source import CaseRuns, Layout, Line
from harness.errors import UndefinedStatisticError
from harness.schema import PlannedPrecision
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray
from harness.stats.planning import Design, half_width
from harness.stats.spread import MIN_CASES_SPREAD, PUBLISHED_WORLD, Spread, pooled_spread, spread_of

VarianceSource = Literal["this_run", "published_world"]

N_CASES = (6, 12, 20, 30, 50, 100)
PEOPLE_AND_RUNS = ((3, 1), (5, 3), (10, 3), (30, 5))
MIN_RUNS = 2


def precision_table(layout: Layout, crowd: Crowd) -> tuple[tuple[PlannedPrecision, ...], VarianceSource]:
    """Half-widths of tau_people for studies of several sizes, and where their variances come from."""
    spread, source = planning_spread(layout, crowd)
    designs = [Design(n_cases, *sizes) for n_cases, sizes in product(N_CASES, PEOPLE_AND_RUNS)]
    rows = [
        PlannedPrecision(**design._asdict(), half_width=tidy(half_width(design, spread)))
        for design in designs
    ]
    return tuple(rows), source


def planning_spread(layout: Layout, crowd: Crowd) -> tuple[Spread, VarianceSource]:
    """Where judge-person agreement varies: in this run when it shows that, else in the published world.

    This run shows it when at least six cases were graded by three people and, in two runs or more, by a
    judge in base wording; variances are averaged over such judges and rulebooks.
    """
    found = []
    for line in layout.lines:
        if line.key.wording == "base" and crowd.enough:
            try:
                found.append(spread_of(_tables(line, crowd)))
            except UndefinedStatisticError:
                continue
    return (pooled_spread(found), "this_run") if found else (PUBLISHED_WORLD, "published_world")


def _tables(line: Line, crowd: Crowd) -> Sequence[FloatArray]:
    tables = [_table(runs, crowd.view(runs.case_id).others) for runs in line.cases]
    return [table for table in tables if table.shape[0] >= MIN_PEOPLE and table.shape[1] >= MIN_RUNS]


def _table(runs: CaseRuns, others: FloatArray) -> FloatArray:
    """tau_x of every person with every verdict of one line in one case."""
    return tau_x(others[:, None], runs.grades[None])


def paired_spreads(layout: Layout, crowd: Crowd) -> tuple[float | None, float | None]:
    """Spread over cases of judge minus people's own agreement, and of judge minus judge; None = not shown.

    Base wording; over at least six cases that both sides have; averaged, as variances, over judges and
    rulebooks, and over pairs of judges under one rulebook, language and protocol.
    """
    lines = [line for line in layout.lines if line.key.wording == "base" and crowd.enough]
    taus = [{runs.case_id: _mean_tau(runs, crowd) for runs in line.cases} for line in lines]
    people = {case_id: crowd.human_human_of(case_id) for case_id in crowd.grades}
    beside_people = [_variance(own, people) for own in taus]
    beside_judges = [
        _variance(taus[one], taus[other])
        for one, other in combinations(range(len(lines)), 2)
        if _comparable(lines[one], lines[other])
    ]
    return _root_mean(beside_people), _root_mean(beside_judges)


def _comparable(one: Line, other: Line) -> bool:
    return one.key[1:] == other.key[1:] and one.protocol == other.protocol


def _mean_tau(runs: CaseRuns, crowd: Crowd) -> float:
    others = crowd.view(runs.case_id).others
    return nan_mean(_table(runs, others)) if len(others) and len(runs.grades) else float("nan")


def _variance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Variance over the cases of both; NaN with fewer than six."""
    differences = np.array([one[case_id] - other[case_id] for case_id in one if case_id in other])
    defined = differences[~np.isnan(differences)]
    return float(defined.var(ddof=1)) if len(defined) >= MIN_CASES_SPREAD else float("nan")


def _root_mean(variances: Sequence[float]) -> float | None:
    mean = nan_mean(np.array(variances))
    return None if np.isnan(mean) else float(mean**0.5)
