"""The map of a class and its judges, without names on its axes, beside the list from nearest to farthest."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.report.classroom.sheet import INK, PAPER, RULE, TINTS, Sheet, label, sheet_drawing
from harness.report.svg import Frame, group, tag
from harness.report.voice import Voice

_LEAST_REACH = 1e-6


@dataclass(frozen=True)
class Spot:
    """One point: a pupil (no number), a judge (its number in the list) or the class's consensus."""

    x: float
    y: float
    kind: str
    number: str = ""


@dataclass(frozen=True)
class Plane:
    """Everything that the screen shows."""

    figure_id: str
    title: str
    description: str
    spots: tuple[Spot, ...]
    near: tuple[str, ...]
    """Judges, nearest to the class first, each with its number in front."""


def plane(chart: Plane, sheet: Sheet, voice: Voice) -> Markup:
    """Draw the map on the left and the list on the right."""
    side = sheet.width * 0.56
    height = sheet.height
    frame = Frame(chart.figure_id, sheet.width, height, chart.title, chart.description)
    return sheet_drawing(sheet, frame, _map(chart, side, height, sheet), _list(chart, side, sheet, voice))


def _map(chart: Plane, side: float, height: float, sheet: Sheet) -> Markup:
    margin = sheet.text * 1.2
    xs, ys = [spot.x for spot in chart.spots], [spot.y for spot in chart.spots]
    reach_x = max(max(xs) - min(xs), _LEAST_REACH)
    reach_y = max(max(ys) - min(ys), _LEAST_REACH)
    factor = min((side - 2 * margin) / reach_x, (height - 2 * margin) / reach_y)
    middle_x, middle_y = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    ground = tag("rect", x=1, y=1, width=side - 2, height=height - 2, fill=PAPER, stroke=RULE, stroke_width=2)
    order = {"person": 0, "consensus": 1, "judge": 2}
    drawn = [
        _spot(
            spot,
            side / 2 + (spot.x - middle_x) * factor,
            height / 2 - (spot.y - middle_y) * factor,
            sheet,
        )
        for spot in sorted(chart.spots, key=lambda one: order[one.kind])
    ]
    return group([ground, *drawn])


def _spot(spot: Spot, x: float, y: float, sheet: Sheet) -> Markup:
    if spot.kind == "person":
        return tag("circle", cx=x, cy=y, r=sheet.text * 0.24, fill=TINTS[1], fill_opacity="0.7", stroke=PAPER)
    if spot.kind == "consensus":
        half = sheet.text * 0.6
        star = (
            f"M{x:.1f} {y - half:.1f}L{x + half:.1f} {y:.1f}L{x:.1f} {y + half:.1f}L{x - half:.1f} {y:.1f}Z"
        )
        return tag("path", d=star, fill=TINTS[1], stroke=INK, stroke_width=3)
    half = max(sheet.text * 0.62, sheet.room(spot.number) / 2 + 4)
    box = tag(
        "rect",
        x=x - half,
        y=y - half,
        width=2 * half,
        height=2 * half,
        fill=TINTS[0],
        stroke=PAPER,
        stroke_width=2,
    )
    return box + label(spot.number, x, y, text_anchor="middle", font_weight="700", fill=PAPER)


def _list(chart: Plane, side: float, sheet: Sheet, voice: Voice) -> Markup:
    left = side + sheet.text
    width = sheet.width - left
    parts = []
    heads = sheet.lines(voice.say("class_nearest_first"), width)
    for place, head in enumerate(heads):
        parts.append(label(head, left, sheet.line * (place + 0.5), font_weight="700"))
    y = sheet.line * (len(heads) + 0.8)
    for text in chart.near:
        lines = sheet.lines(text, width)
        if y + sheet.line * len(lines) > sheet.height:
            break
        parts += [label(line, left, y + sheet.line * number) for number, line in enumerate(lines)]
        y += sheet.line * (len(lines) + 0.12)
    return group(parts)
