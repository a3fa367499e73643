"""Agreement over drawn rankings, in the people's panel."""

from __future__ import annotations

import pytest

from harness.report.panels.panel import Panel, TitledTable
from harness.report.panels.people import people_panel
from harness.report.voice import Voice
from harness.schema import Comparison, DrawnMean, DrawnRankings, Estimate, Language


def with_draws(full: Comparison) -> Comparison:
    """The comparison with people and one judge measured over drawn rankings."""
    assert full.people_panel is not None
    judge = next(row.row_id for row in full.rows if row.kind == "judge")
    plain = Estimate(value=0.5, n=40, unit="verdicts")
    weighted = Estimate(value=0.25, n=40, unit="verdicts")
    means = tuple(DrawnMean(row_id=row_id, plain=plain, weighted=weighted) for row_id in (None, judge))
    drawn = DrawnRankings(n_drawn=40, n_not_drawn=12, worth=23.4, means=means)
    panel = full.people_panel.model_copy(update={"drawn": drawn})
    return full.model_copy(update={"people_panel": panel})


def tables_of(comparison: Comparison, language: Language) -> tuple[TitledTable, ...]:
    """The tables below the people's figure."""
    panel = people_panel(comparison, Voice(language))
    assert isinstance(panel, Panel)
    return panel.tables


@pytest.mark.parametrize(
    ("language", "title", "people", "number"),
    [
        ("en", "Agreement with the drawing of cases undone", "Two people", "0.25"),
        ("fr", "L’accord une fois le tirage des cas compensé", "Deux personnes", "0,25"),
    ],
)
def test_both_means_stand_side_by_side(
    full: Comparison, language: Language, title: str, people: str, number: str
) -> None:
    """People and the judge have a line each: as they are, and weighted; the caption counts and weighs."""
    table = next(one for one in tables_of(with_draws(full), language) if one.title == title)
    assert table.table.rows[0][0] == people
    assert len(table.table.rows) == 2
    assert all(number in row[2] for row in table.table.rows)
    assert all(count in table.caption for count in ("40", "12", "23"))


def test_without_draws_there_is_no_such_table(full: Comparison) -> None:
    """Where no ranking says how its case was drawn the panel is as it was."""
    assert len(tables_of(with_draws(full), "en")) == len(tables_of(full, "en")) + 1
