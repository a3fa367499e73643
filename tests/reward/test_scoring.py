"""A reward model as an annotator of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.compare import ComparisonSource
from harness.errors import HarnessError
from harness.reward import write_reward
from harness.reward.learn import Wish, fit_source
from harness.reward.scoring import learned_readings, score_run, worths_of_cases
from harness.reward.told import MOST_CHARACTERS, build_report
from harness.schema import Answer
from harness.schema.reward import MOST_SHOWN, RewardModel, shown_cases
from harness.store.folder import RunFolder
from harness.store.learned import read_learned
from tests.reward.conftest import made_case, made_source


@pytest.fixture(scope="module")
def learned(source: ComparisonSource) -> RewardModel:
    """A reward model of fourteen situations."""
    return fit_source(source, Wish("reward-made", "2026-11-22T00:00:00+00:00", embedding=False, n_shuffles=0))


def test_a_case_that_was_learned_is_predicted_without_it(
    source: ComparisonSource, learned: RewardModel
) -> None:
    """Its reading is the held-out one, never that of the fit that saw it; a new case gets the whole model."""
    found = worths_of_cases(learned, [source.cases[2], made_case(77)], "en")
    assert found["made-02"].origin == "held_out"
    assert found["made-02"].worths == learned.held_out[2].worths
    assert found["made-77"].origin == "new"
    assert len(found["made-77"].worths) == 4


def test_a_learned_situation_with_other_answers_is_left_out(
    source: ComparisonSource, learned: RewardModel
) -> None:
    """The whole model saw how people grade this situation: of other answers to it nothing is said."""
    case = source.cases[0].model_copy(
        update={
            "case_id": "elsewhere",
            "answers": (
                Answer(answer_id="x", text={"en": "one"}),
                Answer(answer_id="y", text={"en": "two"}),
            ),
        }
    )
    assert worths_of_cases(learned, [case], "en")["elsewhere"].origin == "left_out"
    without = made_case(78).model_copy(update={"message": {}})
    assert worths_of_cases(learned, [without], "en")["made-78"].origin == "left_out"


def test_readings_say_where_they_come_from(source: ComparisonSource, learned: RewardModel) -> None:
    """Whose grades, how many situations, how many cases held out, new and left out."""
    readings = learned_readings(learned, "0" * 64, [*source.cases, made_case(77)])
    told = readings.source
    assert (told.n_held_out, told.n_new, told.n_left_out) == (14, 1, 0)
    assert (told.run_id, told.n_people, told.standing, told.simulated) == ("made", 4, "trial", True)
    assert len(readings.cases) == 15


def test_a_second_reading_replaces_the_first(
    source: ComparisonSource, learned: RewardModel, tmp_path: Path
) -> None:
    """One line per reward model: the same one is replaced, another one stays."""
    path, other = tmp_path / "one.json", tmp_path / "other.json"
    write_reward(learned, path)
    write_reward(learned.model_copy(update={"reward_id": "other"}), other)
    folder = RunFolder(tmp_path / "run")
    for file in (path, other, path):
        score_run(folder, source.cases, file)
    assert sorted(one.source.reward_id for one in read_learned(folder.path)) == ["other", "reward-made"]


def test_nothing_is_read_where_nobody_was_asked(tmp_path: Path) -> None:
    """A run without reward.jsonl has no learned readings."""
    assert read_learned(tmp_path) == []


def test_the_report_sets_predictions_beside_grades(source: ComparisonSource, learned: RewardModel) -> None:
    """Best predicted first; shares of comparisons won; what moves an answer, for those that are shown."""
    report = build_report(learned, source)
    taus = [case.tau_people for case in report.cases]
    assert taus == sorted(taus, key=lambda tau: -(tau or 0.0))
    shown = shown_cases(report.cases)
    assert len(shown) == MOST_SHOWN
    assert all(answer.moved_by for case in shown for answer in case.answers)
    for case in report.cases:
        assert sum(answer.people or 0.0 for answer in case.answers) == pytest.approx(2.0)
        assert all(len(answer.text) <= MOST_CHARACTERS for answer in case.answers)


def test_the_report_of_another_run_is_refused(learned: RewardModel) -> None:
    """Grades of another run say nothing about what this model learned."""
    other = made_source(5)
    with pytest.raises(HarnessError, match="learned from the run made"):
        build_report(learned, other)
