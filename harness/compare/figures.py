"""What is measured in one case, for any group of rankings: a judge's repeats, a person, a panel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from harness.compare.crowd import View
from harness.compare.estimates import nan_mean, tidy, tidy_or_none
from harness.errors import UndefinedStatisticError
from harness.schema import CaseReading
from harness.schema.small import small_copy
from harness.stats.agreement import pair_counts, tau_x
from harness.stats.arrays import FloatArray
from harness.stats.coefficients import top1
from harness.stats.consensus import kemeny_medians
from harness.stats.group import mean_pairwise_tau
from harness.stats.pairs import mid_ranks, ratio, tie_share, tiers

MAX_MEDIANS = 12
"""More equally good orders than this are no consensus to show: none is listed."""
MAX_KEPT = 64
"""Grades in a case up to which its figures are kept for the next case with the same ones."""
NAN = float("nan")

Tiers = tuple[tuple[str, ...], ...]
_Order = tuple[tuple[int, ...], ...]


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
    medians: tuple[Tiers, ...] = ()

    def reading(self) -> CaseReading:
        """The record of this case in the row."""
        found = CaseReading(
            case_id=self.case_id,
            n_ranked=self.n_ranked,
            n_planned=self.n_planned,
            tau_people=tidy_or_none(self.tau),
            gap=tidy_or_none(self.gap),
            mid_ranks=self.mid_ranks or {},
            medians=self.medians,
        )
        return small_copy(found)


def case_figures(rankings: CaseRankings, view: View, longest: FloatArray) -> CaseFigures:
    """Measure one row in one case; `longest` = lengths of the answers in the row's language."""
    grades = rankings.grades
    if len(grades) == 0:
        return CaseFigures(rankings.case_id, rankings.n_planned, rankings.n_ranked)
    found = _measured(grades, view.others, longest)
    names = rankings.answer_ids
    retest = 1.0 if rankings.exact else found.own.retest
    return CaseFigures(
        case_id=rankings.case_id,
        n_planned=rankings.n_planned,
        n_ranked=rankings.n_ranked,
        **found.against._asdict(),
        human_human=view.human_human,
        # The value gap (methods.md §0), from parts that are known already.
        gap=(retest + view.consistency) / 2.0 - found.against.tau,
        retest=retest,
        tie_share=found.own.tie_share,
        tau_longest=found.tau_longest,
        mid_ranks={names[answer]: rank for answer, rank in found.mid_ranks},
        medians=_with_names(found.medians, names),
    )


def own_tie_share(grades: FloatArray) -> float:
    """Share of tied pairs, averaged over rankings; NaN where nothing was ranked."""
    return _own(grades).tie_share


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


def named_medians(grades: FloatArray, answer_ids: tuple[str, ...]) -> tuple[Tiers, ...]:
    """Every Kemeny median as tiers of answer ids, best first; none when more than 12 are equally good."""
    return _with_names(_medians_of(grades), answer_ids)


def _with_names(orders: tuple[_Order, ...], names: tuple[str, ...]) -> tuple[Tiers, ...]:
    return tuple(tuple(tuple(names[answer] for answer in tier) for tier in order) for order in orders)


def _medians_of(grades: FloatArray) -> tuple[_Order, ...]:
    """The medians, answers as places."""
    ranked = np.flatnonzero(~np.isnan(grades).all(axis=0))
    if len(ranked) < 2:
        return ()
    found = _medians(np.ascontiguousarray(grades[:, ranked]).tobytes(), len(grades))
    if len(ranked) == grades.shape[1]:
        return found
    return tuple(tuple(tuple(int(ranked[place]) for place in tier) for tier in order) for order in found)


