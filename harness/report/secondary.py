"""The coefficients that readers of the literature ask for, in a fold of the table, and the group's own."""

from __future__ import annotations

from dataclasses import replace

from harness.report.panels.panel import WideTable
from harness.report.prose_words import SECONDARY_COLUMNS
from harness.report.selection import Selection
from harness.report.tables import Block, Cell, block, cell, grouped
from harness.report.voice import Voice, preferred
from harness.schema import Estimate, Reference, Row


def secondary_table(selection: Selection, voice: Voice) -> WideTable | None:
    """Build the fold: S1, S2 and the agreement on the best answer; nothing when none was measured."""
    made = []
    for heading, rows in grouped(selection, voice):
        kept = [row for row in rows if any(_of(row, name).value is not None for name in SECONDARY_COLUMNS)]
        lines = block(heading, kept, voice, selection).lines
        cells = [tuple(_cell(row, name, voice) for name in SECONDARY_COLUMNS) for row in kept]
        if lines:
            new = (replace(line, cells=own) for line, own in zip(lines, cells, strict=True))
            made.append(Block(heading, tuple(new)))
    if not made:
        return None
    heads = (
        (voice.heading("annotator"), ""),
        (voice.heading("rulebook"), ""),
        *((voice.word(head), voice.word(meaning)) for head, meaning in SECONDARY_COLUMNS.values()),
    )
    return WideTable(voice.say("secondary_caption"), heads, tuple(made))


def group_line(reference: Reference, voice: Voice) -> str:
    """Give the coefficients of the people as a group, where there are any."""
    found = {"group_alpha": reference.krippendorff_alpha, "group_w": reference.kendall_w}
    texts = [voice.say(name, number=voice.full(one)) for name, one in found.items() if one.value is not None]
    return voice.say("group_line", list=", ".join(texts)) if texts else ""


def _of(row: Row, name: str) -> Estimate:
    estimate: Estimate = getattr(row, name)
    return estimate


def _cell(row: Row, name: str, voice: Voice) -> Cell:
    estimate = _of(row, name)
    if estimate.value is None:
        return cell(row, name, voice)
    interval = preferred(estimate)
    n = voice.counted(estimate.n, estimate.unit)
    below = n if interval is None else f"{voice.interval(interval, as_percent=True)} {interval.target}, {n}"
    return Cell(voice.percent(estimate.value), (below,))
