"""The panels about people: reliability, split cases, planning, replacement, mixed grading, costs."""

from __future__ import annotations

import re

import pytest

from harness.report import render_html
from harness.report.panels.costs import costs_panel
from harness.report.panels.panel import Missing, Panel
from harness.report.panels.people import people_panel
from harness.report.panels.replacement import replacement_panel, semi_panel
from harness.report.secondary import group_line, secondary_table
from harness.report.selection import select
from harness.report.voice import Voice
from harness.schema import Comparison, Estimate, Manifest, Replacement

ENGLISH = Voice("en")
FRENCH = Voice("fr")
UNKIND = re.compile(r"\b(bad annotator|unreliable|careless|mauvais annotateur|peu fiable|négligent)\b", re.I)


def shown(panel: Panel | Missing) -> Panel:
    """The panel, which must have something to show."""
    assert isinstance(panel, Panel)
    return panel


def test_flags_are_careful_words(full: Comparison) -> None:
    """Two signals mean “look at”; nobody is called bad, in either language; one signal is only named."""
    for voice, words in ((ENGLISH, "look at: agrees little"), (FRENCH, "à regarder : s’accorde peu")):
        panel = shown(people_panel(full, voice))
        texts = [cell.replace("\u00a0", " ") for row in panel.figures[0].table.rows for cell in row]
        assert sum(text.startswith(words) for text in texts) == 1
        assert UNKIND.search(" ".join([*texts, *panel.notes, panel.figures[0].caption])) is None
    signals = [row[-1] for row in shown(people_panel(full, ENGLISH)).figures[0].table.rows]
    assert "very fast" in signals


def test_flagged_people_come_first(full: Comparison) -> None:
    """Who is to be looked at stands on top, then the lowest agreement."""
    panel = shown(people_panel(full, ENGLISH))
    assert [row[0] for row in panel.figures[0].table.rows][:3] == ["Loutre 5", "Loutre 0", "Loutre 1"]
    assert panel.figures[0].title.endswith("to look at: 1")


def test_nobody_to_look_at_is_said(full: Comparison) -> None:
    """Without a flag the title says that nothing stands out."""
    assert full.people_panel is not None
    kind = tuple(one.model_copy(update={"flagged": False}) for one in full.people_panel.people)
    quiet = full.model_copy(update={"people_panel": full.people_panel.model_copy(update={"people": kind})})
    assert shown(people_panel(quiet, ENGLISH)).figures[0].title.endswith("nothing stands out")


def test_split_cases_next_case_and_plan_stand_below(full: Comparison) -> None:
    """The case that divides most is first, the next case is named, the plan has a column per design."""
    split, following, plan = shown(people_panel(full, ENGLISH)).tables
    assert (split.title, split.table.rows[0][0]) == (
        "Cases that split the people: 5 of 6\u00a0cases",
        "A first poem",
    )
    assert following.title == "The next case to have graded: “Ibuprofen and the heart”"
    assert plan.table.heads[1:] == (
        "3\u00a0people, 1\u00a0repeat",
        "5\u00a0people, 3\u00a0repeats",
        "30\u00a0people, 5\u00a0repeats",
    )
    assert (
        plan.title == "±\u00a00.10 on other cases would take 30\u00a0cases × 5\u00a0people × 3\u00a0repeats"
    )
    assert "not of these data: redo after a pilot" in plan.caption


def test_anonymous_votes_are_not_read_person_by_person(full: Comparison) -> None:
    """Votes still split cases; the page says why nothing is said per person."""
    reference = full.reference.model_copy(update={"people_known": False})
    assert full.people_panel is not None
    nobody = full.people_panel.model_copy(update={"people": ()})
    panel = shown(
        people_panel(full.model_copy(update={"reference": reference, "people_panel": nobody}), ENGLISH)
    )
    assert panel.notes == ("Nothing is said person by person: voters unknown.",)
    assert panel.figures == ()


def test_a_key_is_no_panel_of_people(comparison: Comparison) -> None:
    """One person's key leaves only the reason."""
    assert people_panel(comparison, ENGLISH) == Missing("The people who graded", "no people")


def test_below_thirty_cases_nothing_passes(full: Comparison) -> None:
    """Six cases: the share is shown, and the verdict is a sentence."""
    panel = shown(replacement_panel(full, select(full), ENGLISH))
    assert "too few cases to decide" in panel.figures[0].title
    assert {row[3] for row in panel.figures[0].table.rows} == {"fewer than 30 cases: not decided"}
    assert "passes<" not in str(panel.figures[0].svg)


