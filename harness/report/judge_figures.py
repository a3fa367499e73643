"""Figures about judges: the heat map judges × cases, and what the slots do."""

from __future__ import annotations

from harness.report.figures.figure import Figure
from harness.report.figures.heat import HeatGrid, HeatRow, heat_map
from harness.report.figures.slots import SlotChart, SlotPanel, slot_chart
from harness.report.findings import ALPHA
from harness.report.habits import habit_text
from harness.report.numbers import p_value
from harness.report.selection import Selection, row_label, row_name
from harness.report.tables import PlainTable
from harness.report.voice import Voice, with_cut
from harness.schema import Comparison, Row

MOST_ROWS = 36
MOST_PANELS = 25


def heat_figure(comparison: Comparison, selection: Selection, voice: Voice) -> Figure:
    """Show the agreement of each row in front with the reference, case by case."""
    rows = [row for row in selection.front if row.kind != "key"]
    shown = rows[:MOST_ROWS]
    title = _heat_title(comparison, selection, voice)
    reference = voice.reference(comparison.reference)
    grid = HeatGrid(
        figure_id=f"heat-{voice.language}",
        title=title,
        description=voice.say("heat_description"),
        columns=tuple(voice.local(case.title) for case in selection.cases),
        rows=tuple(HeatRow(row_label(row, voice, selection), _per_case(selection, row)) for row in shown),
    )
    n_cases = voice.counted(len(selection.cases), "cases")
    caption = voice.say("heat_caption", n_rows=voice.whole(len(shown)), n_cases=n_cases, reference=reference)
    cut = (
        ""
        if len(shown) == len(rows)
        else " " + voice.say("cut_rows", shown=voice.whole(len(shown)), all=voice.whole(len(rows)))
    )
    svg = heat_map(grid, voice) if shown else None
    return Figure(
        title,
        caption + cut,
        svg,
        _heat_table(rows, selection, voice),
    )


def slot_figure(selection: Selection, voice: Voice) -> Figure:
    """Show every slot's effect, so that a slot pattern is seen at once."""
    rows = [row for row in selection.judges if row.slot_effect is not None and row.slot_effect.effects]
    tests = [row.slot_effect.test for row in rows if row.slot_effect is not None]
    few = sum(test is not None and test.p <= ALPHA for test in tests)
    title = voice.say("slots_title_none")
    if rows:
        title = voice.say("slots_title", few=voice.whole(few), all=voice.whole(len(rows)))
    shown = rows[:MOST_PANELS]
    chart = SlotChart(
        figure_id=f"slots-{voice.language}",
        title=title,
        description=voice.say("slots_description"),
        panels=tuple(_panel(row, voice) for row in shown),
    )
    caption = with_cut(voice.say("slots_caption"), len(shown), len(rows), voice)
    told = [row for row in selection.judges if row in shown or row.slot_habit is not None]
    return Figure(
        title, caption, slot_chart(chart, voice) if shown else None, _slot_table(told, selection, voice)
    )


def _per_case(selection: Selection, row: Row) -> tuple[float | None, ...]:
    found = {reading.case_id: reading.tau_people for reading in row.cases}
    return tuple(found.get(case.case_id) for case in selection.cases)


def _heat_title(comparison: Comparison, selection: Selection, voice: Voice) -> str:
    if len(selection.cases) < len(comparison.cases):
        return voice.say("heat_title_long", n_cases=voice.counted(len(selection.cases), "cases"))
    titles = {case.case_id: voice.local(case.title) for case in comparison.cases}
    known = [
        (reading.tau_people, row_name(row, voice), titles.get(reading.case_id, reading.case_id))
        for row in selection.judges
        for reading in row.cases
        if reading.tau_people is not None
    ]
    if not known:
        return voice.say("heat_title_none", reason=voice.why("no_people"))
    low, high = min(known), max(known)
    return voice.say(
        "heat_title",
        n_cases=voice.counted(len(comparison.cases), "cases"),
        reference=voice.reference(comparison.reference),
        low=voice.decimal(low[0]),
        low_where=f"{low[1]}, {low[2]}",
        high=voice.decimal(high[0]),
        high_where=f"{high[1]}, {high[2]}",
    )


def _heat_table(rows: list[Row], selection: Selection, voice: Voice) -> PlainTable:
    heads = (
        voice.say("row_head"),
        *(voice.local(case.title) for case in selection.cases),
        voice.say("all_cases"),
    )
    lines = tuple(
        (
            row_label(row, voice, selection),
            *(voice.maybe(number) for number in _per_case(selection, row)),
            voice.estimate(row.tau_people),
        )
        for row in rows
    )
    return PlainTable(heads, lines)


def _panel(row: Row, voice: Voice) -> SlotPanel:
    effect = row.slot_effect
    slots, effects = (effect.slots, effect.effects) if effect else ((), ())
    test = [p_value(effect.test.p, voice.language)] if effect and effect.test else []
    own = (
        [voice.say("self_short", number=voice.decimal(row.retest.value))]
        if row.retest.value is not None
        else []
    )
    flips = row.order_flips.value
    turned = [voice.say("flips_short", number=voice.percent(flips))] if flips is not None else []
    return SlotPanel(
        heads=(row_name(row, voice), voice.rulebook(row.rulebook_id) if row.rulebook_id else ""),
        slots=slots,
        effects=effects,
        foot=(" · ".join([*own, *turned]), *test),
    )


def _slot_table(rows: list[Row], selection: Selection, voice: Voice) -> PlainTable:
    heads = ("row_head", "habit_head", "slot_head")
    columns = ("retest", "order_flips")
    lines = tuple(
        (
            row_label(row, voice, selection),
            habit_text(row.slot_habit, voice),
            _effects(row, voice),
            voice.test(row.slot_effect.test if row.slot_effect else None),
            voice.estimate(row.retest),
            voice.estimate(row.order_flips, as_percent=True),
        )
        for row in rows
    )
    named = tuple(voice.say(head) for head in heads)
    return PlainTable((*named, "p", *(voice.heading(column) for column in columns)), lines)


def _effects(row: Row, voice: Voice) -> str:
    effect = row.slot_effect
    if effect is None:
        return "–"
    pairs = zip(effect.slots, effect.effects, strict=True)
    return " · ".join(f"{slot} {voice.decimal(one, signed=True)}" for slot, one in pairs)
