from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.compare import compare_verdicts
from harness.schema import Row

if TYPE_CHECKING:
    from tests.compare.conftest import Kit

CASES = ("one", "two", "three")


@pytest.fixture
def baselines(kit: Kit) -> dict[str, Row]:
    """The four baselines beside the six people of methods.md §1.5."""
    found = compare_verdicts(
        kit.bench({"j": kit.always("4312")}, people=kit.six_people(CASES)).source(), n_shuffles=0
    )
    return {row.annotator_id: row for row in found.rows if row.kind == "baseline"}


def test_there_are_four(baselines: dict[str, Row]) -> None:
    """Random, all tied, longest answer, first slot, in this order, each with its title."""
    assert list(baselines) == ["random", "all-tied", "longest-answer", "first-slot"]
    assert "no draw" in baselines["random"].title


def test_random_is_an_expected_value(baselines: dict[str, Row]) -> None:
    """Random order: agreement 0 exactly, no interval; strict pairs of people conflict half the time."""
    random = baselines["random"]
    assert (random.tau_people.value, random.tau_people.intervals) == (0.0, ())
    assert random.floor.value == random.alpha_k.value == random.retest.value == 0.0
    # the six people tie 5 of 36 pairs
    assert random.hesitation.value == pytest.approx(5 / 36)
    assert random.conflict.value == pytest.approx(31 / 72)
    assert random.delta_people.value == pytest.approx(-0.1)
    assert random.gap.value == pytest.approx(0.05)
    assert random.cases[0].medians == ()


def test_all_tied_gets_the_peoples_tie_share_and_no_more(baselines: dict[str, Row]) -> None:
    """All answers equal: agreement = floor = the people's tie share, corrected for chance 0."""
    tied = baselines["all-tied"]
    assert tied.tau_people.value == tied.floor.value == pytest.approx(5 / 36)
    assert tied.alpha_k.value == 0.0
    assert tied.conflict.value == 0.0
    # its own consistency is 1, the people's .1: the gap is their mean less the agreement
    assert tied.gap.value == pytest.approx(0.55 - 5 / 36)


def test_longest_answer_counts_characters_in_the_first_language_asked(baselines: dict[str, Row]) -> None:
    """In French d is the longest and a the shortest: the reverse of what most of the six people say."""
    longest = baselines["longest-answer"]
    assert longest.cases[0].medians == ((("one-d",), ("one-c",), ("one-b",), ("one-a",)),)
    # reversed 1234 with ranks 1234 1123 2133 1324 1222 4321: -1, -5/6, -1/2, -2/3, -1/2, 1
    assert longest.tau_people.value == pytest.approx(-5 / 12)
    assert longest.tau_longest.value == 1.0


def test_longest_answer_is_measured_in_the_language_that_was_asked(kit: Kit) -> None:
    """A run in English only: the longest English answer is a, whatever the French lengths are."""
    found = compare_verdicts(
        kit.bench({"j": kit.always("4321")}, languages=("en",), rulebooks=("hhh",)).source(), n_shuffles=0
    )
    (longest,) = (row for row in found.rows if row.annotator_id == "longest-answer")
    assert longest.language == "en"
    assert longest.cases[0].medians[0][0][0].endswith("-a")


def test_first_slot_agrees_with_nobody_and_not_with_itself(baselines: dict[str, Row]) -> None:
    """By slot over a full square: agreement 0; two different orders of the square agree by -1/3."""
    first = baselines["first-slot"]
    assert first.tau_people.value == pytest.approx(0.0, abs=1e-12)
    assert first.retest.value == pytest.approx(-1 / 3)
    assert first.n_ranked == 12


def test_a_judge_is_compared_with_the_longest_answer_in_its_own_language(kit: Kit) -> None:
    """In English a is the longest answer: 4321 is 'longest first' there and the reverse in French."""
    found = compare_verdicts(
        kit.bench({"j": kit.always("4321")}, languages=("fr", "en"), rulebooks=("hhh",)).source(),
        n_shuffles=0,
    )
    told = {row.language: row.tau_longest.value for row in found.rows if row.kind == "judge"}
    assert told == {"fr": -1.0, "en": 1.0}
