"""One panel for a terminal: its findings, then its numbers."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from harness.report.figures.figure import Figure
from harness.report.panels.panel import Panel, TitledTable
from harness.report.tables import PlainTable
from harness.report.typography import disarm

if TYPE_CHECKING:
    from rich.table import Table


def render_panel_text(panel: Panel, width: int = 100) -> str:
    """Render a panel as plain text, without colours or control codes; figures become their tables."""
    from rich.console import Console

    console = Console(
        file=io.StringIO(), width=width, color_system=None, highlight=False, markup=False, emoji=False
    )
    console.print(disarm(panel.heading))
    for note in panel.notes:
        console.print(disarm(f"- {note}"))
    shown: tuple[Figure | TitledTable, ...] = (*panel.figures, *panel.tables)
    for titled in shown:
        console.print()
        console.print(disarm(titled.title))
        console.print(_table(titled.table))
        console.print(disarm(titled.caption))
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _table(table: PlainTable) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE, pad_edge=False)
    for place, head in enumerate(table.heads):
        drawn.add_column(Text(disarm(head)), justify="left" if place == 0 else "right", overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(disarm(text)) for text in row))
    return drawn
