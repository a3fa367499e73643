"""Recorded replies and rewards -> the record that the page shows; what is given decides every byte of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from harness.errors import HarnessError, RulebookError
from harness.load.content import load_rulebook
from harness.reward import Explanation, explain, load_reward, worth
from harness.schema import Completion, Language, Localised
from harness.schema.reward import RewardModel
from harness.schema.steer import Chooser, SteeredQuestion, Steering
from harness.steer.calls import ReplyCall, seed_of
from harness.steer.choosing import BASELINES, Drawn, steer_question
from harness.steer.figures import differing, disagreement, luck, shifts, standings
from harness.steer.firmness import kept_files, load_twins
from harness.steer.sampling import Sampled
from harness.steer.worth import Taste
from harness.store.disk import read_bytes
from harness.verdict.outcome import clean, is_cut_off

N_LOOKS = 4


class LoadedReward(NamedTuple):
    """A reward that chooses: its files, whose grades it learned, and what it says of answers."""

    files: tuple[tuple[str, bytes], ...]
    """Itself and its twins, as they are kept beside a recording."""
    chooser: Chooser
    taste: Taste


def load_rewards(paths: Iterable[Path]) -> tuple[LoadedReward, ...]:
    """Read reward models: those that learned of grades that somebody gave come first, then by name.

    Raises
    ------
    StoreError
        A file is missing or damaged.
    HarnessError
        None is named, or two have the same name.
    """
    loaded = [_loaded(path) for path in paths]
    if not loaded:
        raise HarnessError(
            "nobody is there to choose: name a reward with --reward FILE "
            "(`harness reward fit` makes one of people's grades)"
        )
    names = [one.chooser.chooser_id for one in loaded]
    for name in names:
        if names.count(name) > 1 or name in BASELINES:
            raise HarnessError(f"two of those who choose are called '{name}'; fit one under another name")
    return tuple(sorted(loaded, key=_place))


def _place(reward: LoadedReward) -> tuple[bool, str]:
    training = reward.chooser.training
    return training is not None and training.simulated, reward.chooser.chooser_id


def _loaded(path: Path) -> LoadedReward:
    reward = load_reward(path)
    content = read_bytes(path, "reward model")
    twins = load_twins(path, reward)
    chooser = Chooser(
        chooser_id=reward.reward_id,
        kind="reward",
        rulebooks=tuple(_title(name) for name in reward.training.rulebook_ids),
        training=reward.training,
        looks_at=_looks_at(reward),
        standing=reward.standing,
        accuracy=reward.accuracy,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    taste = Taste(partial(_said, reward), tuple(partial(worth, twin) for twin in twins))
    return LoadedReward(tuple(kept_files(path, reward.reward_id, content)), chooser, taste)


def _looks_at(reward: RewardModel) -> tuple[tuple[str, float], ...]:
    """What weighs most among the features that can be put in words."""
    told = [(one.name, round(one.weight, 6)) for one in reward.features if one.kind == "text"]
    return tuple(sorted((one for one in told if one[1]), key=lambda one: (-abs(one[1]), one[0]))[:N_LOOKS])


def _said(reward: RewardModel, situation: str, answers: Sequence[str], language: Language) -> Explanation:
    return explain(reward, situation, answers, language)


def _title(rulebook_id: str) -> Localised:
    try:
        return load_rulebook(rulebook_id).title
    except RulebookError:
        return {"en": rulebook_id}


def build_steering(sampled: Sampled, rewards: Sequence[LoadedReward]) -> Steering:
    """Let every reward choose among the recorded replies, and count what that does.

    Raises
    ------
    HarnessError
        No question has two replies to choose from.
    """
    by_name = {one.chooser.chooser_id: one.taste for one in rewards}
    questions = tuple(_questions(sampled, by_name))
    if not questions:
        raise HarnessError("no question has two replies yet: nobody can choose; draw them first")
    languages = [one for one in sampled.manifest.languages if any(q.language == one for q in questions)]
    parts = {one: [q for q in questions if q.language == one] for one in languages}
    n_replies = sampled.manifest.n_replies
    return Steering(
        manifest=sampled.manifest,
        store_sha256=sampled.store_sha256,
        choosers=(*(one.chooser for one in rewards), *_baselines()),
        questions=questions,
        n_failed=sum(not isinstance(one, Completion) for one in sampled.ended.values()),
        disagreement={name: disagreement(part, by_name) for name, part in parts.items()},
        differing=tuple(one for name, part in parts.items() for one in differing(part, name)),
        standings=tuple(one for name, part in parts.items() for one in standings(part, name, by_name)),
        shifts=tuple(one for name, part in parts.items() for one in shifts(part, name)),
        luck={name: luck(part, n_replies, by_name) for name, part in parts.items()},
    )


def _baselines() -> Iterator[Chooser]:
    return (Chooser(chooser_id=name, kind=kind) for name, kind in BASELINES.items())


def _questions(sampled: Sampled, rewards: Mapping[str, Taste]) -> Iterator[SteeredQuestion]:
    groups: dict[tuple[str, Language], list[ReplyCall]] = {}
    for call in sampled.calls:
        groups.setdefault((call.question.question_id, call.language), []).append(call)
    for (_, language), calls in groups.items():
        drawn = [one for call in calls if (one := _drawn(sampled, call)) is not None]
        if len(drawn) > 1:
            yield steer_question(calls[0].question, language, drawn, rewards)


def _drawn(sampled: Sampled, call: ReplyCall) -> Drawn | None:
    ended = sampled.ended.get(call.key)
    if not isinstance(ended, Completion):
        return None
    seed = seed_of(sampled.manifest.sampler.spec, call.number)
    return Drawn(call.number, seed, clean(ended.text).strip(), is_cut_off(ended))
