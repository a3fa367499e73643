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

SHOWN = "friends"
"""Nobody is misled about health or money by what a small model says to it."""
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
    """The question that a class is shown, where the rewards differ; None where there is no such recording."""
    try:
        steering = shipped_steering().read_steering()
    except HarnessError:
        return None
    rewards = {one.chooser_id for one in rewards_of(steering)}
    for asked in steering.questions:
        picked = {text for name, text in _texts(asked).items() if name in rewards}
        if (asked.question.question_id, asked.language) == (SHOWN, language) and len(picked) > 1:
            return _example(steering, asked, language)
    return None


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
