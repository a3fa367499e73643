"""Verdicts of one case put side by side: which repeats are the same presentation, and what shifted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from harness.compare.extras import is_balanced
from harness.compare.figures import or_nan
from harness.compare.source import CaseRuns
from harness.schema import Presentation, Protocol, RankedVerdict
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.group import value_gap
from harness.stats.pairs import thermometer
from harness.stats.shift import components_square

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
    """Value gap between two cells of the same judge and case, both sides' noise removed; NaN if undefined.

    Where both were asked in the same presentations, these are compared one with one: what the slots do is
    then the same on both sides and no noise (methods.md §4.1b; gap = 4 V_R / P for two levels). `value_gap`
    would take it off twice and call a judge that only looks at slots shifted by less than nothing.
    """
    common = complete_repeats(one).keys() & complete_repeats(other).keys()
    if len(common) >= MIN_RUNS:
        matched = match([one, other], common, protocol)
        if matched.same_presentations:
            found = components_square(matched.columns[None])
            assert found.between_rulebooks is not None
            return 4.0 * found.between_rulebooks / found.n_pairs
    return or_nan(lambda: value_gap(one.grades, other.grades))


def _order(verdict: RankedVerdict) -> tuple[str, ...]:
    return () if verdict.presentation is None else verdict.presentation.order


def _is_square(shown: Sequence[Presentation | None], names: tuple[str, ...]) -> bool:
    rows = [presentation.order for presentation in shown if presentation is not None]
    if not rows or any(sorted(row) != sorted(names) for row in rows):
        return False
    orders: IntArray = np.array([[names.index(name) for name in row] for row in rows], dtype=np.int64)
    return is_balanced(orders)
