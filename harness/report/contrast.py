"""Two runs side by side: the same rows in both, and how far they moved."""

from __future__ import annotations

from harness.report.figures.dots import Axis, DotChart, DotLine, dot_chart
from harness.report.figures.figure import Figure
from harness.report.panels.dots import dot_of
from harness.report.panels.panel import Panel
from harness.report.prose_words import WARNINGS
from harness.report.selection import row_label, select
from harness.report.tables import PlainTable
from harness.report.typography import disarm
from harness.report.voice import Voice, preferred, with_cut
from harness.schema import Comparison, Contrast, RowContrast

_MOST_LINES = 40
_MOST_NAMES = 12


def contrast_panel(contrast: Contrast, voice: Voice, comparison: Comparison | None = None) -> Panel:
    """Show the agreement of each shared row in both runs, and its difference.

    `comparison`, of either run, gives rows their full names; without it, equal titles carry the row's id.
    """
    names = _names(contrast, comparison, voice)
    heading = voice.say(
        "contrast_section", first=disarm(contrast.first_run_id), second=disarm(contrast.second_run_id)
    )
    notes = tuple(_notes(contrast, names, voice))
    if not contrast.rows:
        return Panel(heading, (voice.say("contrast_none"), *notes))
    title = contrast_title(contrast, voice)
    chart = DotChart(
        figure_id=f"contrast-{voice.language}",
        title=title,
        description=voice.say("contrast_description"),
        axis=Axis((0.0, 1.0), (-1.0, 1.0), name=voice.say("contrast_axis")),
        lines=tuple(_line(row, names, voice) for row in contrast.rows[:_MOST_LINES]),
        text_heads=(voice.say("difference_head"), voice.say("interval_head")),
        legend=((0, disarm(contrast.first_run_id)), (1, disarm(contrast.second_run_id))),
    )
    targets = voice.targets(row.difference for row in contrast.rows)
    caption = voice.say(
        "contrast_caption", n_cases=voice.counted(contrast.n_shared_cases, "cases"), targets=targets
    ).rstrip()
    caption = with_cut(caption, min(len(contrast.rows), _MOST_LINES), len(contrast.rows), voice)
    return Panel(
        heading, notes, (Figure(title, caption, dot_chart(chart, voice), _table(contrast, names, voice)),)
    )


def _names(contrast: Contrast, comparison: Comparison | None, voice: Voice) -> dict[str, str]:
    titles = [row.title for row in contrast.rows]
    named = {
        row.row_id: disarm(row.title if titles.count(row.title) == 1 else f"{row.title} ({row.row_id})")
        for row in contrast.rows
    }
    if comparison is not None:
        selection = select(comparison)
        named |= {row.row_id: row_label(row, voice, selection) for row in comparison.rows}
    return named


def contrast_title(contrast: Contrast, voice: Voice) -> str:
    """Count the rows that moved: those whose interval of the difference leaves zero out."""
    told = [span for row in contrast.rows if (span := preferred(row.difference)) is not None]
    n_cases = voice.counted(contrast.n_shared_cases, "cases")
    if not told:
        return voice.say("contrast_title_none", n_cases=n_cases)
    few = sum(span.low > 0 or span.high < 0 for span in told)
    return voice.say("contrast_title", few=voice.whole(few), all=voice.whole(len(told)), n_cases=n_cases)


def _line(row: RowContrast, names: dict[str, str], voice: Voice) -> DotLine:
    dots = (*dot_of(row.first, 0), *dot_of(row.second, 1))
    span = preferred(row.difference)
    why = "" if dots else voice.why(row.first.undefined_because)
    between = "–" if span is None else f"{voice.interval(span)} {span.target}"
    return DotLine(names[row.row_id], dots, why, (voice.estimate(row.difference, signed=True), between))


def _notes(contrast: Contrast, names: dict[str, str], voice: Voice) -> list[str]:
    said = []
    if contrast.warnings:
        differing = ", ".join(voice.word(WARNINGS[one]) for one in contrast.warnings)
        said.append(voice.say("contrast_warning", list=differing))
    alone = ((contrast.first_run_id, contrast.only_first), (contrast.second_run_id, contrast.only_second))
    for run, rows in alone:
        if rows:
            told = [names.get(one, disarm(one)) for one in rows[:_MOST_NAMES]]
            more = ["…"] if len(rows) > _MOST_NAMES else []
            said.append(voice.say("contrast_only", run=disarm(run), names=", ".join([*told, *more])))
    return said


def _table(contrast: Contrast, names: dict[str, str], voice: Voice) -> PlainTable:
    heads = (
        voice.say("row_head"),
        disarm(contrast.first_run_id),
        disarm(contrast.second_run_id),
        voice.say("difference_head"),
    )
    rows = tuple(
        (names[row.row_id], voice.full(row.first), voice.full(row.second), voice.full(row.difference))
        for row in contrast.rows
    )
    return PlainTable(heads, rows)
