"""Four rows that know nothing: random order, all tied, longest answer first, first slot first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness.compare.crowd import Crowd, View
from harness.compare.estimates import exact, nan_mean
from harness.compare.figures import NAN, CaseFigures, CaseRankings, case_figures
from harness.compare.judges import answer_lengths
from harness.compare.rows import Against, Extras, Identity, build_row
from harness.compare.source import Layout, answer_ids
from harness.schema import Baseline, Case, Estimate, Row
from harness.stats.agreement import pair_counts
from harness.stats.arrays import FloatArray
from harness.stats.design import williams_square
from harness.stats.pairs import ratio

TITLES: dict[Baseline, str] = {
    "random": "random order (expected value, no draw)",
    "all-tied": "all answers equal",
    "longest-answer": "longest answer first",
    "first-slot": "first slot first (mean over a full square of presentations)",
}
_STRICT = ("tau_people", "floor", "alpha_k", "retest", "tie_share", "tau_longest", "s2")
_KNOWN: dict[Baseline, tuple[str, ...]] = {
    "random": (*_STRICT, "top1"),
    "all-tied": ("alpha_k", "retest", "tie_share"),
    "longest-answer": ("retest",),
    "first-slot": _STRICT,
}
"""Figures that are known, whatever the people and the answers say: they have no interval."""

_Figures = Callable[[Case, View, FloatArray], CaseFigures]


def baseline_rows(layout: Layout, crowd: Crowd) -> tuple[Row, ...]:
    """The four baselines on the cases of the run, with lengths in the first language that was asked.

    `random` is a strict order drawn anew for every verdict, in expectation: tau_x, floor and retest are 0
    exactly, a strict pair of a person is a conflict half of the time (and read alike half of the time, so S2
    is .5), the best answer is hit one time in k, and the gap is half of human-human.
    `first-slot` grades by slot only, over one full Williams square: every order stands there with its
    reverse, so its tau_x is 0 as well, but asked again it contradicts itself. The other two are rules that
    answer the same when asked again.
    """
    return (
        _row("random", layout, crowd, _random),
        _row("all-tied", layout, crowd, _all_tied),
        _row("longest-answer", layout, crowd, _longest),
        _row("first-slot", layout, crowd, _first_slot),
    )


def _row(name: Baseline, layout: Layout, crowd: Crowd, measure: _Figures) -> Row:
    lengths = answer_lengths(layout.cases)
    # Lines stand in the set's order of languages: the first one that a judge was asked in.
    language = layout.lines[0].key.language if layout.lines else layout.languages[0]
    figures = [
        measure(
            case,
            crowd.view(case.case_id),
            lengths.get((case.case_id, language), np.full(len(case.answers), np.nan)),
        )
        for case in layout.cases
    ]
    identity = Identity(f"baseline:{name}", "baseline", name, TITLES[name], language=language)
    return _without_intervals(build_row(identity, figures, Against(crowd), Extras()), _KNOWN[name])


def _rankings(case: Case, grades: FloatArray, *, is_exact: bool) -> CaseRankings:
    return CaseRankings(case.case_id, answer_ids(case), grades, len(grades), len(grades), exact=is_exact)


def _all_tied(case: Case, view: View, longest: FloatArray) -> CaseFigures:
    return case_figures(_rankings(case, np.ones((1, len(case.answers))), is_exact=True), view, longest)


def _longest(case: Case, view: View, longest: FloatArray) -> CaseFigures:
    known = longest[None] if not np.isnan(longest).any() else np.empty((0, len(longest)))
    return case_figures(_rankings(case, known, is_exact=True), view, longest)


def _first_slot(case: Case, view: View, longest: FloatArray) -> CaseFigures:
    # Row i says which answer stood in each slot; sorting it tells in which slot each answer stood.
    slots = williams_square(len(case.answers)).argsort(axis=1)
    return case_figures(_rankings(case, -slots.astype(np.float64), is_exact=False), view, longest)


@dataclass(frozen=True)
class _Expected:
    conflict: float = NAN
    hesitation: float = NAN
    tau: float = NAN
    n_strict: int = 0
    top1: float = NAN


def _random(case: Case, view: View, longest: FloatArray) -> CaseFigures:
    names = answer_ids(case)
    expected = _expected_against(view.others)
    return CaseFigures(
        case_id=case.case_id,
        n_planned=1,
        n_ranked=1,
        tau=expected.tau,
        floor=expected.tau,
        conflict=expected.conflict,
        hesitation=expected.hesitation,
        s1=expected.conflict,
        s2=0.5 if expected.n_strict else NAN,
        n_strict=expected.n_strict,
        top1=expected.top1,
        human_human=view.human_human,
        gap=view.consistency / 2.0,
        retest=0.0,
        tie_share=0.0,
        tau_longest=0.0 if not np.isnan(longest).any() else NAN,
        mid_ranks=dict.fromkeys(names, (len(names) + 1) / 2.0),
    )


def _expected_against(others: FloatArray) -> _Expected:
    if len(others) == 0:
        return _Expected()
    counts = pair_counts(others, others)
    tied = nan_mean(ratio(counts.tied_both, counts.n_pairs))
    n_strict = int((counts.n_pairs - counts.tied_both).sum())
    top = nan_mean(ratio(1.0, (~np.isnan(others)).sum(axis=1)))
    return _Expected(conflict=(1.0 - tied) / 2.0, hesitation=tied, tau=0.0, n_strict=n_strict, top1=top)


def _without_intervals(row: Row, names: tuple[str, ...]) -> Row:
    known: dict[str, Estimate] = {}
    for name in names:
        estimate: Estimate = getattr(row, name)
        if estimate.value is not None:
            known[name] = exact(estimate.value, estimate.n, estimate.unit)
    return row.model_copy(update=known)
