"""Where a plan's variation comes from: this run, or the published world."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from harness.compare import ComparisonSource
from harness.compare.crowd import Crowd, build_crowd
from harness.compare.precision import paired_spreads, planning_spread, precision_table
from harness.compare.source import Layout, build_layout
from harness.schema import Cell
from harness.stats.agreement import tau_x
from harness.stats.planning import Design, half_width
from harness.stats.spread import PUBLISHED_WORLD, spread_of

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

SIX = tuple(f"case-{number}" for number in range(6))
PEOPLE = ("4321", "3421", "4312", "1234")


def sides(source: ComparisonSource) -> tuple[Layout, Crowd]:
    """A run, laid out, and its people."""
    layout = build_layout(source)
    return layout, build_crowd(source.people, layout.cases)


def study(kit: Kit, cases: tuple[str, ...] = SIX, repeats: int = 4) -> ComparisonSource:
    """Four people who see each case turned a little further, and two judges."""

    def turning(cell: Cell, order: tuple[str, ...]) -> dict[str, float]:
        turned = "4321"[cell.repeat :] + "4321"[: cell.repeat]
        return kit.by_letter(turned if int(cell.case_id[-1]) % 2 else "4321")

    votes = []
    for who, said in enumerate(PEOPLE):
        turned = {name: said[place % 3 :] + said[: place % 3] for place, name in enumerate(cases)}
        votes += kit.votes(f"p{who}", turned)
    judges = {"turning": turning, "steady": kit.always("4321")}
    return kit.bench(judges, cases=cases, rulebooks=("hhh",), repeats=repeats, people=votes).source()


def test_six_cases_of_this_run_are_enough(kit: Kit) -> None:
    """The table's half-widths come from the run's own variances, averaged over its judges."""
    layout, crowd = sides(study(kit))
    rows, source = precision_table(layout, crowd)
    spreads = []
    for line in layout.lines:
        tables = [tau_x(crowd.grades[runs.case_id][:, None], runs.grades[None]) for runs in line.cases]
        spreads.append(spread_of(tables))
    pooled = np.sqrt(np.square(spreads).mean(axis=0))
    assert source == "this_run"
    assert tuple(planning_spread(layout, crowd)[0]) == pytest.approx(tuple(pooled))
    thirty = next(row for row in rows if (row.n_cases, row.n_people, row.n_runs) == (30, 5, 3))
    variance = pooled[0] ** 2 + pooled[1] ** 2 / 5 + pooled[2] ** 2 / 3 + pooled[3] ** 2 / 15
    assert thirty.half_width == pytest.approx(2.045229642 * (variance / 30) ** 0.5)


@pytest.mark.parametrize(("cases", "repeats"), [(SIX[:5], 4), (SIX, 1)])
def test_small_runs_borrow_the_published_world(kit: Kit, cases: tuple[str, ...], repeats: int) -> None:
    """Five cases, or judges asked once, take the published variances and say so."""
    rows, source = precision_table(*sides(study(kit, cases, repeats)))
    assert source == "published_world"
    assert len(rows) == 24
    for row in rows:
        design = Design(row.n_cases, row.n_people, row.n_runs)
        assert row.half_width == pytest.approx(half_width(design, PUBLISHED_WORLD))


def test_spreads_of_paired_differences(kit: Kit) -> None:
    """Judge minus people and judge minus judge vary over cases as their own figures do."""
    layout, crowd = sides(study(kit))
    taus = [
        [float(np.mean(tau_x(crowd.grades[runs.case_id][:, None], runs.grades[None]))) for runs in line.cases]
        for line in layout.lines
    ]
    own = [crowd.human_human_of(name) for name in SIX]
    beside_people, beside_judges = paired_spreads(layout, crowd)
    variances = [np.var(np.subtract(tau, own), ddof=1) for tau in taus]
    assert beside_people == pytest.approx(float(np.mean(variances)) ** 0.5)
    assert beside_judges == pytest.approx(float(np.std(np.subtract(taus[0], taus[1]), ddof=1)))


def test_nothing_is_learnt_without_people(kit: Kit) -> None:
    """Without people, or with five cases, no spread of a difference is given."""
    bare = kit.bench({"j": kit.always("4321")}, cases=SIX).source()
    assert paired_spreads(*sides(bare)) == (None, None)
    assert precision_table(*sides(bare))[1] == "published_world"
    assert paired_spreads(*sides(study(kit, SIX[:5]))) == (None, None)
