"""How sharp a planned study would be, with this run's own variation where it shows enough of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Literal

from harness.compare.crowd import MIN_PEOPLE, Crowd
from harness.compare.estimates import tidy
from harness.compare.source import CaseRuns, Layout, Line
from harness.errors import UndefinedStatisticError
from harness.schema import PlannedPrecision
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray
from harness.stats.planning import (
    PUBLISHED_WORLD,
    Design,
    Spread,
    half_width,
    pooled_spread,
    spread_of,
)

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
