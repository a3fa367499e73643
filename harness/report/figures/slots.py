"""Small bar charts, one per judge and rulebook: what each slot does to the answer shown in it."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.report.figures.figure import shortened
from harness.report.svg import Frame, drawing, group, tag, words
from harness.report.voice import Voice

_PANEL_WIDTH, _PANEL_HEIGHT, _PER_LINE, _HALF = 142, 192, 7, 44
_NAME_WIDTH = 440


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
    places = _places(chart.panels)
    n_lines = 1 + max((line for line, _ in places), default=0)
    width = max(_NAME_WIDTH, _PANEL_WIDTH * (1 + max((column for _, column in places), default=0)))
    frame = Frame(chart.figure_id, width, _PANEL_HEIGHT * n_lines, chart.title, chart.description)
    reach = max((abs(one) for panel in chart.panels for one in panel.effects), default=1.0)
    reach = max(reach, *(((len(panel.effects) - 1) / 2) for panel in chart.panels), 0.5)
    return drawing(
        frame,
        *(_panel(panel, place, reach, voice) for panel, place in zip(chart.panels, places, strict=True)),
    )


def _places(panels: tuple[SlotPanel, ...]) -> list[tuple[int, int]]:
    """Line and column of each panel: a new judge starts a new line."""
    places: list[tuple[int, int]] = []
    for number, panel in enumerate(panels):
        if not places:
            places.append((0, 0))
            continue
        line, column = places[-1]
        is_new = panel.heads[0] != panels[number - 1].heads[0] or column + 1 == _PER_LINE
        places.append((line + 1, 0) if is_new else (line, column + 1))
    return places


def _panel(panel: SlotPanel, place: tuple[int, int], reach: float, voice: Voice) -> Markup:
    line_number, column = place
    x, y = _PANEL_WIDTH * column, _PANEL_HEIGHT * line_number
    heads = [
        # The judge's name stands once, above its line of charts, where there is room for all of it.
        words(shortened(panel.heads[0], 56) if column == 0 else "", 4, 16, class_="b"),
        words(shortened(panel.heads[1], 22), 4, 31, class_="m"),
    ]
    middle = 34 + _HALF + 16
    line = tag("path", d=f"M4 {middle}H{_PANEL_WIDTH - 18}", class_="a")
    step = (_PANEL_WIDTH - 22) / max(1, len(panel.slots))
    bars = [
        _bar(slot, effect, (4 + step * number, step, middle), reach, voice)
        for number, (slot, effect) in enumerate(zip(panel.slots, panel.effects, strict=True))
    ]
    feet = [
        words(text, 4, middle + _HALF + 22 + 14 * number, class_="m")
        for number, text in enumerate(panel.foot)
    ]
    return group([*heads, group(bars, class_="c v"), line, *feet], transform=f"translate({x} {y})")


def _bar(slot: str, effect: float, place: tuple[float, float, float], reach: float, voice: Voice) -> Markup:
    x, step, middle = place
    height = abs(effect) / reach * _HALF * 0.8
    top = middle - height if effect > 0 else middle
    centre = x + step / 2
    text_y = top - 4 if effect > 0 else top + height + 12
    slot_y = middle + 12 if effect > 0 else middle - 4
    box = tag("rect", x=x + step * 0.2, y=top, width=step * 0.6, height=height)
    number = words(voice.decimal(effect, 1, signed=True), centre, text_y, class_="s")
    return box + number + words(slot, centre, slot_y, class_="b")
