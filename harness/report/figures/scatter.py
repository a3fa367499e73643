"""The map: who orders the cases alike stands close together; arrows lead from no rules to a rulebook."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from harness.report.figures.figure import shortened
from harness.report.figures.marks import mark
from harness.report.svg import Frame, drawing, group, tag, words

_SIDE, _MARGIN, _LEGEND, _CHARACTER, _LABEL_HEIGHT = 560, 40, 22, 6.6, 14
_MOST_CHARACTERS = 40
_FEW_NAMES = 12
"""With more names than that, a name that has no room is left to the table."""
_SMALLEST_REACH = 1e-6


@dataclass(frozen=True)
class Place:
    """One point: its mark, its name where it has room for one, its ellipse (half axes, angle)."""

    kind: str | int
    x: float
    y: float
    name: str = ""
    ellipse: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class MapChart:
    """Everything that the map shows; arrows join two points by their number."""

    figure_id: str
    title: str
    description: str
    places: tuple[Place, ...]
    arrows: tuple[tuple[int, int], ...] = ()
    legend: tuple[tuple[str | int, str], ...] = ()


@dataclass(frozen=True)
class _Scale:
    middle_x: float
    middle_y: float
    factor: float
    left: float
    height: float

    def at(self, place: Place) -> tuple[float, float]:
        """Place a point on the drawing; the second axis points up."""
        x = self.left + _SIDE / 2 + (place.x - self.middle_x) * self.factor
        return x, self.height / 2 - (place.y - self.middle_y) * self.factor


def map_chart(chart: MapChart) -> Markup:
    """Draw the map with one scale for both axes."""
    longest = min(_MOST_CHARACTERS, max((len(place.name) for place in chart.places), default=0))
    scale = _scale(chart.places, longest * _CHARACTER)
    width = 2 * scale.left + _SIDE
    height = scale.height + 12 + _LEGEND * len(chart.legend)
    frame = Frame(chart.figure_id, width, height, chart.title, chart.description)
    ground = tag("rect", x=1, y=1, width=width - 2, height=scale.height - 2, class_="r")
    ellipses = [_ellipse(place, scale) for place in chart.places if place.ellipse]
    arrows = [
        _arrow(scale.at(chart.places[start]), scale.at(chart.places[end])) for start, end in chart.arrows
    ]
    points = [mark(place.kind, *scale.at(place)) for place in chart.places]
    legend = [
        mark(kind, 14, scale.height + 16 + _LEGEND * line)
        + words(text, 30, scale.height + 20 + _LEGEND * line)
        for line, (kind, text) in enumerate(chart.legend)
    ]
    names = _names(chart.places, scale, width)
    return drawing(frame, ground, *ellipses, group(arrows, class_="j"), *points, names, group(legend))


def _scale(places: tuple[Place, ...], room: float) -> _Scale:
    """Leave room for names on both sides, and as much height as the points need."""
    sizes = [max(place.ellipse[:2]) if place.ellipse else 0.0 for place in places]
    x_low = min((p.x - s for p, s in zip(places, sizes, strict=True)), default=0.0)
    x_high = max((p.x + s for p, s in zip(places, sizes, strict=True)), default=0.0)
    y_low = min((p.y - s for p, s in zip(places, sizes, strict=True)), default=0.0)
    y_high = max((p.y + s for p, s in zip(places, sizes, strict=True)), default=0.0)
    reach = max(x_high - x_low, y_high - y_low, _SMALLEST_REACH)
    factor = (_SIDE - 2 * _MARGIN) / reach
    height = max(240.0, (y_high - y_low) * factor + 2 * _MARGIN)
    return _Scale((x_low + x_high) / 2, (y_low + y_high) / 2, factor, max(20.0, room * 0.7), height)


def _ellipse(place: Place, scale: _Scale) -> Markup:
    if place.ellipse is None:
        return Markup("")
    wide, tall, angle = place.ellipse
    x, y = scale.at(place)
    tint = f"w-{place.kind}" if isinstance(place.kind, str) else f"w{place.kind % 6}"
    return tag(
        "ellipse",
        cx=x,
        cy=y,
        rx=wide * scale.factor,
        ry=tall * scale.factor,
        transform=f"rotate({-math.degrees(angle):.1f} {x:.1f} {y:.1f})",
        class_=f"{tint} u",
    )


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> Markup:
    """A line with a head, which ends before the mark."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if length < 18:
        return Markup("")
    ux, uy = dx / length, dy / length
    x, y = end[0] - 8 * ux, end[1] - 8 * uy
    wings = [(x - 8 * ux + side * 4 * uy, y - 8 * uy - side * 4 * ux) for side in (1, -1)]
    first, second = (f"{wx:.1f} {wy:.1f}" for wx, wy in wings)
    begin = f"{start[0] + 7 * ux:.1f} {start[1] + 7 * uy:.1f}"
    return tag("path", d=f"M{begin}L{x:.1f} {y:.1f}M{first}L{x:.1f} {y:.1f}L{second}")


def _names(places: tuple[Place, ...], scale: _Scale, width: float) -> Markup:
    """Write each name beside its point, where it meets no other name and no point."""
    points = [scale.at(place) for place in places]
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y in points]
    drawn = []
    crowded = sum(bool(place.name) for place in places) > _FEW_NAMES
    for place, (x, y) in zip(places, points, strict=True):
        if not place.name:
            continue
        text = shortened(place.name, _MOST_CHARACTERS)
        boxes = _candidates(x, y, len(text) * _CHARACTER)
        inside = [
            box
            for box in boxes
            if box[0] > 2 and box[2] < width - 2 and box[1] > 2 and box[3] < scale.height - 2
        ]
        best = min(inside or boxes, key=lambda box: sum(_meets(box, other) for other in taken))
        if crowded and any(_meets(best, other) for other in taken):
            continue
        taken.append(best)
        drawn.append(words(text, best[0], best[3] - 3))
    return group(drawn, class_="s")


def _candidates(x: float, y: float, width: float) -> list[tuple[float, float, float, float]]:
    half = _LABEL_HEIGHT / 2
    starts = [
        (x + 10, y - half),
        (x - 10 - width, y - half),
        (x - width / 2, y - 24),
        (x - width / 2, y + 10),
    ]
    starts += [(x + 8, y - 22), (x + 8, y + 9), (x - 8 - width, y - 22), (x - 8 - width, y + 9)]
    starts += [(x + 14, y - 36), (x + 14, y + 22), (x - 14 - width, y - 36), (x - 14 - width, y + 22)]
    return [(left, top, left + width, top + _LABEL_HEIGHT) for left, top in starts]


def _meets(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
