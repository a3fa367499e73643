from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest
from markupsafe import Markup

from harness.report.figures.heat import HeatGrid, HeatRow, heat_map, shade
from harness.report.figures.shares import Piece, SharesChart, shares_chart
from harness.report.figures.slope import SlopeChart, SlopeColumn, mid_ranks_of, slope_chart
from harness.report.figures.slots import SlotChart, SlotPanel, slot_chart
from harness.report.svg import tag
from harness.report.voice import Voice

FRENCH = Voice("fr")


def tree(svg: Markup) -> ET.Element:
    """The drawing as a tree; malformed markup fails here."""
    return ET.fromstring(str(svg))  # noqa: S314 - our own drawing


def texts(svg: Markup) -> list[str]:
    """Every text that is drawn."""
    return [element.text or "" for element in tree(svg).iter("text")]


def test_attributes_and_texts_are_escaped() -> None:
    """Nothing that comes from outside can end a tag or an attribute."""
    made = tag("text", '<script>"&', class_='a"b')
    assert made == '<text class="a&#34;b">&lt;script&gt;&#34;&amp;</text>'


@pytest.mark.parametrize(
    ("number", "name"),
    [(0.0, "h0"), (-0.1, "h0"), (0.11, "p1"), (-0.4, "n2"), (0.6, "p3"), (-1.0, "n4"), (1.0, "p4")],
)
def test_a_shade_tells_sign_and_strength(number: float, name: str) -> None:
    """Both directions have their own colours, and zero has none."""
    assert shade(number) == name


def test_the_heat_map_prints_every_number() -> None:
    """Each cell holds its number, and a missing one holds a dash."""
    rows = (HeatRow("juge", (0.25, None)), HeatRow("autre", (-1.0, 0.0)))
    drawn = texts(heat_map(HeatGrid("h", "t", "d", ("un", "deux"), rows), FRENCH))
    assert [text for text in drawn if text in ("0,25", "–", "−1,00", "0,00")] == [
        "0,25",
        "–",
        "−1,00",
        "0,00",
    ]


def test_tiers_become_mid_ranks_with_the_worst_at_one() -> None:
    """A = D > C > B: the tied pair shares 3.5, B stands at 1."""
    assert mid_ranks_of((("a", "d"), ("c",), ("b",))) == {"a": 3.5, "d": 3.5, "c": 2, "b": 1}


def test_ties_meet_in_one_dot() -> None:
    """Two tied answers are one dot with both letters; the rest have their own."""
    column = SlopeColumn("corrigé", "", {"a": 3.5, "d": 3.5, "c": 2.0, "b": 1.0})
    drawn = texts(slope_chart(SlopeChart("s", "t", "d", ("a", "b", "c", "d"), (column,)), FRENCH))
    assert [text for text in drawn if re.fullmatch(r"[A-D](·[A-D])*", text)] == ["A·D", "C", "B"]


def test_the_best_is_on_top() -> None:
    """BEST stands above WORST, and a higher mid-rank is drawn higher."""
    column = SlopeColumn("juge", "hhh", {"a": 2.0, "b": 1.0})
    svg = tree(slope_chart(SlopeChart("s", "t", "d", ("a", "b"), (column, column)), FRENCH))
    heights = {element.text: float(element.attrib["y"]) for element in svg.iter("text")}
    assert heights["MEILLEURE"] < heights["PIRE"]
    assert heights["A"] < heights["B"]


def test_shares_and_people_stand_on_one_axis() -> None:
    """The length of a box is its place on the axis, for judges and people alike."""
    pieces = (Piece("model", 0.2, "modèle"), Piece("noise", 0.1, "bruit"))
    svg = tree(shares_chart(SharesChart("x", "t", "d", pieces, Piece("people", 0.3, "gens"), ""), FRENCH))
    widths = [float(box.attrib["width"]) for box in svg.iter("rect") if "k-" in box.attrib.get("class", "")]
    model, noise, people = widths[:3]
    assert model == pytest.approx(2 * noise, rel=0.01)
    assert people == pytest.approx(model + noise, rel=0.01)


def test_a_negative_share_is_drawn_to_the_left_of_zero() -> None:
    """An estimate below zero is shown as it is."""
    pieces = (Piece("model", 0.4, "modèle"), Piece("rulebook", -0.05, "règlement"))
    svg = tree(shares_chart(SharesChart("x", "t", "d", pieces, None, "pas de personnes"), FRENCH))
    boxes = {
        box.attrib["class"]: float(box.attrib["x"])
        for box in svg.iter("rect")
        if float(box.attrib["height"]) > 20
    }
    assert boxes["k-rulebook"] < boxes["k-model"]
    assert "pas de personnes" in [element.text for element in svg.iter("text")]


def test_slot_bars_go_up_for_favoured_slots() -> None:
    """A favoured slot's bar ends at the line from above, the other's starts there."""
    panel = SlotPanel(("juge", "hhh"), ("A", "B"), (0.5, -0.5), ("soi 0,2",))
    up, down = list(tree(slot_chart(SlotChart("s", "t", "d", (panel,)), FRENCH)).iter("rect"))
    assert float(up.attrib["y"]) + float(up.attrib["height"]) == pytest.approx(
        float(down.attrib["y"]), abs=0.1
    )
