"""Sets too long to draw case by case: a distribution over all cases."""

from __future__ import annotations

from harness.report.figures.figure import Figure
from harness.report.figures.spread import SpreadChart, SpreadLine, binned, spread_chart
from harness.report.selection import Selection, row_label
from harness.report.tables import PlainTable
from harness.report.voice import Voice
from harness.schema import Comparison, Row

_MOST_LINES = 24
_BELOW, _ABOVE = -0.25, 0.25


def spread_figure(comparison: Comparison, selection: Selection, voice: Voice) -> Figure | None:
    """Show, for each row in front, how many cases have which agreement; nothing without agreement."""
    rows = [(row, taus) for row in selection.front if _is_told(row) and (taus := _taus(row))]
    if not rows:
        return None
    title = _title([taus for row, taus in rows if row.kind == "judge"], comparison, voice)
    lines = tuple(
        SpreadLine(row_label(row, voice, selection), binned(taus), voice.estimate(row.tau_people))
        for row, taus in rows[:_MOST_LINES]
    )
    chart = SpreadChart(
        f"spread-{voice.language}", title, voice.say("spread_description"), lines, voice.say("mean_short")
    )
    reference = voice.reference(comparison.reference)
    caption = voice.say(
        "spread_caption", n_cases=voice.counted(len(comparison.cases), "cases"), reference=reference
    )
    return Figure(
        title,
        caption,
        spread_chart(chart, voice),
        _table([(row_label(row, voice, selection), taus) for row, taus in rows], voice),
    )


def _is_told(row: Row) -> bool:
    """Whoever reads, and the baseline that many judges resemble; the others have nothing to spread."""
    return row.kind in ("judge", "panel") or row.annotator_id == "longest-answer"


def _taus(row: Row) -> list[float]:
    return [reading.tau_people for reading in row.cases if reading.tau_people is not None]


def _title(judged: list[list[float]], comparison: Comparison, voice: Voice) -> str:
    known = [tau for taus in judged for tau in taus]
    n_cases = voice.counted(len(comparison.cases), "cases")
    if not known:
        return voice.say("spread_title_none", n_cases=n_cases)
    return voice.say(
        "spread_title",
        n_cases=n_cases,
        reference=voice.reference(comparison.reference),
        against=voice.percent(sum(tau < _BELOW for tau in known) / len(known)),
        alike=voice.percent(sum(tau > _ABOVE for tau in known) / len(known)),
    )


def _table(rows: list[tuple[str, list[float]]], voice: Voice) -> PlainTable:
    heads = (
        voice.say("row_head"),
        voice.say("against_head"),
        voice.say("neither_head"),
        voice.say("alike_head"),
    )
    lines = []
    for name, taus in rows:
        below, above = sum(tau < _BELOW for tau in taus), sum(tau > _ABOVE for tau in taus)
        lines.append(
            (
                name,
                *(
                    f"{voice.whole(n)} ({voice.percent(n / len(taus))})"
                    for n in (below, len(taus) - below - above, above)
                ),
            )
        )
    return PlainTable(heads, tuple(lines))
