"""The lines of a run: one judge under one rulebook, in one wording and language, case by case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from harness.compare.arranged import Arranged, Block, blocks_of
from harness.schema import (
    Case,
    FailedVerdict,
    JudgeSpec,
    Language,
    Presentation,
    Protocol,
    RankedVerdict,
    Wording,
)
from harness.stats.arrays import FloatArray, IntArray


class LineKey(NamedTuple):
    """One judge under one rulebook, in one wording and language."""

    judge_id: str
    rulebook_id: str
    wording: Wording
    language: Language


class CaseRuns(NamedTuple):
    """What one line said about one case: its ranked verdicts by repeat, and what failed."""

    case_id: str
    answer_ids: tuple[str, ...]
    planned: tuple[int, ...]
    """Repeats that were planned or seen."""
    grades: FloatArray
    """(n_ranked, n_answers), in the order of `rows` and `answer_ids`; NaN = not graded."""
    rows: IntArray
    """(n_ranked,): the ranked verdicts in the run's table, by repeat."""
    failed: tuple[FailedVerdict, ...]
    arranged: Arranged

    @property
    def n_ranked(self) -> int:
        """How many of its verdicts can be read."""
        return len(self.rows)

    @property
    def n_failed(self) -> int:
        """How many of its verdicts failed."""
        return len(self.failed)

    @property
    def repeats(self) -> list[int]:
        """Which time each ranked verdict was."""
        repeats: list[int] = self.arranged.repeats[self.rows].tolist()
        return repeats

    @property
    def shown(self) -> list[Presentation | None]:
        """What the judge saw, for each ranked verdict; None = unknown."""
        return [self.arranged.presentation(row) for row in self.rows.tolist()]

    @property
    def records(self) -> list[RankedVerdict | None]:
        """Those of the ranked verdicts that say more than grades (readings of pairs, criteria); else None."""
        return [*map(self.arranged.table.ranked, self.rows.tolist())]


@dataclass(frozen=True)
class Line:
    """One judge under one rulebook, in one wording and language, with every case that was planned."""

    key: LineKey
    spec: JudgeSpec
    cases: tuple[CaseRuns, ...]
    numbers: IntArray
    """(n_cases,): place of each in the run's list of cases."""
    blocks: tuple[Block, ...]
    """The readable verdicts once more, those of cases of one shape together."""
    arranged: Arranged
    positions: IntArray
    """Lines of its verdicts in verdicts.jsonl."""
    simulated: bool
    """Whether any of its verdicts is."""

    @property
    def protocol(self) -> Protocol:
        """Listwise or pairwise."""
        return self.spec.protocol

    @property
    def n_ranked(self) -> int:
        """How many of its verdicts can be read."""
        return sum(block.rows.size for block in self.blocks)

    @property
    def failed(self) -> Iterator[FailedVerdict]:
        """Its verdicts that failed, case by case."""
        return (verdict for runs in self.cases for verdict in runs.failed)

    @cached_property
    def place_of(self) -> Mapping[int, int]:
        """Place of each case in `cases`, by its number."""
        return {number: place for place, number in enumerate(self.numbers.tolist())}

    def of_case(self, case_id: str) -> CaseRuns | None:
        """What the line said about one case; None if it was not asked."""
        return self._by_case.get(case_id)

    @cached_property
    def _by_case(self) -> Mapping[str, CaseRuns]:
        return {runs.case_id: runs for runs in self.cases}


def lines_of(
    arranged: Arranged,
    cases: Sequence[Case],
    specs: Mapping[str, JudgeSpec],
    planned: Mapping[LineKey, Mapping[str, tuple[int, ...]]],
) -> list[Line]:
    """Sort the verdicts of a run into lines; `planned` = repeats that each line was to be asked, by case."""
    return [
        _line(key, specs[key.judge_id], cases, _Asked(arranged, rows, planned.get(key, {})))
        for key, rows in _rows_by_line(arranged, cases)
    ]


def answer_ids(case: Case) -> tuple[str, ...]:
    """Ids of a case's answers, in file order."""
    return tuple(answer.answer_id for answer in case.answers)


class _Asked(NamedTuple):
    arranged: Arranged
    rows: IntArray
    """Of the line, by case and repeat."""
    planned: Mapping[str, tuple[int, ...]]


def _rows_by_line(arranged: Arranged, cases: Sequence[Case]) -> Iterator[tuple[LineKey, IntArray]]:
    """The verdicts of each line, sorted by case (in the run's order) and repeat."""
    table = arranged.table
    if not table.n_verdicts:
        return
    keys = [LineKey(*under[:4]) for under in table.circumstances]
    number_of = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    place = {case.case_id: number for number, case in enumerate(cases)}
    case_places = np.array([place[case_id] for case_id in table.case_ids], dtype=np.int64)
    line_of = np.array([number_of[key] for key in keys], dtype=np.int64)[arranged.circumstance_of]
    order = np.lexsort((arranged.repeats, case_places[arranged.case_of], line_of))
    ends = np.cumsum(np.bincount(line_of, minlength=len(number_of)))
    yield from zip(number_of, np.split(order, ends[:-1]), strict=True)


def _line(key: LineKey, spec: JudgeSpec, cases: Sequence[Case], asked: _Asked) -> Line:
    arranged, rows = asked.arranged, asked.rows
    found = _by_case(arranged, rows)
    asked_for = [case.case_id in found or case.case_id in asked.planned for case in cases]
    met = [case for case, is_met in zip(cases, asked_for, strict=True) if is_met]
    ranked = [_readable(arranged, found.get(case.case_id, rows[:0])) for case in met]
    ids = [arranged.answers_of[case.case_id] for case in met]
    blocks = blocks_of(arranged, [(own, len(names)) for own, names in zip(ranked, ids, strict=True)])
    grades = [np.empty((0, len(names))) for names in ids]
    for block in blocks:
        for place, said in zip(block.places.tolist(), block.grades, strict=True):
            grades[place] = said
    runs = []
    for case, names, said, own in zip(met, ids, grades, ranked, strict=True):
        every = found.get(case.case_id, own)
        planned = _with_seen(asked.planned.get(case.case_id, ()), arranged.repeats[every].tolist())
        failed = () if len(every) == len(own) else tuple(arranged.failed(every.tolist()))
        runs.append(CaseRuns(case.case_id, names, planned, said, own, failed, arranged))
    return Line(
        key=key,
        spec=spec,
        cases=tuple(runs),
        numbers=np.flatnonzero(asked_for),
        blocks=blocks,
        arranged=arranged,
        positions=np.sort(rows),
        simulated=arranged.any_simulated(rows),
    )


def _by_case(arranged: Arranged, rows: IntArray) -> dict[str, IntArray]:
    cases = arranged.case_of[rows]
    parts = np.split(rows, np.flatnonzero(np.diff(cases)) + 1) if len(rows) else []
    return {arranged.table.case_ids[arranged.case_of[part[0]]]: part for part in parts}


def _readable(arranged: Arranged, rows: IntArray) -> IntArray:
    return rows[arranged.is_ranked[rows]] if arranged.table.whole else rows


def _with_seen(planned: tuple[int, ...], seen: Sequence[int]) -> tuple[int, ...]:
    return planned if set(planned).issuperset(seen) else tuple(sorted({*planned, *seen}))
