"""What a judge's row shows beside agreement: failures, order effects, cost and time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from math import comb
from typing import get_args

import numpy as np

from harness.compare.estimates import SHARE, exact, generator, mean_over_cases, record_test, tidy, undefined
from harness.compare.rows import DOES_NOT_APPLY, Extras
from harness.compare.source import CaseRuns, Line
from harness.schema import Estimate, FailureReason, Flag, RankedVerdict, SlotEffect, SlotHabit
from harness.schema.small import TimingTable
from harness.stats.arrays import FloatArray, IntArray
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


def orders_of(runs: CaseRuns) -> IntArray | None:
    """Which answer (from 0) stood in each slot, one row per ranked verdict; None if some order is unknown."""
    shown = [verdict.presentation for verdict in runs.ranked]
    if not shown or any(presentation is None for presentation in shown):
        return None
    rows = [presentation.order for presentation in shown if presentation is not None]
    if any(sorted(row) != sorted(runs.answer_ids) for row in rows):
        return None
    return np.array([[runs.answer_ids.index(name) for name in row] for row in rows], dtype=np.int64)


def is_balanced(orders: IntArray) -> bool:
    """Tell whether every answer stood in every slot equally often: whole squares, nothing missing."""
    n_orders, n_slots = orders.shape
    if n_orders % n_slots:
        return False
    balanced = np.repeat(np.arange(n_slots), n_orders // n_slots)
    return bool((np.sort(orders, axis=0) == balanced[:, None]).all())


def line_slot_effect(line: Line, seed: int, n_shuffles: int) -> SlotEffect | None:
    """Slot effect over the cases with whole squares; where cases differ in size, over the commonest size."""
    squares: dict[int, list[tuple[CaseRuns, FloatArray, IntArray]]] = {}
    for runs in line.cases:
        orders = orders_of(runs)
        if orders is not None and is_balanced(orders) and not np.isnan(runs.grades).any():
            squares.setdefault(orders.shape[1], []).append((runs, runs.grades, orders))
    if not squares:
        return None
    n_slots = max(sorted(squares), key=lambda size: len(squares[size]))
    cases = [(grades, orders) for _, grades, orders in squares[n_slots]]
    effects = slot_effect(by_slot(*(np.concatenate(parts) for parts in zip(*cases, strict=True))))
    rng = generator(seed, "slot effect", *line.key)
    test = record_test(slot_effect_test(cases, rng, n_shuffles), "case") if n_shuffles else None
    presentation = squares[n_slots][0][0].ranked[0].presentation
    slots = presentation.slots if presentation is not None else ()
    return SlotEffect(slots=slots, effects=tuple(tidy(effect) for effect in effects), test=test)


def line_slot_habit(line: Line) -> SlotHabit | None:
    """The commonest row of grades by slot; where cases differ in size, over the commonest size.

    Inverted replies count: a judge that always writes 1, 2, 3, 4 is seen, whatever it then calls best.
    """
    rows = [row for runs in line.cases for row in _slot_rows(runs)]
    if not rows:
        return None
    sizes = Counter(len(grades) for _, grades in rows)
    n_slots = max(sorted(sizes), key=sizes.__getitem__)
    counted = Counter(row for row in rows if len(row[1]) == n_slots)
    slots, grades = max(sorted(counted), key=counted.__getitem__)
    return SlotHabit(slots=slots, grades=grades, n_replies=counted[slots, grades], n_read=sizes[n_slots])


def _slot_rows(runs: CaseRuns) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    for failure in runs.failed:
        if failure.slot_grades and failure.presentation is not None:
            yield failure.presentation.slots, failure.slot_grades
    for verdict in runs.ranked:
        shown = verdict.presentation
        if shown is not None and verdict.grades.keys() == set(shown.order):
            yield shown.slots, tuple(int(verdict.grades[answer_id]) for answer_id in shown.order)


def _failures(line: Line) -> dict[FailureReason, int]:
    counted = Counter(verdict.failure for runs in line.cases for verdict in runs.failed)
    reasons: tuple[FailureReason, ...] = get_args(FailureReason)
    return {reason: counted[reason] for reason in reasons if counted[reason]}


def _flags(line: Line) -> dict[Flag, int]:
    counted = Counter(flag for runs in line.cases for verdict in runs.ranked for flag in verdict.flags)
    flags: tuple[Flag, ...] = get_args(Flag)
    return {flag: counted[flag] for flag in flags if counted[flag]}


def _over_pairs(line: Line, share: Callable[[RankedVerdict], float]) -> Estimate:
    shares = [[share(verdict) for verdict in runs.ranked] for runs in line.cases]
    defined = [[value for value in case if not np.isnan(value)] for case in shares]
    means = [float(np.mean(case)) if case else float("nan") for case in defined]
    return mean_over_cases(means, "not_measured" if any(shares) else "no_readable_verdict", SHARE)


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
