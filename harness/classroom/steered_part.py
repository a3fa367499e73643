"""One question of the shipped steering run: the same replies, and what each reward would let out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from harness.errors import HarnessError
from harness.report.steer_names import chooser_names, is_simulated, rewards_of
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
    """The question on which the rewards differ in the fewest words; None where there is no such recording."""
    try:
        steering = shipped_steering().read_steering()
    except HarnessError:
        return None
    rewards = [one.chooser_id for one in rewards_of(steering)]
    asked = [one for one in steering.questions if one.language == language and _all_differ(one, rewards)]
    if not asked or len(rewards) < 2:
        return None
    return _example(steering, min(asked, key=lambda one: _longest(one, rewards)), language)


def _example(steering: Steering, asked: SteeredQuestion, language: Language) -> SteeredExample:
    names = chooser_names(steering, Voice(language))
    texts = _texts(asked)
    spec = steering.manifest.sampler.spec
    return SteeredExample(
        message=disarm(asked.question.message[language]),
        sampler=disarm(spec.title or spec.judge_id),
        n_replies=len(asked.replies),
        picks=tuple(
            SteeredPick(names[one.chooser_id], _shown(texts[one.chooser_id]), is_simulated(one))
            for one in rewards_of(steering)
        ),
        date=steering.manifest.created_at[:10],
    )


def _texts(asked: SteeredQuestion) -> dict[str, str]:
    by_number = {reply.number: reply.text for reply in asked.replies}
    return {choice.chooser_id: by_number[choice.number] for choice in asked.choices}


def _all_differ(asked: SteeredQuestion, rewards: list[str]) -> bool:
    texts = _texts(asked)
    return len({texts[name] for name in rewards}) == len(rewards)


def _longest(asked: SteeredQuestion, rewards: list[str]) -> tuple[int, str]:
    texts = _texts(asked)
    return max(len(texts[name]) for name in rewards), asked.question.question_id


def _shown(text: str) -> str:
    return excerpt(" ".join(disarm(text).split()), MOST_CHARACTERS)
