"""A reward model as one JSON file."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from harness.errors import StoreError
from harness.schema import canonical_json
from harness.schema.reward import REWARD_FORMAT_VERSION, RewardModel
from harness.store.disk import read_bytes, write_atomically


def load_reward(path: str | Path) -> RewardModel:
    """Read a reward model that `harness reward fit` wrote.

    Raises
    ------
    StoreError
        There is no such file, it is damaged, or it is of another format version.
    """
    place = Path(path)
    content = read_bytes(place, "reward model")
    try:
        reward = RewardModel.model_validate_json(content)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise StoreError(
            f"{place}: no reward model, or a damaged one: {where}: {problem['msg']}; "
            "write it again with `harness reward fit`"
        ) from error
    if reward.format_version != REWARD_FORMAT_VERSION:
        raise StoreError(
            f"{place}: reward format {reward.format_version}, but this harness reads format "
            f"{REWARD_FORMAT_VERSION}; fit it again with `harness reward fit`"
        )
    return reward


def write_reward(reward: RewardModel, path: str | Path) -> None:
    """Write a reward model in canonical JSON: the same fit gives the same bytes."""
    write_atomically(Path(path), [canonical_json(reward), b"\n"])
