"""A grid of numbers with a coloured ground; the number stands in every cell, so colour is never needed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from harness.report.figures.figure import shortened, two_lines
from harness.report.svg import Frame, drawing, group, tag, words
from harness.report.voice import Voice

_STEPS = (0.1, 0.3, 0.5, 0.75)
_NAMES_WIDTH, _CELL_WIDTH, _CELL_HEIGHT, _TEXT_WIDTH = 320, 92, 26, 78
_HEAD, _FOOT, _SWATCH = 48, 56, 56
_LEGEND_WIDTH = _SWATCH * (2 * len(_STEPS) + 1)


@dataclass(frozen=True)
class HeatRow:
    """One line: its name, one number per column, and texts for further columns on the right."""

    name: str
    numbers: tuple[float | None, ...]
    texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeatGrid:
    """Everything that a heat map shows."""

    figure_id: str
    title: str
    description: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    text_heads: tuple[str, ...] = ()


def shade(number: float) -> str:
    """Name the ground of a number: `h0` around zero, up to `p4` and `n4`."""
    step = sum(abs(number) > edge for edge in _STEPS)
    return "h0" if step == 0 else f"{'p' if number > 0 else 'n'}{step}"


def heat_map(grid: HeatGrid, voice: Voice, *, signed: bool = False) -> Markup:
    """Draw the grid with its scale below."""
    cells_end = _NAMES_WIDTH + _CELL_WIDTH * len(grid.columns)
    width = max(cells_end + _TEXT_WIDTH * len(grid.text_heads), _NAMES_WIDTH + _LEGEND_WIDTH) + 8
    height = _HEAD + _CELL_HEIGHT * len(grid.rows) + _FOOT
    frame = Frame(grid.figure_id, width, height, grid.title, grid.description)
    lines = [_line(row, place, voice, signed) for place, row in enumerate(grid.rows)]
    return drawing(frame, _heads(grid), *lines, _legend(height - 40, voice))


def _heads(grid: HeatGrid) -> Markup:
    cells_end = _NAMES_WIDTH + _CELL_WIDTH * len(grid.columns)
    on_the_right = [
        words(head, cells_end + 10 + place * _TEXT_WIDTH, _HEAD - 8, class_="m")
        for place, head in enumerate(grid.text_heads)
    ]
    texts = []
    for place, column in enumerate(grid.columns):
        x = _NAMES_WIDTH + _CELL_WIDTH * (place + 0.5)
        lines = two_lines(column, 13)
        texts += [
            words(line, x, _HEAD - 8 - 14 * (len(lines) - 1 - number)) for number, line in enumerate(lines)
        ]
    return group([group(texts, class_="m c"), *on_the_right])


def _line(row: HeatRow, place: int, voice: Voice, signed: bool) -> Markup:
    # Everything stands on the text's base line, and a cell is one thick stroke: half the characters of boxes.
    numbers = [_cell(number, column, voice, signed) for column, number in enumerate(row.numbers)]
    cells = group(numbers, class_="c", stroke_width=_CELL_HEIGHT - 2)
    start = _NAMES_WIDTH + _CELL_WIDTH * len(row.numbers)
    texts = [tag("text", text, x=start + 10 + place * _TEXT_WIDTH) for place, text in enumerate(row.texts)]
    name = tag("text", shortened(row.name, 48), x=_NAMES_WIDTH - 10, class_="e")
    return group([name, cells, *texts], transform=f"translate(0 {_HEAD + _CELL_HEIGHT * place + 17})")


def _cell(number: float | None, column: int, voice: Voice, signed: bool) -> Markup:
    x = _NAMES_WIDTH + _CELL_WIDTH * column
    ground = "hx" if number is None else shade(number)
    stroke = tag("path", d=f"M{x}-5h{_CELL_WIDTH - 2}", class_=ground)
    return stroke + tag("text", voice.maybe(number, signed=signed), x=x + _CELL_WIDTH / 2)


def _legend(y: float, voice: Voice) -> Markup:
    edges = [-1.0, *(-edge for edge in reversed(_STEPS)), *_STEPS, 1.0]
    boxes = []
    for place, (low, high) in enumerate(pairwise(edges)):
        x = _NAMES_WIDTH + place * _SWATCH
        boxes.append(tag("path", d=f"M{x} {y + 7}h{_SWATCH}", class_=shade((low + high) / 2)))
    digits = [2 if abs(edge) == 0.75 else 1 for edge in edges]
    ticks = [
        words(voice.decimal(edge, n_digits), _NAMES_WIDTH + place * _SWATCH, y + 28)
        for place, (edge, n_digits) in enumerate(zip(edges, digits, strict=True))
    ]
    name = words(voice.say("legend_scale"), _NAMES_WIDTH - 24, y + 12, class_="e m")
    return group([name, group(boxes, stroke_width=14), group(ticks, class_="c m")])
