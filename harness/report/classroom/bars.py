"""How a class graded: one 100 % bar per answer, or one per answer and half of the class."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.report.classroom.sheet import (
    GROUNDS,
    INK,
    RULE,
    Sheet,
    haloed,
    label,
    patterns,
    sheet_drawing,
    step_of,
)
from harness.report.svg import Frame, group, tag
from harness.report.voice import Voice


@dataclass(frozen=True)
class Bar:
    """One bar: what stands left of it, and its counts from grade 1 = worst up."""

    name: str
    counts: tuple[int, ...]
    starts_group: bool = True


@dataclass(frozen=True)
class BarChart:
    """Everything that the chart shows."""

    figure_id: str
    title: str
    description: str
    bars: tuple[Bar, ...]
    n_grades: int


@dataclass(frozen=True)
class _Place:
    """Where the bars stand, and who writes in them."""

    sheet: Sheet
    voice: Voice
    left: float
    right: float
    step: float
    gap: float

    @property
    def width(self) -> float:
        return self.right - self.left


def bar_chart(chart: BarChart, sheet: Sheet, voice: Voice) -> Markup:
    """Draw the bars, digits inside, the number of pupils on the right, the scale below."""
    place = _place(chart, sheet, voice)
    tops, y = [], sheet.text * 0.3
    for number, bar in enumerate(chart.bars):
        y += place.gap if bar.starts_group and number else 0.0
        tops.append(y)
        y += place.step
    drawn = [_bar(chart, bar, top, place) for bar, top in zip(chart.bars, tops, strict=True)]
    scale, bottom = _scale(chart, y + sheet.text * 0.6, place)
    steps = tuple(dict.fromkeys(step_of(grade, chart.n_grades) for grade in range(1, chart.n_grades + 1)))
    frame = Frame(chart.figure_id, sheet.width, bottom, chart.title, chart.description)
    return sheet_drawing(sheet, frame, patterns(chart.figure_id, steps), *drawn, scale)


def _place(chart: BarChart, sheet: Sheet, voice: Voice) -> _Place:
    names = max((sheet.room(bar.name, bold=True) for bar in chart.bars), default=0.0)
    counts = max((sheet.room(f"n = {sum(bar.counts)}") for bar in chart.bars), default=0.0)
    n_groups = sum(bar.starts_group for bar in chart.bars)
    split = n_groups < len(chart.bars)
    gap = sheet.text * 0.35 if split else 0.0
    free = sheet.height - sheet.line * 1.9 - gap * n_groups
    step = min(sheet.text * 2.7, free / max(1, len(chart.bars)))
    return _Place(sheet, voice, names + sheet.text * 0.8, sheet.width - counts - sheet.text * 0.5, step, gap)


def _bar(chart: BarChart, bar: Bar, top: float, place: _Place) -> Markup:
    text, height, total = place.sheet.text, place.step * 0.84, sum(bar.counts)
    middle = top + height / 2
    parts = [label(bar.name, place.left - text * 0.5, middle, text_anchor="end", font_weight="700")]
    parts.append(label(f"n\u202f=\u202f{place.voice.whole(total)}", place.right + text * 0.4, middle))
    empty = tag("rect", x=place.left, y=top, width=place.width, height=height, fill="none", stroke=RULE)
    parts.append(empty)
    x = place.left
    for grade, count in enumerate(bar.counts, 1):
        if count:
            width = place.width * count / total
            parts.append(_piece(chart, grade, place, (x, top, width, height)))
            x += width
    return group(parts)


def _piece(chart: BarChart, grade: int, place: _Place, box: tuple[float, float, float, float]) -> Markup:
    """One grade's part of a bar: its digit, and its share where there is room."""
    x, y, width, height = box
    step, text = step_of(grade, chart.n_grades), place.sheet.text
    fill = f"url(#{chart.figure_id}-g{step})"
    ground = tag("rect", x=x, y=y, width=width, height=height, fill=fill, stroke=INK, stroke_width=1.5)
    digit = str(grade)
    long = f"{digit} · {place.voice.percent(width / place.width)}"
    shown = long if place.sheet.room(long, bold=True) + text * 0.6 < width else digit
    if place.sheet.room(digit, bold=True) + 4 > width:
        return ground
    return ground + haloed(shown, x + width / 2, y + height / 2, GROUNDS[step])


def _scale(chart: BarChart, top: float, place: _Place) -> tuple[Markup, float]:
    """The grades with their patterns, PIRE on the left and MEILLEURE on the right."""
    sheet, voice = place.sheet, place.voice
    worst, best = voice.say("class_worst"), voice.say("class_best")
    swatch = min(sheet.text * 2.2, place.width * 0.5 / chart.n_grades)
    start = sheet.room(worst, bold=True) + sheet.text * 1.2
    middle = top + sheet.text * 0.6
    parts = [label(worst, sheet.text * 0.5, middle, font_weight="700")]
    for grade in range(1, chart.n_grades + 1):
        box = (start + swatch * (grade - 1), top, swatch, sheet.text * 1.2)
        step = step_of(grade, chart.n_grades)
        parts.append(_swatch(chart, step, str(grade), box))
    after = start + swatch * chart.n_grades + sheet.text * 0.5
    parts.append(label(best, after, middle, font_weight="700"))
    return group(parts), top + sheet.text * 1.5


def _swatch(chart: BarChart, step: int, digit: str, box: tuple[float, float, float, float]) -> Markup:
    x, y, width, height = box
    ground = tag(
        "rect", x=x, y=y, width=width, height=height, fill=f"url(#{chart.figure_id}-g{step})", stroke=INK
    )
    return ground + haloed(digit, x + width / 2, y + height / 2, GROUNDS[step])
