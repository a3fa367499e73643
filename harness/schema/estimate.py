"""Numbers with their interval, their n and the question they answer, or the reason why there is none."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.schema.base import Record

Target = Literal["T1", "T2", "T3"]
"""T1 these cases, asked again; T2 these cases, other people; T3 other cases like these."""

Unit = Literal["cases", "people", "runs", "pairs", "verdicts"]

Undefined = Literal[
    "too_few_cases",
    "too_few_runs",
    "too_few_people",
    "no_people",
    "one_judge",
    "one_rulebook",
    "incomplete_grid",
    "not_measured",
    "no_readable_verdict",
    "everything_tied",
    "no_variation",
    "price_unknown",
    "time_unknown",
    "wage_unknown",
    "too_few_conflicts",
    "dimensions_not_asked",
    "not_random_sample",
    "authors_unknown",
    "not_connected",
    "not_better_than_noise",
    "people_unknown",
    "too_many_answers",
    "incomplete_rankings",
    "does_not_apply",
]
"""Why there is no number."""


class Interval(Record):
    """A confidence interval and the question that it answers."""

    low: float
    high: float
    level: float = 0.95
    target: Target
    method: Annotated[str, Field(description="jackknife-t, t over cases, jackknife-t on arcsin-sqrt, ...")]
    n: Annotated[int, Field(ge=2, description="units that were left out one by one, or averaged")]


class Estimate(Record):
    """One number, or the reason why there is none."""

    value: float | None
    n: Annotated[int, Field(ge=0, description="units behind the number")]
    unit: Unit
    intervals: tuple[Interval, ...] = ()
    undefined_because: Undefined | None = None


class ShuffleTest(Record):
    """A restricted permutation test: `if the labels did not matter`."""

    p: Annotated[float, Field(ge=0, le=1)]
    n_shuffles: int
    shuffled_within: Annotated[
        str, Field(description="what stays together: case, rulebook, presentation, ...")
    ]


NOT_MEASURED = Estimate(value=None, n=0, unit="cases", undefined_because="not_measured")
"""For figures that a comparison did not ask for."""
