"""Judges by cases: the number stands in every cell, so that its ground is never needed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from harness.report.classroom.sheet import INK, PAPER, RULE, SOFT, Sheet, label, sheet_drawing
from harness.report.svg import Frame, group, tag
from harness.report.voice import Voice

_EDGES = (0.1, 0.3, 0.5, 0.75)
_TOWARDS = ("#f7f7f7", "#d9e8f5", "#9ecae1", "#4a90c2", "#08519c")
_AGAINST = ("#f7f7f7", "#fde4d0", "#fdae6b", "#e6700f", "#8c2d04")
_LIGHT_INK_FROM = 3
_MOST_KEYS = 6
"""Titles of more cases than these stand in the table only."""


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
    """Numbers of the cases."""
    key: tuple[str, ...]
    """The same with their titles: below the grid, where there is room."""
    lines: tuple[GridLine, ...]
    mean_head: str


def most_lines(sheet: Sheet) -> int:
    """How many lines fit, with the key of the cases below."""
    return int((sheet.height - sheet.line * 4.4) / (sheet.text * 1.25))


def grid(chart: Grid, sheet: Sheet, voice: Voice) -> Markup:
    """Draw the grid; the line of the class stands first, over a rule."""
    names = min(
        sheet.width * 0.34,
        max(sheet.room(line.name, bold=line.is_people) for line in chart.lines) + sheet.text * 0.6,
    )
    mean = (
        max(sheet.room(chart.mean_head, bold=True), *(sheet.room(line.mean) for line in chart.lines))
        + sheet.text
    )
    mean = min(mean, sheet.width * 0.24)
    cell = (sheet.width - names - mean) / max(1, len(chart.heads))
    key = chart.key if len(chart.key) <= _MOST_KEYS else ()
    key_lines = (len(key) + 1) // 2
    free = sheet.height - sheet.line * (1.4 + key_lines)
    height = min(sheet.text * 1.9, free / len(chart.lines))
    heads = [_head(head, names + cell * (place + 0.5), sheet) for place, head in enumerate(chart.heads)]
    heads.append(_head(chart.mean_head, sheet.width - mean / 2, sheet))
    called = sheet.names([line.name for line in chart.lines], names - sheet.text * 0.5)
    lines = [
        _line(
            replace(line, name=name),
            (names, sheet.line * 1.1 + height * number, cell, height),
            mean,
            sheet,
            voice,
        )
        for number, (name, line) in enumerate(zip(called, chart.lines, strict=True))
    ]
    bottom = sheet.line * 1.3 + height * len(chart.lines)
    frame = Frame(
        chart.figure_id, sheet.width, bottom + sheet.line * key_lines, chart.title, chart.description
    )
    return sheet_drawing(sheet, frame, *heads, *lines, _key(key, bottom, sheet))


def _head(text: str, x: float, sheet: Sheet) -> Markup:
    return label(text, x, sheet.line * 0.5, text_anchor="middle", font_weight="700")


def _key(key: tuple[str, ...], top: float, sheet: Sheet) -> Markup:
    """Two columns: number and title of each case."""
    n_lines, half = (len(key) + 1) // 2, sheet.width / 2
    return group(
        [
            label(
                sheet.cut(text, half - sheet.text),
                half * (place // n_lines),
                top + sheet.line * (place % n_lines + 0.5),
                fill=SOFT,
            )
            for place, text in enumerate(key)
        ]
    )


def _line(
    line: GridLine, box: tuple[float, float, float, float], mean: float, sheet: Sheet, voice: Voice
) -> Markup:
    left, y, width, height = box
    middle = y + height / 2
    weight = "700" if line.is_people else "400"
    parts = [label(line.name, left - sheet.text * 0.4, middle, text_anchor="end", font_weight=weight)]
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
