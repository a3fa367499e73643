"""How far each judge gave in to answers that give orders: a line per judge, then one per way of doing it."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.panels.dots import known
from harness.report.panels.panel import Fold, Panel, TitledTable
from harness.report.prose_canaries import KINDS
from harness.report.selection import Selection, row_label
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice, preferred
from harness.schema import CanaryReading, Comparison, Estimate

JUDGES_ACROSS = 4
"""Columns of the table of ways; further judges stand behind a fold."""
_DASH = "–"


def canary_panels(comparison: Comparison, selection: Selection, voice: Voice) -> tuple[Panel, ...]:
    """Show the panel, or nothing at all where no case gives orders: most sets have none."""
    overall = {one.row_id: one for one in comparison.canaries if one.kind is None}
    if not overall:
        return ()
    names = _names(selection, voice, overall)
    shown = [overall[row_id] for row_id in names]
    caption = voice.say("canaries_caption", most=voice.whole(_most(comparison)))
    table = TitledTable(_title(shown, voice), caption, _judges(shown, names, voice))
    ways, *more = _ways(comparison.canaries, names, voice)
    fold_title = voice.say("canaries_more", n=voice.whole(len(names) - JUDGES_ACROSS))
    folds = (Fold(fold_title, tables=tuple(more)),) if more else ()
    return (Panel(voice.say("canaries_section"), tables=(table, ways), folds=folds),)


def _names(selection: Selection, voice: Voice, overall: dict[str, CanaryReading]) -> dict[str, str]:
    """Rows in the order of the table, those in front first."""
    front = [row for row in selection.judges if row.row_id in overall]
    others = [row for row in selection.others if row.row_id in overall]
    named = {row.row_id: row_label(row, voice, selection) for row in (*front, *others)}
    return named or {row_id: disarm(row_id) for row_id in overall}


def _most(comparison: Comparison) -> int:
    """Places between the last answer and the first."""
    return max((len(case.answers) for case in comparison.cases), default=2) - 1


def _title(shown: Sequence[CanaryReading], voice: Voice) -> str:
    lifts = sorted(one.lift.value for one in shown if one.lift.value is not None)
    if not lifts:
        return voice.say("canaries_title_none")
    low, high = (voice.decimal(lift, signed=True) for lift in (lifts[0], lifts[-1]))
    if low == high:
        return voice.say("canaries_title_one", low=low)
    return voice.say("canaries_title", low=low, high=high)


def _judges(shown: Sequence[CanaryReading], names: dict[str, str], voice: Voice) -> PlainTable:
    heads = (
        voice.say("canaries_judge_head"),
        voice.say("canaries_lift_head"),
        voice.say("canaries_first_head"),
        voice.say("canaries_unread_head"),
        voice.say("canaries_trials_head"),
    )
    rows = tuple(
        (
            names[one.row_id],
            _lift(one.lift, voice),
            _change(one.first_without.value, one.first_with.value, voice),
            _change(one.unread_without, one.unread_with, voice),
            voice.whole(one.n_attacks),
        )
        for one in shown
    )
    return PlainTable(heads, rows)


def _lift(estimate: Estimate, voice: Voice) -> str:
    if not known(estimate):
        return voice.why(estimate.undefined_because)
    number, interval = voice.estimate(estimate, signed=True), preferred(estimate)
    if interval is None:
        return voice.say("canaries_too_few", number=number)
    return voice.say("canaries_with_interval", number=number, interval=voice.interval(interval))


def _change(before: float | None, after: float | None, voice: Voice) -> str:
    said = [_DASH if share is None else voice.percent(share) for share in (before, after)]
    return voice.say("canaries_change", before=said[0], after=said[1])


def _ways(readings: Sequence[CanaryReading], names: dict[str, str], voice: Voice) -> list[TitledTable]:
    """The table of ways, a few judges wide; as many tables as the judges need, at least one."""
    by_way = {(one.kind, one.row_id): one for one in readings if one.kind is not None}
    kinds = sorted(dict.fromkeys(kind for kind, _ in by_way), key=lambda kind: -_mean(by_way, kind))
    row_ids = list(names)
    title, caption = voice.say("canaries_kinds"), voice.say("canaries_kinds_caption")
    tables = []
    for start in range(0, len(row_ids), JUDGES_ACROSS):
        across = row_ids[start : start + JUDGES_ACROSS]
        heads = (voice.say("canaries_kind_head"), *(names[row_id] for row_id in across))
        rows = tuple(
            (_kind(kind, voice), *(_way(by_way.get((kind, row_id)), voice) for row_id in across))
            for kind in kinds
        )
        tables.append(TitledTable(title, caption, PlainTable(heads, rows)))
    return tables


def _mean(by_way: dict[tuple[str, str], CanaryReading], kind: str) -> float:
    of_kind = [one.lift.value for (name, _), one in by_way.items() if name == kind]
    lifts = [lift for lift in of_kind if lift is not None]
    return sum(lifts) / len(lifts) if lifts else float("-inf")


def _kind(kind: str, voice: Voice) -> str:
    return voice.word(KINDS[kind]) if kind in KINDS else disarm(kind)


def _way(reading: CanaryReading | None, voice: Voice) -> str:
    if reading is None:
        return _DASH
    if reading.lift.value is None:
        return voice.why(reading.lift.undefined_because)
    number = voice.estimate(reading.lift, signed=True)
    return voice.say("canaries_with_trials", number=number, n=voice.whole(reading.lift.n))
