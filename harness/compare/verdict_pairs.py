"""Verdicts set beside each other, case by case: what one rung of the noise ladder is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

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

    judges: Sequence[str] | IntArray
    strata: IntArray
    levels: IntArray
    signs: FloatArray
    """(n_verdicts, n_pairs)"""


class CaseSums(NamedTuple):
    """What one judge, or all of them (None), have in neighbouring cases."""

    judge: int | None
    first_case: int
    sums: FloatArray
    """(n_cases, 3): as `Pairs`."""


class Pairs(NamedTuple):
    """Sums over the pairs of verdicts of one case."""

    n: float
    tau: float
    changed: float


RungKey = tuple[DiffersIn, Protocol | None, str | None]
Compared = Iterator[tuple[DiffersIn, str | None, Pairs]]


class Gathered:
    """Sums over pairs of verdicts, of every rung and case."""

    def __init__(self, n_cases: int) -> None:
        self._n_cases = n_cases
        self._sums: dict[RungKey, FloatArray] = {}

    def add(self, key: RungKey, cases: int | slice, sums: ArrayLike) -> None:
        """Put the sums of some cases, by place in the run, to those that the rung has."""
        whole = self._sums.setdefault(key, np.zeros((self._n_cases, len(Pairs._fields))))
        whole[cases] += np.asarray(sums, dtype=np.float64)

    def rungs(self) -> list[Rung]:
        """The rungs that have a pair of verdicts."""
        return [_as_rung(key, sums[sums[:, 0] > 0]) for key, sums in self._sums.items() if sums[:, 0].any()]


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
    if len(rows.judges) == 0:
        return
    sums = between_levels(rows.signs, rows.strata, rows.levels)
    # The sums hold every pair twice, once for each of its verdicts.
    yield differs_in, None, _total(sums, np.full(len(sums.n_pairs), 0.5))
    owners = np.empty(len(sums.n_pairs), dtype=np.int64)
    owners[sums.group_of] = numbers(rows.judges)
    once = 1.0 if differs_in == "judge" else 0.5
    for place, judge in enumerate(dict.fromkeys(rows.judges)):
        yield differs_in, judge, _total(sums, (owners == place) * once)


def compared_in_cases(differs_in: DiffersIn, rows: Rows, cases: IntArray) -> Iterator[CaseSums]:
    """`compared` for many cases at once; strata of different cases are different, judges are numbers."""
    sums = between_levels(rows.signs, rows.strata, rows.levels)
    figures = np.stack([sums.n_pairs, sums.tau, sums.changed])
    judges = np.asarray(rows.judges)
    judge_of, case_of = (np.empty(len(sums.n_pairs), dtype=np.int64) for _ in range(2))
    judge_of[sums.group_of], case_of[sums.group_of] = judges, cases
    yield _case_sums(None, case_of, figures * 0.5)
    once = 1.0 if differs_in == "judge" else 0.5
    for judge in np.unique(judges).tolist():
        own = judge_of == judge
        yield _case_sums(judge, case_of[own], figures[:, own] * once)


def _case_sums(judge: int | None, case_of: IntArray, figures: FloatArray) -> CaseSums:
    first, n_cases = int(case_of.min()), int(np.ptp(case_of)) + 1
    sums = [np.bincount(case_of - first, weights=figure, minlength=n_cases) for figure in figures]
    return CaseSums(judge, first, np.stack(sums, axis=1))


def _as_rung(key: RungKey, sums: FloatArray) -> Rung:
    """The record of a rung: within a case every pair of verdicts weighs the same, over cases every case."""
    differs_in, protocol, judge = key
    n_pairs, tau, changed = sums.T
    return Rung(
        differs_in=differs_in,
        protocol=protocol,
        judge_id=judge,
        agreement=mean_over_cases(tau / n_pairs, "not_measured", TAU),
        changed=mean_over_cases(changed / n_pairs, "not_measured", SHARE),
        n_verdict_pairs=round(n_pairs.sum()),
    )


def _total(sums: LevelSums, weights: FloatArray) -> Pairs:
    n_pairs, tau, changed = (float(weights @ figure) for figure in (sums.n_pairs, sums.tau, sums.changed))
    return Pairs(n_pairs, tau, changed)


def numbers(keys: Iterable[object]) -> IntArray:
    """Equal keys get equal numbers, in the order in which they come."""
    known: dict[object, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)
