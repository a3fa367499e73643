"""What the numbers of a case say: agreement with others, ties, places, medians; of many cases at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import isnan
from typing import NamedTuple

import numpy as np

from harness.compare.estimates import nan_mean, tidy
from harness.stats.agreement import pair_counts, tau_x
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.coefficients import top1
from harness.stats.consensus import MAX_ANSWERS, Tiers, kemeny_medians_of_each
from harness.stats.group import mean_pairwise_taus
from harness.stats.pairs import mid_ranks, ratio, tie_share

MAX_MEDIANS = 12
"""More equally good orders than this are no consensus to show: none is listed."""
MAX_ALIKE = 64
"""Grades in a case up to which many cases have the very same ones: each kind is then measured once."""
_MOST_COMPARED = 500_000
"""Pairs of answers of two rankings that stand in memory at once."""
NAN = float("nan")


class Numbers(NamedTuple):
    """Cases of one shape: a row's grades, those of others, and the lengths of the answers."""

    grades: FloatArray
    """(n_cases, n_rankings, n_answers)"""
    others: FloatArray
    """(n_cases, n_others, n_answers)"""
    longest: FloatArray
    """(n_cases, n_answers); NaN = unknown."""

    def only(self, cases: IntArray | slice) -> Numbers:
        """Some of the cases."""
        return Numbers(*(part[cases] for part in self))


class Figures(NamedTuple):
    """What is measured in cases: one entry each, NaN = undefined."""

    tau: FloatArray
    floor: FloatArray
    conflict: FloatArray
    hesitation: FloatArray
    s1: FloatArray
    s2: FloatArray
    n_strict: FloatArray
    """Pairs of answers, over all verdicts and others, that neither side ties: those behind `s2`."""
    top1: FloatArray
    retest: FloatArray
    tie_share: FloatArray
    tau_longest: FloatArray


class Measured(NamedTuple):
    """Everything that is measured in some cases, answers as places."""

    figures: Figures
    mid_ranks: FloatArray
    """(n_cases, n_answers); NaN = an answer that nobody ranked."""
    medians: Sequence[tuple[Tiers, ...]]


def measured(numbers: Numbers) -> Measured:
    """Measure cases of one shape; what stands together changes nothing, to the last bit."""
    if numbers.grades[0].size + numbers.others[0].size > MAX_ALIKE or np.isnan(numbers.longest).any():
        every = np.arange(len(numbers.grades))
        return _joined([(where, _measure(numbers.only(where))) for where in _pieces(numbers)], every)
    # Only the order of the lengths counts, and few orders make many cases.
    shorter = numbers.longest[:, None, :] < numbers.longest[:, :, None]
    plain = numbers._replace(longest=shorter.sum(axis=2).astype(np.float64))
    first, kind_of = _kinds(plain)
    kinds = plain.only(first)
    found = [(where, _measure(kinds.only(where))) for where in _pieces(kinds)]
    return _joined(found, kind_of)


def _kinds(numbers: Numbers) -> tuple[IntArray, IntArray]:
    """One case of each kind, and the kind of every case."""
    whole = np.column_stack([part.reshape(len(part), -1) for part in numbers])
    content, width = whole.tobytes(), whole.shape[1] * whole.itemsize
    known: dict[bytes, int] = {}
    kind_of = [known.setdefault(content[at : at + width], len(known)) for at in range(0, len(content), width)]
    _, first = np.unique(kind_of, return_index=True)
    return first, np.array(kind_of, dtype=np.int64)


