"""Answers under a fitted reward model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.compare import ComparisonSource
from harness.errors import HarnessError, StoreError
from harness.reward import explain, load_reward, worth, write_reward
from harness.reward.learn import Wish, fit_source
from harness.schema.reward import RewardModel

SITUATION = "What now?"
ANSWERS = ["No.", "Yes, and here is a longer answer than the other one.", "I can't say."]


@pytest.fixture(scope="module")
def learned(source: ComparisonSource) -> RewardModel:
    """A reward model of fourteen situations."""
    return fit_source(source, Wish("reward-made", "2026-11-22T00:00:00+00:00", embedding=False, n_shuffles=0))


def test_worth_is_higher_for_what_people_liked(learned: RewardModel) -> None:
    """The longer answer is worth most; the order of the answers makes no difference."""
    found = worth(learned, SITUATION, ANSWERS, "en")
    assert found.argmax() == 1
    turned = worth(learned, SITUATION, ANSWERS[::-1], "en")
    assert turned == pytest.approx(found[::-1])
    assert worth(learned, SITUATION, [], "en").shape == (0,)


def test_an_explanation_adds_up(learned: RewardModel) -> None:
    """Contributions are relative to the mean answer, and add up to the differences in worth."""
    found = explain(learned, SITUATION, ANSWERS, "en")
    assert found.contributions.shape == (3, len(found.features))
    assert found.contributions.sum(axis=0) == pytest.approx(np.zeros(len(found.features)))
    assert found.contributions.sum(axis=1) == pytest.approx(found.worth - found.worth.mean())
    length = found.features.index("length")
    assert found.measured[:, length] == pytest.approx(np.log([2, 12, 4]))


def test_held_out_predictions_are_like_readings(source: ComparisonSource, learned: RewardModel) -> None:
    """A case read by the whole model comes out near what the fits without it said."""
    case = source.cases[0]
    whole = worth(learned, case.message["en"], [one.text["en"] for one in case.answers], "en")
    left_out = [learned.held_out[0].worths[one.answer_id] for one in case.answers]
    assert np.corrcoef(whole, left_out)[0, 1] > 0.9


def test_a_file_comes_back_as_it_was(learned: RewardModel, tmp_path: Path) -> None:
    """Writing and reading a reward model changes nothing."""
    path = tmp_path / "reward.json"
    write_reward(learned, path)
    assert load_reward(path) == learned


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{}", "no reward model, or a damaged one"),
        ("not json", "no reward model, or a damaged one"),
    ],
)
def test_a_damaged_file_names_the_remedy(content: str, expected: str, tmp_path: Path) -> None:
    """What is no reward model is refused with the command that writes one."""
    path = tmp_path / "reward.json"
    path.write_text(content)
    with pytest.raises(StoreError, match=expected) as caught:
        load_reward(path)
    assert "harness reward fit" in str(caught.value)
    with pytest.raises(StoreError, match="reward model"):
        load_reward(tmp_path / "missing.json")


def test_another_format_is_refused(learned: RewardModel, tmp_path: Path) -> None:
    """A file of a later version is not guessed at."""
    path = tmp_path / "reward.json"
    write_reward(learned.model_copy(update={"format_version": 99}), path)
    with pytest.raises(StoreError, match="format 99"):
        load_reward(path)


def test_a_feature_that_is_unknown_is_an_error(learned: RewardModel) -> None:
    """A model with a feature that no longer exists is not read without it."""
    renamed = learned.features[0].model_copy(update={"name": "politeness"})
    other = learned.model_copy(update={"features": (renamed, *learned.features[1:])})
    with pytest.raises(HarnessError, match="politeness"):
        worth(other, SITUATION, ANSWERS, "en")
