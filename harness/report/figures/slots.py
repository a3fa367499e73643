"""Small bar charts, one per judge and rulebook: what each slot does to the answer shown in it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.report.figures.figure import shortened
from harness.report.svg import Frame, drawing, group, tag, words
from harness.report.voice import Voice

_PANEL_WIDTH, _PANEL_HEIGHT, _PER_LINE, _HALF = 184, 176, 5, 44


@dataclass(frozen=True)
class SlotPanel:
    """One small chart: two heading lines, the slots with their effects, and a line below."""

    heads: tuple[str, str]
    slots: tuple[str, ...]
    effects: tuple[float, ...]
    foot: tuple[str, ...]


@dataclass(frozen=True)
class SlotChart:
    """All the small charts, in reading order."""

    figure_id: str
    title: str
    description: str
    panels: tuple[SlotPanel, ...]


def slot_chart(chart: SlotChart, voice: Voice) -> Markup:
    """Draw the small charts on one scale, so that they can be compared."""
    n_lines = -(-len(chart.panels) // _PER_LINE)
    width = _PANEL_WIDTH * min(_PER_LINE, max(1, len(chart.panels)))
    frame = Frame(chart.figure_id, width, _PANEL_HEIGHT * n_lines, chart.title, chart.description)
    reach = max((abs(one) for panel in chart.panels for one in panel.effects), default=1.0)
    reach = max(reach, *(((len(panel.effects) - 1) / 2) for panel in chart.panels), 0.5)
    return drawing(frame, *(_panel(panel, place, reach, voice) for place, panel in enumerate(chart.panels)))


def _panel(panel: SlotPanel, place: int, reach: float, voice: Voice) -> Markup:
    x = _PANEL_WIDTH * (place % _PER_LINE)
    y = _PANEL_HEIGHT * (place // _PER_LINE)
    heads = [
        words(shortened(panel.heads[0], 26), 4, 16, class_="b"),
        words(shortened(panel.heads[1], 28), 4, 31, class_="m"),
    ]
    middle = 34 + _HALF + 16
    line = tag("path", d=f"M4 {middle}H{_PANEL_WIDTH - 16}", class_="a")
    step = (_PANEL_WIDTH - 20) / max(1, len(panel.slots))
    bars = [
        _bar(slot, effect, (4 + step * number, step, middle), reach, voice)
        for number, (slot, effect) in enumerate(zip(panel.slots, panel.effects, strict=True))
    ]
    feet = [words(text, 4, middle + _HALF + 22 + 14 * number, class_="m") for number, text in enumerate(panel.foot)]
    return group([*heads, *bars, line, *feet], transform=f"translate({x} {y})")


def _bar(slot: str, effect: float, place: tuple[float, float, float], reach: float, voice: Voice) -> Markup:
    x, step, middle = place
    height = abs(effect) / reach * _HALF * 0.8
    top = middle - height if effect > 0 else middle
    centre = x + step / 2
    text_y = top - 4 if effect > 0 else top + height + 12
    slot_y = middle + 12 if effect > 0 else middle - 4
    return group(
        [
            tag("rect", x=x + step * 0.2, y=top, width=step * 0.6, height=height, class_="v"),
            words(voice.decimal(effect, 1, signed=True), centre, text_y, class_="c s"),
            words(slot, centre, slot_y, class_="c b"),
        ]
    )
