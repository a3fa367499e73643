"""Verdicts of one case put side by side: which repeats are the same presentation, and what shifted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np

from harness.compare.arranged import Arranged
from harness.compare.extras import are_balanced
from harness.compare.figures import or_nan
from harness.compare.source import CaseRuns, Line
from harness.schema import Protocol
from harness.stats.arrays import BoolArray, FloatArray, IntArray
from harness.stats.group import value_gap
from harness.stats.pairs import thermometer
from harness.stats.shift import rulebook_gaps

MIN_RUNS = 2


class Matched(NamedTuple):
    """Thermometers of several cells of one judge and case, position p = the same presentation in each."""

    columns: FloatArray
    """(n_cells, n_repeats, 2 * n_pairs)."""
    same_presentations: bool
    whole_squares: bool
    """Listwise: every answer stood in every slot equally often. Pairwise: the same label pairs everywhere."""


def complete_repeats(runs: CaseRuns) -> dict[int, int]:
    """Places of the ranked verdicts that grade every answer, by repeat."""
    complete: list[bool] = np.asarray(~np.isnan(runs.grades).any(axis=1)).tolist()
    told = enumerate(zip(runs.repeats, complete, strict=True))
    return {repeat: place for place, (repeat, is_complete) in told if is_complete}


def match(cells: Sequence[CaseRuns], repeats: Collection[int], protocol: Protocol) -> Matched:
    """Lay the given repeats of several cells side by side.

    Repeats are sorted by presentation, so that leaving out one leaves out the same presentation for every
    judge that uses the same square. A pairwise repeat is a pair of slot names, the same under every rulebook;
    such repeats are treated like presentations.
    """
    arranged = cells[0].arranged
    by_repeat = [complete_repeats(runs) for runs in cells]
    first = cells[0].rows
    rank = {repeat: arranged.order_rank[arranged.shown[first[by_repeat[0][repeat]]]] for repeat in repeats}
    ordered = sorted(repeats, key=lambda repeat: (rank[repeat], repeat))
    places = [[own[repeat] for repeat in ordered] for own in by_repeat]
    rows = np.array([runs.rows[own] for runs, own in zip(cells, places, strict=True)])
    grades = np.array([runs.grades[own] for runs, own in zip(cells, places, strict=True)])
    shown = arranged.shown[rows]
    same = bool((shown == shown[0]).all()) and (protocol == "pairwise" or bool((shown[0] >= 0).all()))
    whole = same and (protocol == "pairwise" or bool(are_balanced(arranged.orders(rows[0], grades.shape[2]))))
    return Matched(thermometer(grades), same, whole)


def shift_gap(one: CaseRuns, other: CaseRuns, protocol: Protocol) -> float:
    """Value gap between two cells of the same judge and case, both sides' noise removed; NaN if undefined.

    Where both were asked in the same presentations, these are compared one with one: what the slots do is
    then the same on both sides and no noise (methods.md §4.1b; gap = 4 V_R / P for two levels). `value_gap`
    would take it off twice and call a judge that only looks at slots shifted by less than nothing.
    """
    places = complete_repeats(one), complete_repeats(other)
    common = places[0].keys() & places[1].keys()
    if len(common) >= MIN_RUNS:
        found = match((one, other), common, protocol)
        if found.same_presentations:
            return float(rulebook_gaps(found.columns[None])[0])
    return or_nan(partial(value_gap, one.grades, other.grades))


def shift_gaps(one: Line, other: Line, n_cases: int) -> FloatArray:
    """`shift_gap` between two lines of one judge, for every case of the run; NaN where one was not asked."""
    gaps = np.full(n_cases, np.nan)
    left = np.zeros(n_cases, dtype=np.bool_)
    left[np.intersect1d(one.numbers, other.numbers)] = True
    for block, beside in product(one.blocks, other.blocks):
        numbers, own, rest = np.intersect1d(
            one.numbers[block.places], other.numbers[beside.places], assume_unique=True, return_indices=True
        )
        if len(numbers) and block.grades.shape[1:] == beside.grades.shape[1:]:
            alike = _alike(one, block.rows[own], beside.rows[rest])
            alike &= ~(np.isnan(block.grades[own]) | np.isnan(beside.grades[rest])).any(axis=(1, 2))
            sides = block.grades[own[alike]], beside.grades[rest[alike]]
            gaps[numbers[alike]] = _gaps_of(one.arranged, block.rows[own[alike]], sides)
            left[numbers[alike]] = False
    for number in np.flatnonzero(left).tolist():
        cells = [line.cases[line.place_of[number]] for line in (one, other)]
        gaps[number] = shift_gap(cells[0], cells[1], one.protocol)
    return gaps


def _alike(line: Line, own: IntArray, rest: IntArray) -> BoolArray:
    """In which cases both sides were asked in the same presentations, each repeat once; rows by repeat."""
    arranged = line.arranged
    repeats, shown = arranged.repeats[own], arranged.shown[own]
    same = (repeats == arranged.repeats[rest]) & (shown == arranged.shown[rest])
    if line.protocol != "pairwise":
        same &= shown >= 0
    once = (np.diff(repeats, axis=1) > 0).all(axis=1)
    enough = own.shape[1] >= MIN_RUNS
    return np.asarray(same.all(axis=1) & once & enough)


def _gaps_of(arranged: Arranged, rows: IntArray, sides: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Runs are put in the order of their presentations; equal ones keep that of their repeats."""
    if len(rows) == 0:
        return np.empty(0)
    order = np.argsort(arranged.order_rank[arranged.shown[rows]], axis=1, kind="stable")[:, :, None]
    grades = np.stack([np.take_along_axis(side, order, axis=1) for side in sides], axis=1)
    return rulebook_gaps(thermometer(grades))
