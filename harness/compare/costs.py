"""What a thousand graded cases cost: people at reported wages, each judge, and both together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import exact, tidy, undefined
from harness.compare.extras import line_cost
from harness.compare.proposed import times_with_proposal
from harness.compare.semi import semi_automatic
from harness.compare.source import Layout, Line
from harness.compare.wages import BILLED, REPORTED, Wage, stated_wages
from harness.schema import CostLine, Estimate, SemiAutomatic
from harness.schema.small import TimingTable
from harness.stats.ppi import MIN_CASES_SHARP

PER_CASES = 1000
SECONDS_PER_HOUR = 3600
DEFAULT_SHARE = 0.1
"""Share of the cases that people grade too, where the data do not say how many are needed."""


class _People(NamedTuple):
    """What people did for a case."""

    per_case: float
    """People who graded a case that anybody graded."""
    seconds: Estimate
    """Mean time of one person on one case."""


def cost_lines(layout: Layout, crowd: Crowd) -> tuple[CostLine, ...]:
    """Price a thousand cases, graded as in this run: as many people, or repeats of a judge, per case.

    People: their recorded time at every reported wage, and first at those that the user stated. A judge: its
    recorded tokens at its preset's price; hours are its own, one call after the other. Both together: the
    judge on every case and people on a share of them, at the wage stated or else at what a client is billed;
    the share keeps the sharpness of people on all cases where thirty cases or more were graded by both
    (n_both / cases_worth, the largest over figures), and is a tenth otherwise. Its hours are people's. Where
    people graded with a judge's grades in sight: that judge and people on every case, with the time that they
    then took; people's own line is about those who saw nothing.
    """
    people = _people(crowd)
    stated = stated_wages(layout.source.wages)
    lines = [line for line in layout.lines if line.key.wording == "base"]
    timings = layout.source.timing_of
    judges = [_judge_line(line, timings) for line in lines]
    if people is None:
        return tuple(judges)
    paid = [_people_line(people, wage) for wage in (*stated, *REPORTED)]
    shares = _shares(semi_automatic(layout, crowd))
    wages = stated or (BILLED,)
    both = [_joint_line(judge, _people_line(people, wage), shares) for judge in judges for wage in wages]
    corrected = _corrected_lines(layout, (lines, judges), people.per_case, wages)
    return (*paid, *judges, *both, *corrected)


def _corrected_lines(
    layout: Layout, judged: tuple[list[Line], list[CostLine]], per_case: float, wages: Sequence[Wage]
) -> list[CostLine]:
    """A judge proposes in every case, and as many people as ever correct: all of both is paid."""
    times = times_with_proposal(layout)
    found = []
    for line, judge in zip(*judged, strict=True):
        seconds = times.get((line.key.judge_id, line.key.rulebook_id, line.key.language))
        if seconds is not None:
            taken = exact(float(np.mean(seconds)), len(seconds), "verdicts") if seconds else None
            people = _People(per_case, taken or undefined("time_unknown", "verdicts"))
            lines = [
                _joint_line(judge, _people_line(people, wage), {judge.row_id or "": 1.0}) for wage in wages
            ]
            found += [one.model_copy(update={"who": "corrected"}) for one in lines]
    return found


def _people(crowd: Crowd) -> _People | None:
    """Nobody to pay when the reference is the author's key, or nobody."""
    if crowd.kind != "people":
        return None
    votes = [runs[0] for member in crowd.members for runs in member.verdicts.values()]
    n_cases = len({vote.cell.case_id for vote in votes})
    taken = [vote.seconds for vote in votes if vote.seconds is not None]
    unknown = undefined("time_unknown", "verdicts")
    seconds = exact(float(np.mean(taken)), len(taken), "verdicts") if taken else unknown
    return _People(len(votes) / n_cases, seconds)


def _people_line(people: _People, wage: Wage) -> CostLine:
    hours = _scaled(people.seconds, PER_CASES * people.per_case / SECONDS_PER_HOUR)
    return CostLine(
        who="people",
        wage_usd_per_hour=wage.usd_per_hour,
        wage_source=wage.source,
        usd_per_1000=_scaled(hours, wage.usd_per_hour),
        hours_per_1000=hours,
        per_case=tidy(people.per_case),
    )


def _judge_line(line: Line, timings: TimingTable) -> CostLine:
    usd, seconds = line_cost(line, timings)
    asked = [runs.n_ranked + runs.n_failed for runs in line.cases]
    per_case = float(np.mean([n for n in asked if n])) if any(asked) else 0.0
    return CostLine(
        who="judge",
        row_id=f"judge:{':'.join(line.key)}",
        usd_per_1000=_scaled(usd, per_case),
        hours_per_1000=_scaled(seconds, per_case / SECONDS_PER_HOUR),
        per_case=tidy(per_case),
    )


def _joint_line(judge: CostLine, people: CostLine, shares: dict[str, float]) -> CostLine:
    share = shares.get(judge.row_id or "", DEFAULT_SHARE)
    return CostLine(
        who="semi_automatic",
        row_id=judge.row_id,
        wage_usd_per_hour=people.wage_usd_per_hour,
        wage_source=people.wage_source,
        usd_per_1000=_sum(judge.usd_per_1000, _scaled(people.usd_per_1000, share)),
        hours_per_1000=_scaled(people.hours_per_1000, share),
        per_case=people.per_case,
        share_by_people=tidy(share),
    )


def _shares(estimates: Sequence[SemiAutomatic]) -> dict[str, float]:
    """Share of cases that people must grade beside each judge, to be as sharp as people on all of them."""
    shares: dict[str, float] = {}
    for row in estimates:
        if row.n_both >= MIN_CASES_SHARP and row.cases_worth:
            share = min(1.0, row.n_both / row.cases_worth)
            shares[row.row_id] = max(share, shares.get(row.row_id, 0.0))
    return shares


def _scaled(estimate: Estimate, by: float) -> Estimate:
    return estimate if estimate.value is None else exact(estimate.value * by, estimate.n, estimate.unit)


def _sum(judge: Estimate, people: Estimate) -> Estimate:
    """A local judge costs time, not money: beside it only people are paid."""
    if people.value is None or judge.undefined_because == "does_not_apply":
        return people
    return judge if judge.value is None else exact(judge.value + people.value, people.n, people.unit)
