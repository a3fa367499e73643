"""Orders side by side, one column each, every answer a line that leads from order to order."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.report.classroom.sheet import DASHES, INK, PAPER, RULE, SOFT, TINTS, Sheet, label, sheet_drawing
from harness.report.svg import Frame, group, tag
from harness.report.voice import Voice

_SAME = 1e-9


@dataclass(frozen=True)
class Column:
    """One order: its name, a second line below it, the place of each answer (1 = worst)."""

    name: str
    note: str
    places: dict[str, float]
    joined: bool = True
    """Lines lead here from the column before."""
    is_class: bool = False


@dataclass(frozen=True)
class Slopes:
    """Everything that the chart shows; `span` columns share each name (2: an order before and after)."""

    figure_id: str
    title: str
    description: str
    letters: dict[str, str]
    columns: tuple[Column, ...]
    height: float
    span: int = 1


@dataclass(frozen=True)
class _Plan:
    left: float
    step: float
    top: float
    rank: float
    n_answers: int

    def x(self, place: int) -> float:
        return self.left + self.step * place

    def y(self, mid_rank: float) -> float:
        return self.top + self.rank * (self.n_answers - mid_rank)


def slopes(chart: Slopes, sheet: Sheet, voice: Voice) -> Markup:
    """Draw the chart on its own."""
    frame = Frame(chart.figure_id, sheet.width, chart.height, chart.title, chart.description)
    return sheet_drawing(sheet, frame, *slope_parts(chart, sheet, voice))


def slope_parts(chart: Slopes, sheet: Sheet, voice: Voice) -> list[Markup]:
    """The chart's elements, for a drawing that holds something else as well."""
    plan = _plan(chart, sheet, voice)
    lines = [_line(chart, answer, tint, plan, sheet) for tint, answer in enumerate(chart.letters)]
    places = range(0, len(chart.columns), chart.span)
    width = plan.step * chart.span - sheet.text * 0.6
    names = sheet.heads([chart.columns[place].name for place in places], width)
    heads = [_head(chart, place, lines, plan, sheet) for place, lines in zip(places, names, strict=True)]
    dots = [_dots(chart, place, plan, sheet) for place in range(len(chart.columns))]
    return [_ends(plan, sheet, voice), *lines, *heads, *dots]


def _plan(chart: Slopes, sheet: Sheet, voice: Voice) -> _Plan:
    n_answers = max(2, len(chart.letters))
    names = (voice.say("class_best"), voice.say("class_worst"))
    ends = max(sheet.room(name, bold=True) for name in names)
    n_columns = max(1, len(chart.columns))
    free = sheet.width - ends - sheet.text
    step = free / n_columns
    head = sheet.line * (3 if any(column.note for column in chart.columns) else 2) + sheet.text * 0.9
    rank = (chart.height - head - sheet.text) / (n_answers - 1)
    return _Plan(ends + sheet.text + step / 2, step, head, rank, n_answers)


def _ends(plan: _Plan, sheet: Sheet, voice: Voice) -> Markup:
    top, bottom = plan.y(plan.n_answers), plan.y(1)
    start = plan.left - plan.step / 2
    guides = [tag("path", d=f"M{start:.0f} {y:.0f}H{sheet.width:.0f}", stroke=RULE) for y in (top, bottom)]
    best = label(voice.say("class_best"), 0, top, font_weight="700")
    return group([*guides, best, label(voice.say("class_worst"), 0, bottom, font_weight="700")])


def _line(chart: Slopes, answer: str, tint: int, plan: _Plan, sheet: Sheet) -> Markup:
    path, pen_down = [], False
    for place, column in enumerate(chart.columns):
        if answer not in column.places:
            pen_down = False
            continue
        command = "L" if pen_down and column.joined else "M"
        x, y = next((x, y) for x, y, answers in _spots(chart, place, plan, sheet) if answer in answers)
        path.append(f"{command}{x:.0f} {y:.0f}")
        pen_down = True
    if len(path) < 2:
        return Markup("")
    dash = DASHES[tint % len(DASHES)]
    return tag(
        "path",
        d="".join(path),
        fill="none",
        stroke=TINTS[tint % len(TINTS)],
        stroke_width=sheet.text / 6,
        **({"stroke_dasharray": dash} if dash else {}),
    )


def _head(chart: Slopes, place: int, lines: tuple[str, ...], plan: _Plan, sheet: Sheet) -> Markup:
    column = chart.columns[place]
    x = plan.x(place) + plan.step * (chart.span - 1) / 2
    weight = "700" if column.is_class else "400"
    parts = [
        label(line, x, sheet.line * (number + 0.5), font_weight=weight, text_anchor="middle")
        for number, line in enumerate(lines)
    ]
    if column.note:
        parts.append(label(column.note, x, sheet.line * 2.5, fill=SOFT, text_anchor="middle"))
    return group(parts)


def _dots(chart: Slopes, place: int, plan: _Plan, sheet: Sheet) -> Markup:
    column = chart.columns[place]
    if not column.places:
        return label("–", plan.x(place), plan.y((plan.n_answers + 1) / 2), text_anchor="middle")
    parts = []
    for x, y, answers in _spots(chart, place, plan, sheet):
        parts.append(_dot(x, y, "".join(chart.letters[answer] for answer in answers), sheet))
    return group(parts)


def _spots(chart: Slopes, place: int, plan: _Plan, sheet: Sheet) -> list[tuple[float, float, list[str]]]:
    """Where the dots of a column are; one that would lie on another stands beside it."""
    found, last_y, shift = [], -1e6, 0.0
    for mid_rank, answers in _meetings(chart.columns[place].places, chart.letters):
        y = plan.y(mid_rank)
        near = y - last_y < 2 * sheet.dot
        shift = shift + 2.1 * sheet.dot if near else 0.0
        last_y = last_y if near else y
        found.append((plan.x(place) + shift, y, answers))
    return found


def _meetings(places: dict[str, float], letters: dict[str, str]) -> list[tuple[float, list[str]]]:
    """Answers at the same place, best first: ties meet in one dot."""
    meetings: list[tuple[float, list[str]]] = []
    for answer in sorted((one for one in letters if one in places), key=lambda one: -places[one]):
        if meetings and abs(meetings[-1][0] - places[answer]) < _SAME:
            meetings[-1][1].append(answer)
        else:
            meetings.append((places[answer], [answer]))
    return meetings


def _dot(x: float, y: float, text: str, sheet: Sheet) -> Markup:
    half = max(sheet.dot, sheet.room(text, bold=True) / 2 + sheet.dot * 0.3)
    box = tag(
        "rect",
        x=x - half,
        y=y - sheet.dot,
        width=2 * half,
        height=2 * sheet.dot,
        rx=sheet.dot,
        fill=PAPER,
        stroke=INK,
        stroke_width=sheet.text / 12,
    )
    return box + label(text, x, y, text_anchor="middle", font_weight="700")
