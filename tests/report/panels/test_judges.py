"""The panels about judges: rules, weights, biases, leaderboards, the map."""

from __future__ import annotations

import re

import pytest

from harness.report.edition import voice_for
from harness.report.judge_figures import slot_figure
from harness.report.panels.bias import bias_findings, bias_panel, bias_table
from harness.report.panels.boards import boards_panel
from harness.report.panels.map import map_panel
from harness.report.panels.panel import Missing, Panel, WideTable
from harness.report.panels.rules import rules_panel
from harness.report.panels.weights import weights_panel
from harness.report.selection import select
from harness.report.voice import Voice
from harness.schema import Comparison, MapPoint, OpinionMap, RuleEffect

ENGLISH = Voice("en")


def shown(panel: Panel | Missing) -> Panel:
    """The panel, which must have something to show."""
    assert isinstance(panel, Panel)
    return panel


def test_a_rule_is_counted_by_its_corrected_p(full: Comparison) -> None:
    """Two of six rules show after Holm; the third rule's p alone would not be enough to say so."""
    figure = shown(rules_panel(full, ENGLISH)).figures[0]
    assert figure.title.endswith("2\u00a0of\u00a06")
    effects = tuple(
        one.model_copy(update={"holm_p": None, "test": None}) if one.rule == 2 else one
        for one in full.rule_effects
    )
    bare = shown(rules_panel(full.model_copy(update={"rule_effects": effects}), ENGLISH)).figures[0]
    assert bare.title.endswith("0\u00a0of\u00a04")


def test_a_rule_is_shown_with_its_text_in_the_readers_language(full: Comparison) -> None:
    """The table holds the rule's own words; the drawing its number and criterion."""
    figure = shown(rules_panel(full, voice_for(full, "fr"))).figures[0]
    texts = [row[1] for row in figure.table.rows]
    assert "Dire ce qui est incertain." in texts
    assert "règle 2 (honnête)" in str(figure.svg)
    assert "L’aide d’abord" in str(figure.svg)


def test_no_rule_left_out_is_a_reason(full: Comparison) -> None:
    """Without ablations the panel says that no rule was left out."""
    bare = rules_panel(full.model_copy(update={"rule_effects": ()}), ENGLISH)
    assert bare == Missing("Which rule moves what?", "no rule was left out")


def test_effects_of_rules_without_text_are_named_by_number(full: Comparison) -> None:
    """A rulebook that the comparison does not describe leaves the number of the rule."""
    effects: tuple[RuleEffect, ...] = full.rule_effects[:1]
    lone = full.model_copy(update={"rule_effects": effects, "rulebooks": ()})
    figure = shown(rules_panel(lone, ENGLISH)).figures[0]
    assert figure.table.rows[0][1] == "–"
    assert "helpful-first" in figure.table.rows[0][0]


def test_conflicts_come_first_and_few_of_them_are_words(full: Comparison) -> None:
    """The open figure counts conflicts; a pair with six has words instead of a share."""
    panel = shown(weights_panel(full, select(full), ENGLISH))
    assert panel.figures[0].title.startswith("6 to 24 conflicts per pair of criteria")
    few = [row for row in panel.figures[0].table.rows if row[1] == "honest against harmless"]
    assert {row[2] for row in few} == {"6"}
    assert {row[-1] for row in few} == {"too few conflicts"}
    assert panel.figures[0].table.rows[0][0] == "The people together"


def test_with_few_cases_shares_are_a_direction_only(full: Comparison) -> None:
    """Six cases: the fold says “direction only”, and the order stands before the numbers."""
    (table,) = shown(weights_panel(full, select(full), ENGLISH)).folds[0].tables
    assert table.title.startswith("Direction only: with 6\u00a0cases")
    assert table.table.rows[0][1] == "helpful > honest > harmless"
    many = tuple(one.model_copy(update={"n_cases": 80}) for one in full.weights)
    (large,) = (
        shown(weights_panel(full.model_copy(update={"weights": many}), select(full), ENGLISH)).folds[0].tables
    )
    assert large.title.startswith("Shares of the three criteria")


def test_weights_that_nobody_stated_are_not_compared(full: Comparison) -> None:
    """The column of stated weights is there only when a rulebook states numbers."""
    silent = tuple(one.model_copy(update={"stated": {}, "difference": {}}) for one in full.weights)
    (table,) = (
        shown(weights_panel(full.model_copy(update={"weights": silent}), select(full), ENGLISH))
        .folds[0]
        .tables
    )
    assert "Stated weights (difference)" not in table.table.heads


def test_no_criteria_asked_is_a_reason(full: Comparison) -> None:
    """Without grades on the criteria there is no panel."""
    bare = full.model_copy(update={"weights": ()})
    assert weights_panel(bare, select(bare), ENGLISH) == Missing(
        "Helpful, honest, harmless: which one wins?", "criteria not asked for"
    )


def test_a_habit_without_any_number_leaves_the_table(full: Comparison) -> None:
    """Nobody's authors are known: the column goes, and its reason stands below the table."""
    table = bias_table(full, select(full), ENGLISH)
    assert isinstance(table, WideTable)
    assert "Self-preference" not in [head for head, _ in table.heads]
    assert "Self-preference (authors of the answers unknown)" in table.caption
    assert {len(line.cells) for block in table.blocks for line in block.lines} == {len(table.heads) - 2}


def test_missing_verdicts_show_their_worst_and_best_case(full: Comparison) -> None:
    """Bounds stand below the share of missing verdicts, and only where verdicts are missing."""
    table = bias_table(full, select(full), ENGLISH)
    assert isinstance(table, WideTable)
    place = [head for head, _ in table.heads].index("Missing") - 2
    first, second = table.blocks[0].lines[:2]
    assert (first.cells[place].text, first.cells[place].small) == ("12%", ("τₓ from −0.11 to 0.24",))
    assert (second.cells[place].text, second.cells[place].small) == ("0%", ())


