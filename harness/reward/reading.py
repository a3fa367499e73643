"""Answers under a fitted reward model: what they are worth, and what each feature adds to that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from harness.errors import HarnessError
from harness.reward.embedding import embed, embedding_facts
from harness.reward.features import FEATURES, NEARNESS, text_features
from harness.schema import Language
from harness.schema.reward import RewardEmbedding, RewardModel
from harness.stats.arrays import FloatArray

MEANING = "meaning"
"""All axes of meaning together, as explanations name them."""


class Explanation(NamedTuple):
    """What moves the prediction for a few answers to one situation."""

    worth: FloatArray
    """(n_answers,): higher = predicted to be preferred; only differences within a situation say anything."""
    features: tuple[str, ...]
    """Names of the columns; the axes of meaning stand together in the last one, `meaning`."""
    contributions: FloatArray
    """(n_answers, n_features): log odds that a feature adds to an answer, less the mean of these answers."""
    measured: FloatArray
    """(n_answers, n_features): the feature itself; NaN for `meaning`, which has no unit."""


def worth(reward: RewardModel, situation: str, answers: Sequence[str], language: Language) -> FloatArray:
    """Predict how much each answer would be preferred by the people whose grades were learned.

    Returns
    -------
    ndarray of shape (n_answers,)
        Log odds: the difference of two is the predicted log odds that one is preferred to the other. Higher =
        predicted to be preferred. Nothing outside what was graded is believed to be better still: a feature
        beyond its highest or lowest graded value counts as that.

    Raises
    ------
    HarnessError
        The model reads meanings, and the extra `reward` is missing, or its weights are others.
    """
    return np.asarray(_steps(reward, situation, answers, language) @ _weights(reward))


def explain(reward: RewardModel, situation: str, answers: Sequence[str], language: Language) -> Explanation:
    """Say what each feature adds to the worth of each answer, relative to the mean of these answers.

    Raises
    ------
    HarnessError
        As `worth`.
    """
    steps = _steps(reward, situation, answers, language)
    parts = steps * _weights(reward)
    parts = parts - parts.mean(axis=0, keepdims=True) if len(answers) else parts
    readable = [
        number
        for number, feature in enumerate(reward.features)
        if feature.kind == "text" or feature.name == NEARNESS
    ]
    axes = [number for number in range(len(reward.features)) if number not in readable]
    names = tuple(reward.features[number].name for number in readable)
    measured = _measured(reward, situation, answers, language)[:, readable]
    contributions = parts[:, readable]
    if axes:
        names = (*names, MEANING)
        contributions = np.column_stack([contributions, parts[:, axes].sum(axis=1)])
        measured = np.column_stack([measured, np.full(len(answers), np.nan)])
    return Explanation(np.asarray(steps @ _weights(reward)), names, contributions, measured)


def _weights(reward: RewardModel) -> FloatArray:
    return np.array([feature.weight for feature in reward.features])


def _steps(reward: RewardModel, situation: str, answers: Sequence[str], language: Language) -> FloatArray:
    """(n_answers, n_features): every feature in steps from the mean of what was learned from."""
    measured = _measured(reward, situation, answers, language)
    bounds = np.array([(one.lowest, one.highest) for one in reward.features])
    inside = np.clip(measured, bounds[:, 0], bounds[:, 1])
    centre = np.array([feature.centre for feature in reward.features])
    return np.asarray((inside - centre) / np.array([feature.scale for feature in reward.features]))


def _measured(reward: RewardModel, situation: str, answers: Sequence[str], language: Language) -> FloatArray:
    counted = text_features(situation, answers, language)
    columns = {name: counted[:, number] for number, name in enumerate(FEATURES)}
    if reward.embedding is not None:
        columns |= meaning_columns(reward.embedding, situation, answers)
    missing = [feature.name for feature in reward.features if feature.name not in columns]
    if missing:
        raise HarnessError(
            f"the reward model looks at {', '.join(missing)}, which this harness does not know; fit it again"
        )
    return np.column_stack([columns[feature.name] for feature in reward.features])


def meaning_columns(
    embedding: RewardEmbedding, situation: str, answers: Sequence[str]
) -> dict[str, FloatArray]:
    """Project the answers onto the axes of meaning of a fitted model, and say how near they are.

    Raises
    ------
    HarnessError
        The extra `reward` is missing, or its weights are not those of the fit.
    """
    facts = embedding_facts()
    if facts.sha256 != embedding.sha256:
        raise HarnessError(
            f"the reward model was fitted with {embedding.package} {embedding.version}, and the weights of "
            f"{facts.package} {facts.version} are others; install that version, or fit it again"
        )
    vectors = embed([situation, *answers])
    columns: dict[str, FloatArray] = {NEARNESS: np.asarray(vectors[1:] @ vectors[0])}
    if embedding.axes:
        scores = (vectors[1:] - np.array(embedding.centre)) @ np.array(embedding.axes).T
        columns |= {axis_name(number): scores[:, number] for number in range(scores.shape[1])}
    return columns


def axis_name(number: int) -> str:
    """The name of one axis of meaning, from 0."""
    return f"{MEANING}-{number + 1:02}"
