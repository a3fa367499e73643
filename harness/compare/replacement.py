"""The alternative annotator test, one judge at a time: could it stand in for one of the people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harness.compare.crowd import MIN_PEOPLE, Crowd
from harness.compare.estimates import JACKKNIFE, MIN_CASES, SHARE, exact, optional_interval, tidy, undefined
from harness.compare.source import CaseRuns, Layout, Line
from harness.schema import Estimate, Replacement, Undefined
from harness.stats.agreement import tau_x
from harness.stats.arrays import FloatArray
from harness.stats.intervals import Interval, jackknife_t
from harness.stats.replacement import (
    EPSILON_SKILLED,
    MIN_CASES_T,
    Duel,
    advantage,
    advantage_leave_one_out,
    alternative_annotator,
    duel,
)

PASSES_FROM = 0.5
"""A judge passes when it may stand in for at least half of the people."""


def replacements(layout: Layout, crowd: Crowd, epsilon: float = EPSILON_SKILLED) -> tuple[Replacement, ...]:
    """Test every judge under every rulebook, base wording, either protocol, against each person in turn.

    Each of a judge's verdicts on a case meets the person; what counts is the share that is at least as near
    to the remaining people, so that a judge asked four times is no committee. People with fewer than thirty
    cases are left out of the test, as published; when fewer than three people have thirty there is no test,
    and rho is over everybody. `epsilon` = .15 is the authors' value for skilled annotators: people who were
    given the rules and practised, neither experts (.2) nor a paid crowd (.1).
    """
    if crowd.kind != "people":
        return ()
    lines = [line for line in layout.lines if line.key.wording == "base"]
    because = _why_not(layout, crowd)
    if because is not None:
        return tuple(_without(line, epsilon, because) for line in lines)
    means = {case_id: found.leave_one_out for case_id, found in crowd.agreement.items()}
    return tuple(_replacement(line, crowd, means, epsilon) for line in lines)


def _why_not(layout: Layout, crowd: Crowd) -> Undefined | None:
    if not layout.source.people_known:
        return "people_unknown"
    return None if crowd.enough else "too_few_people"


def _without(line: Line, epsilon: float, because: Undefined) -> Replacement:
    return Replacement(
        row_id=_row_id(line),
        epsilon=epsilon,
        n_people=0,
        n_cases=0,
        rho=undefined(because),
        omega=undefined(because, "people"),
    )


def _replacement(line: Line, crowd: Crowd, means: Mapping[str, FloatArray], epsilon: float) -> Replacement:
    duels = [_duel(runs, crowd.grades[runs.case_id], means[runs.case_id]) for runs in line.cases]
    if not duels or all(np.isnan(found.judge).all() for found in duels):
        return _without(line, epsilon, crowd.why_no_tau(line.n_ranked, None))
    judge = np.array([found.judge for found in duels]).T
    person = np.array([found.person for found in duels]).T
    n_cases = (~np.isnan(judge)).sum(axis=1)
    if (n_cases >= MIN_CASES_T).sum() < MIN_PEOPLE:
        met = judge[n_cases > 0]
        return _judged(line, epsilon, met, undefined("too_few_cases", "people"))
    tested = n_cases >= MIN_CASES_T
    found = alternative_annotator(judge[tested], person[tested], epsilon)
    return _judged(line, epsilon, judge[tested], exact(found.omega, int(tested.sum()), "people"))


def _duel(runs: CaseRuns, people: FloatArray, means: FloatArray) -> Duel:
    return duel(np.asarray(tau_x(runs.grades[:, None], people[None])), means)


def _judged(line: Line, epsilon: float, judge: FloatArray, omega: Estimate) -> Replacement:
    n_cases = int((~np.isnan(judge)).any(axis=0).sum())
    return Replacement(
        row_id=_row_id(line),
        epsilon=epsilon,
        n_people=len(judge),
        n_cases=n_cases,
        rho=_rho(judge, n_cases),
        omega=omega,
        passes=None if omega.value is None else omega.value >= PASSES_FROM,
    )


def _rho(judge: FloatArray, n_cases: int) -> Estimate:
    value = advantage(judge)

    def interval() -> Interval:
        found = jackknife_t(advantage_leave_one_out(judge), value)
        return found._replace(low=max(found.low, SHARE[0]), high=min(found.high, SHARE[1]))

    few = n_cases < MIN_CASES
    return Estimate(
        value=tidy(value),
        n=n_cases,
        unit="cases",
        intervals=() if few else optional_interval(interval, "T3", JACKKNIFE),
        undefined_because="too_few_cases" if few else None,
    )


def _row_id(line: Line) -> str:
    return f"judge:{':'.join(line.key)}"