def test_a_judge_read_in_few_cases_does_not_speak_for_all(full: Comparison) -> None:
    """The caption gives the range of cases over the judges, not the first one's."""
    first = full.replacements[0].model_copy(update={"n_cases": 2})
    uneven = full.model_copy(update={"replacements": (first, *full.replacements[1:])})
    caption = shown(replacement_panel(uneven, select(uneven), ENGLISH)).figures[0].caption
    assert "12\u00a0people, 2–6\u00a0cases" in caption


def test_with_enough_cases_passing_judges_are_counted(full: Comparison) -> None:
    """Thirty cases: the title counts who passes, and says so in the table."""

    def decided(one: Replacement, place: int) -> Replacement:
        omega = Estimate(value=0.6, n=12, unit="people")
        return one.model_copy(update={"n_cases": 40, "omega": omega, "passes": place < 3})

    records = tuple(decided(one, place) for place, one in enumerate(full.replacements))
    enough = full.model_copy(update={"replacements": records})
    figure = shown(replacement_panel(enough, select(enough), ENGLISH)).figures[0]
    assert figure.title.endswith("3\u00a0of\u00a016")
    assert [row[3] for row in figure.table.rows].count("passes") == 3


@pytest.mark.parametrize(
    ("drawn", "words"), [(None, "an illustration, not a measurement"), (True, "drawn at random, as")]
)
def test_the_random_sample_is_checked_and_said(full: Comparison, drawn: bool | None, words: str) -> None:
    """Unless the cases are known to be a random sample, the estimate is called an illustration."""
    records = tuple(one.model_copy(update={"random_sample": drawn}) for one in full.semi_automatic)
    panel = shown(semi_panel(full.model_copy(update={"semi_automatic": records}), select(full), ENGLISH))
    assert words in panel.figures[0].caption
    assert panel.figures[0].title == (
        "Adding the cases that only the judge graded is worth 2.0 to 2.2 times the people’s cases"
    )


def test_a_wage_is_shown_with_its_source(full: Comparison) -> None:
    """Whose wage, when and from where stands beside the amount, to the cent, in both languages."""
    for voice, words in (
        (ENGLISH, "$23.23 / h (Median hourly wage"),
        (FRENCH, "23,23\u00a0$ / h (Salaire horaire médian"),
    ):
        (table,) = shown(costs_panel(full, select(full), voice)).tables
        assert table.table.rows[0][-1].startswith(words)
    (table,) = shown(costs_panel(full, select(full), ENGLISH)).tables
    assert table.title == "A thousand graded cases: people alone $645, judge alone $1.84, semi-automatic $85"


def test_an_unknown_price_is_not_zero(full: Comparison) -> None:
    """A judge without a price has words in its cell, and its time."""
    (table,) = shown(costs_panel(full, select(full), ENGLISH)).tables
    local = next(row for row in table.table.rows if "Qwen2.5-Coder 1.5B" in row[0])
    assert local[1:3] == ("price unknown", "0.8")


def test_a_judges_other_rulebooks_cost_behind_a_fold(full: Comparison) -> None:
    """Each judge costs one line in front, whatever the number of rulebooks."""
    lines = tuple(
        full.costs[2].model_copy(update={"row_id": row.row_id}) for row in full.rows if row.kind == "judge"
    )[:16]
    panel = shown(costs_panel(full.model_copy(update={"costs": lines}), select(full), ENGLISH))
    assert len(panel.tables[0].table.rows) == 4
    assert panel.folds[0].title == "The same judges under other rulebooks (12 rows)"


def test_the_groups_coefficients_stand_above_the_table(full: Comparison, manifest: Manifest) -> None:
    """Krippendorff's alpha and Kendall's W are said once, with interval and n, and the ceiling explained."""
    assert group_line(full.reference, ENGLISH).startswith(
        "Other measures of the group: Krippendorff’s α (ordinal) 0.38"
    )
    page = render_html(full, manifest, language="en")
    assert "Agreement between two people is the ceiling to read the table by" in page


def test_secondary_coefficients_stand_in_a_fold(full: Comparison, comparison: Comparison) -> None:
    """S2 is printed with the number of pairs that survive; without any coefficient there is no fold."""
    table = secondary_table(select(full), ENGLISH)
    assert table is not None
    assert [head for head, _ in table.heads][2:] == ["S1", "S2", "Same top"]
    s2 = table.blocks[0].lines[0].cells[1]
    assert (s2.text, s2.small) == ("70%", ("31\u00a0pairs",))
    assert secondary_table(select(comparison), ENGLISH) is None
