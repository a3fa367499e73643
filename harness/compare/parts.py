"""What moves a judgement: shares of model, rulebook, reaction and noise, within one protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import (
    JACKKNIFE,
    JACKKNIFE_ARCSIN,
    MIN_CASES,
    generator,
    optional_interval,
    record_test,
    tidy,
    transformed,
    undefined,
)
from harness.compare.factor_shares import shares_without_each
from harness.compare.figures import stacked
from harness.compare.grid import Grid, build_grid
from harness.compare.pairing import MIN_RUNS
from harness.compare.source import Layout
from harness.errors import UndefinedStatisticError
from harness.schema import PROTOCOLS, Components, Estimate, Language, Protocol, Share, ShuffleTest, Undefined
from harness.stats.arrays import FloatArray
from harness.stats.intervals import Interval, jackknife_t
from harness.stats.permutation import holm, model_test, rulebook_test
from harness.stats.shift import Components as CaseComponents
from harness.stats.shift import Shares, components, components_squares, shares, spread_per_pair

Part = Literal["model", "rulebook", "reaction", "noise", "order", "residual"]
PARTS: tuple[Part, ...] = ("model", "rulebook", "reaction", "noise", "order", "residual")

_AT_ONCE = 500
"""Cases whose tables stand in memory at once."""
_REPEAT_WORDS: dict[Protocol, str] = {
    "listwise": "presentation",
    "pairwise": "label pair",
    "pointwise": "repeat",
}


def build_components(layout: Layout, crowd: Crowd, n_shuffles: int) -> tuple[Components, ...]:
    """One breakdown per protocol: base wording, the first of the set's languages that was asked."""
    found = []
    for protocol in PROTOCOLS:
        language = _first_language(layout, protocol)
        if language is not None:
            found.append(_components(layout, crowd, (protocol, language), n_shuffles))
    return tuple(_corrected(found))


def _corrected(found: Sequence[Components]) -> list[Components]:
    """Holm over the pre-registered tests: of models and of rulebooks, in every protocol."""
    tests = [(place, name) for place in range(len(found)) for name in ("model", "rulebook")]
    tested = [(place, name) for place, name in tests if getattr(found[place], f"{name}_test") is not None]
    if not tested:
        return list(found)
    adjusted = holm([getattr(found[place], f"{name}_test").p for place, name in tested])
    updates: list[dict[str, float]] = [{} for _ in found]
    for (place, name), p_value in zip(tested, adjusted, strict=True):
        updates[place][f"{name}_holm_p"] = tidy(p_value)
    return [one.model_copy(update=update) for one, update in zip(found, updates, strict=True)]


def _first_language(layout: Layout, protocol: Protocol) -> Language | None:
    # Lines are sorted by wording, then by the set's order of languages.
    base = (line for line in layout.lines if line.protocol == protocol and line.key.wording == "base")
    return next((line.key.language for line in base), None)


def _components(
    layout: Layout, crowd: Crowd, which: tuple[Protocol, Language], n_shuffles: int
) -> Components:
    protocol, language = which
    grid = build_grid(layout, protocol, language)
    tests = _Tests(grid, layout.seed, n_shuffles, protocol)
    return Components(
        protocol=protocol,
        wording="base",
        language=language,
        judge_ids=grid.judge_ids,
        rulebook_ids=grid.rulebook_ids,
        case_ids=grid.case_ids,
        n_runs=grid.n_runs,
        complete_squares=grid.whole_squares,
        left_out=grid.left_out,
        shares=_shares(grid),
        human_disagreement=transformed(crowd.human_human(grid.case_ids), spread_per_pair),
        model_test=tests.of_models(),
        rulebook_test=tests.of_rulebooks(),
    )


class _Tests(NamedTuple):
    grid: Grid
    seed: int
    n_shuffles: int
    protocol: Protocol

    def of_models(self) -> ShuffleTest | None:
        """Shuffle judges within case and rulebook, and within presentation where they are the same."""
        if not self._possible(len(self.grid.judge_ids)):
            return None
        rng = generator(self.seed, "model test", self.protocol)
        same = self.grid.same_for_judges
        found = model_test(self.grid.tables, rng, self.n_shuffles, same_presentations=same)
        return record_test(found, self._within("rulebook", same=same))

    def of_rulebooks(self) -> ShuffleTest | None:
        """Shuffle rulebooks within case and judge, and within presentation where they are the same."""
        if not self._possible(len(self.grid.rulebook_ids)):
            return None
        rng = generator(self.seed, "rulebook test", self.protocol)
        same = self.grid.whole_squares
        found = rulebook_test(self.grid.tables, rng, self.n_shuffles, same_presentations=same)
        return record_test(found, self._within("judge", same=same))

    def _within(self, kept: str, *, same: bool) -> str:
        """Say what stays together: `case, judge and presentation`."""
        return f"case, {kept} and {_REPEAT_WORDS[self.protocol]}" if same else f"case and {kept}"

    def _possible(self, n_levels: int) -> bool:
        return n_levels > 1 and bool(self.grid.tables) and self.n_shuffles > 0


