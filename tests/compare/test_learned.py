"""Reward models in a comparison: a row and a point, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.compare import ComparisonSource, compare_verdicts
from harness.errors import StoreError
from harness.schema import Comparison, canonical_json
from harness.schema.reward import LearnedFrom, LearnedReadings
from tests.compare.conftest import Bench, always, six_people

CASES = ("one", "two", "three", "four", "five")


def readings(order: str = "1234", cases: tuple[str, ...] = CASES, **told: object) -> LearnedReadings:
    """A reward model that orders every case alike."""
    fields: dict[str, object] = {
        "reward_id": "class",
        "reward_sha256": "a" * 64,
        "method": "rank-ordered-logit",
        "standing": "demonstration",
        "run_id": "elsewhere",
        "reference": "people",
        "rulebook_ids": ("hhh",),
        "n_people": 5,
        "n_situations": 6,
        "language": "fr",
        "n_held_out": 0,
        "n_new": len(cases),
    }
    said = {case: {f"{case}-{a}": float(b) for a, b in zip("abcd", order, strict=True)} for case in cases}
    return LearnedReadings(source=LearnedFrom.model_validate(fields | told), cases=said)


@pytest.fixture(scope="module")
def source() -> ComparisonSource:
    """Two judges and six people on five cases."""
    judges = {"up": always("1234"), "down": always("4321")}
    return Bench(judges=judges, cases=CASES, people=six_people(CASES)).source()


@pytest.fixture(scope="module")
def without(source: ComparisonSource) -> Comparison:
    """The comparison before any reward model was asked."""
    return compare_verdicts(source, n_shuffles=0)


def test_a_row_of_its_own(source: ComparisonSource, without: Comparison) -> None:
    """It agrees with people as a judge that says the same, and carries whose grades it learned."""
    found = compare_verdicts(replace(source, learned=(readings(),)), n_shuffles=0)
    (row,) = [one for one in found.rows if one.kind == "learned"]
    judge = next(one for one in found.rows if one.annotator_id == "up" and one.rulebook_id == "hhh")
    assert row.tau_people == judge.tau_people
    assert row.retest.value == 1.0
    assert row.learned is not None
    assert (row.learned.run_id, row.learned.n_people) == ("elsewhere", 5)
    assert [one for one in found.rows if one.kind != "learned"] == list(without.rows)


def test_it_enters_nothing_else(source: ComparisonSource, without: Comparison) -> None:
    """Shares of model and rulebook, panels, people: all is as without it."""
    found = compare_verdicts(replace(source, learned=(readings("4321"),)), n_shuffles=0)
    kept = found.model_copy(update={"rows": without.rows, "opinion_map": without.opinion_map})
    assert canonical_json(kept) == canonical_json(without)


def test_rows_of_others_say_nothing_of_learning(without: Comparison) -> None:
    """A file without reward models holds no word of them."""
    assert b"learned" not in canonical_json(without)


def test_a_point_on_the_map(source: ComparisonSource) -> None:
    """It is placed on the axes that people and judges make."""
    found = compare_verdicts(replace(source, learned=(readings(),)), n_shuffles=0)
    assert found.opinion_map is not None
    points = [point for point in found.opinion_map.points if point.kind == "learned"]
    assert len(points) == int(bool(found.opinion_map.points))


def test_cases_that_it_left_out_are_not_ranked(source: ComparisonSource) -> None:
    """Where it says nothing, nothing is filled in: the count of cases tells."""
    found = compare_verdicts(replace(source, learned=(readings(cases=CASES[:3]),)), n_shuffles=0)
    (row,) = [one for one in found.rows if one.kind == "learned"]
    assert (row.n_planned, row.n_ranked, row.tau_people.n) == (5, 3, 3)


def test_simulated_grades_are_told(source: ComparisonSource, without: Comparison) -> None:
    """A model that learned from grades that nobody gave makes the comparison simulated."""
    found = compare_verdicts(replace(source, learned=(readings(simulated=True),)), n_shuffles=0)
    assert found.simulated
    assert not without.simulated


def test_other_answers_are_refused(source: ComparisonSource) -> None:
    """Readings of other answers than the run's are an error that names the remedy."""
    strange = readings().model_copy(update={"cases": {"one": {"one-a": 1.0, "one-z": 2.0}}})
    with pytest.raises(StoreError, match="harness reward score"):
        compare_verdicts(replace(source, learned=(strange,)), n_shuffles=0)