def _pieces(numbers: Numbers) -> Iterator[IntArray]:
    """Complete cases apart from the others, which take longer; and no more of them than memory is for."""
    _, n_rankings, n_answers = numbers.grades.shape
    gaps = np.isnan(numbers.grades).any(axis=(1, 2))
    at_once = max(1, _MOST_COMPARED // (n_rankings * max(1, numbers.others.shape[1]) * n_answers**2))
    for some in (np.flatnonzero(~gaps), np.flatnonzero(gaps)):
        for start in range(0, len(some), at_once):
            yield some[start : start + at_once]


def _joined(found: Sequence[tuple[IntArray, Measured]], kind_of: IntArray) -> Measured:
    """Pieces put back in place, and kinds spread over their cases."""
    where = np.concatenate([places for places, _ in found])
    back = np.argsort(where)[kind_of]
    columns = zip(*(measured.figures for _, measured in found), strict=True)
    medians = [orders for _, measured in found for orders in measured.medians]
    return Measured(
        Figures(*(np.concatenate(parts)[back] for parts in columns)),
        np.concatenate([measured.mid_ranks for _, measured in found])[back],
        [medians[place] for place in back.tolist()],
    )


def _measure(numbers: Numbers) -> Measured:
    grades, others, longest = numbers
    own = [
        mean_pairwise_taus(grades),
        means_of_defined(tie_share(grades)),
        means_of_defined(tau_x(grades, longest[:, None])),
    ]
    figures = Figures(*_against(grades, others), *own)
    found = [*map(medians, grades)] if np.isnan(grades).any() else _medians_of_each(grades)
    return Measured(figures, _mean_mid_ranks(grades), found)


def _against(grades: FloatArray, others: FloatArray) -> list[FloatArray]:
    """The formulas of `harness.stats.agreement`, from one count of the pairs instead of seven."""
    if others.shape[1] == 0:
        nothing = np.full(len(grades), NAN)
        return [*[nothing] * 6, np.zeros(len(grades)), nothing]
    counts = pair_counts(grades[:, :, None], others[:, None])
    n_pairs = counts.n_pairs
    alike = counts.concordant + counts.tied_both
    ties = (counts.tied_a + counts.tied_both, counts.tied_b + counts.tied_both)
    concordant = counts.concordant.sum(axis=(1, 2))
    strict = concordant + counts.discordant.sum(axis=(1, 2))
    return [
        means_of_defined(ratio(alike - counts.discordant, n_pairs)),
        means_of_defined(ratio(ties[0], n_pairs) * ratio(ties[1], n_pairs)),
        means_of_defined(ratio(counts.discordant, n_pairs)),
        means_of_defined(ratio(counts.tied_a + counts.tied_b, n_pairs)),
        means_of_defined(ratio(alike, n_pairs)),
        ratio(concordant, strict),
        strict.astype(np.float64),
        means_of_defined(top1(grades[:, :, None], others[:, None])),
    ]


def means_of_defined(values: FloatArray) -> FloatArray:
    """Average what is defined, case by case; NaN when nothing is."""
    rows = np.ascontiguousarray(values).reshape(len(values), -1)
    if np.isnan(rows).any() or rows.shape[1] == 0:
        return np.array([nan_mean(row) for row in rows], dtype=np.float64)
    return np.asarray(rows.mean(axis=1))


def _mean_mid_ranks(grades: FloatArray) -> FloatArray:
    """Of each answer that was ranked, 1 = worst."""
    n_cases, _, n_answers = grades.shape
    ranks = np.swapaxes(mid_ranks(grades), 1, 2).reshape(n_cases * n_answers, -1)
    tidied = [NAN if isnan(mean) else tidy(mean) for mean in means_of_defined(ranks).tolist()]
    return np.array(tidied).reshape(n_cases, n_answers)


def medians(grades: FloatArray) -> tuple[Tiers, ...]:
    """Every Kemeny median of a case, answers as places; none when more than 12 are equally good."""
    if grades.size > MAX_ALIKE:
        return _medians(grades)
    return _known_medians(grades.tobytes(), grades.shape)


@lru_cache(maxsize=4_096)
def _known_medians(grades: bytes, shape: tuple[int, ...]) -> tuple[Tiers, ...]:
    """The same few rankings are met in thousands of cases."""
    return _medians(np.frombuffer(grades, dtype=np.float64).reshape(shape))


def _medians(grades: FloatArray) -> tuple[Tiers, ...]:
    ranked = np.flatnonzero(~np.isnan(grades).all(axis=0))
    (found,) = _medians_of_each(grades[None][:, :, ranked])
    if len(ranked) == grades.shape[1]:
        return found
    return tuple(tuple(tuple(int(ranked[place]) for place in tier) for tier in order) for order in found)


def _medians_of_each(grades: FloatArray) -> list[tuple[Tiers, ...]]:
    n_cases, n_rankings, n_answers = grades.shape
    if n_rankings == 0 or not 2 <= n_answers <= MAX_ANSWERS:
        return [()] * n_cases
    return kemeny_medians_of_each(grades, MAX_MEDIANS)
