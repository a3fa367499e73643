"""What may move a judge beside the content of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from harness.compare.authors import SelfPreference
from harness.compare.canaries import canary_lift
from harness.compare.crowd import Crowd
from harness.compare.estimates import mean_over_cases, nan_mean, tidy_or_none, undefined
from harness.compare.figures import NAN, or_nan
from harness.compare.length import LengthSlopes
from harness.compare.measured import means_of_defined
from harness.compare.source import CaseRuns, Layout, Line
from harness.errors import UndefinedStatisticError
from harness.schema import Bias, Estimate, Undefined
from harness.stats.bounds import Extremes, bounded_mean, tau_extremes
from harness.stats.group import mean_cross_tau
from harness.stats.pairs import tie_share

MISSING_MATTERS = 0.05
"""Share of failed verdicts above which agreement is also told at worst and at best."""


def biases(layout: Layout, crowd: Crowd) -> tuple[Bias, ...]:
    """One record for every judge row; slot effect, order flips and tie share are in the row itself."""
    desk = _Desk(layout, crowd)
    return tuple(desk.bias(line) for line in layout.lines)


class _Desk:
    """What all rows share: the layout, and the people's figures."""

    def __init__(self, layout: Layout, crowd: Crowd) -> None:
        self._crowd = crowd
        self._lengths = LengthSlopes(layout, crowd)
        self._self_preference = SelfPreference(layout, crowd)
        self._layout = layout

    def bias(self, line: Line) -> Bias:
        n_failed, n_read = sum(1 for _ in line.failed), line.n_ranked
        missing = n_failed / (n_failed + n_read) if n_failed else 0.0
        worst, best = self._bounds(line) if missing > MISSING_MATTERS else (NAN, NAN)
        return Bias(
            row_id=f"judge:{':'.join(line.key)}",
            length_slope=self._lengths.beside_people(line),
            length_slope_own=self._lengths.own(line),
            tie_excess=self._tie_excess(line),
            self_preference=self._self_preference.of(line),
            missing_share=tidy_or_none(missing) or 0.0,
            worst_tau_people=tidy_or_none(worst),
            best_tau_people=tidy_or_none(best),
            canary_lift=canary_lift(self._layout, line),
        )

    def _tie_excess(self, line: Line) -> Estimate:
        if self._crowd.kind == "none":
            return undefined("no_people")
        values = np.full(len(line.cases), NAN)
        for block in line.blocks:
            ties = means_of_defined(tie_share(block.grades))
            cases = [line.cases[place].case_id for place in block.places.tolist()]
            values[block.places] = ties - np.array([self._people_ties.get(name, NAN) for name in cases])
        because: Undefined = "no_people" if line.blocks else "no_readable_verdict"
        return mean_over_cases(values, because, (-1.0, 1.0))

    @cached_property
    def _people_ties(self) -> Mapping[str, float]:
        return {
            case_id: nan_mean(tie_share(others))
            for case_id in self._crowd.grades
            if len(others := self._crowd.view(case_id).others)
        }

    def _bounds(self, line: Line) -> tuple[float, float]:
        """Mean over cases of tau_people with every failed verdict at its worst, and at its best."""
        found = [self._bounded(runs) for runs in line.cases]
        ends = np.array([case for case in found if case is not None]).reshape(-1, 2)
        return nan_mean(ends[:, 0]), nan_mean(ends[:, 1])

    def _bounded(self, runs: CaseRuns) -> Extremes | None:
        extremes = self._extremes.get(runs.case_id)
        if extremes is None:
            return None
        tau = or_nan(lambda: mean_cross_tau(runs.grades, self._crowd.view(runs.case_id).others))
        n_known = 0 if np.isnan(tau) else runs.n_ranked
        try:
            return bounded_mean(tau, n_known, runs.n_failed, extremes)
        except UndefinedStatisticError:
            return None

    @cached_property
    def _extremes(self) -> Mapping[str, Extremes]:
        found = {}
        for case_id in self._crowd.grades:
            try:
                found[case_id] = tau_extremes(self._crowd.view(case_id).others)
            except UndefinedStatisticError:
                continue
        return found
