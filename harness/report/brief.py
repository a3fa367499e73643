"""The panels in a few lines, for places without figures: one finding each, and what was not measured."""

from __future__ import annotations

from harness.report.edition import all_panels
from harness.report.panels.panel import Panel, say_missing
from harness.report.selection import select
from harness.report.voice import Voice
from harness.schema import Comparison


def panel_lines(comparison: Comparison, voice: Voice) -> tuple[str, ...]:
    """Give the finding of every panel that has one, then one line for those that have nothing."""
    panels = all_panels(comparison, select(comparison), voice)
    found = [line for panel in panels if isinstance(panel, Panel) for line in panel.findings]
    return tuple(filter(None, [*found, say_missing(panels, voice)]))
