"""Four rows that know nothing: random order, all tied, longest answer first, first slot first."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from harness.compare.crowd import Crowd
from harness.compare.estimates import exact, nan_mean
from harness.compare.figures import NAN, Beside, Rankings, RowFigures, row_figures, stacked
from harness.compare.judges import answer_lengths, beside_cases
from harness.compare.measured import Figures
from harness.compare.rows import Against, Extras, Identity, build_row
from harness.compare.source import Layout, answer_ids
from harness.schema import Baseline, Estimate, Language, Row
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

_Grade = Callable[["_Cases"], list[FloatArray]]


class _Cases(NamedTuple):
    """The cases of a run, and what a baseline is held against in each."""

    case_ids: list[str]
    answer_ids: list[tuple[str, ...]]
    beside: list[Beside]


def baseline_rows(layout: Layout, crowd: Crowd) -> tuple[Row, ...]:
    """The four baselines on the cases of the run, with lengths in the first language that was asked.

    `random` is a strict order drawn anew for every verdict, in expectation: tau_x, floor and retest are 0
    exactly, a strict pair of a person is a conflict half of the time (and read alike half of the time, so S2
    is .5), the best answer is hit one time in k, and the gap is half of human-human.
    `first-slot` grades by slot only, over one full Williams square: every order stands there with its
    reverse, so its tau_x is 0 as well, but asked again it contradicts itself. The other two are rules that
    answer the same when asked again.
    """
    # Lines stand in the set's order of languages: the first one that a judge was asked in.
    language = layout.lines[0].key.language if layout.lines else layout.languages[0]
    named = [(case.case_id, answer_ids(case)) for case in layout.cases]
    beside = beside_cases(named, language, crowd, answer_lengths(layout.cases))
    cases = _Cases([name for name, _ in named], [names for _, names in named], beside)
    figures: dict[Baseline, RowFigures] = {
        "random": _random(cases),
        "all-tied": _measured(cases, _all_tied, is_exact=True),
        "longest-answer": _measured(cases, _longest, is_exact=True),
        "first-slot": _measured(cases, _first_slot, is_exact=False),
    }
    return tuple(_row(name, found, language, crowd) for name, found in figures.items())


def _row(name: Baseline, figures: RowFigures, language: Language, crowd: Crowd) -> Row:
    identity = Identity(f"baseline:{name}", "baseline", name, TITLES[name], language=language)
    return _without_intervals(build_row(identity, figures, Against(crowd), Extras()), _KNOWN[name])


def _measured(cases: _Cases, grade: _Grade, *, is_exact: bool) -> RowFigures:
    graded = grade(cases)
    n_graded = [*map(len, graded)]
    blocks = [(places, grades) for places, grades in stacked(graded) if grades.shape[1]]
    rankings = Rankings(cases.case_ids, cases.answer_ids, n_graded, n_graded, blocks, exact=is_exact)
    return row_figures(rankings, cases.beside)


def _all_tied(cases: _Cases) -> list[FloatArray]:
    return [np.ones((1, len(names))) for names in cases.answer_ids]


def _longest(cases: _Cases) -> list[FloatArray]:
    lengths = [one.longest[None] for one in cases.beside]
    return [one[:0] if np.isnan(one).any() else one for one in lengths]


def _first_slot(cases: _Cases) -> list[FloatArray]:
    return [_by_slot(len(names)) for names in cases.answer_ids]


@lru_cache(maxsize=64)
def _by_slot(n_answers: int) -> FloatArray:
    """Row i of a square says which answer stood in each slot; sorting it tells in which slot each stood."""
    return -williams_square(n_answers).argsort(axis=1).astype(np.float64)


class _Expected(NamedTuple):
    conflict: float = NAN
    hesitation: float = NAN
    tau: float = NAN
    n_strict: int = 0
    top1: float = NAN


def _random(cases: _Cases) -> RowFigures:
    views = [one.view for one in cases.beside]
    expected = [_expected_against(view.others.tobytes(), view.others.shape) for view in views]
    conflict, hesitation, tau, n_strict, top = np.array(expected).reshape(-1, 5).T
    unknown = np.array([np.isnan(one.longest).any() for one in cases.beside], dtype=np.bool_)
    nothing = np.zeros(len(views))
    figures = Figures(
        tau=tau,
        floor=tau,
        conflict=conflict,
        hesitation=hesitation,
        s1=conflict,
        s2=np.where(n_strict > 0, 0.5, NAN),
        n_strict=n_strict,
        top1=top,
        retest=nothing,
        tie_share=nothing,
        tau_longest=np.where(unknown, NAN, 0.0),
    )
    once = [1] * len(views)
    return RowFigures(
        case_ids=cases.case_ids,
        n_planned=once,
        n_ranked=once,
        figures=figures,
        human_human=np.array([view.human_human for view in views], dtype=np.float64),
        gap=np.array([view.consistency for view in views], dtype=np.float64) / 2.0,
        mid_ranks=[dict.fromkeys(names, (len(names) + 1) / 2.0) for names in cases.answer_ids],
        medians=[()] * len(views),
    )


@lru_cache(maxsize=4_096)
def _expected_against(grades: bytes, shape: tuple[int, ...]) -> _Expected:
    others = np.frombuffer(grades, dtype=np.float64).reshape(shape)
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
