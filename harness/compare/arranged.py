"""A table of verdicts seen from the cases of a run: answers as places in the case's own list."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from harness.schema import FailedVerdict, Flag, Presentation
from harness.stats.arrays import FloatArray, IntArray
from harness.store.verdict_table import VerdictTable

UNKNOWN = -1
"""In place of an answer, where the order of presentation is unknown or not one of the case's answers."""


class Block(NamedTuple):
    """Cases of one line with as many answers, of which it has as many readable verdicts: seen at once."""

    places: IntArray
    """(n_cases,): places in the line's own list of cases."""
    rows: IntArray
    """(n_cases, n_runs): rows of the verdicts in the table, by repeat."""
    grades: FloatArray
    """(n_cases, n_runs, n_answers): NaN = not graded."""


class Arranged:
    """The verdicts of a run as arrays; a row is the position of a verdict in its file."""

    def __init__(self, table: VerdictTable, answers: Mapping[str, tuple[str, ...]]) -> None:
        self.table = table
        self.answers_of = answers
        self._answers = [answers[case_id] for case_id in table.case_ids]
        self.case_of = _numbers(table.case_of)
        self.repeats = _numbers(table.repeats)
        self.shown = _numbers(table.shown)
        self.circumstance_of = _numbers(table.circumstance_of)
        self._names_of = _numbers(table.names_of)
        self._flags_of = _numbers(table.flags_of)

    @cached_property
    def is_ranked(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """(n_verdicts,): whether each can be read."""
        return np.asarray(self._names_of >= 0)

    @cached_property
    def n_named(self) -> IntArray:
        """(n_verdicts,): how many answers each grades."""
        sizes = np.array([*map(len, self.table.names), 0], dtype=np.int64)
        return sizes[self._names_of]

    def grades(self, rows: IntArray, n_answers: int) -> FloatArray:
        """Grades of some readable verdicts on cases of so many answers, answers on a further axis."""
        columns = self._columns[self._column_of[rows]][..., :n_answers]
        values, starts = self._values
        found = np.where(columns < 0, len(values) - 1, starts[rows][..., None] + columns)
        return values[found]

    def orders(self, rows: IntArray, n_answers: int) -> IntArray:
        """Which answer stood in each slot; UNKNOWN throughout where the order is not one of all answers."""
        return self._orders[self._order_of[rows]][..., :n_answers]

    @cached_property
    def order_rank(self) -> IntArray:
        """(n_presentations + 1,): place of each among the sorted orders; the last is that of none."""
        orders = [presentation.order for presentation in self.table.presentations]
        place = {order: number for number, order in enumerate(sorted(set(orders)), start=1)}
        return np.array([*(place[order] for order in orders), 0], dtype=np.int64)

    def presentation(self, row: int) -> Presentation | None:
        """What the judge of one verdict was shown."""
        number = int(self.shown[row])
        return None if number < 0 else self.table.presentations[number]

    def slot_rows(self, rows: IntArray) -> Iterator[tuple[tuple[str, ...], tuple[int, ...], int]]:
        """Slot names and grades by slot of the verdicts that grade what they were shown; how often each."""
        places, pair_of = self._slots
        for columns in places.values():
            own = rows[columns[pair_of[rows], 0] >= 0]
            values, starts = self._values
            by_slot = values[starts[own][:, None] + columns[pair_of[own]]].astype(np.int64)
            named = np.column_stack([self.slots_of(self.shown[own]), by_slot])
            found, counts = np.unique(named, axis=0, return_counts=True)
            for (names, *grades), n_times in zip(found.tolist(), counts.tolist(), strict=True):
                yield self._slot_names[0][names], tuple(grades), n_times

    def slots_of(self, presentations: IntArray) -> IntArray:
        """A number for the names of the slots of each presentation; those of none have the last."""
        return self._slot_names[1][presentations]

    def failed(self, rows: Iterable[int]) -> list[FailedVerdict]:
        """Records of those verdicts that failed."""
        found = (self.table.whole.get(row) for row in rows)
        return [verdict for verdict in found if isinstance(verdict, FailedVerdict)]

    def any_simulated(self, rows: IntArray) -> bool:
        """Whether any of some verdicts is simulated."""
        met = np.unique(self.circumstance_of[rows]).tolist()
        return any(self.table.circumstances[number].simulated for number in met)

    def flags(self, rows: IntArray) -> dict[Flag, int]:
        """How often each flag stands at some verdicts."""
        counts: dict[Flag, int] = {}
        times = np.bincount(self._flags_of[rows], minlength=len(self.table.flags))
        for flags, n_times in zip(self.table.flags, times.tolist(), strict=True):
            for flag in flags:
                counts[flag] = counts.get(flag, 0) + n_times
        return counts

    def strangers(self) -> Iterator[tuple[str, str]]:
        """Case and answer of every grade that the case has no answer for."""
        cases, names, _ = _pairs(self.case_of, self._names_of, len(self.table.names))
        for case, number in zip(cases, names, strict=True):
            known = self._answers[case]
            for name in sorted(set(self.table.names[number]) - set(known)):
                yield self.table.case_ids[case], name

    @cached_property
    def _values(self) -> tuple[FloatArray, IntArray]:
        """All grades with a NaN behind them, and where those of each verdict begin."""
        values = np.append(np.frombuffer(self.table.values or array("d", [0.0])), np.nan)
        return values, np.cumsum(self.n_named) - self.n_named

    @property
    def _width(self) -> int:
        return max(map(len, self._answers), default=0)

    @cached_property
    def _columns_and_pairs(self) -> tuple[IntArray, IntArray]:
        """For each pair of a case and the names graded: where each answer's grade is; and each row's pair."""
        cases, names, pair_of = _pairs(self.case_of, self._names_of, len(self.table.names))
        columns = np.full((len(cases) + 1, self._width), UNKNOWN, dtype=np.int64)
        for pair, (case, number) in enumerate(zip(cases, names, strict=True)):
            place = {name: column for column, name in enumerate(self.table.names[number])}
            own = self._answers[case]
            columns[pair, : len(own)] = [place.get(name, UNKNOWN) for name in own]
        return columns, pair_of

    @property
    def _columns(self) -> IntArray:
        return self._columns_and_pairs[0]

    @property
    def _column_of(self) -> IntArray:
        return self._columns_and_pairs[1]

    @cached_property
    def _orders_and_pairs(self) -> tuple[IntArray, IntArray]:
        """For each pair of a case and a presentation: the answers by slot; and each row's pair."""
        cases, shown, pair_of = _pairs(self.case_of, self.shown, len(self.table.presentations))
        orders = np.full((len(cases) + 1, self._width), UNKNOWN, dtype=np.int64)
        for pair, (case, number) in enumerate(zip(cases, shown, strict=True)):
            own, order = self._answers[case], self.table.presentations[number].order
            place = {name: answer for answer, name in enumerate(own)}
            if len(order) == len(own) and place.keys() == set(order):
                orders[pair, : len(own)] = [place[name] for name in order]
        return orders, pair_of

    @property
    def _orders(self) -> IntArray:
        return self._orders_and_pairs[0]

    @property
    def _order_of(self) -> IntArray:
        return self._orders_and_pairs[1]

    @cached_property
    def _slots(self) -> tuple[dict[int, IntArray], IntArray]:
        """By number of slots, for each pair of names graded and presentation: where each slot's grade is.

        UNKNOWN throughout where other answers were shown than were graded; and each row's pair.
        """
        presentations = self.table.presentations
        names, shown, pair_of = _pairs(self._names_of, self.shown, len(presentations))
        places: dict[int, IntArray] = {}
        for pair, (graded, number) in enumerate(zip(names, shown, strict=True)):
            place = {name: column for column, name in enumerate(self.table.names[graded])}
            order = presentations[number].order
            if place.keys() == set(order):
                size = len(order)
                own = places.setdefault(size, np.full((len(names) + 1, size), UNKNOWN, dtype=np.int64))
                own[pair] = [place[name] for name in order]
        return places, pair_of

    @cached_property
    def _slot_names(self) -> tuple[list[tuple[str, ...]], IntArray]:
        """All rows of slot names, and which of them each presentation has."""
        own = [presentation.slots for presentation in self.table.presentations]
        number_of = {slots: number for number, slots in enumerate(dict.fromkeys(own))}
        return list(number_of), np.array(
            [*(number_of[slots] for slots in own), len(number_of)], dtype=np.int64
        )


def blocks_of(arranged: Arranged, cases: Sequence[tuple[IntArray, int]]) -> tuple[Block, ...]:
    """Lay out readable verdicts, case by case: rows, and the number of answers."""
    alike: dict[tuple[int, int], list[int]] = {}
    for place, (rows, n_answers) in enumerate(cases):
        if len(rows):
            alike.setdefault((len(rows), n_answers), []).append(place)
    blocks = []
    for (_, n_answers), places in alike.items():
        rows = np.stack([cases[place][0] for place in places])
        blocks.append(Block(np.array(places, dtype=np.int64), rows, arranged.grades(rows, n_answers)))
    return tuple(blocks)


def _pairs(firsts: IntArray, seconds: IntArray, n_seconds: int) -> tuple[list[int], list[int], IntArray]:
    """Each pair of numbers that occurs, and which each row has; one more where a number is missing."""
    there = (firsts >= 0) & (seconds >= 0)
    width = max(1, n_seconds)
    found, inverse = np.unique(firsts[there] * width + seconds[there], return_inverse=True)
    pair_of = np.full(len(firsts), len(found), dtype=np.int64)
    pair_of[there] = inverse
    one, other = np.divmod(found, width)
    return one.tolist(), other.tolist(), pair_of


def _numbers(column: array[int]) -> IntArray:
    return np.array(column, dtype=np.int64)
