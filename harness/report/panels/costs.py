"""What a thousand graded cases cost: people at a stated wage, judges, and both together."""

from __future__ import annotations

from harness.report.numbers import NO_BREAK, dollars
from harness.report.panels.dots import first_reason, known
from harness.report.panels.panel import Fold, Missing, Panel, TitledTable
from harness.report.prose_words import WHO
from harness.report.selection import Selection, row_label
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.schema import Comparison, CostLine, Estimate

_DASH = "–"


def costs_panel(comparison: Comparison, selection: Selection, voice: Voice) -> Panel | Missing:
    """Show what each way costs, with whose wage that is; a judge's further rulebooks behind a fold."""
    heading = voice.say("costs_section")
    lines = list(comparison.costs)
    if not any(known(one.usd_per_1000) or known(one.hours_per_1000) for one in lines):
        return Missing(heading, first_reason([one.usd_per_1000 for one in lines], voice))
    names = {row.row_id: row_label(row, voice, selection) for row in comparison.rows}
    front, more = _sorted(comparison, lines)
    table = _table(front, names, voice)
    open_table = TitledTable(_title(lines, voice), voice.say("costs_caption"), table)
    fold_title = voice.say("costs_more", n=voice.whole(len(more)))
    fold = Fold(fold_title, tables=(TitledTable(fold_title, "", _table(more, names, voice)),))
    return Panel(heading, tables=(open_table,), folds=(fold,) if more else ())


def _sorted(comparison: Comparison, lines: list[CostLine]) -> tuple[list[CostLine], list[CostLine]]:
    """People and each judge's first line of a kind in front, its other rulebooks behind."""
    owners = {row.row_id: (row.annotator_id, row.protocol) for row in comparison.rows}
    front: list[CostLine] = []
    more: list[CostLine] = []
    seen: set[object] = set()
    for line in lines:
        owner = (line.who, line.wage_usd_per_hour, owners.get(line.row_id or "", line.row_id))
        (more if line.row_id is not None and owner in seen else front).append(line)
        seen.add(owner)
    return front, more


def _title(lines: list[CostLine], voice: Voice) -> str:
    parts = []
    for who, name in WHO.items():
        costs = [one.usd_per_1000.value for one in lines if one.who == who]
        values = sorted(value for value in costs if value is not None)
        if values:
            low, high = dollars(values[0], voice.language), dollars(values[-1], voice.language)
            parts.append(f"{voice.word(name)} {low}" + (f"–{high}" if high != low else ""))
    return voice.say("costs_title", list=", ".join(parts)) if parts else voice.say("costs_title_none")


def _table(lines: list[CostLine], names: dict[str, str], voice: Voice) -> PlainTable:
    """Build the table, without columns in which no line has anything."""
    columns = {
        "cost_head": [_money(one.usd_per_1000, voice) for one in lines],
        "hours_head": [_hours(one.hours_per_1000, voice) for one in lines],
        "per_case_head": [_DASH if one.per_case is None else voice.decimal(one.per_case, 1) for one in lines],
        "by_people_head": [
            _DASH if one.share_by_people is None else voice.percent(one.share_by_people) for one in lines
        ],
        "wage_head": [_wage(one, voice) for one in lines],
    }
    told = {"cost_head": any(known(one.usd_per_1000) for one in lines), "hours_head": True}
    kept = [name for name, texts in columns.items() if told.get(name, any(text != _DASH for text in texts))]
    who = [_who(one, names, voice) for one in lines]
    rows = tuple(zip(who, *(columns[name] for name in kept), strict=True))
    return PlainTable(tuple(voice.say(head) for head in ("who_head", *kept)), rows)


def _who(one: CostLine, names: dict[str, str], voice: Voice) -> str:
    who = voice.word(WHO[one.who])
    return f"{who} · {names.get(one.row_id, disarm(one.row_id))}" if one.row_id else who


def _money(estimate: Estimate, voice: Voice) -> str:
    if estimate.value is None:
        return (
            _DASH if estimate.undefined_because == "does_not_apply" else voice.why(estimate.undefined_because)
        )
    return dollars(estimate.value, voice.language)


def _hours(estimate: Estimate, voice: Voice) -> str:
    return voice.estimate(estimate) if estimate.value is None else voice.decimal(estimate.value, 1)


def _wage(one: CostLine, voice: Voice) -> str:
    """Give a wage to the cent, as its source does, and name the source."""
    if one.wage_usd_per_hour is None:
        return _DASH
    amount = voice.decimal(one.wage_usd_per_hour)
    wage = voice.say("per_hour", wage=f"{amount}{NO_BREAK}$" if voice.language == "fr" else f"${amount}")
    return f"{wage} ({voice.local(one.wage_source)})" if one.wage_source else wage
