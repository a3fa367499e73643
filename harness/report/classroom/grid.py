"""Judges by cases: the number stands in every cell, so that its ground is never needed."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.report.classroom.sheet import INK, PAPER, RULE, SOFT, Sheet, label, sheet_drawing
from harness.report.svg import Frame, group, tag
from harness.report.voice import Voice

_EDGES = (0.1, 0.3, 0.5, 0.75)
_TOWARDS = ("#f7f7f7", "#d9e8f5", "#9ecae1", "#4a90c2", "#08519c")
_AGAINST = ("#f7f7f7", "#fde4d0", "#fdae6b", "#e6700f", "#8c2d04")
_LIGHT_INK_FROM = 3


@dataclass(frozen=True)
class GridLine:
    """One line: its name, one number per column, and its mean with words where there is none."""

    name: str
    numbers: tuple[float | None, ...]
    mean: str
    is_people: bool = False


@dataclass(frozen=True)
class Grid:
    """Everything that the grid shows."""

    figure_id: str
    title: str
    description: str
    heads: tuple[str, ...]
    lines: tuple[GridLine, ...]
    mean_head: str


def most_lines(sheet: Sheet) -> int:
    """How many lines fit."""
    return int((sheet.height - sheet.line * 2) / (sheet.text * 1.5))


def grid(chart: Grid, sheet: Sheet, voice: Voice) -> Markup:
    """Draw the grid; the line of the class stands first, under a rule."""
    names = min(sheet.width * 0.3, max(sheet.room(line.name) for line in chart.lines) + sheet.text * 0.6)
    mean = max(sheet.room(chart.mean_head), *(sheet.room(line.mean) for line in chart.lines)) + sheet.text
    mean = min(mean, sheet.width * 0.24)
    cell = (sheet.width - names - mean) / max(1, len(chart.heads))
    height = min(sheet.text * 1.9, (sheet.height - sheet.line * 2.2) / len(chart.lines))
    top = sheet.line * 2.1
    heads = [_head(head, names + cell * (place + 0.5), cell, sheet) for place, head in enumerate(chart.heads)]
    heads.append(_head(chart.mean_head, sheet.width - mean / 2, mean, sheet))
    lines = []
    for number, line in enumerate(chart.lines):
        y = top + height * number
        lines.append(_line(line, (names, y, cell, height), mean, sheet, voice))
    bottom = top + height * len(chart.lines) + 2
    frame = Frame(chart.figure_id, sheet.width, bottom, chart.title, chart.description)
    return sheet_drawing(sheet, frame, *heads, *lines)


def _head(text: str, x: float, width: float, sheet: Sheet) -> Markup:
    lines = sheet.lines(text, width)
    start = 2 - len(lines)
    return group(
        [
            label(line, x, sheet.line * (start + number + 0.5), text_anchor="middle", fill=SOFT)
            for number, line in enumerate(lines)
        ]
    )


def _line(
    line: GridLine, box: tuple[float, float, float, float], mean: float, sheet: Sheet, voice: Voice
) -> Markup:
    left, y, width, height = box
    middle = y + height / 2
    weight = "700" if line.is_people else "400"
    name = sheet.cut(line.name, left - sheet.text * 0.5)
    parts = [label(name, left - sheet.text * 0.4, middle, text_anchor="end", font_weight=weight)]
    for place, number in enumerate(line.numbers):
        parts.append(_cell(number, (left + width * place, y, width, height), voice))
    end = sheet.width - mean / 2
    parts.append(label(sheet.cut(line.mean, mean), end, middle, text_anchor="middle", font_weight="700"))
    if line.is_people:
        parts.append(tag("path", d=f"M0 {y + height:.1f}H{sheet.width:.0f}", stroke=INK, stroke_width=3))
    return group(parts)


def _cell(number: float | None, box: tuple[float, float, float, float], voice: Voice) -> Markup:
    x, y, width, height = box
    ground, ink = ("#ffffff", SOFT) if number is None else _ground(number)
    field = tag(
        "rect", x=x + 1, y=y + 1, width=width - 2, height=height - 2, fill=ground, stroke=RULE, stroke_width=1
    )
    text = label(voice.maybe(number), x + width / 2, y + height / 2, text_anchor="middle", fill=ink)
    return field + text


def _ground(number: float) -> tuple[str, str]:
    step = sum(abs(number) > edge for edge in _EDGES)
    ground = (_TOWARDS if number > 0 else _AGAINST)[step]
    return ground, PAPER if step > _LIGHT_INK_FROM else INK
