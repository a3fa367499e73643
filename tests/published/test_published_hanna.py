"""HANNA: correlations of judges' and people's grades, per prompt and as the paper's heat maps print them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kendalltau

from harness.formats import hanna
from harness.formats.assemble import assemble
from harness.formats.base import Imported
from harness.schema import RankedVerdict
from harness.stats.arrays import FloatArray
from harness.stats.coefficients import tau_b

Read = Callable[..., Imported]
Columns = Callable[[str, str], FloatArray]
"""(criterion, column) -> grades of shape (11 systems, 96 writing prompts)."""

CRITERIA = {"RE": "relevance", "CH": "coherence", "EM": "empathy", "SU": "surprise", "EG": "engagement"} | {
    "CX": "complexity"
}
HEAT_MAP_JUDGES = ("Beluga-13B", "Llama-13B", "Mistral-7B", "ChatGPT")

# published_overall_kendall.png and published_system_kendall.png, read cell by cell: rows RE CH EM SU EG CX
# Avg, columns B-13B 1-4, L-13B 1-4, M-7B 1-4, Chat 1-4.
OVERALL = """
21 24 19 21 16 16  6 11 22 17 17 23 15 14 11 11
26 27 25 23 18 21 16 13 22 22 15 17 22 22 14 21
27 27 25 19 15 15  9 11 20 22 17 13 20 17  1 12
17 19 16 17 12 15  7  7 13 12 11 12  5  8  7  9
26 26 22 17 11 14  5  7 21 21 15 15 19 19  6 15
32 32 25 25 26 28 17 18 23 25 23 22 27 21 12 25
25 26 22 20 16 18 10 11 20 20 16 17 18 17  8 16
"""
SYSTEM = """
49 78 64 82 64 69 64 73 36 42  7 47  7  4 36 33
78 78 69 73 87 78 56 73 60 64 33 56 73 69 69 64
73 69 60 64 54 47 38 60 60 64 51 64 56 51  2 33
73 73 64 64 56 56 49 60 51 51 56 60  7 18 45 51
73 82 60 69 73 73 16 73 64 56 54 64 64 58 11 60
72 85 72 85 54 54 48 49 63 54 63 58 72 54 67 76
70 78 65 73 65 63 45 65 56 55 44 58 46 42 38 53
"""
# The column "Human" of published_overall_with_human.png.
HUMAN = (49, 37, 49, 44, 50, 57, 48)


def cells(picture: str) -> FloatArray:
    """The numbers of a heat map."""
    return np.array([row.split() for row in picture.strip().splitlines()], dtype=float)


@pytest.fixture(scope="session")
def columns(read_set: Read) -> Columns:
    """Columns of the table as our reader gives them, grades below 1 kept as the authors keep them."""

    @cache
    def graded(criterion: str) -> dict[tuple[str, str], dict[str, Mapping[str, float]]]:
        rows: dict[tuple[str, str], dict[str, Mapping[str, float]]] = {}
        for one in read_set("hanna", criterion=CRITERIA[criterion], drop_below_one="false").graded:
            rows.setdefault((one.annotator_id, one.rulebook_id), {})[one.case_id] = one.grades
        return rows

    def column(criterion: str, name: str) -> FloatArray:
        who, _, number = name.rpartition(" ")
        is_person = who == "Human"
        rulebook = "unstated" if is_person else hanna.PROMPTS[int(number)][0]
        by_case = graded(criterion)[f"slot-{number}" if is_person else who.lower(), rulebook]
        return np.array([list(grades.values()) for grades in by_case.values()]).T

    return column


def per_prompt(one: FloatArray, other: FloatArray) -> tuple[float, int]:
    """Mean tau_b over the writing prompts where it is defined, and on how many it is not."""
    told = tau_b(one.T, other.T)
    return float(np.nanmean(told)), int(np.isnan(told).sum())


@pytest.mark.parametrize("criterion", list(CRITERIA))
def test_published_reference_tau_b_per_prompt(criterion: str, columns: Columns) -> None:
    """All 60 means of tau_b of a criterion, judges with people and with themselves, and where undefined."""
    path = Path(__file__).resolve().parents[1] / "reference" / "hanna_tau_b.json"
    expected = json.loads(path.read_text("utf-8"))[f"hanna_{criterion}"]
    found = {}
    for pair in expected:
        one, _, other = pair.partition("~")
        judge, _, number = one.rpartition(" ")
        names = (
            (f"{judge} {number.removeprefix('prompt')}", f"{judge} {other.removeprefix('prompt')}")
            if other.startswith("prompt")
            else (one, other)
        )
        found[pair] = per_prompt(*(columns(criterion, name) for name in names))
    assert len(expected) == 60
    assert {pair: told[0] for pair, told in found.items()} == pytest.approx(
        {pair: told[0] for pair, told in expected.items()}, abs=5.1e-7
    )
    assert {pair: told[1] for pair, told in found.items()} == {
        pair: told[1] for pair, told in expected.items()
    }


def heat_map(columns: Columns, level: Callable[[FloatArray, FloatArray], float]) -> FloatArray:
    """Kendall correlations, in percent, of every judge column with the mean of the three slots.

    Like the paper: without the stories that people wrote.
    """
    rows = []
    for criterion in CRITERIA:
        people = sum_of_people(columns, criterion) / 3
        names = [f"{judge} {number}" for judge in HEAT_MAP_JUDGES for number in (1, 2, 3, 4)]
        rows.append([100 * level(people, machines(columns(criterion, name))) for name in names])
    return np.array(rows)


def sum_of_people(columns: Columns, criterion: str) -> FloatArray:
    """Sum of the three slots' grades of the machines' stories."""
    total: FloatArray = sum(machines(columns(criterion, f"Human {slot}")) for slot in (1, 2, 3))  # type: ignore[assignment]
    return total


def machines(grades: FloatArray) -> FloatArray:
    """The rows without the first, which is what people wrote."""
    return grades[1:]


def overall(one: FloatArray, other: FloatArray) -> float:
    """Correlation over all 960 stories at once."""
    return float(kendalltau(one.ravel(), other.ravel()).statistic)


def by_system(one: FloatArray, other: FloatArray) -> float:
    """Correlation of the ten systems' means, each summed in the order in which the authors sum."""
    means = [np.ascontiguousarray(side).mean(axis=1) for side in (one, other)]
    return float(kendalltau(*means).statistic)