def _shares(grid: Grid) -> tuple[Share, ...]:
    if not grid.tables or grid.n_runs < MIN_RUNS:
        because: Undefined = "too_few_runs" if grid.tables else "incomplete_grid"
        return tuple(Share(part=part, share=undefined(because)) for part in PARTS)
    measured = _Measured(_case_components(grid), _without_runs(grid))
    return tuple(_share(part, grid, measured) for part in PARTS)


class _Measured(NamedTuple):
    cases: list[CaseComponents]
    without_run: list[list[CaseComponents]]
    """The same with each full run left out in turn; empty where runs cannot be left out."""


def _case_components(grid: Grid, without_run: int | None = None) -> list[CaseComponents]:
    """Of each case, all runs or all but one; whole squares of one shape are measured some at a time."""
    if not grid.whole_squares:
        return [components(list(_without(table, without_run, 2))) for table in grid.tables]
    found: dict[int, CaseComponents] = {}
    for places, tables in stacked(grid.tables):
        for start in range(0, len(places), _AT_ONCE):
            some = components_squares(_without(tables[start : start + _AT_ONCE], without_run, 3))
            found.update(zip(places[start : start + _AT_ONCE].tolist(), some, strict=True))
    return [found[place] for place in range(len(grid.tables))]


def _without(table: FloatArray, run: int | None, axis: int) -> FloatArray:
    return table if run is None else np.delete(table, run, axis=axis)


def _without_runs(grid: Grid) -> list[list[CaseComponents]]:
    n_runs = {table.shape[2] for table in grid.tables}
    # Without one of two runs the noise is unknown.
    if len(n_runs) > 1 or min(n_runs) <= MIN_RUNS:
        return []
    return [_case_components(grid, run) for run in range(grid.n_runs)]


def _share(part: Part, grid: Grid, measured: _Measured) -> Share:
    because = _why_undefined(part, grid)
    if because is not None:
        return Share(part=part, share=undefined(because))
    variances = [_variance(part, case) / case.n_pairs for case in measured.cases]
    variance = tidy(float(np.mean(variances)))
    try:
        value = _share_of(part, measured.cases)
    except UndefinedStatisticError:
        return Share(part=part, share=undefined("no_variation"), variance=variance)
    n_cases = len(measured.cases)
    estimate = Estimate(
        value=tidy(value),
        n=n_cases,
        unit="cases",
        intervals=(
            *optional_interval(lambda: _over_cases(part, measured), "T3", JACKKNIFE_ARCSIN),
            *optional_interval(lambda: _over_runs(part, measured), "T1", JACKKNIFE),
        ),
        undefined_because="too_few_cases" if n_cases < MIN_CASES else None,
    )
    return Share(part=part, share=estimate, variance=variance)


def _why_undefined(part: Part, grid: Grid) -> Undefined | None:
    if part in ("model", "reaction") and len(grid.judge_ids) < 2:
        return "one_judge"
    if part in ("rulebook", "reaction") and len(grid.rulebook_ids) < 2:
        return "one_rulebook"
    if part in ("order", "residual"):
        if not grid.whole_squares:
            return "not_measured"
        return "one_rulebook" if len(grid.rulebook_ids) < 2 else None
    return None


_VARIANCES: dict[Part, Callable[[CaseComponents], float | None]] = {
    "model": lambda case: case.between_models,
    "rulebook": lambda case: case.between_rulebooks,
    "reaction": lambda case: case.reaction,
    "noise": lambda case: case.noise,
    "order": lambda case: case.order,
    "residual": lambda case: case.noise - (case.order or 0.0),
}
_SHARES: dict[Part, Callable[[Shares], float | None]] = {
    "model": lambda found: found.between_models,
    "rulebook": lambda found: found.between_rulebooks,
    "reaction": lambda found: found.reaction,
    "noise": lambda found: found.noise,
    "order": lambda found: found.order,
    "residual": lambda found: found.noise - (found.order or 0.0),
}


def _variance(part: Part, case: CaseComponents) -> float:
    variance = _VARIANCES[part](case)
    assert variance is not None  # `_why_undefined` came first
    return variance


def _share_of(part: Part, cases: Sequence[CaseComponents]) -> float:
    share = _SHARES[part](shares(cases))
    assert share is not None  # `_why_undefined` came first
    return share


def _over_cases(part: Part, measured: _Measured) -> Interval:
    cases = measured.cases
    if len(cases) < MIN_CASES:
        raise UndefinedStatisticError("too few cases")
    left_out = shares_without_each(
        [_variance(part, case) / case.n_pairs for case in cases],
        [case.total / case.n_pairs for case in cases],
    )
    return jackknife_t(left_out, _share_of(part, cases), "arcsin_sqrt")


def _over_runs(part: Part, measured: _Measured) -> Interval:
    left_out = [_share_of(part, cases) for cases in measured.without_run]
    return jackknife_t(left_out, _share_of(part, measured.cases))
