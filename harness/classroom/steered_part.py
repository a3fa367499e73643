"""One question of the shipped steering run: the same replies, and what each reward would let out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from harness.errors import HarnessError
from harness.report.steer_names import chooser_names, is_simulated, rewards_of, weighed
from harness.report.typography import disarm, excerpt
from harness.report.voice import Voice
from harness.schema import Language
from harness.schema.steer import SteeredQuestion, Steering
from harness.steer.folder import shipped_steering

MOST_CHARACTERS = 240


@dataclass(frozen=True)
class SteeredPick:
    """What one reward lets out."""

    name: str
    text: str
    why: str
    """What counts for it in this reply, or nothing."""
    simulated: bool


@dataclass(frozen=True)
class SteeredExample:
    """A question, and the pick of every reward."""

    message: str
    sampler: str
    n_replies: int
    picks: tuple[SteeredPick, ...]
    date: str


@cache
def steered_example(language: Language) -> SteeredExample | None:
    """The question where all rewards differ, with the fewest ties and words; None without a recording."""
    try:
        steering = shipped_steering().read_steering()
    except HarnessError:
        return None
    rewards = [one.chooser_id for one in rewards_of(steering)]
    asked = [one for one in steering.questions if one.language == language and _all_differ(one, rewards)]
    if not asked or len(rewards) < 2:
        return None
    return _example(steering, min(asked, key=lambda one: _plainness(one, rewards)), language)


def _example(steering: Steering, asked: SteeredQuestion, language: Language) -> SteeredExample:
    spec = steering.manifest.sampler.spec
    return SteeredExample(
        message=disarm(asked.question.message[language]),
        sampler=disarm(spec.title or spec.judge_id),
        n_replies=len(asked.replies),
        picks=tuple(_picks(steering, asked, Voice(language))),
        date=steering.manifest.created_at[:10],
    )


def _picks(steering: Steering, asked: SteeredQuestion, voice: Voice) -> Iterator[SteeredPick]:
    names, texts = chooser_names(steering, voice), _texts(asked)
    choices = {choice.chooser_id: choice for choice in asked.choices}
    for reward in rewards_of(steering):
        key = reward.chooser_id
        shown = excerpt(" ".join(disarm(texts[key]).split()), MOST_CHARACTERS)
        why = weighed(choices[key].moved_by, voice)
        yield SteeredPick(names[key], shown, why, is_simulated(reward))


def _texts(asked: SteeredQuestion) -> dict[str, str]:
    by_number = {reply.number: reply.text for reply in asked.replies}
    return {choice.chooser_id: by_number[choice.number] for choice in asked.choices}


def _all_differ(asked: SteeredQuestion, rewards: list[str]) -> bool:
    texts = _texts(asked)
    return len({texts[name] for name in rewards}) == len(rewards)


def _plainness(asked: SteeredQuestion, rewards: list[str]) -> tuple[int, int]:
    texts = _texts(asked)
    n_tied = sum(len(choice.tied) for choice in asked.choices if choice.chooser_id in rewards)
    return n_tied, max(len(texts[name]) for name in rewards)