@lru_cache(maxsize=20_000)
def _medians(grades: bytes, n_rankings: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Medians of rankings given as bytes: the same few rankings come back thousands of times."""
    array = np.frombuffer(grades, dtype=np.float64).reshape(n_rankings, -1)
    try:
        return tuple(tiers(order) for order in kemeny_medians(array, MAX_MEDIANS))
    except UndefinedStatisticError:
        return ()


class _Against(NamedTuple):
    """How some verdicts agree with others; the names are those of `CaseFigures`."""

    tau: float = NAN
    floor: float = NAN
    conflict: float = NAN
    hesitation: float = NAN
    s1: float = NAN
    s2: float = NAN
    n_strict: int = 0
    top1: float = NAN


class _Own(NamedTuple):
    """What verdicts say by themselves."""

    retest: float
    tie_share: float
    mid_ranks: tuple[float, ...]


class _Measured(NamedTuple):
    """Everything that is measured in one case, answers as places."""

    against: _Against
    own: _Own
    tau_longest: float
    mid_ranks: tuple[tuple[int, float], ...]
    medians: tuple[_Order, ...]


def _measured(grades: FloatArray, others: FloatArray, longest: FloatArray) -> _Measured:
    """The figures of a case; the same few verdicts meet the same few others in thousands of cases."""
    if grades.size + others.size > MAX_KEPT or np.isnan(longest).any():
        return _measure(grades, others, longest)
    # Only the order of the lengths counts, and few orders make many cases.
    order = np.searchsorted(np.sort(longest), longest).astype(np.float64)
    return _kept_measured(grades.tobytes(), others.tobytes(), order.tobytes(), grades.shape[1])


@lru_cache(maxsize=20_000)
def _kept_measured(grades: bytes, others: bytes, order: bytes, n_answers: int) -> _Measured:
    lengths = np.frombuffer(order, dtype=np.float64)
    return _measure(_array(grades, n_answers), _array(others, n_answers), lengths)


def _measure(grades: FloatArray, others: FloatArray, longest: FloatArray) -> _Measured:
    own = _own(grades)
    ranks = tuple((place, tidy(mean)) for place, mean in enumerate(own.mid_ranks) if not np.isnan(mean))
    return _Measured(_against(grades, others), own, _tau_longest(grades, longest), ranks, _medians_of(grades))


def _against(grades: FloatArray, others: FloatArray) -> _Against:
    """Mean figures over all verdicts and others that share a pair.

    With two answers the same few verdicts meet the same few others thousands of times: small ones are kept.
    """
    if len(others) == 0:
        return _Against()
    if grades.size + others.size > MAX_KEPT:
        return _count_against(grades, others)
    return _kept_against(grades.tobytes(), others.tobytes(), grades.shape[1])


@lru_cache(maxsize=20_000)
def _kept_against(grades: bytes, others: bytes, n_answers: int) -> _Against:
    return _count_against(_array(grades, n_answers), _array(others, n_answers))


def _count_against(grades: FloatArray, others: FloatArray) -> _Against:
    """The formulas of `harness.stats.agreement`, from one count of the pairs instead of seven."""
    counts = pair_counts(grades[:, None], others[None])
    n_pairs = counts.n_pairs
    alike = counts.concordant + counts.tied_both
    ties = (counts.tied_a + counts.tied_both, counts.tied_b + counts.tied_both)
    strict = float((counts.concordant + counts.discordant).sum())
    return _Against(
        tau=nan_mean(ratio(alike - counts.discordant, n_pairs)),
        floor=nan_mean(ratio(ties[0], n_pairs) * ratio(ties[1], n_pairs)),
        conflict=nan_mean(ratio(counts.discordant, n_pairs)),
        hesitation=nan_mean(ratio(counts.tied_a + counts.tied_b, n_pairs)),
        s1=nan_mean(ratio(alike, n_pairs)),
        s2=float(counts.concordant.sum()) / strict if strict else NAN,
        n_strict=int(strict),
        top1=nan_mean(top1(grades[:, None], others[None])),
    )


def _tau_longest(grades: FloatArray, longest: FloatArray) -> float:
    if grades.size > MAX_KEPT or np.isnan(longest).any():
        return nan_mean(tau_x(grades, longest[None]))
    # Only the order of the lengths counts, and few orders make many cases.
    order = np.searchsorted(np.sort(longest), longest).astype(np.float64)
    return _kept_tau(grades.tobytes(), order.tobytes(), len(longest))


@lru_cache(maxsize=20_000)
def _kept_tau(grades: bytes, order: bytes, n_answers: int) -> float:
    return nan_mean(tau_x(_array(grades, n_answers), _array(order, n_answers)))


def _own(grades: FloatArray) -> _Own:
    if grades.size > MAX_KEPT:
        return _count_own(grades)
    return _kept_own(grades.tobytes(), grades.shape[1])


@lru_cache(maxsize=20_000)
def _kept_own(grades: bytes, n_answers: int) -> _Own:
    return _count_own(_array(grades, n_answers))


def _count_own(grades: FloatArray) -> _Own:
    return _Own(
        retest=or_nan(lambda: mean_pairwise_tau(grades)),
        tie_share=nan_mean(tie_share(grades)),
        mid_ranks=tuple(nan_mean(column) for column in mid_ranks(grades).T),
    )


def _array(grades: bytes, n_answers: int) -> FloatArray:
    return np.frombuffer(grades, dtype=np.float64).reshape(-1, n_answers)
