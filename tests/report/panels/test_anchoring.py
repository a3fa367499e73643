"""The panel about proposals that people had in sight."""

from __future__ import annotations

import re
from typing import Literal

import pytest

from harness.report import render_html
from harness.report.panels.anchoring import anchoring_panels
from harness.report.panels.panel import Panel
from harness.report.voice import Voice
from harness.schema import Comparison, Estimate, Interval, Manifest, Undefined, Unit
from harness.schema.anchoring import Anchoring, AnchoringCase

ENGLISH, FRENCH = Voice("en"), Voice("fr")


def known(value: float, half: float | None = None, unit: Unit = "cases") -> Estimate:
    """A number, with intervals for other cases and other people."""
    if half is None:
        return Estimate(value=value, n=6, unit=unit)
    low, high = value - half, value + half
    cases = Interval(low=low, high=high, target="T3", method="jackknife-t", n=6)
    people = Interval(low=low, high=high, target="T2", method="jackknife-t over people", n=6)
    return Estimate(value=value, n=6, unit=unit, intervals=(cases, people))


def words(because: Undefined = "too_few_people") -> Estimate:
    """No number."""
    return Estimate(value=None, n=0, unit="cases", undefined_because=because)


def part(
    case_ids: tuple[str, ...], *, half: float = 0.1, design: Literal["people", "cases"] = "people"
) -> Anchoring:
    """Ten people an arm, moved by .3."""
    return Anchoring(
        judge_id="judge-x",
        rulebook_id="hhh",
        design=design,
        n_people_shown=10,
        n_people_control=10,
        n_verdicts_shown=60,
        n_verdicts_control=60,
        n_aside=2,
        tau_shown=known(0.7, 0.1),
        tau_control=known(0.4, 0.1),
        effect=known(0.3, half),
        human_shown=known(0.8),
        human_control=known(0.45),
        false_consensus=known(0.35, 0.1),
        unchanged_shown=known(0.4),
        unchanged_control=known(0.05),
        n_wrong_pairs=7,
        followed_shown=known(0.6),
        followed_control=known(0.2),
        followed_more=known(0.4, 0.2),
        seconds_shown=known(31.5, unit="verdicts"),
        seconds_control=known(62.5, unit="verdicts"),
        time_ratio=known(0.5, 0.05),
        cases=tuple(
            AnchoringCase(case_id=case_id, n_shown=10, n_control=10, tau_shown=0.7, tau_control=0.4)
            for case_id in case_ids
        ),
    )


def too_few(case_ids: tuple[str, ...]) -> Anchoring:
    """Two people an arm, no times."""
    names = [name for name, field in Anchoring.model_fields.items() if field.annotation is Estimate]
    told = {
        name: words("time_unknown" if "seconds" in name or "time" in name else "too_few_people")
        for name in names
    }
    return part(case_ids).model_copy(
        update={**told, "n_people_shown": 2, "n_people_control": 2, "n_aside": 0}
    )


@pytest.fixture
def case_ids(full: Comparison) -> tuple[str, ...]:
    """The cases of the page."""
    return tuple(case.case_id for case in full.cases)


def only(comparison: Comparison, voice: Voice) -> Panel:
    """The panel."""
    (panel,) = anchoring_panels(comparison, voice)
    return panel


def plain(text: str) -> str:
    """Without the spaces of typography."""
    return re.sub(r"[\u00a0\u202f]", " ", text)


def test_without_proposals_there_is_no_panel_and_no_word_of_one(full: Comparison, manifest: Manifest) -> None:
    """Pages of runs without such a study are as they were."""
    assert anchoring_panels(full, ENGLISH) == ()
    assert "roposal" not in render_html(full, manifest, language="en")


