"""Dots with their intervals on one axis, one line per name: the report's most used figure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from harness.report.figures.figure import shortened
from harness.report.figures.marks import N_MARKS, mark
from harness.report.svg import Frame, drawing, group, tag, words
from harness.report.voice import Voice

_AXIS, _LINE, _EXTRA, _TOP, _FOOT, _LEGEND = 400, 27, 15, 30, 40, 22
_CHARACTER, _PAD, _SMALLEST_NAME, _MOST_CHARACTERS, _MOST_HEAD = 6.9, 16, 90, 46, 64
_BOLD = 7.9
_STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_MOST_TICKS = 8


@dataclass(frozen=True)
class Dot:
    """One number with its interval; `kind` is `people`, `both`, or the place of a judge."""

    value: float
    low: float | None = None
    high: float | None = None
    kind: str | int = 0


@dataclass(frozen=True)
class DotLine:
    """One line: its name, its dots, words where there is no dot, and texts for the columns on the right."""

    name: str
    dots: tuple[Dot, ...] = ()
    words: str = ""
    texts: tuple[str, ...] = ()
    is_head: bool = False


@dataclass(frozen=True)
class Axis:
    """What the axis spans at least, what nothing leaves, and where it carries a line with a name."""

    least: tuple[float, float]
    most: tuple[float, float] = (-math.inf, math.inf)
    as_percent: bool = False
    name: str = ""
    lines: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class DotChart:
    """Everything that the chart shows."""

    figure_id: str
    title: str
    description: str
    axis: Axis
    lines: tuple[DotLine, ...]
    text_heads: tuple[str, ...] = ()
    legend: tuple[tuple[str | int, str], ...] = ()


@dataclass(frozen=True)
class _Plan:
    """Where everything stands: the left end of the axis, its scale, the top of each line, the columns."""

    left: float
    low: float
    high: float
    tops: tuple[float, ...]
    bottom: float
    columns: tuple[float, ...]
    width: float

    def x(self, value: float) -> float:
        """Place a number, at the edge when it lies outside."""
        inside = min(max(value, self.low), self.high)
        return self.left + _AXIS * (inside - self.low) / (self.high - self.low)


def dot_chart(chart: DotChart, voice: Voice) -> Markup:
    """Draw the chart."""
    plan = _plan(chart)
    height = plan.bottom + _FOOT + _LEGEND * len(chart.legend) + (18 if chart.axis.name else 0)
    frame = Frame(chart.figure_id, plan.width, height, chart.title, chart.description)
    heads = [words(head, x, 16, class_="m") for head, x in zip(chart.text_heads, plan.columns, strict=False)]
    lines = [_line(line, top, plan) for line, top in zip(chart.lines, plan.tops, strict=True)]
    return drawing(frame, _axis(chart.axis, plan, voice), group(heads), *lines, _legend(chart, plan))


def ticks(low: float, high: float) -> list[float]:
    """Give round numbers from the first at or below `low` to the first at or above `high`."""
    step = next((one for one in _STEPS if (high - low) / one <= _MOST_TICKS), _STEPS[-1])
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [place * step for place in range(first, last + 1)]


def _reach(chart: DotChart) -> tuple[float, float]:
    found = [chart.axis.least]
    for line in chart.lines:
        for dot in line.dots:
            low = dot.value if dot.low is None else min(dot.low, dot.value)
            found.append((low, dot.value if dot.high is None else max(dot.high, dot.value)))
    low, high = min(one[0] for one in found), max(one[1] for one in found)
    return max(low, chart.axis.most[0]), min(high, chart.axis.most[1])


def _plan(chart: DotChart) -> _Plan:
    marks = ticks(*_reach(chart))
    names = [min(_MOST_CHARACTERS, len(line.name)) * _CHARACTER for line in chart.lines if not line.is_head]
    left = max(_SMALLEST_NAME, *names) + _PAD if names else _SMALLEST_NAME
    tops, y = [], float(_TOP)
    for line in chart.lines:
        tops.append(y)
        y += _LINE + _EXTRA * max(0, len(line.dots) - 1) * 0.8
    columns, x = [], left + _AXIS + 22
    for place, head in enumerate(chart.text_heads):
        columns.append(x)
        inside = [line.texts[place] for line in chart.lines if place < len(line.texts)]
        x += max(len(text) for text in (head, *inside)) * _CHARACTER + _PAD
    words_end = max((left + 8 + len(line.words) * _CHARACTER for line in chart.lines), default=0.0)
    legend_end = max((left + 30 + len(text) * _CHARACTER for _, text in chart.legend), default=0.0)
    heads_end = max((len(line.name) * _BOLD for line in chart.lines if line.is_head), default=0.0)
    width = max(x + 4, left + _AXIS + 24, words_end, legend_end, min(heads_end, _MOST_HEAD * _BOLD))
    return _Plan(left, marks[0], marks[-1], tuple(tops), y, tuple(columns), width)


def _axis(axis: Axis, plan: _Plan, voice: Voice) -> Markup:
    marks = ticks(plan.low, plan.high)
    digits = 0 if all(abs(one - round(one)) < 1e-9 for one in marks) else 1
    digits = 2 if any(abs(10 * one - round(10 * one)) > 1e-6 for one in marks) else digits
    top, bottom = _TOP - 4, plan.bottom
    parts = [
        tag("path", d=f"M{plan.x(one):.1f} {top}V{bottom:.0f}", class_="z" if abs(one) < 1e-9 else "g")
        for one in marks
    ]
    texts = [
        words(voice.percent(one) if axis.as_percent else voice.decimal(one, digits), plan.x(one), bottom + 17)
        for one in marks
    ]
    named = [
        tag("path", d=f"M{plan.x(value):.1f} {top}V{bottom:.0f}", class_="y")
        + words(text, plan.x(value), top - 4, class_="c m")
        for value, text in axis.lines
        if plan.low <= value <= plan.high
    ]
    name = words(axis.name, plan.left + _AXIS / 2, bottom + 35, class_="c m") if axis.name else Markup("")
    return group([*parts, group(texts, class_="c m"), *named, name])


def _line(line: DotLine, top: float, plan: _Plan) -> Markup:
    y = top + _LINE / 2 + 4
    if line.is_head:
        # A head begins at the edge and may run over the axis: names of lines stay short, and dots near.
        return words(shortened(line.name, _MOST_HEAD), 4, y, class_="b q")
    text = shortened(line.name, _MOST_CHARACTERS)
    dots = [_dot(dot, y - 4 + _EXTRA * 0.8 * place, plan) for place, dot in enumerate(_in_order(line.dots))]
    texts = [words(one, x, y) for one, x in zip(line.texts, plan.columns, strict=False)]
    said = [words(line.words, plan.left + 8, y, class_="m")] if line.words and not line.dots else []
    return group([words(text, plan.left - 12, y, class_="e"), *dots, *said, *texts])


def _in_order(dots: Iterable[Dot]) -> list[Dot]:
    """People first, so that they stand on the line of the name."""
    return sorted(dots, key=lambda dot: dot.kind != "people")


def _dot(dot: Dot, y: float, plan: _Plan) -> Markup:
    span = Markup("")
    tint = dot.kind if isinstance(dot.kind, str) else f"t{dot.kind % N_MARKS}"
    if dot.low is not None and dot.high is not None:
        span = tag("path", d=f"M{plan.x(dot.low):.1f} {y:.1f}H{plan.x(dot.high):.1f}", class_=f"i {tint}")
    return span + mark(dot.kind, plan.x(dot.value), y)


def _legend(chart: DotChart, plan: _Plan) -> Markup:
    start = plan.bottom + _FOOT + (18 if chart.axis.name else 0)
    parts = [
        mark(kind, plan.left + 8, start + _LEGEND * place)
        + words(text, plan.left + 24, start + _LEGEND * place + 4)
        for place, (kind, text) in enumerate(chart.legend)
    ]
    return group(parts)
