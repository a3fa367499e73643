"""What a judge's row shows beside agreement: failures, order effects, cost and time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import comb
from operator import itemgetter
from typing import NamedTuple, get_args

import numpy as np

from harness.compare.estimates import SHARE, exact, generator, mean_over_cases, record_test, tidy, undefined
from harness.compare.rows import DOES_NOT_APPLY, Extras
from harness.compare.source import Line
from harness.schema import Estimate, FailureReason, Flag, RankedVerdict, SlotEffect, SlotHabit
from harness.schema.small import TimingTable
from harness.stats.arrays import BoolArray, FloatArray, IntArray
from harness.stats.design import by_slot, slot_effect, slot_effect_test
from harness.verdict import intransitive_triples, order_flips

LOCAL_PREFIXES = ("local/", "gguf:", "scripted/")
"""Model ids of judges that cost time, not money."""
PER_VERDICTS = 1000


def judge_extras(line: Line, timings: TimingTable, seed: int, n_shuffles: int) -> Extras:
    """Gather a line's failures, flags, order figures, cost and time."""
    usd, seconds = line_cost(line, timings)
    pairwise = line.protocol == "pairwise"
    return Extras(
        failures=_failures(line),
        flags=_flags(line),
        order_flips=_over_pairs(line, share_of_flips) if pairwise else DOES_NOT_APPLY,
        intransitive_triples=_over_pairs(line, share_of_circles) if pairwise else DOES_NOT_APPLY,
        slot_effect=None if pairwise else line_slot_effect(line, seed, n_shuffles),
        slot_habit=None if pairwise else line_slot_habit(line),
        usd_per_1000=usd,
        seconds_per_1000=seconds,
    )


def line_cost(line: Line, timings: TimingTable) -> tuple[Estimate, Estimate]:
    """Dollars and seconds per thousand verdicts of a line, as far as they were recorded."""
    return _usd(line, timings), _seconds(timings.latencies(line.positions))


def share_of_flips(verdict: RankedVerdict) -> float:
    """Share of a verdict's pairs that name different winners in the two orders; NaN without pairs."""
    flips, n_pairs = order_flips(verdict)
    return flips / n_pairs if n_pairs else float("nan")


def share_of_circles(verdict: RankedVerdict) -> float:
    """Share of a verdict's triples of answers that run in a circle; NaN where a pair is missing."""
    n_answers = len({name for pair in verdict.pairs for name in (pair.first, pair.second)})
    n_triples = comb(n_answers, 3)
    if n_triples == 0 or len(verdict.pairs) < comb(n_answers, 2):
        return float("nan")
    return intransitive_triples(verdict) / n_triples


