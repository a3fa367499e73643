"""What moves a judge beside the content of the answers: one line per judge, one column per habit."""

from __future__ import annotations

from harness.report.figures.figure import Figure
from harness.report.numbers import NO_BREAK
from harness.report.panels.dots import known
from harness.report.panels.panel import Missing, Panel, WideTable
from harness.report.prose_words import BIAS_COLUMNS
from harness.report.selection import Selection, asked_how, row_name
from harness.report.tables import Block, Cell, Line, cell
from harness.report.voice import Voice, preferred
from harness.report.words import ROW_KINDS
from harness.schema import Bias, Comparison, Estimate, Row, Undefined

_SHARES = ("tie_excess", "order_flips")
_OF_ROW = ("slot", "order_flips")
_DASH = Cell("–")


def bias_panel(comparison: Comparison, selection: Selection, slots: Figure, voice: Voice) -> Panel:
    """Show the table of habits, and what each slot does."""
    wide = bias_table(comparison, selection, voice)
    drawn = (slots,) if slots.svg is not None else ()
    if isinstance(wide, Missing):
        return Panel(voice.say("slots_section"), figures=drawn)
    return Panel(voice.say("bias_section"), bias_findings(comparison, selection, voice), drawn, wide)


def bias_table(comparison: Comparison, selection: Selection, voice: Voice) -> WideTable | Missing:
    """Build the table: columns without any number are named below it with their reason."""
    heading = voice.say("bias_section")
    rows = {row.row_id: row for row in selection.judges}
    lines = [(rows[one.row_id], one) for one in comparison.biases if one.row_id in rows]
    shown = [name for name in BIAS_COLUMNS if any(_holds(row, one, name) for row, one in lines)]
    if not any(name not in _OF_ROW for name in shown):
        return Missing(heading, _reason(lines, voice))
    heads = (("annotator", voice.heading("annotator")), ("rulebook", voice.heading("rulebook")))
    titled = (
        *((text, "") for _, text in heads),
        *((voice.word(BIAS_COLUMNS[name][0]), voice.word(BIAS_COLUMNS[name][1])) for name in shown),
    )
    made = tuple(
        Line(
            row_name(row, voice),
            asked_how(row, voice, selection),
            (),
            tuple(_cell(row, one, name, voice) for name in shown),
        )
        for row, one in lines
    )
    return WideTable(_caption(lines, shown, voice), titled, (Block(voice.word(ROW_KINDS["judge"]), made),))


def bias_findings(comparison: Comparison, selection: Selection, voice: Voice) -> tuple[str, ...]:
    """Say what stands out: longer answers preferred, own answers preferred, orders obeyed."""
    rows = {row.row_id: row for row in selection.judges}
    kept = [one for one in comparison.biases if one.row_id in rows]
    said = []
    for name in ("length_slope", "self_preference", "canary_lift"):
        told = [interval for one in kept if (interval := preferred(getattr(one, name))) is not None]
        if told:
            few = sum(interval.low > 0 for interval in told)
            said.append(voice.say(f"bias_{name}", few=voice.whole(few), all=voice.whole(len(told))))
    return tuple(said)


def _holds(row: Row, one: Bias, name: str) -> bool:
    if name == "slot":
        return row.slot_effect is not None and bool(row.slot_effect.effects)
    if name == "missing_share":
        return one.missing_share > 0
    estimate: Estimate = getattr(row if name in _OF_ROW else one, name)
    return known(estimate)


def _reason(lines: list[tuple[Row, Bias]], voice: Voice) -> str:
    return voice.why(lines[0][1].length_slope.undefined_because if lines else None)


def _caption(lines: list[tuple[Row, Bias]], shown: list[str], voice: Voice) -> str:
    reasons: list[str] = []
    for name in BIAS_COLUMNS:
        if name in shown or not lines:
            continue
        why: Undefined | None = None
        if name not in ("slot", "missing_share"):
            row, one = lines[0]
            why = getattr(row if name in _OF_ROW else one, name).undefined_because
        text = voice.say("bias_all_read") if name == "missing_share" else voice.why(why)
        reasons.append(f"{voice.word(BIAS_COLUMNS[name][0])} ({text})")
    empty = voice.say("empty_columns", columns=", ".join(reasons)) if reasons else ""
    return " ".join(filter(None, [voice.say("bias_caption"), empty]))


def _cell(row: Row, one: Bias, name: str, voice: Voice) -> Cell:
    if name in _OF_ROW:
        return cell(row, name, voice)
    if name == "missing_share":
        return _missing(one, voice)
    estimate: Estimate = getattr(one, name)
    if estimate.value is None:
        return (
            _DASH
            if estimate.undefined_because == "does_not_apply"
            else Cell(voice.why(estimate.undefined_because), is_words=True)
        )
    text = (
        _signed_percent(estimate.value, voice) if name in _SHARES else voice.estimate(estimate, signed=True)
    )
    return Cell(text, _below(estimate, name, voice))


def _signed_percent(share: float, voice: Voice) -> str:
    return f"+{voice.percent(share)}" if share > 0 else voice.percent(share)


def _below(estimate: Estimate, name: str, voice: Voice) -> tuple[str, ...]:
    """The interval, then what it is for and the n: two short lines keep the table narrow."""
    interval = preferred(estimate)
    count = voice.whole(estimate.n) if estimate.unit == "cases" else voice.counted(estimate.n, estimate.unit)
    n = f"n{NO_BREAK}={NO_BREAK}{count}"
    if interval is None:
        return (n,)
    return voice.interval(interval, as_percent=name in _SHARES), f"{interval.target}, {n}"


def _missing(one: Bias, voice: Voice) -> Cell:
    text = voice.percent(one.missing_share)
    if not one.missing_share or one.worst_tau_people is None or one.best_tau_people is None:
        return Cell(text)
    bounds = voice.say(
        "bias_bounds", low=voice.decimal(one.worst_tau_people), high=voice.decimal(one.best_tau_people)
    )
    return Cell(text, (bounds,))
