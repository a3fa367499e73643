from __future__ import annotations

from collections.abc import Callable

from harness.report.selection import row_label, select
from harness.report.tables import blocks, cell, empty_columns, value_columns, without
from harness.report.voice import Voice
from harness.schema import Comparison

Make = Callable[..., Comparison]
ENGLISH = Voice("en")


def test_people_and_baselines_are_rows_of_the_table(comparison: Comparison) -> None:
    """Judges come first by protocol, then the panel, the key and the baselines."""
    headings = [block.heading for block in blocks(select(comparison), ENGLISH)]
    assert headings == [
        "Judges · all answers at once",
        "Judges · two answers at a time",
        "Panel of judges",
        "Author’s key (one person)",
        "Baselines, which read nothing",
    ]


def test_paraphrases_and_other_languages_stand_behind_a_fold(comparison: Comparison) -> None:
    """Only base wording in the headline's language stands in front, and the others say what they are."""
    selection = select(comparison)
    assert all(row.wording == "base" and row.language == "fr" for row in selection.judges)
    labels = [row_label(row, ENGLISH, selection) for row in selection.others]
    assert labels == ["Qwen2.5-Coder 1.5B · hhh · paraphrase", "Qwen2.5-Coder 1.5B · hhh · English"]


def test_a_class_stands_behind_a_fold(comparison: Comparison, make: Make) -> None:
    """Nine people are folded, eight are not."""
    person = comparison.rows[0].model_copy(update={"kind": "person", "protocol": None, "title": "Loutre 7"})
    eight = select(make(rows=(person,) * 8))
    nine = select(make(rows=(person,) * 9))
    assert (len(eight.front), len(eight.folded_persons)) == (8, 0)
    assert (len(nine.front), len(nine.folded_persons)) == (0, 9)


def test_a_cell_gives_number_interval_and_n(comparison: Comparison) -> None:
    """Agreement is shown with its interval, the question it answers, and n."""
    shown = cell(comparison.rows[1], "tau_people", ENGLISH)
    assert shown.text == "0.07"
    assert shown.small == ("[−0.28,\u00a00.42] T3, n\u00a0=\u00a06",)


def test_an_undefined_cell_gives_words(comparison: Comparison) -> None:
    """No number means a reason, or a dash where the column does not apply."""
    row = comparison.rows[0]
    assert cell(row, "usd_per_1000", ENGLISH).text == "price unknown"
    assert cell(row, "order_flips", ENGLISH).text == "–"


def test_failures_stand_under_the_coverage(comparison: Comparison) -> None:
    """A row with missing verdicts says how many and why."""
    row = next(row for row in comparison.rows if row.annotator_id == "smollm2")
    shown = cell(row, "coverage", ENGLISH)
    assert (shown.text, shown.small) == ("22/24", ("unreadable 2",))


def test_columns_without_any_number_are_left_out_and_named(comparison: Comparison) -> None:
    """A column in which no row has a number leaves the table, with its reason."""
    empty = empty_columns(comparison.rows)
    assert empty == {"delta_people": "no_people", "gap": "no_people", "usd_per_1000": "price_unknown"}
    table = without(blocks(select(comparison), ENGLISH), empty)
    assert {len(line.cells) for block in table for line in block.lines} == {len(value_columns()) - 3}


def test_simulated_rows_say_so(comparison: Comparison) -> None:
    """Nothing simulated stands in the table unnamed."""
    row = comparison.rows[0].model_copy(update={"simulated": True})
    assert row_label(row, ENGLISH, select(comparison)) == "Qwen2.5-Coder 1.5B (simulated) · hhh"
