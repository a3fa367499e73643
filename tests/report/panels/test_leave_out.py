"""The panel of judges without each of its judges, in words."""

from __future__ import annotations

import pytest

from harness.report import render_html
from harness.report.edition import voice_for
from harness.report.panels.leave_out import leave_out_panel
from harness.report.panels.panel import Missing, Panel
from harness.report.selection import select
from harness.report.table_view import table_view
from harness.report.voice import Voice
from harness.schema import LANGUAGES, Comparison, Manifest, PanelPart, WithoutJudge
from tests.report.panels.conftest import JUDGES, known, unknown

ENGLISH = Voice("en")


def part(
    carried: tuple[float, ...], half: float, panel_id: str = "listwise", rulebook: str = "hhh"
) -> PanelPart:
    """A panel in which each judge carries so much."""
    return PanelPart(
        panel_id=panel_id,
        judge_ids=JUDGES,
        rulebook_id="hhh",
        language="fr",
        tau_people=known(0.5, half=0.1),
        without=tuple(
            WithoutJudge(
                judge_id=judge,
                tau_people=known(0.5 - one),
                carried=known(one, half=half),
                tau_others=known(0.3, half=0.2),
            )
            for judge, one in zip(JUDGES, carried, strict=True)
        ),
    )


def shown(comparison: Comparison, *parts: PanelPart, voice: Voice = ENGLISH) -> Panel:
    """The panel, which must have something to show."""
    panel = leave_out_panel(comparison.model_copy(update={"panel_parts": parts}), voice)
    assert isinstance(panel, Panel)
    return panel


def test_a_judge_carries_only_where_the_interval_says_so(full: Comparison) -> None:
    """The title names the judge when its interval lies above 0; else it says that nothing is certain."""
    sure = shown(full, part((0.05, 0.3, -0.1), half=0.04)).tables[0].title
    assert "carries the panel: without it, agreement goes from 0.50 to 0.20" in sure
    open_title = shown(full, part((0.05, 0.3, -0.1), half=0.4)).tables[0].title
    assert "(0.50) changes by 0.30 at most; no difference is certain" in open_title


def test_each_judge_has_its_line(full: Comparison) -> None:
    """Without it, what it carries, and how it agrees with the others, each with its interval and n."""
    (table,) = shown(full, part((0.05, 0.3, -0.1), half=0.04)).tables
    assert len(table.table.rows) == len(JUDGES)
    assert all(len(row) == len(table.table.heads) == 4 for row in table.table.rows)
    assert "T3" in table.table.rows[0][2]
    assert "T3" in table.caption


def test_other_panels_stand_behind_a_fold(full: Comparison) -> None:
    """One table stands open; a named panel says its name."""
    parts = (part((0.1, 0.1, 0.1), 0.2), part((0.1, 0.1, 0.1), 0.2, panel_id="large"))
    panel = shown(full, *parts)
    assert len(panel.tables) == 1
    assert "“large”" in panel.folds[0].tables[0].caption
    assert "(1)" in panel.folds[0].title


def test_without_people_the_judges_stand_beside_each_other(full: Comparison) -> None:
    """No agreement to carry: the title speaks of the other judges only."""
    lines = tuple(
        one.model_copy(update={"carried": unknown("no_people"), "tau_people": unknown("no_people")})
        for one in part((0.1, 0.1, 0.1), 0.2).without
    )
    found = part((0.1, 0.1, 0.1), 0.2).model_copy(
        update={"without": lines, "tau_people": unknown("no_people")}
    )
    assert (
        shown(full, found).tables[0].title == "How far each judge agrees with the other judges of the panel"
    )


def test_nothing_to_leave_out_is_said(full: Comparison) -> None:
    """A comparison with one judge, or an old one, has one line and no section."""
    found = leave_out_panel(full.model_copy(update={"panel_parts": ()}), ENGLISH)
    assert isinstance(found, Missing)
    assert found.why


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_the_panel_in_both_languages(
    full: Comparison, manifest: Manifest, language: str
) -> None:
    """The section stands on the page, and a hostile name of a panel is harmless there."""
    parts = (part((0.1, 0.1, 0.1), 0.2), part((0.1, 0.1, 0.1), 0.2, panel_id="<b>"))
    page = render_html(full.model_copy(update={"panel_parts": parts}), manifest)
    heading = {"fr": "Qui porte le groupe de juges", "en": "Who carries the panel of judges?"}[language]
    assert heading in page
    assert "<b>" not in page


def test_a_named_panel_has_its_name_in_the_table(full: Comparison) -> None:
    """Two panels under one rulebook are told apart."""
    rows = [row for row in full.rows if row.kind == "panel"][:1]
    other = rows[0].model_copy(update={"row_id": "panel:pair:x", "annotator_id": "panel-pair"})
    both = full.model_copy(update={"rows": (*full.rows, other)})
    voice = voice_for(both, "en")
    names = str(table_view(both, select(both), voice))
    assert "(pair)" in names