def by_system_with_ties(one: FloatArray, other: FloatArray) -> float:
    """The same when equal means are tied, whatever their last bit says."""
    return float(kendalltau(one.mean(axis=1).round(9), other.mean(axis=1).round(9)).statistic)


@pytest.mark.parametrize(
    ("picture", "level"),
    [(OVERALL, overall), (SYSTEM, by_system)],
    ids=["overall", "system"],
)
def test_published_heat_maps(
    picture: str,
    level: Callable[[FloatArray, FloatArray], float],
    columns: Columns,
) -> None:
    """All 192 cells of the two heat maps and their 32 means; a negative cell in each has no sign.

    The authors take absolute values after rounding.
    """
    found = heat_map(columns, level)
    printed = cells(picture)
    assert printed.shape == (7, 16)
    assert (np.abs(found.round()) == printed[:6]).all()
    assert (np.abs(found.round()).mean(axis=0).round() == printed[6]).all()
    below = [
        (list(CRITERIA)[row], f"{HEAT_MAP_JUDGES[place // 4]} {place % 4 + 1}")
        for row, place in np.argwhere(found < 0)
    ]
    assert below == [("EM", "ChatGPT 3")]


def test_published_cells_that_hang_on_the_last_bit(columns: Columns) -> None:
    """20 of the 96 system cells, most of them complexity's, come out otherwise when equal means are tied.

    Two systems have the same mean grade; the printed cells order them by the rounding error of the sum.
    """
    exact = heat_map(columns, by_system_with_ties).round()
    differs = np.argwhere(np.abs(exact) != cells(SYSTEM)[:6])
    assert len(differs) == 20
    assert np.bincount(differs[:, 0]).tolist() == [0, 2, 1, 1, 2, 14]


