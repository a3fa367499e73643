from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from harness.errors import HarnessError
from harness.reward import load_reward, write_reward
from harness.schema import Language, text_sha256
from harness.stats.arrays import FloatArray
from harness.steer.firmness import load_twins, n_firm, twin_files
from harness.steer.steered import load_rewards


def likes(letter: str) -> Callable[[str, Sequence[str], Language], FloatArray]:
    """A reward that counts a letter."""

    def worth(situation: str, answers: Sequence[str], language: Language) -> FloatArray:
        return np.array([float(text.count(letter)) for text in answers])

    return worth


def twin_of(path: Path, name: str, case_ids: tuple[str, ...]) -> Path:
    """Write a twin beside a reward, learned from these cases."""
    reward = load_reward(path)
    training = reward.training.model_copy(update={"case_ids": case_ids})
    folder = path.with_name(f"{path.stem}.twins")
    folder.mkdir(exist_ok=True)
    write_reward(reward.model_copy(update={"training": training}), folder / f"{name}.json")
    return folder / f"{name}.json"


@pytest.fixture
def grown(comfort: Path) -> Path:
    """Give a reward that learned from three cases."""
    reward = load_reward(comfort)
    training = reward.training.model_copy(update={"case_ids": ("poem", "screens", "language")})
    write_reward(reward.model_copy(update={"training": training}), comfort)
    return comfort


def test_twins_that_would_say_the_same_are_counted() -> None:
    """Two of three twins would pick the same text; one that finds all alike picks by the hashes."""
    texts = ["aa", "b", ""]
    indifferent = min(texts, key=text_sha256)
    assert n_firm("?", texts, "fr", "aa", [likes("a"), likes("b"), likes("a")]) == 2
    assert n_firm("?", texts, "fr", indifferent, [likes("x")]) == 1
    assert n_firm("?", texts, "fr", "b", []) == 0


def test_twins_lie_beside_their_reward(grown: Path) -> None:
    """They are read from a folder of the reward's name, in the order of their names."""
    twin_of(grown, "without-screens", ("poem", "language"))
    twin_of(grown, "without-poem", ("screens", "language"))
    assert [path.stem for path in twin_files(grown)] == ["without-poem", "without-screens"]
    twins = load_twins(grown, load_reward(grown))
    assert [twin.training.case_ids[0] for twin in twins] == ["screens", "poem"]


@pytest.mark.parametrize("case_ids", [("poem", "screens", "language"), ("poem", "hike")])
def test_a_stranger_is_no_twin(grown: Path, case_ids: tuple[str, ...]) -> None:
    """A reward that learned from as many cases, or from others, is an error that names the file."""
    twin_of(grown, "stranger", case_ids)
    with pytest.raises(HarnessError, match=r"stranger\.json: is no twin"):
        load_rewards([grown])


def test_twins_travel_with_their_reward(grown: Path) -> None:
    """What is kept beside a recording is the reward and its twins, byte for byte."""
    twin = twin_of(grown, "without-poem", ("screens", "language"))
    (loaded,) = load_rewards([grown])
    assert dict(loaded.files) == {
        "comfort.json": grown.read_bytes(),
        "comfort.twins/without-poem.json": twin.read_bytes(),
    }
    shutil.rmtree(twin.parent)
    assert len(load_rewards([grown])[0].files) == 1