def test_what_stands_out_is_counted(full: Comparison) -> None:
    """Rows whose interval lies above zero are counted among those with an interval."""
    assert bias_findings(full, select(full), ENGLISH) == (
        "Rows that prefer long answers more than people do (interval above zero): 1\u00a0of\u00a016.",
        "Rows that obey an order slipped into an answer (interval above zero): 1\u00a0of\u00a01.",
    )


def test_without_bias_records_the_slots_stay(comparison: Comparison) -> None:
    """The slot charts do not wait for the other habits."""
    slots = slot_figure(select(comparison), ENGLISH)
    panel = bias_panel(comparison, select(comparison), slots, ENGLISH)
    assert (panel.heading, panel.figures, panel.wide) == ("Does the place matter?", (slots,), None)


def test_systems_stand_in_the_peoples_order(full: Comparison) -> None:
    """People's best system is on top, each side has its mark, and the ghost is mentioned where needed."""
    figure = shown(boards_panel(full, select(full), ENGLISH)).figures[0]
    assert figure.table.rows[0][:2] == ("The people together", "gpt-4")
    drawn = re.findall(r">(gpt-4|dolly|alpaca)</text>", str(figure.svg))
    assert drawn == ["gpt-4", "alpaca", "dolly"]
    assert "w-people" in str(figure.svg)
    assert "ghost" in figure.caption


def test_every_judge_is_drawn_before_a_second_rulebook(full: Comparison) -> None:
    """With more boards than marks, each judge has its first one in the drawing."""
    rows = [row for row in full.rows if row.kind == "judge"][:16]
    many = tuple(full.leaderboards[1].model_copy(update={"row_id": row.row_id}) for row in rows)
    wide = full.model_copy(update={"leaderboards": many})
    drawn = str(shown(boards_panel(wide, select(wide), ENGLISH)).figures[0].svg)
    assert all(title in drawn for title in ("Qwen2.5-Coder 1.5B", "Qwen2.5-Coder 0.5B", "SmolLM2 135M"))


def test_unknown_authors_are_a_reason(comparison: Comparison) -> None:
    """Answers that nobody signed rank no system."""
    assert boards_panel(comparison, select(comparison), ENGLISH) == Missing(
        "Who wrote the best answers?", "authors of the answers unknown"
    )


def test_the_map_prints_its_value_under_chance(full: Comparison) -> None:
    """Both axes' part is said beside what pure chance would hold, the stability too."""
    figure = shown(map_panel(full, select(full), ENGLISH)).figures[0]
    assert figure.title == "The two axes hold 46% of the differences; pure chance would hold 35%"
    assert "0.74; chance: 0.61" in figure.caption
    assert figure.caption.startswith("A picture, not evidence.")


def test_arrows_lead_from_no_rules_to_each_rulebook(full: Comparison) -> None:
    """Two judges under two rulebooks each: four arrows, no arrow between judges."""
    svg = str(shown(map_panel(full, select(full), ENGLISH)).figures[0].svg)
    arrows = re.search(r'<g class="j">(.*?)</g>', svg)
    assert arrows is not None
    assert arrows[1].count("<path") == 4


def test_a_map_that_is_not_allowed_is_a_reason(full: Comparison) -> None:
    """Points may be there: without leave to show them, the reason is all that stands on the page."""
    assert full.opinion_map is not None
    hidden: OpinionMap = full.opinion_map.model_copy(
        update={"shown": False, "undefined_because": "not_better_than_noise"}
    )
    assert map_panel(full.model_copy(update={"opinion_map": hidden}), select(full), ENGLISH) == Missing(
        "The map", "no better than noise"
    )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_one_rulebook_names_the_judges_on_the_map(full: Comparison, language: str) -> None:
    """Where rulebooks tell nothing apart, a judge's point carries the judge's name."""
    assert full.opinion_map is not None
    points = tuple(
        point for point in full.opinion_map.points if point.kind != "judge" or point.rulebook_id == "hhh"
    )
    one = full.model_copy(update={"opinion_map": full.opinion_map.model_copy(update={"points": points})})
    svg = str(shown(map_panel(one, select(one), Voice("fr" if language == "fr" else "en"))).figures[0].svg)
    assert svg.count(">qwen-1.5b<") == 2


def test_the_map_speaks_the_readers_language(full: Comparison) -> None:
    """A panel and a baseline are named by the report, and a judge asked in pairs is told from itself."""
    assert full.opinion_map is not None
    twice = tuple(
        row.model_copy(update={"title": "Qwen"}) if row.annotator_id.startswith("qwen-1.5b") else row
        for row in full.rows
    )
    pairs = next(row for row in twice if row.protocol == "pairwise")
    listwise = next(row for row in twice if row.annotator_id == "qwen-1.5b")
    points = (
        MapPoint(kind="panel", title="panel of 3 judges", x=0, y=1),
        MapPoint(kind="baseline", title="all-tied", x=0, y=0),
        MapPoint(kind="judge", title="Qwen", row_id=pairs.row_id, judge_id="q2", rulebook_id="hhh", x=1, y=0),
        MapPoint(
            kind="judge", title="Qwen", row_id=listwise.row_id, judge_id="q1", rulebook_id="hhh", x=1, y=1
        ),
    )
    found = full.opinion_map.model_copy(update={"points": points})
    own = full.model_copy(update={"opinion_map": found, "rows": twice})
    names = [row[0] for row in shown(map_panel(own, select(own), Voice("fr"))).figures[0].table.rows]
    assert names == ["Panel des juges", "tout ex æquo", "Qwen · 2 à 2 · hhh", "Qwen · hhh"]
