"""Two orders per judge, before and after another employer, and the bar that says what moved them."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.report.classroom.sheet import INK, PAPER, SOFT, Sheet, label, sheet_drawing
from harness.report.classroom.slopes import Slopes, slope_parts
from harness.report.svg import Frame, group, tag
from harness.report.voice import Voice

_LOOKS: dict[str, tuple[str, str, str]] = {
    "model": ("#1b5c94", PAPER, ""),
    "rulebook": ("#fdb863", INK, "M0 12L12 0M-3 3L3 -3M9 15L15 9"),
    "reaction": ("#d9c2e9", INK, "M6 0V12"),
    "noise": ("#e8e8e8", INK, "M0 6H12"),
    "people": ("#ffffff", INK, "M0 6H12M6 0V12"),
}
"""Ground, ink and texture of each part."""


@dataclass(frozen=True)
class Piece:
    """One part of the bar: its length on the axis, and what it is called, number included."""

    part: str
    length: float
    words: str


@dataclass(frozen=True)
class Pieces:
    """The bar of the judges, and that of the people on the same axis; words where one is missing."""

    judges: tuple[Piece, ...]
    people: Piece | None
    words: str


def employer_chart(chart: Slopes, pieces: Pieces, sheet: Sheet, voice: Voice) -> Markup:
    """Draw the slopes above and the bar below."""
    bar_top = chart.height + sheet.text * 0.4
    bar, bottom = _bars(chart.figure_id, pieces, bar_top, sheet, voice)
    frame = Frame(chart.figure_id, sheet.width, bottom, chart.title, chart.description)
    return sheet_drawing(sheet, frame, *slope_parts(chart, sheet, voice), bar)


def _bars(figure_id: str, pieces: Pieces, top: float, sheet: Sheet, voice: Voice) -> tuple[Markup, float]:
    if not pieces.judges:
        return label(pieces.words, 0, top + sheet.line * 0.5, fill=SOFT), top + sheet.line
    names = (voice.say("class_judges_bar"), voice.say("class_people_bar"))
    left = max(sheet.room(name) for name in names) + sheet.text * 0.6
    lengths = sum(max(0.0, piece.length) for piece in pieces.judges)
    reach = max(lengths, pieces.people.length if pieces.people else 0.0)
    scale = (sheet.width - left) / (reach or 1.0)
    height = sheet.text * 1.15
    parts = [_defs(figure_id), label(names[0], 0, top + height / 2)]
    x = left
    for piece in pieces.judges:
        width = max(0.0, piece.length) * scale
        parts.append(_box(figure_id, piece, (x, top, width, height)))
        x += width
    y = top + height + sheet.text * 0.25
    parts.append(label(names[1], 0, y + height / 2))
    if pieces.people is None:
        parts.append(label(pieces.words, left, y + height / 2, fill=SOFT))
    else:
        parts.append(_box(figure_id, pieces.people, (left, y, pieces.people.length * scale, height)))
    legend, bottom = _legend(figure_id, pieces, y + height + sheet.text * 0.35, sheet)
    return group([*parts, legend]), bottom


def _box(figure_id: str, piece: Piece, box: tuple[float, float, float, float]) -> Markup:
    x, y, width, height = box
    ground = f"url(#{figure_id}-{piece.part})"
    return tag("rect", x=x, y=y, width=width, height=height, fill=ground, stroke=INK)


def _legend(figure_id: str, pieces: Pieces, top: float, sheet: Sheet) -> tuple[Markup, float]:
    """Swatch and words of every part, in as many lines as they need."""
    parts, x, y = [], 0.0, top
    size = sheet.text * 0.9
    for piece in (*pieces.judges, *((pieces.people,) if pieces.people else ())):
        width = size + sheet.text * 1.1 + sheet.room(piece.words)
        if x and x + width > sheet.width:
            x, y = 0.0, y + sheet.line
        parts.append(_box(figure_id, piece, (x, y, size, size)))
        parts.append(label(piece.words, x + size + sheet.text * 0.3, y + size / 2))
        x += width
    return group(parts), y + sheet.line


def _defs(figure_id: str) -> Markup:
    made = [
        tag(
            "pattern",
            tag("rect", width=12, height=12, fill=ground),
            tag("path", d=texture, stroke=ink, stroke_opacity="0.5", fill="none"),
            id=f"{figure_id}-{part}",
            width=12,
            height=12,
            patternUnits="userSpaceOnUse",
        )
        for part, (ground, ink, texture) in _LOOKS.items()
    ]
    return tag("defs", *made)
