"""Verdicts set beside each other, case by case: what one rung of the noise ladder is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from harness.compare.estimates import SHARE, TAU, mean_over_cases
from harness.schema import Protocol, Rung
from harness.schema.panels import DiffersIn
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.ladder import LevelSums, between_levels
from harness.stats.pairs import pair_signs


class Row(NamedTuple):
    """One verdict on one rung: what must be the same, what must differ, and what was said."""

    judge: str
    stratum: object
    level: object
    signs: FloatArray


class Rows(NamedTuple):
    """Many of them, with equal strata and levels as equal numbers."""

    judges: Sequence[str]
    strata: IntArray
    levels: IntArray
    signs: FloatArray
    """(n_verdicts, n_pairs)"""


class Pairs(NamedTuple):
    """Sums over the pairs of verdicts of one case."""

    n: float
    tau: float
    changed: float

    def plus(self, other: Pairs) -> Pairs:
        """Both together."""
        return Pairs(self.n + other.n, self.tau + other.tau, self.changed + other.changed)


RungKey = tuple[DiffersIn, Protocol | None, str | None]
Gathered = dict[RungKey, dict[str, Pairs]]
"""Rung -> case_id -> sums."""
Compared = Iterator[tuple[DiffersIn, str | None, Pairs]]


def signs_of(grades: FloatArray) -> FloatArray:
    """Pair signs of grades of shape (n, n_answers); NaN where an answer of the pair is not ranked."""
    signs, missing = pair_signs(grades)
    return np.where(missing, np.nan, signs)


def as_rows(rows: Sequence[Row]) -> Rows:
    """Put single rows together."""
    return Rows(
        [row.judge for row in rows],
        numbers(row.stratum for row in rows),
        numbers(row.level for row in rows),
        np.array([row.signs for row in rows]),
    )


def compared(differs_in: DiffersIn, rows: Rows) -> Compared:
    """Add up the pairs of one case that share a stratum and differ in level: in all, then for each judge."""
    if not rows.judges:
        return
    sums = between_levels(rows.signs, rows.strata, rows.levels)
    # The sums hold every pair twice, once for each of its verdicts.
    yield differs_in, None, _total(sums, np.full(len(sums.n_pairs), 0.5))
    owners = np.empty(len(sums.n_pairs), dtype=np.int64)
    owners[sums.group_of] = numbers(rows.judges)
    once = 1.0 if differs_in == "judge" else 0.5
    for place, judge in enumerate(dict.fromkeys(rows.judges)):
        yield differs_in, judge, _total(sums, (owners == place) * once)


def add_pairs(gathered: Gathered, key: RungKey, case_id: str, pairs: Pairs) -> None:
    """Put the pairs of one case to those that its rung has."""
    by_case = gathered.setdefault(key, {})
    by_case[case_id] = by_case.get(case_id, Pairs(0, 0, 0)).plus(pairs)


def as_rung(key: RungKey, by_case: Mapping[str, Pairs]) -> Rung:
    """The record of a rung: within a case every pair of verdicts weighs the same, over cases every case."""
    differs_in, protocol, judge = key
    known = [pairs for pairs in by_case.values() if pairs.n]
    return Rung(
        differs_in=differs_in,
        protocol=protocol,
        judge_id=judge,
        agreement=mean_over_cases([pairs.tau / pairs.n for pairs in known], "not_measured", TAU),
        changed=mean_over_cases([pairs.changed / pairs.n for pairs in known], "not_measured", SHARE),
        n_verdict_pairs=round(sum(pairs.n for pairs in known)),
    )


def _total(sums: LevelSums, weights: FloatArray) -> Pairs:
    n_pairs, tau, changed = (float(weights @ figure) for figure in (sums.n_pairs, sums.tau, sums.changed))
    return Pairs(n_pairs, tau, changed)


def numbers(keys: Iterable[object]) -> IntArray:
    """Equal keys get equal numbers, in the order in which they come."""
    known: dict[object, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)
