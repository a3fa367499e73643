"""The summary for a terminal: the finding, a short table, and what it cannot say."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from harness.report.brief import panel_lines
from harness.report.edition import voice_for
from harness.report.findings import find
from harness.report.selection import select
from harness.report.tables import Block, Line, blocks, value_columns
from harness.report.typography import disarm
from harness.report.voice import Voice
from harness.report.words import COLUMNS

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from harness.schema import Comparison, Language, Manifest

SHORT_COLUMNS = ("tau_people", "floor", "retest", "slot", "coverage")


def render_text(
    comparison: Comparison, language: Language = "fr", *, manifest: Manifest | None = None, width: int = 100
) -> str:
    """Render a plain-text summary, without colours or control codes."""
    from rich.console import Console

    voice = voice_for(comparison, language)
    finding = find(comparison, manifest, voice)
    console = Console(
        file=io.StringIO(), width=width, color_system=None, highlight=False, markup=False, emoji=False
    )
    for name, fact in finding.about:
        _say(console, voice.fact(name, fact))
    console.print()
    _say(console, finding.headline)
    for line in finding.basis:
        _say(console, line)
    console.print()
    _say(console, voice.say("eyebrow", reference=voice.reference(comparison.reference)))
    console.print(_table(blocks(select(comparison), voice), voice))
    panels = panel_lines(comparison, voice)
    for head, sentences in (
        ("to_know", finding.caveats),
        ("panels_head", panels),
        ("can_say", finding.possible),
        ("cannot_say", finding.limits),
    ):
        if not sentences:
            continue
        console.print()
        _say(console, voice.say(head))
        for sentence in sentences:
            _say(console, f"- {sentence}")
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def short_cells(line: Line) -> tuple[str, ...]:
    """Give a line's cells in the short table: the number, and its interval where it has one."""
    by_column = dict(zip(value_columns(), line.cells, strict=True))
    chosen = [by_column[column] for column in SHORT_COLUMNS]
    return tuple(
        f"{cell.text} {cell.small[0]}" if cell.small and column == "tau_people" else cell.text
        for cell, column in zip(chosen, SHORT_COLUMNS, strict=True)
    )


def _say(console: Console, text: str) -> None:
    console.print(disarm(text))


def _table(named: tuple[Block, ...], voice: Voice) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("annotator", "rulebook", *SHORT_COLUMNS):
        right = column not in ("annotator", "rulebook")
        table.add_column(Text(voice.word(COLUMNS[column][0])), justify="right" if right else "left")
    for block in named:
        table.add_section()
        for line in block.lines:
            cells = (line.name, line.rulebook, *short_cells(line))
            table.add_row(*(Text(disarm(text).replace("\n", " ")) for text in cells))
    return table
