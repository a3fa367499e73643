"""The new drawings: dots with intervals, the map, histograms."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from harness.report.figures.dots import Axis, Dot, DotChart, DotLine, dot_chart, ticks
from harness.report.figures.marks import N_MARKS, mark
from harness.report.figures.scatter import MapChart, Place, map_chart
from harness.report.figures.spread import SpreadChart, SpreadLine, spread_chart
from harness.report.voice import Voice

ENGLISH = Voice("en")


def chart(*lines: DotLine, axis: Axis | None = None) -> Markup:
    """A dot chart of some lines."""
    return dot_chart(DotChart("x", "t", "d", axis or Axis((0.0, 1.0)), lines), ENGLISH)


def tree(svg: Markup) -> ET.Element:
    """The drawing as a tree."""
    return ET.fromstring(str(svg))  # noqa: S314 - our own drawing


def spans(svg: Markup) -> list[tuple[float, float]]:
    """Both ends of every interval."""
    found = re.findall(r'd="M([0-9.]+) [0-9.]+H([0-9.]+)" class="i ', str(svg))
    return [(float(low), float(high)) for low, high in found]


@given(low=st.floats(-50, 49), width=st.floats(0.01, 50))
def test_ticks_hold_what_they_measure(low: float, width: float) -> None:
    """From at or below the lowest to at or above the highest, evenly spaced, few."""
    marks = ticks(low, low + width)
    assert marks[0] <= low + 1e-6
    assert marks[-1] >= low + width - 1e-6
    assert 2 <= len(marks) <= 11


def test_an_interval_lies_around_its_dot() -> None:
    """The stroke begins left of the dot and ends right of it, in the proportions of the numbers."""
    svg = chart(DotLine("one", (Dot(0.5, 0.25, 1.0),)))
    ((low, high),) = spans(svg)
    dot = next(float(element.attrib["cx"]) for element in tree(svg).iter("circle"))
    assert dot - low == pytest.approx((high - low) / 3, abs=0.2)


def test_an_interval_beyond_the_possible_ends_at_the_edge() -> None:
    """An agreement above one is not drawn: the stroke stops at the axis."""
    svg = chart(DotLine("one", (Dot(0.9, 0.2, 1.7),)), axis=Axis((0.0, 1.0), (-1.0, 1.0)))
    ((low, high),) = spans(svg)
    dot = next(float(element.attrib["cx"]) for element in tree(svg).iter("circle"))
    assert (dot - low) / (high - low) == pytest.approx(0.7 / 0.8, abs=0.01)


def test_no_number_is_said_in_words() -> None:
    """A line without a dot holds the reason, and a dot never stands at zero for want of a number."""
    svg = chart(DotLine("one", (), "too few people"))
    assert "too few people" in str(svg)
    assert list(tree(svg).iter("circle")) == []


def test_people_stand_on_the_line_of_the_name() -> None:
    """People's mark comes first, whatever the order in which marks were given."""
    svg = chart(DotLine("one", (Dot(0.2), Dot(0.6, kind="people"))))
    people, judge = (
        float(one.attrib["cy"])
        for one in sorted(tree(svg).iter("circle"), key=lambda one: float(one.attrib["cy"]))
    )
    assert people < judge
    first = min(tree(svg).iter("circle"), key=lambda one: float(one.attrib["cy"]))
    assert first.attrib["class"] == "w-people"


def test_six_judges_have_six_shapes() -> None:
    """Marks differ in shape, not only in colour; the seventh begins again."""
    shapes = [re.sub(r' class="w\d"', "", str(mark(place, 0, 0))) for place in range(N_MARKS)]
    assert len(set(shapes)) == N_MARKS
    assert mark(0, 3, 4) == mark(N_MARKS, 3, 4)


def test_the_map_has_one_scale() -> None:
    """A unit to the right is as long as a unit up, and up is up."""
    svg = map_chart(MapChart("m", "t", "d", (Place(0, 0.0, 0.0), Place(0, 1.0, 0.0), Place(0, 0.0, 1.0))))
    origin, right, above = ((float(c.attrib["cx"]), float(c.attrib["cy"])) for c in tree(svg).iter("circle"))
    assert right[0] - origin[0] == pytest.approx(origin[1] - above[1], abs=0.2)
    assert right[1] == pytest.approx(origin[1], abs=0.2)


def test_one_point_is_a_map_too() -> None:
    """All points in one place divide by nothing."""
    svg = map_chart(MapChart("m", "t", "d", (Place("person", 0.3, 0.3), Place("people", 0.3, 0.3, "we"))))
    assert "nan" not in str(svg)
    assert "inf" not in str(svg)


def test_names_on_the_map_do_not_cover_each_other() -> None:
    """Two points side by side have their names on different lines or sides."""
    places = (Place(0, 0.0, 0.0, "first name"), Place(0, 0.05, 0.0, "second name"), Place(0, 1.0, 0.5))
    svg = map_chart(MapChart("m", "t", "d", places))
    found = {e.text: (float(e.attrib["x"]), float(e.attrib["y"])) for e in tree(svg).iter("text")}
    (x1, y1), (x2, y2) = found["first name"], found["second name"]
    assert abs(y1 - y2) >= 10 or abs(x1 - x2) >= 66


def test_an_ellipse_turns_against_the_screen() -> None:
    """Angles count upwards as in the data, and the screen's second axis points down."""
    svg = map_chart(MapChart("m", "t", "d", (Place(0, 0.0, 0.0, "", (0.2, 0.1, 0.5)), Place(0, 1.0, 1.0))))
    assert "rotate(-28.6" in str(svg)


def test_a_histogram_gives_each_share() -> None:
    """Shares stand above the bars; empty bins have none."""
    svg = spread_chart(
        SpreadChart("s", "t", "d", (SpreadLine("judge", (1, 0, 0, 0, 0, 0, 0, 0, 0, 3), "0.5"),)), ENGLISH
    )
    drawn = [element.text for element in tree(svg).iter("text")]
    assert [text for text in drawn if text and text.endswith("%")] == ["25%", "75%"]
    low, high = (float(box.attrib["height"]) for box in tree(svg).iter("rect"))
    assert high == pytest.approx(3 * low, rel=0.02)
