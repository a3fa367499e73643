"""Rankings of answers, pooled over cases as rankings of the systems that wrote them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from harness.compare.authors import authors
from harness.schema import Case
from harness.stats.arrays import BoolArray, FloatArray, IntArray
from harness.stats.stages import Pool, histogram, pool_rankings

MIN_SYSTEMS = 2


class Board(NamedTuple):
    """One side's rankings, and the systems that they compare."""

    systems: tuple[str, ...]
    pool: Pool
    """Items are places in `systems`, clusters are cases; each distinct ranking of a case once."""
    n_answers: IntArray
    """(n_systems,): answers that were ranked beside another system's."""
    one_size: bool
    """Every ranking ranks all answers of its case, and all cases have as many: mean places compare."""


class Systems:
    """Which system wrote which answer."""

    def __init__(self, cases: Sequence[Case]) -> None:
        by_case = {case.case_id: authors(case) for case in cases}
        self._titles = _titles(cases)
        names = sorted(self._titles)
        places = {name: place for place, name in enumerate(names)}
        self._names = tuple(names)
        self._authors = {
            case_id: np.array([-1 if name is None else places[name] for name in found], dtype=np.int64)
            for case_id, found in by_case.items()
            if len(set(found) - {None}) >= MIN_SYSTEMS
        }

    @property
    def usable(self) -> bool:
        """True when some system answers two cases in which it stands beside another."""
        seen = [place for found in self._authors.values() for place in set(found.tolist()) - {-1}]
        return len(seen) > len(set(seen))

    def board(self, grades: Mapping[str, FloatArray]) -> Board | None:
        """Pool one side's grades by case (n_verdicts, n_answers); None when it never compares two systems."""
        given = {case_id: grades[case_id] for case_id in self._authors if len(grades.get(case_id, ()))}
        if not given:
            return None
        pool, answers = self._stack(given)
        used = _compares(pool)
        if not used.any():
            return None
        pool, answers = pool.rows(used), answers[used]
        ranked = ~np.isnan(pool.grades)
        kept, items = np.unique(pool.items[ranked], return_inverse=True)
        renumbered = np.zeros_like(pool.items)
        renumbered[ranked] = items.ravel()
        _, first = np.unique(answers[ranked], return_index=True)
        n_answers = np.bincount(renumbered[ranked][first], minlength=len(kept))
        n_written = {int((self._authors[case_id] >= 0).sum()) for case_id in given}
        n_ranked = set(np.unique(ranked.sum(axis=1)).tolist())
        return Board(
            systems=tuple(self._titles[self._names[place]] for place in kept),
            pool=histogram(pool._replace(items=renumbered)),
            n_answers=n_answers.astype(np.int64),
            one_size=n_ranked == n_written and len(n_ranked) == 1,
        )

    def _stack(self, given: Mapping[str, FloatArray]) -> tuple[Pool, IntArray]:
        """All rankings in one array, and the number of each answer; unknown authors' are left out."""
        sizes = [len(rows) for rows in given.values()]
        width = max(rows.shape[1] for rows in given.values())
        grades = np.full((sum(sizes), width), np.nan)
        items, answers = np.zeros((2, sum(sizes), width), dtype=np.int64)
        start = 0
        for number, (case_id, rows) in enumerate(given.items()):
            place, k = slice(start, start + len(rows)), rows.shape[1]
            wrote = self._authors[case_id]
            grades[place, :k] = np.where(wrote >= 0, rows, np.nan)
            items[place, :k] = np.maximum(wrote, 0)
            answers[place, :k] = number * width + np.arange(k)
            start += len(rows)
        return pool_rankings(grades, items, clusters=np.repeat(np.arange(len(sizes)), sizes)), answers


def _titles(cases: Sequence[Case]) -> dict[str, str]:
    """Plain name -> the name as first written."""
    found: dict[str, str] = {}
    for case in cases:
        for answer, name in zip(case.answers, authors(case), strict=True):
            if name is not None and answer.author_model_id is not None:
                found.setdefault(name, answer.author_model_id)
    return found


def _compares(pool: Pool) -> BoolArray:
    """Tell which rankings place two systems beside each other."""
    ranked = ~np.isnan(pool.grades)
    least = np.where(ranked, pool.items, np.iinfo(np.int64).max).min(axis=1)
    greatest = np.where(ranked, pool.items, -1).max(axis=1)
    return np.asarray(least < greatest)
