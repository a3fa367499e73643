"""How much helpful, honest and harmless count for each annotator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import (
    JACKKNIFE_ARCSIN,
    TAU,
    mean_over_cases,
    nan_mean,
    optional_interval,
    record_interval,
    tidy,
    tidy_or_none,
    transformed,
    undefined,
)
from harness.compare.source import Layout, Line, answer_ids, grades_array
from harness.errors import UndefinedStatisticError
from harness.schema import DIMENSIONS, ConflictWins, Dimension, Estimate, ImpliedWeights, RankedVerdict
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray
from harness.stats.choice import Choices, build_choices, choice_weights, leave_one_case_out
from harness.stats.intervals import jackknife_t, jeffreys_interval
from harness.stats.weights import conflict_wins, implied_shares, variance_inflation

MIN_CONFLICTS = 10
"""Fewer answer pairs on which two criteria disagree: the count is shown, and no share."""
MIN_SHARE_CASES = 24
"""Fewer cases: no shares. In simulation (truth .5, halo .6, answers that differ in something unasked too) the
interval of a share is ±.4 with 6 cases, ±.3 with 12, ±.2 with 24, ±.13 with 60, and repeats change little."""
JEFFREYS = "Jeffreys, answer pairs as trials"


class _Case(NamedTuple):
    """Verdicts of one case that grade criteria."""

    overall: FloatArray
    """(n_verdicts, n_answers)"""
    criteria: FloatArray
    """(n_criteria, n_verdicts, n_answers)"""


def implied_weights(layout: Layout, crowd: Crowd) -> tuple[ImpliedWeights, ...]:
    """Read the weights of the people together, and of every judge row that was asked for the criteria."""
    stated = {rulebook.rulebook_id: rulebook.stated_weights for rulebook in layout.source.rulebooks}
    found = [_of_people(layout, crowd, stated)]
    for line in layout.lines:
        runs = [
            (case.answer_ids, [one for one in case.records if one is not None])
            for case in line.cases
            if layout.source.table.whole
        ]
        found.append(_weights(_row_id(line), line.key.rulebook_id, _gather(runs), stated))
    return tuple(weights for weights in found if weights is not None)


def _row_id(line: Line) -> str:
    return f"judge:{':'.join(line.key)}"


_Stated = Mapping[str, Mapping[Dimension, float]]
_Runs = Sequence[tuple[tuple[str, ...], Sequence[RankedVerdict]]]


def _of_people(layout: Layout, crowd: Crowd, stated: _Stated) -> ImpliedWeights | None:
    """The first votes of all people as one annotator: nobody alone ranks enough cases."""
    if crowd.kind != "people":
        return None
    runs = []
    for case in layout.cases:
        votes = [
            member.verdicts[case.case_id][0] for member in crowd.members if case.case_id in member.verdicts
        ]
        runs.append((answer_ids(case), votes))
    rulebooks = {name for member in crowd.members for name in member.rulebook_ids}
    return _weights(None, rulebooks.pop() if len(rulebooks) == 1 else None, _gather(runs), stated)


def _gather(runs: _Runs) -> list[_Case]:
    cases = []
    for names, verdicts in runs:
        asked = [verdict for verdict in verdicts if verdict.dimensions]
        if asked:
            cases.append(_Case(grades_array(asked, names), _criteria(asked, names)))
    return cases


def _criteria(verdicts: Sequence[RankedVerdict], names: Sequence[str]) -> FloatArray:
    nothing: Mapping[Dimension, int] = {}
    return np.array(
        [
            [
                [verdict.dimensions.get(name, nothing).get(criterion, np.nan) for name in names]
                for verdict in verdicts
            ]
            for criterion in DIMENSIONS
        ],
        dtype=np.float64,
    )


def _weights(
    row_id: str | None, rulebook_id: str | None, cases: Sequence[_Case], stated: _Stated
) -> ImpliedWeights | None:
    graded = [
        bool(any((~np.isnan(case.criteria[i])).any() for case in cases)) for i in range(len(DIMENSIONS))
    ]
    places = [place for place, occurs in enumerate(graded) if occurs]
    if not places:
        return None
    choices = _choices(cases, places)
    shares = _shares(choices, places)
    aims = dict(stated.get(rulebook_id or "", {}))
    difference = {name: _minus(share, aims.get(name, 0.0)) for name, share in shares.items()}
    return ImpliedWeights(
        row_id=row_id,
        rulebook_id=rulebook_id,
        n_cases=len(cases),
        conflicts=tuple(_conflicts(cases, first, second) for first, second in combinations(places, 2)),
        dimension_agreement={DIMENSIONS[place]: _agreement(cases, place) for place in places},
        shares=shares,
        stated=aims,
        difference=difference if aims else {},
        halo=_halo(choices, places),
    )


def _conflicts(cases: Sequence[_Case], first: int, second: int) -> ConflictWins:
    """Count the answer pairs on which two criteria disagree; each counts once, however often it was read."""
    counts = [conflict_wins(case.overall, case.criteria[first], case.criteria[second]) for case in cases]
    shares = np.concatenate([count.shares for count in counts])
    return ConflictWins(
        first=DIMENSIONS[first],
        second=DIMENSIONS[second],
        n_conflicts=len(shares),
        n_readings=int(sum(count.n_readings.sum() for count in counts)),
        n_cases=sum(bool(len(count.shares)) for count in counts),
        share_first=_share_won(shares),
    )


def _share_won(shares: FloatArray) -> Estimate:
    if len(shares) < MIN_CONFLICTS:
        return undefined("too_few_conflicts", "pairs").model_copy(update={"n": len(shares)})
    found = jeffreys_interval(float(shares.sum()), len(shares), n_least=MIN_CONFLICTS)
    interval = record_interval(found, "T3", JEFFREYS)
    return Estimate(value=tidy(shares.mean()), n=len(shares), unit="pairs", intervals=(interval,))


def _agreement(cases: Sequence[_Case], place: int) -> Estimate:
    values = [nan_mean(tau_x(case.overall[None], case.criteria[place][None])) for case in cases]
    return mean_over_cases(values, "dimensions_not_asked", TAU)


def _choices(cases: Sequence[_Case], places: Sequence[int]) -> Choices | None:
    """All verdicts with their criteria; cases weigh the same, and all together what their number is."""
    width = max(case.overall.shape[1] for case in cases)
    sizes = [len(case.overall) for case in cases]
    grades = np.full((sum(sizes), width), np.nan)
    features = np.full((sum(sizes), width, len(places)), np.nan)
    start = 0
    for case, size in zip(cases, sizes, strict=True):
        rows, k = slice(start, start + size), case.overall.shape[1]
        grades[rows, :k] = case.overall
        features[rows, :k] = np.moveaxis(case.criteria[list(places)], 0, -1)
        start += size
    each = np.repeat([sum(sizes) / len(sizes) / size for size in sizes], sizes)
    try:
        return build_choices(grades, features, cases=np.repeat(np.arange(len(sizes)), sizes), weights=each)
    except UndefinedStatisticError:
        return None


def _shares(choices: Choices | None, places: Sequence[int]) -> dict[Dimension, Estimate]:
    names = [DIMENSIONS[place] for place in places]
    if choices is None or len(places) < 2:
        return dict.fromkeys(names, undefined("no_variation"))
    if choices.n_cases < MIN_SHARE_CASES:
        too_few = undefined("too_few_cases").model_copy(update={"n": choices.n_cases})
        return dict.fromkeys(names, too_few)
    full = choice_weights(choices)
    try:
        shares = implied_shares(full)
    except UndefinedStatisticError:
        return dict.fromkeys(names, undefined("no_variation"))
    left_out = implied_shares(leave_one_case_out(choices, full))
    return {name: _share(left_out[:, i], float(shares[i])) for i, name in enumerate(names)}


def _share(left_out: FloatArray, share: float) -> Estimate:
    found = optional_interval(lambda: jackknife_t(left_out, share, "arcsin_sqrt"), "T3", JACKKNIFE_ARCSIN)
    return Estimate(value=tidy(share), n=len(left_out), unit="cases", intervals=found)


def _minus(share: Estimate, aim: float) -> Estimate:
    return transformed(share, lambda value: value - aim)


def _halo(choices: Choices | None, places: Sequence[int]) -> dict[Dimension, float | None]:
    if choices is None:
        return {DIMENSIONS[place]: None for place in places}
    found = variance_inflation(choices.features.reshape(-1, len(places)))
    finite = np.where(np.isfinite(found), found, np.nan)
    return {DIMENSIONS[place]: tidy_or_none(float(finite[i])) for i, place in enumerate(places)}
