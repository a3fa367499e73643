"""How large a study must be to reach a half-width, with a pilot's own variation where it is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from harness.compare.crowd import build_crowd
from harness.compare.precision import VarianceSource, paired_spreads, planning_spread
from harness.compare.source import ComparisonSource, build_layout
from harness.errors import HarnessError, UndefinedStatisticError
from harness.stats.planning import (
    MIN_CASES,
    SD_JUDGE_MINUS_JUDGE,
    SD_JUDGE_MINUS_PEOPLE,
    Design,
    half_width,
    half_width_paired,
    half_width_these_cases,
    least_half_width,
    smallest_n_cases,
    smallest_n_cases_paired,
    smallest_n_people,
)
from harness.stats.spread import PUBLISHED_WORLD, Spread

PEOPLE = (3, 5, 10, 20, 30)
RUNS = (1, 3, 5)
FEW = 6
"""Cases of a class exercise."""
FEW_DESIGN = Design(FEW, 10, 5)


@dataclass(frozen=True)
class PlanAsked:
    """What a study should reach, and what is fixed already."""

    half_width: float
    n_cases: int | None = None
    n_people: int | None = None
    n_runs: int | None = None
    n_judges: int = 4
    n_rulebooks: int = 4


@dataclass(frozen=True)
class PlannedStudy:
    """One design, how sharp it is, and how much work."""

    n_cases: int
    n_people: int | None
    """None: no number of people is enough."""
    n_runs: int
    half_width: float
    n_rankings: int | None
    """By people."""
    n_verdicts: int
    """By all judges under all rulebooks."""


@dataclass(frozen=True)
class PairedPlan:
    """Cases that a difference seen on the same cases needs."""

    sd: float
    source: VarianceSource
    n_cases: int


@dataclass(frozen=True)
class StudyPlan:
    """Everything that `harness plan` says."""

    asked: PlanAsked
    spread: Spread
    source: VarianceSource
    studies: tuple[PlannedStudy, ...]
    judge_minus_people: PairedPlan
    judge_minus_judge: PairedPlan
    few_at_best: float
    """Half-width of six cases with any number of people and runs, for other cases."""
    few_for_themselves: float
    """Half-width of six cases, ten people and five runs, when nothing is claimed about other cases."""
    few_apart: float
    """Half-width of the difference between two judges on six cases."""


def plan_study(asked: PlanAsked, pilot: ComparisonSource | None = None) -> StudyPlan:
    """Find designs that reach the half-width that was asked, learning from a pilot where it is large enough.

    Raises HarnessError when a size is too small, and StoreError when the pilot contradicts itself.
    """
    _refuse_small(asked)
    spread, source, beside_people, beside_judges = _variation(pilot)
    judges = _paired(asked, beside_judges, SD_JUDGE_MINUS_JUDGE)
    return StudyPlan(
        asked=asked,
        spread=spread,
        source=source,
        studies=tuple(_studies(asked, spread)),
        judge_minus_people=_paired(asked, beside_people, SD_JUDGE_MINUS_PEOPLE),
        judge_minus_judge=judges,
        few_at_best=least_half_width(FEW, spread),
        few_for_themselves=half_width_these_cases(FEW_DESIGN, spread),
        few_apart=half_width_paired(FEW, judges.sd),
    )


def _refuse_small(asked: PlanAsked) -> None:
    if not asked.half_width > 0:
        raise HarnessError("a half-width of 0 would need everything: name one above 0")
    if asked.n_cases is not None and asked.n_cases < MIN_CASES:
        raise HarnessError(f"{asked.n_cases} cases say nothing about other cases: plan {MIN_CASES} or more")


def _variation(
    pilot: ComparisonSource | None,
) -> tuple[Spread, VarianceSource, float | None, float | None]:
    if pilot is None:
        return PUBLISHED_WORLD, "published_world", None, None
    layout = build_layout(pilot)
    crowd = build_crowd(pilot.people, layout.cases)
    return (*planning_spread(layout, crowd), *paired_spreads(layout, crowd))


def _studies(asked: PlanAsked, spread: Spread) -> Iterator[PlannedStudy]:
    all_runs = RUNS if asked.n_runs is None else (asked.n_runs,)
    if asked.n_cases is not None and asked.n_people is None:
        for n_runs in all_runs:
            yield _with_people(asked, asked.n_cases, n_runs, spread)
        return
    all_people = PEOPLE if asked.n_people is None else (asked.n_people,)
    for n_people, n_runs in product(all_people, all_runs):
        n_cases = asked.n_cases or smallest_n_cases(asked.half_width, n_people, n_runs, spread)
        yield _study(asked, Design(n_cases, n_people, n_runs), spread)


def _with_people(asked: PlanAsked, n_cases: int, n_runs: int, spread: Spread) -> PlannedStudy:
    try:
        n_people = smallest_n_people(asked.half_width, n_cases, n_runs, spread)
    except UndefinedStatisticError:
        limit = half_width(Design(n_cases, 1, n_runs), spread._replace(person=0.0, rest=0.0))
        return PlannedStudy(n_cases, None, n_runs, limit, None, _n_verdicts(asked, n_cases, n_runs))
    return _study(asked, Design(n_cases, n_people, n_runs), spread)


def _study(asked: PlanAsked, design: Design, spread: Spread) -> PlannedStudy:
    return PlannedStudy(
        **design._asdict(),
        half_width=half_width(design, spread),
        n_rankings=design.n_cases * design.n_people,
        n_verdicts=_n_verdicts(asked, design.n_cases, design.n_runs),
    )


def _n_verdicts(asked: PlanAsked, n_cases: int, n_runs: int) -> int:
    return n_cases * n_runs * asked.n_judges * asked.n_rulebooks


def _paired(asked: PlanAsked, seen: float | None, published: float) -> PairedPlan:
    sd = published if seen is None else seen
    source: VarianceSource = "published_world" if seen is None else "this_run"
    return PairedPlan(sd, source, smallest_n_cases_paired(asked.half_width, sd))
