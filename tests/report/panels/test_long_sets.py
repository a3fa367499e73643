"""Hundreds or thousands of cases: a distribution, twelve cases, a bounded page."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from harness.report import render_html
from harness.report.case_choice import SHOWN_CASES, is_long, shown_cases
from harness.report.figures.spread import N_BINS, binned
from harness.report.long_sets import spread_figure
from harness.report.selection import select
from harness.report.voice import Voice
from harness.schema import CaseReading, Comparison, Manifest

ENGLISH = Voice("en")


def test_a_short_set_is_shown_whole(comparison: Comparison) -> None:
    """Six cases are no long set."""
    assert not is_long(comparison)
    assert shown_cases(comparison) == comparison.cases


def test_the_cases_that_divide_most_are_shown(two_answers: Comparison) -> None:
    """Twelve cases, in the order of the set, and none with a higher mean agreement than one left out."""
    chosen = {case.case_id for case in shown_cases(two_answers)}
    assert len(chosen) == SHOWN_CASES
    places = [case.case_id for case in two_answers.cases if case.case_id in chosen]
    assert places == [case.case_id for case in shown_cases(two_answers)]
    means: dict[str, list[float]] = {}
    for row in two_answers.rows:
        for reading in row.cases:
            means.setdefault(reading.case_id, []).append(reading.tau_people or 0.0)
    inside = max(sum(means[case]) for case in chosen)
    assert all(sum(found) >= inside for case, found in means.items() if case not in chosen)


def test_without_a_reference_the_judges_own_quarrels_choose(two_answers: Comparison) -> None:
    """No agreement to rank by: cases on which judges put different answers on top come first."""

    def bare(reading: CaseReading, place: int, number: int) -> CaseReading:
        ranks = dict(
            zip(reading.mid_ranks, (1.0, 2.0) if place == 7 and number % 2 else (2.0, 1.0), strict=True)
        )
        return reading.model_copy(update={"tau_people": None, "mid_ranks": ranks})

    rows = tuple(
        row.model_copy(
            update={"cases": tuple(bare(one, place, number) for place, one in enumerate(row.cases))}
        )
        for number, row in enumerate(two_answers.rows)
    )
    chosen = shown_cases(two_answers.model_copy(update={"rows": rows}))
    assert "natural-0007" in [case.case_id for case in chosen]


@pytest.mark.parametrize(
    ("number", "place"), [(-1.0, 0), (-0.81, 0), (-0.8, 1), (0.0, 5), (0.99, 9), (1.0, 9)]
)
def test_every_agreement_has_its_bin(number: float, place: int) -> None:
    """Bins are closed on the left, and 1 belongs to the last."""
    assert binned([number])[place] == 1
    assert len(binned([])) == N_BINS


def test_the_distribution_counts_every_case(two_answers: Comparison) -> None:
    """The table beneath adds up to all cases, and the title says how many readings go which way."""
    figure = spread_figure(two_answers, select(two_answers), ENGLISH)
    assert figure is not None
    assert figure.title == (
        "Over 419\u00a0cases, 50% of the readings go with the reference (one person’s key) and 25% against it"
    )
    counts = [int(cell.split(" ")[0]) for cell in figure.table.rows[0][1:]]
    assert sum(counts) == 419


def test_thousands_of_cases_make_a_page_that_opens(
    make: Callable[..., Comparison], manifest: Manifest, two_answers: Comparison
) -> None:
    """2,139 cases: twelve charts per language, and less than 1.5 MB."""
    cases, rows = [], []
    for part in range(6):
        cases += [
            case.model_copy(update={"case_id": f"p{part}-{case.case_id}"}) for case in two_answers.cases
        ]
    for row in two_answers.rows:
        readings = [
            one.model_copy(update={"case_id": f"p{part}-{one.case_id}"})
            for part in range(6)
            for one in row.cases
        ]
        rows.append(row.model_copy(update={"cases": tuple(readings[:2139])}))
    many = two_answers.model_copy(update={"cases": tuple(cases[:2139]), "rows": tuple(rows)})
    page = render_html(many, manifest)
    assert len(page.encode()) <= 1_500_000
    assert len(re.findall(r'aria-labelledby="slope-', page)) == 2 * SHOWN_CASES
    assert "Ce jeu compte 2\u202f139\u00a0cas." in page


def test_long_texts_of_long_sets_are_cut_and_say_so(two_answers: Comparison, manifest: Manifest) -> None:
    """A text of a long set ends with a mark where it was cut; a short set's texts stay whole."""
    texts = {"en": "x" * 5000}
    cases = tuple(case.model_copy(update={"message": texts}) for case in two_answers.cases)
    page = render_html(two_answers.model_copy(update={"cases": cases}), manifest)
    assert "x" * 1001 not in page
    assert "x" * 1000 + " […]" in page
    short = render_html(two_answers.model_copy(update={"cases": cases[:3]}), manifest)
    assert "x" * 5000 in short
