"""Which repeats of a case were planned and can be read, as bits; and those of several lines side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.compare.extras import are_balanced
from harness.compare.pairing import complete_repeats
from harness.compare.source import Line
from harness.stats.arrays import FloatArray, IntArray
from harness.stats.pairs import thermometer

RepeatBits = NDArray[Any]
"""One number per case, bit r = repeat r; whole numbers of Python where 62 bits are too few."""
_MOST_BITS = 62


class MatchedCases(NamedTuple):
    """Thermometers of one judge under several rulebooks, position p = the same presentation under each."""

    columns: FloatArray
    """(n_cases, n_rulebooks, n_runs, 2 * n_pairs)."""
    whole_squares: bool
    """Listwise: every answer stood in every slot equally often. Pairwise: the same label pairs everywhere."""
    shown: IntArray
    """(n_cases, n_runs): what the first cell was shown at each position; -1 = unknown."""


def planned_by_each(lines: Sequence[Line], n_cases: int) -> RepeatBits:
    """Repeats that every line planned which was asked about the case; none where no line was."""
    kind = _kind(lines)
    found: RepeatBits = np.zeros(n_cases, dtype=kind)
    met = np.zeros(n_cases, dtype=np.bool_)
    for line in lines:
        own: RepeatBits = np.array([_bits(runs.planned) for runs in line.cases], dtype=kind)
        where = line.numbers
        found[where] = np.where(met[where], found[where] & own, own)
        met[where] = True
    return found


def complete_bits(line: Line, n_cases: int) -> RepeatBits:
    """Repeats of each case with a readable verdict on every answer."""
    kind = _kind([line])
    found: RepeatBits = np.zeros(n_cases, dtype=kind)
    for block in line.blocks:
        complete = ~np.isnan(block.grades).any(axis=2)
        one: RepeatBits = np.array(1, dtype=kind)
        bits = np.where(complete, one << line.arranged.repeats[block.rows].astype(kind), 0)
        found[line.numbers[block.places]] = np.bitwise_or.reduce(bits, axis=1)
    return found


def shapes_of(line: Line, cases: IntArray, targets: RepeatBits) -> dict[tuple[int, int], IntArray]:
    """(runs, answers) -> places of the cases that have so many."""
    by_shape: dict[tuple[int, int], list[int]] = {}
    for place, (number, bits) in enumerate(zip(cases.tolist(), targets.tolist(), strict=True)):
        n_answers = len(line.cases[line.place_of[number]].answer_ids)
        by_shape.setdefault((int(bits).bit_count(), n_answers), []).append(place)
    return {shape: np.array(places, dtype=np.int64) for shape, places in by_shape.items()}


def match_lines(
    lines: Sequence[Line], cases: IntArray, targets: RepeatBits, shape: tuple[int, int]
) -> MatchedCases:
    """Lay the same repeats of several lines of one judge side by side, as `pairing.match` does for a case."""
    n_runs, n_answers = shape
    arranged, protocol = lines[0].arranged, lines[0].protocol
    rows = np.stack([_rows(line, cases, targets, n_runs) for line in lines], axis=1)
    rank = arranged.order_rank[arranged.shown[rows[:, 0]]]
    order = np.argsort(rank, axis=1, kind="stable")[:, None]
    rows = np.take_along_axis(rows, np.broadcast_to(order, rows.shape), axis=2)
    shown = arranged.shown[rows]
    same = bool((shown == shown[:, :1]).all())
    if protocol == "pairwise":
        whole = same
    else:
        whole = same and bool(are_balanced(arranged.orders(rows[:, 0], n_answers)).all())
    return MatchedCases(thermometer(arranged.grades(rows, n_answers)), whole, shown[:, 0])


def _rows(line: Line, cases: IntArray, targets: RepeatBits, n_runs: int) -> IntArray:
    """Rows of the complete verdicts of the given repeats, in their order: (n_cases, n_runs)."""
    rows = np.full((len(line.cases), n_runs), -1, dtype=np.int64)
    for block in line.blocks:
        # Where every verdict is wanted, so are those of the block as they stand.
        if block.rows.shape[1] == n_runs:
            rows[block.places] = block.rows
    places = np.array([line.place_of[number] for number in cases.tolist()], dtype=np.int64)
    found = rows[places]
    for case in np.flatnonzero((found < 0).any(axis=1)).tolist():
        runs = line.cases[int(places[case])]
        place_of, bits = complete_repeats(runs), int(targets[case])
        found[case] = [runs.rows[place_of[repeat]] for repeat in sorted(place_of) if bits >> repeat & 1]
    return found


def _kind(lines: Sequence[Line]) -> type:
    most = max((runs.planned[-1] for line in lines for runs in line.cases if runs.planned), default=0)
    return object if most >= _MOST_BITS else np.int64


@lru_cache(maxsize=1_024)
def _bits(repeats: tuple[int, ...]) -> int:
    return sum(1 << repeat for repeat in repeats)
