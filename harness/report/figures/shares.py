"""The bar model / rulebook / reaction / noise, with human disagreement on the same axis."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.report.svg import Frame, drawing, group, tag, words
from harness.report.voice import Voice

_LEFT, _AXIS, _TOP, _BAR, _STEP, _LEGEND = 150, 700, 14, 38, 58, 22
_TICK = 0.1


@dataclass(frozen=True)
class Piece:
    """One part of the bar: which, how long on the axis, and the words beside its swatch."""

    part: str
    length: float
    words: str


@dataclass(frozen=True)
class SharesChart:
    """Everything that the chart shows; without people, `no_human` says why."""

    figure_id: str
    title: str
    description: str
    pieces: tuple[Piece, ...]
    human: Piece | None
    no_human: str


def shares_chart(chart: SharesChart, voice: Voice) -> Markup:
    """Draw the bars, the axis and the swatches."""
    low = min(0.0, sum(min(piece.length, 0.0) for piece in chart.pieces))
    right = sum(max(piece.length, 0.0) for piece in chart.pieces)
    high = max(0.5, right, chart.human.length if chart.human else 0.0)
    scale = _AXIS / (high - low)
    zero = _LEFT - low * scale
    axis_y = _TOP + _STEP * 2
    known = [*chart.pieces, *([chart.human] if chart.human else [])]
    height = axis_y + 40 + _LEGEND * len(known)
    frame = Frame(chart.figure_id, _LEFT + _AXIS + 30, height, chart.title, chart.description)
    names = [_bar_name(voice.say("bar_judges"), 0), _bar_name(voice.say("bar_people"), 1)]
    people = words(chart.no_human, zero + 8, _TOP + _STEP + _BAR / 2 + 5, class_="m")
    if chart.human:
        people = _box(chart, chart.human, zero, 1, scale)
    bars = [*names, *_stack(chart, zero, scale), people]
    swatches = [_swatch(chart, piece, axis_y + 44 + _LEGEND * place) for place, piece in enumerate(known)]
    axis = _axis((low, high), zero, scale, axis_y, voice)
    return drawing(frame, _patterns(chart, known), axis, *bars, *swatches)


def _bar_name(name: str, place: int) -> Markup:
    return words(name, _LEFT - 12, _TOP + _STEP * place + _BAR / 2 + 5, class_="e b")


def _stack(chart: SharesChart, zero: float, scale: float) -> list[Markup]:
    boxes, right, left = [], zero, zero
    for piece in chart.pieces:
        if piece.length < 0:
            left += piece.length * scale
            boxes.append(_box(chart, piece, left, 0, scale))
        else:
            boxes.append(_box(chart, piece, right, 0, scale))
            right += piece.length * scale
    return boxes


def _box(chart: SharesChart, piece: Piece, x: float, line: int, scale: float) -> Markup:
    y = _TOP + _STEP * line
    width = abs(piece.length) * scale
    return _filled(chart, piece.part, (x, y, width, _BAR))


def _filled(chart: SharesChart, part: str, place: tuple[float, float, float, float]) -> Markup:
    x, y, width, height = place
    ground = tag("rect", x=x, y=y, width=width, height=height, class_=f"k-{part}")
    texture = tag(
        "rect", x=x, y=y, width=width, height=height, fill=f"url(#{chart.figure_id}-{part})", class_="o"
    )
    return ground + texture


def _swatch(chart: SharesChart, piece: Piece, y: float) -> Markup:
    box = _filled(chart, piece.part, (_LEFT, y - 12, 26, 15))
    return box + words(piece.words, _LEFT + 36, y)


def _axis(ends: tuple[float, float], zero: float, scale: float, y: float, voice: Voice) -> Markup:
    low, high = ends
    ticks = []
    for step in range(round(low / _TICK), int(high / _TICK + 1e-9) + 1):
        x = zero + step * _TICK * scale
        ticks.append(tag("path", d=f"M{x:.1f} {_TOP - 6}V{y:.0f}", class_="g"))
        ticks.append(words(voice.decimal(step * _TICK, 1), x, y + 16, class_="c m"))
    return group(ticks)


_TEXTURES: dict[str, str] = {
    "model": "",
    "rulebook": "M0 8L8 0M-2 2L2 -2M6 10L10 6",
    "reaction": "M4 0V8",
    "noise": "M0 4H8",
    "order": "M0 0L8 8M-2 6L2 10M6 -2L10 2",
    "residual": "M0 4H8",
    "people": "M0 4H8M4 0V8",
}


def _patterns(chart: SharesChart, known: list[Piece]) -> Markup:
    patterns = [
        tag(
            "pattern",
            tag("path", d=_TEXTURES[piece.part], class_="x"),
            id=f"{chart.figure_id}-{piece.part}",
            width=8,
            height=8,
            patternUnits="userSpaceOnUse",
        )
        for piece in known
    ]
    return tag("defs", *patterns)
