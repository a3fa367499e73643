"""What the numbers of a case say: agreement with others, ties, places, medians; of many cases at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import isnan
from typing import NamedTuple

import numpy as np

from harness.compare.estimates import nan_mean, tidy
from harness.stats.agreement import pair_counts, tau_x
from harness.stats.arrays import FloatArray
from harness.stats.coefficients import top1
from harness.stats.consensus import MAX_ANSWERS, Tiers, kemeny_medians_of_each
from harness.stats.group import mean_pairwise_taus
from harness.stats.pairs import mid_ranks, ratio, tie_share

MAX_MEDIANS = 12
"""More equally good orders than this are no consensus to show: none is listed."""
MAX_KEPT = 64
"""Grades in a case up to which its figures are kept for the next case with the same ones."""
_MOST_KEPT = 20_000
NAN = float("nan")


class Against(NamedTuple):
    """How some verdicts agree with others: means over all verdicts and others that share a pair."""

    tau: float = NAN
    floor: float = NAN
    conflict: float = NAN
    hesitation: float = NAN
    s1: float = NAN
    s2: float = NAN
    n_strict: int = 0
    top1: float = NAN


class Measured(NamedTuple):
    """Everything that is measured in one case, answers as places."""

    against: Against
    retest: float
    tie_share: float
    tau_longest: float
    mid_ranks: tuple[tuple[int, float], ...]
    medians: tuple[Tiers, ...]


class Numbers(NamedTuple):
    """The numbers of a case: a row's grades, those of others, and the lengths of the answers."""

    grades: FloatArray
    others: FloatArray
    longest: FloatArray


def measured(numbers: Numbers) -> Measured:
    """Measure one case."""
    kept = _kept_form(numbers)
    if kept is None:
        return _measure_alike([numbers])[0]
    key = _key(kept)
    if key not in _known:
        _measure_all({key: kept})
    return _known[key]


def measure_ahead(cases: Iterable[Numbers]) -> None:
    """Measure many cases at once, so that `measured` finds each of them.

    The same few verdicts meet the same few others in thousands of cases: each kind is measured once.
    """
    new: dict[_Key, Numbers] = {}
    for numbers in cases:
        kept = _kept_form(numbers)
        if kept is not None and (key := _key(kept)) not in _known:
            new[key] = kept
    _measure_all(new)


_Key = tuple[bytes, bytes, bytes]
_known: dict[_Key, Measured] = {}


def _kept_form(numbers: Numbers) -> Numbers | None:
    """With lengths as places, for only their order counts, and few orders make many cases."""
    grades, others, longest = numbers
    if grades.size + others.size > MAX_KEPT or np.isnan(longest).any():
        return None
    return Numbers(grades, others, np.searchsorted(np.sort(longest), longest).astype(np.float64))


def _key(kept: Numbers) -> _Key:
    return kept.grades.tobytes(), kept.others.tobytes(), kept.longest.tobytes()


def _measure_all(cases: dict[_Key, Numbers]) -> None:
    if len(_known) + len(cases) > _MOST_KEPT:
        _known.clear()
    by_shape: dict[tuple[tuple[int, ...], tuple[int, ...]], list[_Key]] = {}
    for key, numbers in cases.items():
        by_shape.setdefault((numbers.grades.shape, numbers.others.shape), []).append(key)
    for keys in by_shape.values():
        found = _measure_alike([cases[key] for key in keys])
        _known.update(zip(keys, found, strict=True))


def _measure_alike(cases: Sequence[Numbers]) -> list[Measured]:
    """Measure cases with as many rankings, others and answers."""
    grades, others, longest = (np.stack(parts) for parts in zip(*cases, strict=True))
    return [
        Measured(*parts)
        for parts in zip(
            _against(grades, others),
            mean_pairwise_taus(grades).tolist(),
            _means(tie_share(grades)),
            _means(tau_x(grades, longest[:, None])),
            _mean_mid_ranks(grades),
            [*map(medians, grades)] if np.isnan(grades).any() else _medians_of_each(grades),
            strict=True,
        )
    ]


def _against(grades: FloatArray, others: FloatArray) -> list[Against]:
    """The formulas of `harness.stats.agreement`, from one count of the pairs instead of seven."""
    if others.shape[1] == 0:
        return [Against()] * len(grades)
    counts = pair_counts(grades[:, :, None], others[:, None])
    n_pairs = counts.n_pairs
    alike = counts.concordant + counts.tied_both
    ties = (counts.tied_a + counts.tied_both, counts.tied_b + counts.tied_both)
    concordant = counts.concordant.sum(axis=(1, 2))
    strict = concordant + counts.discordant.sum(axis=(1, 2))
    found = zip(
        _means(ratio(alike - counts.discordant, n_pairs)),
        _means(ratio(ties[0], n_pairs) * ratio(ties[1], n_pairs)),
        _means(ratio(counts.discordant, n_pairs)),
        _means(ratio(counts.tied_a + counts.tied_b, n_pairs)),
        _means(ratio(alike, n_pairs)),
        ratio(concordant, strict).tolist(),
        strict.astype(np.int64).tolist(),
        _means(top1(grades[:, :, None], others[:, None])),
        strict=True,
    )
    return [Against(*case) for case in found]


def _means(values: FloatArray) -> list[float]:
    """Average what is defined, case by case; NaN when nothing is."""
    rows = np.ascontiguousarray(values).reshape(len(values), -1)
    if np.isnan(rows).any() or rows.shape[1] == 0:
        return [nan_mean(row) for row in rows]
    means: list[float] = rows.mean(axis=1).tolist()
    return means


def _mean_mid_ranks(grades: FloatArray) -> list[tuple[tuple[int, float], ...]]:
    """Of each answer that was ranked, 1 = worst."""
    n_cases, _, n_answers = grades.shape
    ranks = np.swapaxes(mid_ranks(grades), 1, 2).reshape(n_cases * n_answers, -1)
    means = np.array(_means(ranks)).reshape(n_cases, n_answers).tolist()
    return [
        tuple((place, tidy(mean)) for place, mean in enumerate(case) if not isnan(mean)) for case in means
    ]


def medians(grades: FloatArray) -> tuple[Tiers, ...]:
    """Every Kemeny median of a case, answers as places; none when more than 12 are equally good."""
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


def own_tie_share(grades: FloatArray) -> float:
    """Share of tied pairs, averaged over rankings; NaN where nothing was ranked."""
    if grades.size > MAX_KEPT:
        return nan_mean(tie_share(grades))
    return _kept_tie_share(grades.tobytes(), grades.shape[1])


@lru_cache(maxsize=_MOST_KEPT)
def _kept_tie_share(grades: bytes, n_answers: int) -> float:
    return nan_mean(tie_share(np.frombuffer(grades, dtype=np.float64).reshape(-1, n_answers)))