def test_the_title_claims_what_every_interval_says(full: Comparison, case_ids: tuple[str, ...]) -> None:
    """Towards, away, or not certain: with the agreement of both arms."""
    said = []
    for one in (
        part(case_ids),
        part(case_ids, half=0.4),
        part(case_ids).model_copy(update={"effect": known(-0.3, 0.1)}),
    ):
        (figure,) = only(full.model_copy(update={"anchoring": (one,)}), ENGLISH).figures
        said.append(plain(figure.title))
    assert "moved towards them: agreement 0.40 without, 0.70 with" in said[0]
    assert "the difference is not certain" in said[1]
    assert "moved away from them" in said[2]


def test_what_is_measured_stands_in_both_arms_with_its_difference(
    full: Comparison, case_ids: tuple[str, ...]
) -> None:
    """One line per figure: agreement with the proposal, among people, wrong pairs, unchanged, time."""
    comparison = full.model_copy(update={"anchoring": (part(case_ids),)})
    (table,) = only(comparison, ENGLISH).tables
    rows = {row[0]: [plain(cell) for cell in row[1:]] for row in table.table.rows}
    assert [cells[2].split(" ")[0] for cells in rows.values()] == ["0.30", "0.35", "40%", "–", "×"]
    assert rows["exactly the proposed grades"][:2] == ["5% (6 cases)", "40% (6 cases)"]
    assert rows["seconds per case"][:2] == ["62.5 (6 verdicts)", "31.5 (6 verdicts)"]
    assert "(7)" in table.caption
    assert "that extra agreement is no better agreement" in plain(table.caption)


def test_who_was_dealt_what_is_said(full: Comparison, case_ids: tuple[str, ...]) -> None:
    """Both designs, in both languages; what was left aside; that the rest of the page has other grades."""
    for design, english, french in (
        (
            "people",
            "By lot 10 people saw the proposals and 10 people did not.",
            "Le sort a montré les propositions à 10",
        ),
        (
            "cases",
            "By lot each of 10 people saw the proposals of half",
            "Le sort a montré à chacune de 10 personnes",
        ),
    ):
        one = part(case_ids, design=design)  # type: ignore[arg-type]
        comparison = full.model_copy(update={"anchoring": (one,)})
        for voice, words_wanted in ((ENGLISH, english), (FRENCH, french)):
            panel = only(comparison, voice)
            assert words_wanted in plain(panel.figures[0].caption)
        assert "2 verdicts with other proposals" in plain(only(comparison, ENGLISH).figures[0].caption)
        assert "only grades given without a proposal count" in plain(only(comparison, ENGLISH).notes[-1])


def test_simulated_people_are_called_so(full: Comparison, case_ids: tuple[str, ...]) -> None:
    """The first note says it; of real people nothing is said."""
    one = part(case_ids)
    invented = one.model_copy(update={"simulated": True})
    assert (
        only(full.model_copy(update={"anchoring": (invented,)}), ENGLISH).notes[0]
        == "These people are simulated."
    )
    assert len(only(full.model_copy(update={"anchoring": (one,)}), ENGLISH).notes) == 1


def test_too_few_people_get_words(full: Comparison, case_ids: tuple[str, ...], manifest: Manifest) -> None:
    """No figure, a title that says why, words in the table instead of numbers, also on the page."""
    comparison = full.model_copy(update={"anchoring": (too_few(case_ids),)})
    panel = only(comparison, ENGLISH)
    assert panel.figures == ()
    (table,) = panel.tables
    assert "too few people to say what they change" in plain(table.title)
    assert table.table.rows[0][1:] == ("too few people",) * 3
    assert table.table.rows[-1][1:] == ("time unknown",) * 3
    assert "too few people to say what they change" in plain(render_html(comparison, manifest, language="en"))


def test_the_page_carries_the_panel(full: Comparison, case_ids: tuple[str, ...], manifest: Manifest) -> None:
    """Heading, figure and table in both languages, on one page."""
    page = plain(
        render_html(full.model_copy(update={"anchoring": (part(case_ids),)}), manifest, language="en")
    )
    assert "With a proposal in sight" in page
    assert "Avec une proposition sous les yeux" in page
    assert "anchoring-0-en" in page