def test_published_human_column_contains_the_rater(columns: Columns) -> None:
    """The printed human column (48 on average) correlates each slot with a mean of which it is a third.

    Against the two others the same correlation is .02 on average, and negative for coherence.
    """
    part_whole, leave_one_out = np.empty((3, 6)), np.empty((3, 6))
    for place, criterion in enumerate(CRITERIA):
        total = sum_of_people(columns, criterion)
        for slot in (1, 2, 3):
            own = machines(columns(criterion, f"Human {slot}"))
            part_whole[slot - 1, place] = 100 * overall(total / 3, own)
            leave_one_out[slot - 1, place] = overall((total - own) / 2, own)
    rounded = part_whole.round()
    printed = (*rounded.mean(axis=0).round(), rounded.mean(axis=1).mean().round())
    assert printed == HUMAN
    assert leave_one_out.mean() == pytest.approx(0.017216, abs=5e-7)
    assert (leave_one_out[:, list(CRITERIA).index("CH")] < -0.19).all()


def test_published_people_are_slots(read_set: Read) -> None:
    """Three slots of graders on 96 prompts of 11 stories; who they were is not in the files."""
    imported = read_set("hanna")
    people = [one for one in imported.graded if one.kind == "person"]
    assert imported.people_known is False
    assert {one.annotator_id for one in people} == {"slot-1", "slot-2", "slot-3"}
    assert (len(imported.cases), {len(case.answers) for case in imported.cases}) == (96, {11})
    assert not any(answer.text for case in imported.cases for answer in case.answers)


def test_published_grades_hold_tries_without_a_grade(read_set: Read) -> None:
    """Means below 1 (-1 among them) are no grades from 1 to 5: 160 of coherence are left out and counted."""
    imported, kept = read_set("hanna"), read_set("hanna", drop_below_one="false")
    counts = [sum(len(one.grades) for one in told.graded if one.kind == "judge") for told in (imported, kept)]
    assert counts[1] == 5 * 4 * 96 * 11
    assert counts[1] - counts[0] == 160
    assert min(grade for one in kept.graded for grade in one.grades.values()) == -1
    assert min(grade for one in imported.graded for grade in one.grades.values()) >= 1
    assert any("160 grades" in note for note in imported.notes)


def test_published_tries_without_a_grade_move_the_figures(columns: Columns) -> None:
    """Without its 36 grades below 1, Llama-13B under prompt 4 agrees .155, not .131, with slot 3 (relevance).

    That is the largest such move; a reader of the means cannot tell how many more tries failed.
    """
    judge, person = columns("RE", "Llama-13B 4"), columns("RE", "Human 3")
    without = np.where(judge < 1, np.nan, judge)
    assert int(np.isnan(without).sum()) == 36
    assert per_prompt(judge, person)[0] == pytest.approx(0.130982, abs=5e-7)
    assert per_prompt(without, person)[0] == pytest.approx(0.155215, abs=5e-7)


def test_published_four_instructions_stay_apart(read_set: Read) -> None:
    """A judge's four prompts are four rulebooks, and each verdict ranks the answers that it graded."""
    verdicts = assemble(read_set("hanna")).judges
    assert {one.cell.rulebook_id for one in verdicts} == {
        "none",
        "eval-prompt-2",
        "eval-prompt-3",
        "eval-prompt-4",
    }
    assert len(verdicts) == 5 * 4 * 96
    assert all(isinstance(one, RankedVerdict) and one.cell.protocol == "pointwise" for one in verdicts)