def are_balanced(orders: IntArray) -> BoolArray:
    """Tell of stacks (..., n_orders, n_slots) whether every answer stood in every slot equally often.

    These are whole squares with nothing missing; unknown orders are none.
    """
    *shape, n_orders, n_slots = orders.shape
    if n_orders == 0 or n_orders % n_slots:
        return np.zeros(shape, dtype=np.bool_)
    balanced = np.repeat(np.arange(n_slots), n_orders // n_slots)
    return np.asarray((np.sort(orders, axis=-2) == balanced[:, None]).all(axis=(-2, -1)))


def line_slot_effect(line: Line, seed: int, n_shuffles: int) -> SlotEffect | None:
    """Slot effect over the cases with whole squares; where cases differ in size, over the commonest size."""
    squares = _squares(line)
    if not squares:
        return None
    n_slots = max(sorted(squares), key=lambda size: len(squares[size]))
    cases = [(square.grades, square.orders) for square in squares[n_slots]]
    effects = slot_effect(by_slot(*(np.concatenate(parts) for parts in zip(*cases, strict=True))))
    rng = generator(seed, "slot effect", *line.key)
    test = record_test(slot_effect_test(cases, rng, n_shuffles), "case") if n_shuffles else None
    presentation = line.arranged.presentation(squares[n_slots][0].first_row)
    slots = presentation.slots if presentation is not None else ()
    return SlotEffect(slots=slots, effects=tuple(tidy(effect) for effect in effects), test=test)


class _Square(NamedTuple):
    """A case that was shown in whole squares, and graded in full."""

    place: int
    grades: FloatArray
    orders: IntArray
    first_row: int


def _squares(line: Line) -> dict[int, list[_Square]]:
    """Number of slots -> the cases with whole squares, in the order of the line."""
    found: dict[int, list[_Square]] = {}
    for block in line.blocks:
        n_slots = block.grades.shape[2]
        orders = line.arranged.orders(block.rows, n_slots)
        whole = np.flatnonzero(are_balanced(orders) & ~np.isnan(block.grades).any(axis=(1, 2)))
        parts = (
            block.places[whole].tolist(),
            block.grades[whole],
            orders[whole],
            block.rows[whole, 0].tolist(),
        )
        found.setdefault(n_slots, []).extend(_Square(*square) for square in zip(*parts, strict=True))
    return {size: sorted(squares, key=itemgetter(0)) for size, squares in found.items() if squares}


def line_slot_habit(line: Line) -> SlotHabit | None:
    """The commonest row of grades by slot; where cases differ in size, over the commonest size.

    Inverted replies count: a judge that always writes 1, 2, 3, 4 is seen, whatever it then calls best.
    """
    counted: Counter[tuple[tuple[str, ...], tuple[int, ...]]] = Counter()
    for failure in line.failed:
        if failure.slot_grades and failure.presentation is not None:
            counted[failure.presentation.slots, failure.slot_grades] += 1
    if line.blocks:
        rows = np.concatenate([block.rows.ravel() for block in line.blocks])
        for slots, grades, n_replies in line.arranged.slot_rows(rows):
            counted[slots, grades] += n_replies
    if not counted:
        return None
    sizes: Counter[int] = Counter()
    for (_, grades), n_replies in counted.items():
        sizes[len(grades)] += n_replies
    n_slots = max(sorted(sizes), key=sizes.__getitem__)
    own = sorted(row for row in counted if len(row[1]) == n_slots)
    slots, grades = max(own, key=counted.__getitem__)
    return SlotHabit(slots=slots, grades=grades, n_replies=counted[slots, grades], n_read=sizes[n_slots])


def _failures(line: Line) -> dict[FailureReason, int]:
    counted = Counter(verdict.failure for verdict in line.failed)
    reasons: tuple[FailureReason, ...] = get_args(FailureReason)
    return {reason: counted[reason] for reason in reasons if counted[reason]}


def _flags(line: Line) -> dict[Flag, int]:
    rows = [block.rows.ravel() for block in line.blocks]
    counted = line.arranged.flags(np.concatenate(rows)) if rows else {}
    flags: tuple[Flag, ...] = get_args(Flag)
    return {flag: counted[flag] for flag in flags if counted.get(flag)}


def _over_pairs(line: Line, share: Callable[[RankedVerdict], float]) -> Estimate:
    shares = [[share(one) for one in runs.records if one is not None] for runs in line.cases]
    defined = [[value for value in case if not np.isnan(value)] for case in shares]
    means = [float(np.mean(case)) if case else float("nan") for case in defined]
    return mean_over_cases(means, "not_measured" if line.n_ranked else "no_readable_verdict", SHARE)


def _usd(line: Line, timings: TimingTable) -> Estimate:
    if line.spec.model_id.startswith(LOCAL_PREFIXES):
        return DOES_NOT_APPLY
    price = line.spec.price
    if price is None:
        return undefined("price_unknown", "verdicts")
    spent = [
        prompt * price.usd_per_million_prompt_tokens + completion * price.usd_per_million_completion_tokens
        for prompt, completion in timings.tokens(line.positions)
    ]
    if not spent:
        return undefined("not_measured", "verdicts")
    return exact(float(np.mean(spent)) / 1e6 * PER_VERDICTS, len(spent), "verdicts")


def _seconds(latencies: Sequence[float]) -> Estimate:
    if not latencies:
        return undefined("not_measured", "verdicts")
    return exact(float(np.mean(latencies)) * PER_VERDICTS, len(latencies), "verdicts")
