"""How firmly a reward stands by its pick: whether it would take it, had one case fewer been graded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.errors import HarnessError
from harness.reward import load_reward
from harness.schema import Language
from harness.schema.reward import RewardModel
from harness.steer.worth import Worths, best_texts
from harness.store.disk import read_bytes

TWINS = ".twins"
"""Ending of the folder beside a reward that holds its twins."""


def twin_files(path: Path) -> tuple[Path, ...]:
    """The twins of a reward's file: `hhh.twins/*.json` beside `hhh.json`, in the order of their names."""
    return tuple(sorted(path.with_name(path.stem + TWINS).glob("*.json")))


def load_twins(path: Path, reward: RewardModel) -> tuple[RewardModel, ...]:
    """Read the twins of a reward: the same learner on the same grades, each time without some of the cases.

    What a reward looks at is chosen by the grades, too, so that only a fit that never saw a case says what
    would have come out without it; the interval of a weight does not.

    Raises
    ------
    StoreError
        A file is damaged.
    HarnessError
        A file is no twin: it learned from other cases, or from as many.
    """
    learned = set(reward.training.case_ids)
    twins = []
    for file in twin_files(path):
        twin = load_reward(file)
        if not set(twin.training.case_ids) < learned:
            raise HarnessError(
                f"{file}: is no twin of {path.name}: it has to learn from fewer of the same cases "
                "(harness reward fit --cases); move it away"
            )
        twins.append(twin)
    return tuple(twins)


def n_firm(
    situation: str, answers: Sequence[str], language: Language, picked: str, twins: Sequence[Worths]
) -> int:
    """How many twins would pick the same text."""
    worths = (twin(situation, answers, language) for twin in twins)
    return sum(best_texts(answers, found.tolist())[0] == picked for found in worths)


def kept_files(path: Path, name: str, content: bytes) -> list[tuple[str, bytes]]:
    """A reward and its twins as they are kept beside a recording: names below the folder, and contents."""
    folder = f"{name}{TWINS}"
    twins = [(f"{folder}/{file.name}", read_bytes(file, "twin of a reward")) for file in twin_files(path)]
    return [(f"{name}.json", content), *twins]
