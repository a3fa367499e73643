"""The orders of one case side by side: people or key on the left, one column per judge."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from harness.report.figures.figure import two_lines
from harness.report.svg import Frame, drawing, group, tag, words
from harness.report.voice import Voice

_LEFT, _COLUMN, _TOP, _RANK, _RADIUS = 130, 150, 78, 56, 11
_SAME = 1e-9
_TINTS = 6


@dataclass(frozen=True)
class SlopeColumn:
    """One ordering: who, under which rulebook, and the mid-rank of each answer, 1 = worst."""

    name: str
    rulebook: str
    mid_ranks: dict[str, float]


@dataclass(frozen=True)
class SlopeChart:
    """Everything that one chart shows."""

    figure_id: str
    title: str
    description: str
    answers: tuple[str, ...]
    columns: tuple[SlopeColumn, ...]


def letters(answer_ids: tuple[str, ...]) -> dict[str, str]:
    """Give each answer its letter, in the order of the case file."""
    return {answer_id: chr(ord("A") + place) for place, answer_id in enumerate(answer_ids)}


def mid_ranks_of(tiers: tuple[tuple[str, ...], ...]) -> dict[str, float]:
    """Place the tiers of an order, best first, on the axis where 1 is the worst."""
    places: dict[str, float] = {}
    below = sum(len(tier) for tier in tiers)
    for tier in tiers:
        places |= dict.fromkeys(tier, below - (len(tier) - 1) / 2)
        below -= len(tier)
    return places


def slope_chart(chart: SlopeChart, voice: Voice) -> Markup:
    """Draw the chart."""
    n_answers = len(chart.answers)
    width = _LEFT + _COLUMN * (len(chart.columns) - 1) + 90
    height = _TOP + _RANK * (n_answers - 1) + 34
    frame = Frame(chart.figure_id, width, height, chart.title, chart.description)
    lines = [_answer_line(chart, answer, tint % _TINTS) for tint, answer in enumerate(chart.answers)]
    columns = [_column(chart, place) for place in range(len(chart.columns))]
    return drawing(frame, _ends(n_answers, width, voice), *lines, *columns)


def _y(n_answers: int, mid_rank: float) -> float:
    return _TOP + _RANK * (n_answers - mid_rank)


def _ends(n_answers: int, width: float, voice: Voice) -> Markup:
    top, bottom = _y(n_answers, n_answers), _y(n_answers, 1)
    guides = [tag("path", d=f"M{_LEFT - 30} {y:.0f}H{width - 10:.0f}", class_="g") for y in (top, bottom)]
    ends = [
        words(voice.say("best"), 4, top + 4, class_="b"),
        words(voice.say("worst"), 4, bottom + 4, class_="b"),
    ]
    return group([*guides, *ends])


def _answer_line(chart: SlopeChart, answer: str, tint: int) -> Markup:
    n_answers = len(chart.answers)
    points = [
        (_LEFT + _COLUMN * place, _y(n_answers, column.mid_ranks[answer]))
        for place, column in enumerate(chart.columns)
        if answer in column.mid_ranks
    ]
    path = "L".join(f"{x:.0f} {y:.0f}" for x, y in points)
    return tag("path", d=f"M{path}", class_=f"l t{tint}") if len(points) > 1 else Markup("")


def _column(chart: SlopeChart, place: int) -> Markup:
    column = chart.columns[place]
    x = _LEFT + _COLUMN * place
    lines = two_lines(column.name, 18)
    heads = [words(line, x, 14 + 15 * number, class_="c b") for number, line in enumerate(lines)]
    if column.rulebook:
        heads.append(words(column.rulebook, x, 14 + 15 * len(lines), class_="c m"))
    name_of = letters(chart.answers)
    groups = _meetings(column.mid_ranks, chart.answers)
    dots, last_y, shift = [], -1000.0, 0.0
    for mid_rank, answers in groups:
        y = _y(len(chart.answers), mid_rank)
        shift = shift + 2 * _RADIUS + 2 if abs(y - last_y) < 2 * _RADIUS else 0.0
        last_y = y
        dots.append(_dot(x + shift, y, "·".join(name_of[answer] for answer in answers)))
    return group([*heads, group(dots, class_="c b d")])


def _meetings(mid_ranks: dict[str, float], answers: tuple[str, ...]) -> list[tuple[float, list[str]]]:
    """Answers at the same place, best first."""
    meetings: list[tuple[float, list[str]]] = []
    for answer in sorted((one for one in answers if one in mid_ranks), key=lambda one: -mid_ranks[one]):
        if meetings and abs(meetings[-1][0] - mid_ranks[answer]) < _SAME:
            meetings[-1][1].append(answer)
        else:
            meetings.append((mid_ranks[answer], [answer]))
    return meetings


def _dot(x: float, y: float, letters_text: str) -> Markup:
    text = words(letters_text, x, y + 4)
    if len(letters_text) == 1:
        return tag("circle", cx=x, cy=y, r=_RADIUS) + text
    half = _RADIUS + 3.5 * (len(letters_text) - 1)
    return tag("rect", x=x - half, y=y - _RADIUS, width=2 * half, height=2 * _RADIUS, rx=_RADIUS) + text
