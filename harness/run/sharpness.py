"""What a planned run will be able to show: half-widths for its size, and what it cannot separate at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from harness.errors import UndefinedStatisticError
from harness.run.content import Content
from harness.run.plan import PlannedCell
from harness.stats.planning import (
    MIN_CASES,
    SD_JUDGE_MINUS_JUDGE,
    SD_JUDGE_MINUS_PEOPLE,
    Design,
    half_width,
    half_width_paired,
    half_width_these_cases,
    least_half_width,
)
from harness.stats.squares import williams_orders

PEOPLE = 10
"""People per case that the half-widths are told for."""

FEW_CASES = 30
"""Below it, what holds for other cases is vague, and no judge is tested as a stand-in for a person."""


@dataclass(frozen=True)
class Sharpness:
    """Half-widths (95 %, in units of tau_x) for the smallest judge of a run; None where it is too small."""

    n_cases: int
    n_runs: int
    n_judges: int
    n_rulebooks: int
    n_people: int
    other_cases: float | None
    """A judge's agreement with that many people, for other cases like these."""
    other_cases_at_best: float | None
    """The same with any number of people and runs."""
    these_cases: float | None
    judge_minus_judge: float | None
    judge_minus_people: float | None
    warnings: tuple[str, ...]


def sharpness_of(plan: Sequence[PlannedCell], content: Content) -> Sharpness:
    """Measure a plan by what it will be able to tell; the judge with the fewest cases decides."""
    cases: dict[str, set[str]] = {}
    for planned in plan:
        cases.setdefault(planned.spec.judge_id, set()).add(planned.cell.case_id)
    runs = Counter(
        (one.spec.judge_id, one.cell.rulebook_id, one.cell.wording, one.cell.language, one.cell.case_id)
        for one in plan
    )
    n_cases = min((len(own) for own in cases.values()), default=0)
    n_runs = min(runs.values(), default=0)
    design = Design(n_cases, PEOPLE, n_runs)
    return Sharpness(
        n_cases=n_cases,
        n_runs=n_runs,
        n_judges=len(cases),
        n_rulebooks=len({one.cell.rulebook_id for one in plan}),
        n_people=PEOPLE,
        other_cases=_defined(lambda: half_width(design)),
        other_cases_at_best=_defined(lambda: least_half_width(n_cases)),
        these_cases=_defined(lambda: half_width_these_cases(design)),
        judge_minus_judge=_defined(lambda: half_width_paired(n_cases, SD_JUDGE_MINUS_JUDGE)),
        judge_minus_people=_defined(lambda: half_width_paired(n_cases, SD_JUDGE_MINUS_PEOPLE)),
        warnings=tuple(_warnings(plan, content, n_cases, n_runs)),
    )


def _defined(width: Callable[[], float]) -> float | None:
    try:
        return width()
    except UndefinedStatisticError:
        return None


def _warnings(plan: Sequence[PlannedCell], content: Content, n_cases: int, n_runs: int) -> Iterator[str]:
    rulebooks = {one.cell.rulebook_id for one in plan}
    if n_runs == 1:
        yield "one run per cell: no noise share, and nothing says how far a judge agrees with itself"
    if n_cases < MIN_CASES:
        yield f"{n_cases} cases say nothing about other cases: no interval, no test ({MIN_CASES} at least)"
    elif n_cases < FEW_CASES:
        yield f"{n_cases} cases: what is found holds for other cases only roughly ({FEW_CASES} for the tests)"
    if len({one.spec.judge_id for one in plan}) == 1:
        yield "one judge: no share of the model"
    if len(rulebooks) == 1:
        yield "one rulebook: no share of the rulebook"
    roles = {content.rulebooks[name].role for name in rulebooks if name in content.rulebooks}
    if len(rulebooks) > 1 and "none" not in roles:
        yield "no rulebook without rules: what rules move is not measured against no rules"
    if len(rulebooks) > 1 and "placebo" not in roles:
        yield "no placebo rulebook: any long text may move a judge as much as these rules"
    yield from _half_squares(plan, content)


def _half_squares(plan: Sequence[PlannedCell], content: Content) -> Iterator[str]:
    runs = Counter(
        (one.spec.judge_id, one.cell.rulebook_id, one.cell.wording, one.cell.language, one.cell.case_id)
        for one in plan
        if one.spec.protocol == "listwise"
    )
    half = {
        judge_id
        for (judge_id, *_, case_id), n_runs in runs.items()
        if n_runs % len(williams_orders(len(content.cases[case_id].answers)))
    }
    if half:
        names = ", ".join(sorted(half))
        yield f"no whole squares of presentations ({names}): the effect of the order cannot be told apart"
