"""Verdicts of one case put side by side: which repeats are the same presentation, and what shifted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from harness.compare.extras import is_balanced
from harness.compare.figures import NAN, or_nan
from harness.compare.source import CaseRuns
from harness.schema import Presentation, Protocol, RankedVerdict
from harness.stats.arrays import FloatArray, IntArray
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
    shown: tuple[Presentation | None, ...]
    """What the first cell was shown at each position."""


def complete_repeats(runs: CaseRuns) -> dict[int, RankedVerdict]:
    """Ranked verdicts that grade every answer, by repeat."""
    return {
        verdict.cell.repeat: verdict
        for verdict in runs.ranked
        if all(answer_id in verdict.grades for answer_id in runs.answer_ids)
    }


def match(cells: Sequence[CaseRuns], repeats: Collection[int], protocol: Protocol) -> Matched:
    """Lay the given repeats of several cells side by side.

    Repeats are sorted by presentation, so that leaving out one leaves out the same presentation for every
    judge that uses the same square. A pairwise repeat is a pair of slot names, the same under every rulebook;
    such repeats are treated like presentations.
    """
    names = cells[0].answer_ids
    by_repeat = [complete_repeats(runs) for runs in cells]
    ordered = sorted(repeats, key=lambda repeat: (_order(by_repeat[0][repeat]), repeat))
    shown = [[cell[repeat].presentation for repeat in ordered] for cell in by_repeat]
    same = all(row == shown[0] for row in shown) and (protocol == "pairwise" or None not in shown[0])
    grades = np.array(
        [[[cell[repeat].grades[name] for name in names] for repeat in ordered] for cell in by_repeat]
    )
    whole = same and (protocol == "pairwise" or _is_square(shown[0], names))
    return Matched(thermometer(grades), same, whole, tuple(shown[0]))


def shift_gap(one: CaseRuns, other: CaseRuns, protocol: Protocol) -> float:
    """Value gap between two cells of the same judge and case, both sides' noise removed; NaN if undefined."""
    return shift_gaps([(one, other)], protocol)[0]


def shift_gaps(sides: Sequence[tuple[CaseRuns, CaseRuns] | None], protocol: Protocol) -> list[float]:
    """Value gaps between two cells of the same judge, case by case; NaN if undefined, or without two cells.

    Where both were asked in the same presentations, these are compared one with one: what the slots do is
    then the same on both sides and no noise (methods.md §4.1b; gap = 4 V_R / P for two levels). `value_gap`
    would take it off twice and call a judge that only looks at slots shifted by less than nothing.
    """
    gaps = [NAN] * len(sides)
    # Cases with as many runs and answers are measured together: one by one costs fifty times as much.
    alike: dict[tuple[int, int], list[tuple[int, list[FloatArray]]]] = {}
    for place, cells in enumerate(sides):
        if cells is None:
            continue
        found = _side_by_side(*cells, protocol)
        if found is None:
            gaps[place] = or_nan(partial(value_gap, cells[0].grades, cells[1].grades))
        else:
            alike.setdefault(found[0].shape, []).append((place, found))
    for group in alike.values():
        measured = rulebook_gaps(thermometer(np.array([grades for _, grades in group])))
        for (place, _), gap in zip(group, measured, strict=True):
            gaps[place] = float(gap)
    return gaps


def _side_by_side(one: CaseRuns, other: CaseRuns, protocol: Protocol) -> list[FloatArray] | None:
    """Grades of both cells, (n_repeats, n_answers), in the same presentations; None where these differ."""
    own, rest = complete_repeats(one), complete_repeats(other)
    common = own.keys() & rest.keys()
    if len(common) < MIN_RUNS:
        return None
    ordered = sorted(common, key=lambda repeat: (_order(own[repeat]), repeat))
    shown = [own[repeat].presentation for repeat in ordered]
    if shown != [rest[repeat].presentation for repeat in ordered]:
        return None
    if protocol != "pairwise" and None in shown:
        return None
    names = one.answer_ids
    return [np.array([[cell[r].grades[name] for name in names] for r in ordered]) for cell in (own, rest)]


def _order(verdict: RankedVerdict) -> tuple[str, ...]:
    return () if verdict.presentation is None else verdict.presentation.order


def _is_square(shown: Sequence[Presentation | None], names: tuple[str, ...]) -> bool:
    rows = [presentation.order for presentation in shown if presentation is not None]
    if not rows or any(sorted(row) != sorted(names) for row in rows):
        return False
    orders: IntArray = np.array([[names.index(name) for name in row] for row in rows], dtype=np.int64)
    return is_balanced(orders)
