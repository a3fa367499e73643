"""Dots with their intervals on one axis: agreement beside published figures, judges with themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from harness.report.classroom.sheet import INK, PAPER, RULE, SOFT, TINTS, Sheet, label, rimmed, sheet_drawing
from harness.report.svg import Frame, group, tag

_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Spot:
    """One number with its interval, if it has one."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class AxisLine:
    """One line: its name, its main number or words in its place, lesser dots, a text on the right."""

    name: str
    main: Spot | None
    words: str = ""
    dots: tuple[float, ...] = ()
    text: str = ""
    is_class: bool = False


@dataclass(frozen=True)
class AxisChart:
    """Everything that the chart shows; `marks` are the places with a name on the axis."""

    figure_id: str
    title: str
    description: str
    low: float
    high: float
    marks: tuple[tuple[float, str], ...]
    lines: tuple[AxisLine, ...]
    above: tuple[str, ...] = ()
    """Lines of large text over the axis."""


@dataclass(frozen=True)
class _Plan:
    left: float
    right: float
    top: float
    step: float
    low: float
    high: float

    def x(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return self.left + (self.right - self.left) * (inside - self.low) / (self.high - self.low)


def most_axis_lines(sheet: Sheet) -> int:
    """How many lines fit below each other."""
    return int((sheet.height - sheet.line * 2) / (sheet.text * 1.3))


def axis_chart(chart: AxisChart, sheet: Sheet) -> Markup:
    """Draw the chart."""
    plan = _plan(chart, sheet)
    bottom = plan.top + plan.step * len(chart.lines)
    frame = Frame(chart.figure_id, sheet.width, bottom + sheet.line, chart.title, chart.description)
    above = [
        label(sheet.cut(text, sheet.width * 0.95), 0, sheet.line * (number + 0.5), font_weight="700")
        for number, text in enumerate(chart.above)
    ]
    called = sheet.names([line.name for line in chart.lines], plan.left - sheet.text * 0.6)
    lines = [
        _line(replace(line, name=name), plan.top + plan.step * (number + 0.5), plan, sheet)
        for number, (name, line) in enumerate(zip(called, chart.lines, strict=True))
    ]
    return sheet_drawing(sheet, frame, *above, _marks(chart, plan, bottom, sheet), *lines)


def _plan(chart: AxisChart, sheet: Sheet) -> _Plan:
    names = min(
        sheet.width * 0.42,
        max(sheet.room(line.name, bold=line.is_class) for line in chart.lines) + sheet.text,
    )
    texts = max(sheet.room(line.text, bold=line.is_class) for line in chart.lines) + sheet.text * 0.8
    top = sheet.line * len(chart.above) + sheet.text * 0.6
    free = sheet.height - top - sheet.line
    step = min(sheet.text * 2.4, free / len(chart.lines))
    right = sheet.width - max(texts, sheet.text * 1.8)
    return _Plan(names, right, top, step, chart.low, chart.high)


def _marks(chart: AxisChart, plan: _Plan, bottom: float, sheet: Sheet) -> Markup:
    parts = []
    for value, text in chart.marks:
        x = plan.x(value)
        strong = abs(value) < _TOLERANCE
        parts.append(
            tag(
                "path",
                d=f"M{x:.1f} {plan.top:.0f}V{bottom:.0f}",
                stroke=SOFT if strong else RULE,
                stroke_width=2,
            )
        )
        parts.append(label(text, x, bottom + sheet.line * 0.5, text_anchor="middle", fill=SOFT))
    return group(parts)


def _line(line: AxisLine, y: float, plan: _Plan, sheet: Sheet) -> Markup:
    weight = "700" if line.is_class else "400"
    parts = [label(line.name, plan.left - sheet.text * 0.5, y, text_anchor="end", font_weight=weight)]
    parts += [_small(plan.x(value), y, sheet) for value in line.dots]
    if line.main is None:
        parts.append(rimmed(line.words, plan.left + sheet.text * 0.3, y))
    else:
        parts.append(_main(line.main, line.is_class, y, plan, sheet))
    if line.text:
        parts.append(label(line.text, plan.right + sheet.text * 0.6, y, font_weight=weight))
    return group(parts)


def _small(x: float, y: float, sheet: Sheet) -> Markup:
    return tag("circle", cx=x, cy=y, r=sheet.text * 0.24, fill="none", stroke=SOFT, stroke_width=2.5)


def _main(spot: Spot, is_class: bool, y: float, plan: _Plan, sheet: Sheet) -> Markup:
    """A filled disc for the class, a square for anything else: shapes, not only colours."""
    parts, size = [], sheet.text * 0.36
    tint = TINTS[1] if is_class else TINTS[0]
    if spot.low is not None and spot.high is not None:
        ends = f"M{plan.x(spot.low):.1f} {y:.1f}H{plan.x(spot.high):.1f}"
        parts.append(tag("path", d=ends, stroke=tint, stroke_width=sheet.text / 5, stroke_opacity="0.55"))
    x = plan.x(spot.value)
    if is_class:
        parts.append(tag("circle", cx=x, cy=y, r=size, fill=tint, stroke=PAPER, stroke_width=2))
    else:
        square = tag("rect", x=x - size, y=y - size, width=2 * size, height=2 * size, fill=tint)
        parts.append(square)
    return group([*parts, tag("circle", cx=x, cy=y, r=2, fill=INK)])
