"""Readable verdicts of many cases as arrays: circumstances, and what they say of each pair of answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from harness.compare.source import Line
from harness.compare.verdict_pairs import signs_of
from harness.stats.arrays import BoolArray, FloatArray, IntArray

_MOST_ROWS = 50_000
"""Verdicts whose signs stand in memory at once, as far as whole cases allow."""
_LARGEST = 2**62


class Said(NamedTuple):
    """Verdicts on cases with one number of answers; equal numbers mean equal circumstances."""

    cases: IntArray
    """(n_verdicts,): place of the case in the run."""
    judges: IntArray
    """(n_verdicts,)"""
    fields: tuple[IntArray, ...]
    """Judge, rulebook, wording, language, order of the answers, names of the slots."""
    signs: FloatArray
    """(n_verdicts, n_pairs); NaN = not ranked."""


class _Rows(NamedTuple):
    """Verdicts with a known presentation, and how they are numbered."""

    rows: IntArray
    cases: IntArray
    lines: IntArray
    n_answers: int


def said_by(lines: Sequence[Line], *, own_run: bool) -> Iterator[Said]:
    """What lines of one protocol said, some cases at a time.

    A verdict whose presentation is unknown is left out. A pairwise verdict has every pair in both orders and
    a pointwise one a single slot: our own plan gives repeat r names of slots of its own; other files do not
    say which they used.
    """
    keys = np.array([numbered(key) for key in zip(*(line.key for line in lines), strict=True)]).T
    for some in _chunks(lines):
        arranged = lines[0].arranged
        number = arranged.shown[some.rows]
        slots = arranged.slots_of(number) + 1
        own_names = (
            slots.max(initial=0) + 1 + arranged.repeats[some.rows] if own_run else np.zeros_like(slots)
        )
        names = np.where(number >= 0, slots, own_names)
        grades = arranged.grades(some.rows, some.n_answers)
        fields = (*keys[some.lines].T, arranged.order_rank[number], names)
        yield Said(some.cases, fields[0], fields, signs_of(grades))


def numbered(values: Sequence[object]) -> list[int]:
    """Equal values get equal numbers, in the order in which they come."""
    known: dict[object, int] = {}
    return [known.setdefault(value, len(known)) for value in values]


def together(fields: Sequence[IntArray]) -> IntArray:
    """One number for each combination of fields, none of them negative."""
    combined = fields[0]
    for field in fields[1:]:
        width = int(field.max(initial=0)) + 1
        if int(combined.max(initial=0)) >= _LARGEST // width:
            combined = np.unique(combined, return_inverse=True)[1].ravel()
        combined = combined * width + field
    return combined


def _chunks(lines: Sequence[Line]) -> Iterator[_Rows]:
    """Whole cases of one number of answers, in the order of the run."""
    parts: dict[int, list[tuple[IntArray, IntArray, IntArray]]] = {}
    for place, line in enumerate(lines):
        for block in line.blocks:
            n_runs, n_answers = block.grades.shape[1:]
            rows = block.rows.ravel()
            cases = np.repeat(line.numbers[block.places], n_runs)
            known = _is_known(line, rows)
            if n_answers > 1 and known.any():
                own = rows[known], cases[known], np.full(int(known.sum()), place)
                parts.setdefault(n_answers, []).append(own)
    for n_answers, found in parts.items():
        whole = np.array([np.concatenate(column) for column in zip(*found, strict=True)])
        by_case = whole[:, np.argsort(whole[1], kind="stable")]
        starts = np.flatnonzero(np.diff(by_case[1], prepend=-1))
        cuts = [next(group) for _, group in groupby(starts.tolist(), key=lambda start: start // _MOST_ROWS)]
        for part in np.split(by_case, cuts[1:], axis=1):
            yield _Rows(part[0], part[1], part[2], n_answers)


def _is_known(line: Line, rows: IntArray) -> BoolArray:
    arranged = line.arranged
    shown: BoolArray = arranged.shown[rows] >= 0
    if line.protocol == "pointwise":
        return np.ones_like(shown)
    if line.protocol == "pairwise":
        with_pairs = [bool(found and found.pairs) for found in map(arranged.table.ranked, rows.tolist())]
        return shown | np.array(with_pairs, dtype=np.bool_)
    return shown
