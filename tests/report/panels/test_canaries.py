"""The panel about answers that give orders: what it shows, in which words, and when it is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from harness.load.content import load_case_set
from harness.report import render_html, render_text
from harness.report.edition import voice_for
from harness.report.panels.canaries import JUDGES_ACROSS, canary_panels
from harness.report.prose_canaries import CANARIES, KINDS
from harness.report.selection import select
from harness.schema import CanaryReading, Comparison, Estimate, Language, Manifest
from tests.report.panels.conftest import known, unknown

if TYPE_CHECKING:
    from harness.report.panels.panel import Panel


def reading(row_id: str, kind: str | None, lift: Estimate) -> CanaryReading:
    """One record; a tenth goes unread with the injection."""
    return CanaryReading(
        row_id=row_id,
        kind=kind,
        n_attacks=lift.n or 3,
        lift=lift,
        first_with=known(0.4),
        first_without=known(0.05),
        unread_with=0.1,
        unread_without=0.0,
    )


def attacked(comparison: Comparison, n_rows: int = 2) -> Comparison:
    """The comparison with records for its first judge rows: the first gives in, the others do not."""
    rows = [row for row in comparison.rows if row.kind == "judge"][:n_rows]
    records = []
    for place, row in enumerate(rows):
        overall = known(1.25, 43, half=0.5) if place == 0 else known(-0.02, 43, half=0.1)
        records.append(reading(row.row_id, None, overall))
        records.append(reading(row.row_id, "order", known(0.5, 4)))
        records.append(
            reading(row.row_id, "hidden", known(2.0, 3) if place == 0 else unknown("no_readable_verdict"))
        )
        records.append(reading(row.row_id, "own-kind", known(0.0, 1)))
    return comparison.model_copy(update={"canaries": tuple(records)})


def panel(comparison: Comparison, language: Language = "en") -> Panel:
    """The panel of a comparison."""
    (made,) = canary_panels(comparison, select(comparison), voice_for(comparison, language))
    return made


def plain(text: str) -> str:
    """Without non-breaking spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_one_line_per_judge_with_its_interval(comparison: Comparison) -> None:
    """Places gained with the interval, first places and missing verdicts without and with, trials."""
    judges, _ = panel(attacked(comparison)).tables
    assert plain(judges.title) == "An answer that speaks to the judge gains from −0.02 to +1.25 places"
    first = [plain(text) for text in judges.table.rows[0]]
    assert first[1:] == ["+1.25 ([0.75, 1.75])", "5% → 40%", "0% → 10%", "43"]
    assert "3 = from the last place to the first" in judges.caption


def test_ways_stand_in_the_order_of_their_effect(comparison: Comparison) -> None:
    """The most effective way first, each with its number of trials; a way without a number says why."""
    _, ways = panel(attacked(comparison)).tables
    rows = [[plain(text) for text in row] for row in ways.table.rows]
    assert rows == [
        ["a hidden message", "+2.00 (3)", "no readable verdict"],
        ["an order to the judge", "+0.50 (4)", "+0.50 (4)"],
        ["own-kind", "0.00 (1)", "0.00 (1)"],
    ]


def test_too_few_situations_say_so(comparison: Comparison) -> None:
    """A mean without an interval is marked."""
    row_id = next(row.row_id for row in comparison.rows if row.kind == "judge")
    few = known(1.5, 2).model_copy(update={"undefined_because": "too_few_cases"})
    alone = comparison.model_copy(update={"canaries": (reading(row_id, None, few),)})
    judges, _ = panel(alone).tables
    assert judges.table.rows[0][1] == "+1.50 (too few for an interval)"
    assert plain(judges.title) == "Places gained by an answer that speaks to the judge: +1.50"


def test_nothing_measured_is_no_zero(comparison: Comparison) -> None:
    """A judge without a readable verdict on the attacks has no lift, and the title says so."""
    row_id = next(row.row_id for row in comparison.rows if row.kind == "judge")
    records = (reading(row_id, None, unknown("no_readable_verdict")),)
    judges, _ = panel(comparison.model_copy(update={"canaries": records})).tables
    assert judges.title.startswith("No place measured")
    assert judges.table.rows[0][1] == "no readable verdict"


def test_no_attack_no_panel(full: Comparison, manifest: Manifest) -> None:
    """Sets without such answers do not mention them among what was not measured."""
    assert canary_panels(full, select(full), voice_for(full, "fr")) == ()
    assert CANARIES["canaries_section"]["en"] not in render_html(full, manifest)


@pytest.mark.parametrize("language", get_args(Language))
def test_page_and_terminal_say_it_in_both_languages(
    comparison: Comparison, manifest: Manifest, language: Language
) -> None:
    """The section stands on the page, and its finding in the summary of the terminal."""
    found = attacked(comparison)
    assert CANARIES["canaries_section"][language] in render_html(found, manifest, language=language)
    finding = {"fr": "De −0,02 à +1,25 places gagnées", "en": "gains from −0.02 to +1.25 places"}[language]
    assert finding in " ".join(plain(render_text(found, language)).split())


def test_many_judges_stand_behind_a_fold(comparison: Comparison) -> None:
    """The table of ways stays narrow: four judges across, the others behind a fold, all of them there."""
    n_rows = sum(row.kind == "judge" for row in select(comparison).judges)
    assert n_rows > JUDGES_ACROSS
    made = panel(attacked(comparison, n_rows))
    shown = [made.tables[1], *(table for fold in made.folds for table in fold.tables)]
    assert max(len(table.table.heads) for table in shown) == JUDGES_ACROSS + 1
    assert sum(len(table.table.heads) - 1 for table in shown) == len(made.tables[0].table.rows)


def test_every_shipped_kind_has_its_words() -> None:
    """The kinds of the shipped attacks are named in words, and no name is left over."""
    _, cases = load_case_set("canaries")
    assert {case.canary.kind for case in cases if case.canary is not None} == set(KINDS)
    assert all(set(both) == {"fr", "en"} for both in KINDS.values())


def test_a_kind_from_outside_is_no_markup(comparison: Comparison, manifest: Manifest) -> None:
    """A row that the table does not know is named by its id, harmlessly."""
    hostile = "<script>\u202ealert</script>"
    found = comparison.model_copy(update={"canaries": (reading(hostile, None, known(1.0, 3)),)})
    page = render_html(found, manifest)
    assert "<script>\u202e" not in page
    assert "\u202e" not in page
