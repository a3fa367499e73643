"""Drawings for a wall and for a phone: nothing runs out of its paper, nothing is told by colour alone."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from harness.report.classroom.axis import AxisChart, AxisLine, Spot, axis_chart
from harness.report.classroom.bars import Bar, BarChart, bar_chart
from harness.report.classroom.grid import Grid, GridLine, grid, most_lines
from harness.report.classroom.sheet import BIG, GROUNDS, SMALL, Sheet, step_of
from harness.report.classroom.slopes import Column, Slopes, slopes
from harness.report.prose_classroom import CLASSROOM
from harness.report.voice import Voice

FR = Voice("fr")


def _size(svg: str) -> tuple[float, float]:
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found is not None
    return float(found[1]), float(found[2])


def _bars(n_answers: int, n_grades: int, sheet: Sheet, halves: int = 1) -> str:
    counts = tuple(range(1, n_grades + 1))
    bars = [
        Bar(chr(65 + place), counts, starts_group=half == 0)
        for place in range(n_answers)
        for half in range(halves)
    ]
    return bar_chart(BarChart("f", "T", "D", tuple(bars), n_grades), sheet, FR)


@pytest.mark.parametrize("sheet", [BIG, SMALL])
@pytest.mark.parametrize(("n_answers", "halves"), [(2, 1), (4, 1), (10, 1), (4, 2), (5, 2)])
def test_bars_fit_their_paper(sheet: Sheet, n_answers: int, halves: int) -> None:
    """Any number of answers has room: the wall never scrolls."""
    width, height = _size(_bars(n_answers, 4, sheet, halves))
    assert width == sheet.width
    assert height <= sheet.height + sheet.text


def test_the_wall_s_text_is_large_enough_for_eight_metres() -> None:
    """Every text of a drawing for the wall is 30 px at 1280 × 720, where 28 is asked for."""
    svg = _bars(4, 4, BIG)
    assert set(re.findall(r'font-size="([\d.]+)"', svg)) == {"30"}
    assert BIG.width <= 1280 - 2 * 28


def test_each_grade_has_its_digit_and_its_own_pattern() -> None:
    """Grades can be told apart without colour: by the digit inside, and by texture."""
    svg = _bars(1, 4, BIG)
    bar, scale = re.findall(r">(\d)(?: · [^<]*)?</text>", svg)[:4], re.findall(r">(\d)</text>", svg)[-4:]
    assert bar == scale == ["1", "2", "3", "4"]
    textures = re.findall(r'<pattern.*?<path d="([^"]*)"', svg)
    assert len(textures) == len(set(textures)) == 4


@pytest.mark.parametrize("n_grades", [2, 3, 4, 5, 7])
def test_worst_and_best_have_the_ends_of_the_scale(n_grades: int) -> None:
    """However many grades there are, 1 is the first ground and the best the last, none shared."""
    steps = [step_of(grade, n_grades) for grade in range(1, n_grades + 1)]
    assert (steps[0], steps[-1]) == (0, len(GROUNDS) - 1)
    assert len(set(steps)) == n_grades


def test_ties_meet_in_one_dot() -> None:
    """Answers at the same place are one dot with both letters; lines lead from dot to dot."""
    places = {"a": 2.5, "b": 2.5, "c": 1.0}
    columns = (Column("X", "", places), Column("Y", "", {"a": 3.0, "b": 2.0, "c": 1.0}))
    chart = Slopes("f", "T", "D", {"a": "A", "b": "B", "c": "C"}, columns, 440)
    svg = slopes(chart, BIG, FR)
    assert ">AB<" in svg
    assert svg.count("<path") >= 3


def test_a_column_without_an_order_has_a_dash() -> None:
    """A judge that gave no readable order leaves a gap that says so."""
    columns = (Column("X", "", {"a": 2.0, "b": 1.0}), Column("Y", "", {}))
    svg = slopes(Slopes("f", "T", "D", {"a": "A", "b": "B"}, columns, 440), BIG, FR)
    assert ">–<" in svg


@pytest.mark.parametrize("n_cases", [1, 6, 24])
def test_the_grid_prints_every_number(n_cases: int) -> None:
    """Each cell holds its number or a dash, whatever its ground; all promised lines have room."""
    n_lines = most_lines(BIG)
    numbers = tuple(None if place % 5 == 4 else place / n_cases for place in range(n_cases))
    lines = tuple(GridLine(f"judge {place}", numbers, "0,10") for place in range(n_lines))
    heads = tuple(str(place + 1) for place in range(n_cases))
    svg = grid(Grid("f", "T", "D", heads, heads, lines, "Moyenne"), BIG, FR)
    assert svg.count(">–<") == n_lines * sum(number is None for number in numbers)
    assert _size(svg)[1] <= BIG.height + BIG.text


def test_an_axis_says_in_words_what_is_missing() -> None:
    """A line without a number carries its words, and nothing at zero."""
    lines = (AxisLine("A", Spot(0.5, 0.4, 0.6), text="50"), AxisLine("B", None, "trop peu"))
    svg = axis_chart(AxisChart("f", "T", "D", 0, 1, ((0.5, "50"),), lines), BIG)
    assert "trop peu" in svg
    assert svg.count("<rect") == 2  # the paper, and the square of the only number


def test_a_long_name_is_cut_and_a_longer_one_broken() -> None:
    """Names stay within their column: two lines at most, at spaces where there are any."""
    assert BIG.lines("La classe", 400) == ["La classe"]
    assert BIG.lines("Qwen2.5-Coder 1.5B", 230) == ["Qwen2.5-", "Coder 1.5B"]
    assert all(len(line) <= 12 for line in BIG.lines("x" * 80, 230))
    assert BIG.cut("abcdef", 1000) == "abcdef"


QWEN = ("Qwen2.5 0.5B Instruct", "Qwen2.5 1.5B Instruct", "Qwen2.5-Coder 0.5B", "Qwen2.5-Coder 1.5B")
QWEN_PAIRS = tuple(f"{name} (by pairs)" for name in QWEN)
TWINS = tuple("same" * 9 + "x" * 40 + letter for letter in "ab")
INSIDE = tuple("begin" * 9 + letter + "end" * 9 for letter in "ab")


@pytest.mark.parametrize("names", [QWEN, QWEN_PAIRS, QWEN + QWEN_PAIRS, TWINS, INSIDE])
@pytest.mark.parametrize("sheet", [BIG, SMALL])
@pytest.mark.parametrize("width", [60, 90, 130, 180, 260, 400])
def test_names_that_differ_look_different(names: tuple[str, ...], sheet: Sheet, width: float) -> None:
    """Four models of one family keep four names, on one line or two, however narrow the column."""
    fits = max(2, int(width / (sheet.text * 0.62)))
    assert len(set(sheet.names(names, width))) == len(names)
    assert len(set(sheet.heads(names, width))) == len(names)
    lines = [*sheet.names(names, width), *(line for lines in sheet.heads(names, width) for line in lines)]
    assert max(map(len, lines)) <= max(fits, 3)


def test_a_chart_keeps_four_judges_of_one_family_apart() -> None:
    """Each column of the slope chart, and each line of grid and axis, is headed by a name of its own."""
    columns = tuple(Column(name, "", {"a": 2.0, "b": 1.0}) for name in QWEN_PAIRS)
    chart = Slopes("f", "T", "D", {"a": "A", "b": "B"}, columns, 440)
    heads = slopes(chart, SMALL, FR)
    assert len(set(re.findall(r"<text[^>]*text-anchor=\"middle\"[^>]*>([^<]+)<", heads))) >= len(QWEN)
    lines = tuple(GridLine(name, (0.5,), "0,50") for name in QWEN_PAIRS)
    drawn = grid(Grid("f", "T", "D", ("1",), ("1",), lines, "Moyenne"), SMALL, FR)
    assert len(set(re.findall(r"text-anchor=\"end\"[^>]*>([^<]+)<", drawn))) == len(QWEN)
    spots = tuple(AxisLine(name, Spot(0.5, 0.4, 0.6), text="50") for name in QWEN_PAIRS)
    drawn = axis_chart(AxisChart("f", "T", "D", 0, 1, ((0.5, "50"),), spots), SMALL)
    assert len(set(re.findall(r"text-anchor=\"end\"[^>]*>([^<]+)<", drawn))) == len(QWEN)


def test_a_name_and_its_continuation_are_told_apart_by_more_than_dots() -> None:
    """`Qwen2.5-Coder 1.5B` beside `Qwen2.5-Coder 1.5B (2 à 2)`: the one that is cut shows its end."""
    names = ("Qwen2.5-Coder 1.5B", "Qwen2.5-Coder 1.5B (2 à 2)")
    assert BIG.heads(names, 230) == [("Qwen2.5-", "Coder 1.5B"), ("Qwen2.5-", "Coder…2 à 2)")]
    assert BIG.names(names, 380) == ["Qwen2.5-Coder 1.5B", "Qwen2.5-C…5B (2 à 2)"]


def test_two_of_the_same_name_stay_two_of_the_same_name() -> None:
    """Nothing is invented where nothing differs, and a name that fits stays as it is."""
    assert BIG.names(("A", "A", "B"), 400) == ["A", "A", "B"]
    assert BIG.heads(("La classe", "B"), 400) == [("La classe",), ("B",)]


def test_every_phrase_has_the_same_gaps_in_both_languages() -> None:
    """French and English say the same: each phrase in both, with the same numbers and names to fill in."""
    for key, both in CLASSROOM.items():
        gaps = [
            {name for _, name, _, _ in Formatter().parse(both[language]) if name} for language in ("fr", "en")
        ]
        assert gaps[0] == gaps[1], key


def test_sizes_that_only_a_digit_tells_apart_keep_it() -> None:
    """In a column of seven signs, 0.5B and 1.5B are told apart by their digit, not by a number of ours."""
    found = [lines[-1] for lines in BIG.heads(QWEN, 7 * 30 * 0.62 + 1)]
    assert len(set(found)) == len(QWEN)
    assert all(("0.5" if "0.5B" in name else "1.5") in line for name, line in zip(QWEN, found, strict=True))
