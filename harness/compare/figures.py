"""What is measured in one case, for any group of rankings: a judge's repeats, a person, a panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from harness.compare.crowd import View
from harness.compare.estimates import nan_mean, tidy, tidy_or_none
from harness.compare.measured import NAN as NAN  # noqa: PLC0414 - known by this name
from harness.compare.measured import Numbers, measure_ahead, measured, medians
from harness.errors import UndefinedStatisticError
from harness.schema import CaseReading
from harness.schema.small import small_record
from harness.stats.arrays import FloatArray
from harness.stats.consensus import Tiers
from harness.stats.pairs import mid_ranks

NamedTiers = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class CaseRankings:
    """One row's rankings of one case, and how many there should be."""

    case_id: str
    answer_ids: tuple[str, ...]
    grades: FloatArray
    n_planned: int
    n_ranked: int
    exact: bool = False
    """A rule that answers the same when asked again: its own consistency is 1."""


@dataclass(frozen=True)
class CaseFigures:
    """One row in one case; NaN = undefined."""

    case_id: str
    n_planned: int
    n_ranked: int
    tau: float = NAN
    floor: float = NAN
    conflict: float = NAN
    hesitation: float = NAN
    s1: float = NAN
    s2: float = NAN
    n_strict: int = 0
    """Pairs of answers, over all verdicts and others, that neither side ties: those behind `s2`."""
    top1: float = NAN
    human_human: float = NAN
    gap: float = NAN
    retest: float = NAN
    tie_share: float = NAN
    tau_longest: float = NAN
    mid_ranks: dict[str, float] | None = None
    medians: tuple[NamedTiers, ...] = ()

    def reading(self) -> CaseReading:
        """The record of this case in the row."""
        fields = {
            "case_id": self.case_id,
            "n_ranked": self.n_ranked,
            "n_planned": self.n_planned,
            "tau_people": tidy_or_none(self.tau),
            "gap": tidy_or_none(self.gap),
            "mid_ranks": self.mid_ranks or {},
            "medians": self.medians,
        }
        return small_record(CaseReading, fields)


def case_figures(rankings: CaseRankings, view: View, longest: FloatArray) -> CaseFigures:
    """Measure one row in one case; `longest` = lengths of the answers in the row's language."""
    if len(rankings.grades) == 0:
        return CaseFigures(rankings.case_id, rankings.n_planned, rankings.n_ranked)
    found = measured(Numbers(rankings.grades, view.others, longest))
    names = rankings.answer_ids
    retest = 1.0 if rankings.exact else found.retest
    return CaseFigures(
        case_id=rankings.case_id,
        n_planned=rankings.n_planned,
        n_ranked=rankings.n_ranked,
        **found.against._asdict(),
        human_human=view.human_human,
        # The value gap (methods.md §0), from parts that are known already.
        gap=(retest + view.consistency) / 2.0 - found.against.tau,
        retest=retest,
        tie_share=found.tie_share,
        tau_longest=found.tau_longest,
        mid_ranks={names[answer]: rank for answer, rank in found.mid_ranks},
        medians=_with_names(found.medians, names),
    )


def figures_of_cases(cases: Sequence[tuple[CaseRankings, View, FloatArray]]) -> list[CaseFigures]:
    """The same of many cases of a row, each kind of case measured once."""
    measure_ahead(
        Numbers(rankings.grades, view.others, longest)
        for rankings, view, longest in cases
        if len(rankings.grades)
    )
    return [case_figures(*case) for case in cases]


def or_nan(statistic: Callable[[], float]) -> float:
    """Compute a statistic; NaN where the data do not define it."""
    try:
        return statistic()
    except UndefinedStatisticError:
        return NAN


def mean_mid_ranks(grades: FloatArray, answer_ids: tuple[str, ...]) -> dict[str, float]:
    """Mean mid-rank of each answer that was ranked, 1 = worst."""
    return _named([nan_mean(column) for column in mid_ranks(grades).T], answer_ids)


def _named(means: Sequence[float], answer_ids: tuple[str, ...]) -> dict[str, float]:
    return {
        answer_id: tidy(mean) for answer_id, mean in zip(answer_ids, means, strict=True) if not np.isnan(mean)
    }


def named_medians(grades: FloatArray, answer_ids: tuple[str, ...]) -> tuple[NamedTiers, ...]:
    """Every Kemeny median as tiers of answer ids, best first; none when more than 12 are equally good."""
    return _with_names(medians(grades), answer_ids)


def _with_names(orders: tuple[Tiers, ...], names: tuple[str, ...]) -> tuple[NamedTiers, ...]:
    return tuple(tuple(tuple(names[answer] for answer in tier) for tier in order) for order in orders)
