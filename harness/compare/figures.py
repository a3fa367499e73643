"""What is measured in each case, for any group of rankings: a judge's repeats, a person, a panel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from math import isnan
from typing import NamedTuple

import numpy as np

from harness.compare.crowd import View
from harness.compare.estimates import nan_mean, tidy, tidy_all
from harness.compare.measured import NAN as NAN  # noqa: PLC0414 - known by this name
from harness.compare.measured import Figures, Measured, Numbers, measured, medians
from harness.errors import UndefinedStatisticError
from harness.schema import CaseReading
from harness.schema.small import small_record
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.consensus import Tiers
from harness.stats.pairs import mid_ranks

NamedTiers = tuple[tuple[str, ...], ...]
_READING = ("case_id", "n_ranked", "n_planned", "tau_people", "gap", "mid_ranks", "medians")


class Beside(NamedTuple):
    """What a row is held against in one case."""

    view: View
    longest: FloatArray
    """Lengths of the answers in the row's language; NaN = unknown."""


class Rankings(NamedTuple):
    """One row's rankings of its cases, and how many there should be."""

    case_ids: Sequence[str]
    answer_ids: Sequence[tuple[str, ...]]
    n_planned: Sequence[int]
    n_ranked: Sequence[int]
    blocks: Sequence[tuple[IntArray, FloatArray]]
    """Places of cases of one shape with their grades, (n_cases, n_rankings, n_answers)."""
    exact: bool = False
    """A rule that answers the same when asked again: its own consistency is 1."""


class RowFigures(NamedTuple):
    """One row in each of its cases; NaN = undefined."""

    case_ids: Sequence[str]
    n_planned: Sequence[int]
    n_ranked: Sequence[int]
    figures: Figures
    human_human: FloatArray
    gap: FloatArray
    mid_ranks: Sequence[Mapping[str, float]]
    medians: Sequence[tuple[NamedTiers, ...]]

    def readings(self) -> tuple[CaseReading, ...]:
        """The record of each case in the row."""
        columns = (
            self.case_ids,
            self.n_ranked,
            self.n_planned,
            tidy_all(self.figures.tau),
            tidy_all(self.gap),
            self.mid_ranks,
            self.medians,
        )
        told = zip(*columns, strict=True)
        return tuple(small_record(CaseReading, dict(zip(_READING, one, strict=True))) for one in told)


def row_figures(rankings: Rankings, beside: Sequence[Beside]) -> RowFigures:
    """Measure one row in all of its cases."""
    n_cases = len(rankings.case_ids)
    figures = Figures(*(np.full(n_cases, 0.0 if name == "n_strict" else NAN) for name in Figures._fields))
    ranks: list[Mapping[str, float]] = [{}] * n_cases
    orders: list[tuple[NamedTiers, ...]] = [()] * n_cases
    for places, grades in rankings.blocks:
        longest = np.stack([beside[place].longest for place in places.tolist()])
        for some, others in stacked([beside[place].view.others for place in places.tolist()]):
            found = measured(Numbers(grades[some], others, longest[some]))
            for whole, part in zip(figures, found.figures, strict=True):
                whole[places[some]] = part
            for place, own, best in zip(places[some].tolist(), *_named(found), strict=True):
                names = rankings.answer_ids[place]
                ranks[place], orders[place] = _ranks_of(names, own), _with_names(best, names)
    if rankings.exact:
        figures.retest[[place for places, _ in rankings.blocks for place in places.tolist()]] = 1.0
    views = [one.view for one in beside]
    human_human, consistency = (
        np.array([getattr(view, name) for view in views], dtype=np.float64)
        for name in ("human_human", "consistency")
    )
    # The value gap (methods.md §0), from parts that are known already.
    gap = (figures.retest + consistency) / 2.0 - figures.tau
    return RowFigures(
        rankings.case_ids, rankings.n_planned, rankings.n_ranked, figures, human_human, gap, ranks, orders
    )


def stacked(arrays: Sequence[FloatArray]) -> Iterable[tuple[IntArray, FloatArray]]:
    """Those of one shape together: their places, and all of them as one array."""
    by_shape: dict[tuple[int, ...], list[int]] = {}
    for place, one in enumerate(arrays):
        by_shape.setdefault(one.shape, []).append(place)
    for places in by_shape.values():
        yield np.array(places, dtype=np.int64), np.stack([arrays[place] for place in places])


def or_nan(statistic: Callable[[], float]) -> float:
    """Compute a statistic; NaN where the data do not define it."""
    try:
        return statistic()
    except UndefinedStatisticError:
        return NAN


def mean_mid_ranks(grades: FloatArray, answer_ids: tuple[str, ...]) -> dict[str, float]:
    """Mean mid-rank of each answer that was ranked, 1 = worst."""
    means = [nan_mean(column) for column in mid_ranks(grades).T]
    return {name: tidy(mean) for name, mean in zip(answer_ids, means, strict=True) if not np.isnan(mean)}


def named_medians(grades: FloatArray, answer_ids: tuple[str, ...]) -> tuple[NamedTiers, ...]:
    """Every Kemeny median as tiers of answer ids, best first; none when more than 12 are equally good."""
    return _with_names(medians(grades), answer_ids)


def _named(found: Measured) -> tuple[list[tuple[float, ...]], Sequence[tuple[Tiers, ...]]]:
    return [*map(tuple, found.mid_ranks.tolist())], found.medians


@lru_cache(maxsize=1 << 17)
def _ranks_of(names: tuple[str, ...], ranks: tuple[float, ...]) -> dict[str, float]:
    """Many rows say the same of a case: they share it."""
    return {name: rank for name, rank in zip(names, ranks, strict=True) if not isnan(rank)}


@lru_cache(maxsize=1 << 17)
def _with_names(orders: tuple[Tiers, ...], names: tuple[str, ...]) -> tuple[NamedTiers, ...]:
    return tuple(tuple(tuple(names[answer] for answer in tier) for tier in order) for order in orders)
