"""What `harness estimate` says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.run.estimate import JudgeEstimate, RunEstimate
from harness.run.expected import Range
from harness.schema.batch import BatchTerms

_HEADS = (
    "judge",
    "calls",
    "recorded",
    "live",
    "prompt tokens",
    "reply tokens",
    "money",
    "time",
    "limited by",
)
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0


def estimate_text(found: RunEstimate) -> str:
    """The whole answer, as lines."""
    rows = [_HEADS, *(_row(one) for one in found.judges)]
    lines = [f"{found.experiment_id}: {found.n_verdicts:,} verdicts, recordings in {found.run}", ""]
    lines += [*_table(rows), "", *_totals(found), "", *_basis(found), ""]
    return "\n".join([*lines, *_sharpness(found), *(f"note: {note}" for note in found.notes)])


def _row(one: JudgeEstimate) -> tuple[str, ...]:
    return (
        one.judge_id,
        f"{one.n_calls:,}",
        f"{one.n_recorded:,}",
        f"{one.n_live:,}",
        _count(one.prompt_tokens),
        _count(one.completion_tokens),
        _money(one),
        "unknown" if one.seconds is None else duration(one.seconds),
        one.limited_by,
    )


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        first, *middle, last = row
        cells = [first.ljust(widths[0]), *(cell.rjust(widths[n]) for n, cell in enumerate(middle, start=1))]
        yield "  ".join([*cells, last]).rstrip()


def _money(one: JudgeEstimate) -> str:
    if one.costs == "time":
        return "time only"
    return "unknown" if one.usd is None else dollars(one.usd)


def _totals(found: RunEstimate) -> Iterator[str]:
    n_live = sum(one.n_live for one in found.judges)
    n_recorded = sum(one.n_recorded for one in found.judges)
    yield f"calls   {n_live:,} to be made, {n_recorded:,} recorded already"
    if found.usd_unknown:
        names = ", ".join(found.usd_unknown)
        known = [one for one in found.judges if one.usd is not None and one.costs == "money" and one.n_live]
        part = f"{dollars(found.usd)} + unknown" if known else "unknown"
        yield f"money   {part} (no price in the preset: {names})"
    else:
        yield f"money   {dollars(found.usd)}"
    if found.seconds_unknown:
        yield f"time    {duration(found.seconds)} + unknown (never timed: {', '.join(found.seconds_unknown)})"
    else:
        yield f"time    {duration(found.seconds)}, providers at the same time"
    if found.shipped:
        n_shipped = f"{sum(one.n_shipped for one in found.judges):,}"
        yield f"{n_shipped} of these calls are recorded in {found.shipped}: a copy of it asks only the rest"


def _basis(found: RunEstimate) -> Iterator[str]:
    for one in found.judges:
        if one.costs == "money" and one.price:
            paid = one.price
            yield (
                f"price   {one.judge_id}: ${paid.usd_per_million_prompt_tokens:g} / "
                f"${paid.usd_per_million_completion_tokens:g} per million tokens, {paid.date}, {paid.source}"
            )
        if one.costs == "money" and one.batches and one.n_live:
            yield _in_batches(one, one.batches)
    learnt = [one.judge_id for one in found.judges if one.learnt]
    assumed = [one.judge_id for one in found.judges if not one.learnt and one.n_live]
    if learnt:
        yield f"learnt  from recorded calls: {', '.join(learnt)}"
    if assumed:
        yield f"assumed from the number of characters: {', '.join(assumed)}"
    yield "Attempts that fail and are made again come on top."


def _in_batches(one: JudgeEstimate, terms: BatchTerms) -> str:
    """What `harness batch` would cost instead."""
    if terms.price_factor is None:
        return f"batches {one.judge_id}: price unknown (harness batch)"
    factor = f"{terms.price_factor:g} of the price, {terms.date}, {terms.source}"
    usd = "unknown" if one.usd is None else dollars(one.usd.times(terms.price_factor))
    return f"batches {one.judge_id}: {usd} ({factor})"


def _sharpness(found: RunEstimate) -> Iterator[str]:
    sharp = found.sharpness
    yield (
        f"What {sharp.n_cases} cases, {sharp.n_runs} runs, {sharp.n_judges} judges and "
        f"{sharp.n_rulebooks} rulebooks can show (half-widths, 95 %, in units of tau_x):"
    )
    for width, words in (
        (sharp.other_cases, f"a judge's agreement with {sharp.n_people} people, for other cases"),
        (sharp.other_cases_at_best, "the same with any number of people and runs"),
        (sharp.these_cases, f"the same with {sharp.n_people} people, for these cases only"),
        (sharp.judge_minus_judge, "one judge minus another, on the same cases"),
        (sharp.judge_minus_people, "a judge minus people's own agreement, on the same cases"),
    ):
        yield f"  {'undefined' if width is None else f'±{width:.2f}':>9}  {words}"
    yield from (f"warning: {warning}" for warning in sharp.warnings)
    yield "`harness plan` says how many cases, people and runs a wanted half-width needs."


def _count(found: Range) -> str:
    low, high = round(found.low), round(found.high)
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def dollars(found: Range) -> str:
    """A range of money, two digits that count."""
    low, high = _amount(found.low), _amount(found.high)
    return f"${low}" if low == high else f"${low}–{high}"


def _amount(usd: float) -> str:
    if usd == 0:
        return "0"
    return f"{usd:,.2f}" if usd >= 1 else f"{usd:.2g}"


def duration(found: Range) -> str:
    """A range of time, in the unit of its longer end."""
    for unit, name in ((_DAY, "days"), (_HOUR, "h"), (_MINUTE, "min")):
        if found.high >= 2 * unit:
            return _span(found.times(1 / unit), name)
    return _span(found, "s")


def _span(found: Range, unit: str) -> str:
    low, high = f"{found.low:.1f}".removesuffix(".0"), f"{found.high:.1f}".removesuffix(".0")
    return f"{low} {unit}" if low == high else f"{low}–{high} {unit}"
