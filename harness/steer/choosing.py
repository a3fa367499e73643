"""n replies and what each is worth to whom -> who takes which; the same in whatever order they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from harness.reward.features import FEATURES, text_features
from harness.schema import Language, text_sha256
from harness.schema.steer import Choice, ChooserKind, Question, Reply, SteeredQuestion
from harness.stats.arrays import FloatArray

LONGEST, FIRST = "longest", "first"
BASELINES: dict[str, ChooserKind] = {LONGEST: "longest", FIRST: "first"}
"""What reads nothing: the reply with the most words, and the first, which is one drawn at random."""

WORDS = "words"
TRAITS = ("hedging", "certainty", "referral", "refusal", "warning", "imperative", "praise", "empathy")
"""Plain features that the page compares, beside the number of words."""

AS_GOOD = 1e-9
"""Worths nearer than this are the same: only rounding tells them apart."""
N_MOVES = 3
SMALLEST_MOVE = 0.005


class Reading(Protocol):
    """What a reward says of some answers: `harness.reward.Explanation`, or a fake of tests."""

    @property
    def worth(self) -> FloatArray:
        """(n_answers,): higher = better."""
        ...

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns of `contributions`."""
        ...

    @property
    def contributions(self) -> FloatArray:
        """(n_answers, n_features): what each adds to an answer, relative to the mean answer here."""
        ...


Worth = Callable[[str, Sequence[str], Language], Reading]
"""A reward as steering sees it: situation, answers, language -> what it says of them."""


class Drawn(NamedTuple):
    """One reply as it was drawn."""

    number: int
    seed: int | None
    text: str
    cut_off: bool


def steer_question(
    question: Question, language: Language, drawn: Sequence[Drawn], rewards: Mapping[str, Worth]
) -> SteeredQuestion:
    """Let every reward and every baseline choose among the replies to one question."""
    texts = [one.text for one in drawn]
    readings = {name: reward(question.message[language], texts, language) for name, reward in rewards.items()}
    worths = [
        {name: round(float(reading.worth[place]), 6) for name, reading in readings.items()}
        for place in range(len(texts))
    ]
    traits = plain_traits(question.message[language], texts, language)
    replies = tuple(
        Reply(**one._asdict(), traits=told, worths=worth)
        for one, told, worth in zip(drawn, traits, worths, strict=True)
    )
    chosen = [_by_reward(name, replies, reading) for name, reading in readings.items()]
    return SteeredQuestion(
        question=question,
        language=language,
        replies=replies,
        n_distinct=len({one.text for one in replies}),
        choices=(*chosen, _longest(replies), Choice(chooser_id=FIRST, number=_first(replies))),
    )


def plain_traits(situation: str, texts: Sequence[str], language: Language) -> list[dict[str, float]]:
    """The number of words of each text, and its plain features, per 100 words or 0/1."""
    counted = text_features(situation, texts, language)
    names = list(FEATURES)
    return [
        {WORDS: float(len(text.split()))} | {name: round(float(row[names.index(name)]), 6) for name in TRAITS}
        for text, row in zip(texts, counted, strict=True)
    ]


def _by_reward(name: str, replies: Sequence[Reply], reading: Reading) -> Choice:
    best = max(one.worths[name] for one in replies)
    chosen, tied = _pick(one for one in replies if best - one.worths[name] <= AS_GOOD)
    place = next(place for place, one in enumerate(replies) if one.number == chosen)
    moves = zip(reading.features, reading.contributions[place], strict=True)
    told = sorted(((feature, round(float(by), 6)) for feature, by in moves), key=lambda one: -abs(one[1]))
    moved_by = tuple((feature, by) for feature, by in told[:N_MOVES] if abs(by) >= SMALLEST_MOVE)
    mean = round(sum(one.worths[name] for one in replies) / len(replies), 6)
    return Choice(chooser_id=name, number=chosen, tied=tied, worth=best, mean_worth=mean, moved_by=moved_by)


def _longest(replies: Sequence[Reply]) -> Choice:
    most = max(one.traits[WORDS] for one in replies)
    chosen, tied = _pick(one for one in replies if one.traits[WORDS] == most)
    return Choice(chooser_id=LONGEST, number=chosen, tied=tied)


def _pick(best: Iterable[Reply]) -> tuple[int, tuple[int, ...]]:
    """One of the texts that are as good as each other, by their hashes; the numbers of the other texts.

    The order in which replies were drawn must not decide, and equal texts are one.
    """
    first: dict[str, int] = {}
    for one in sorted(best, key=lambda reply: reply.number):
        first.setdefault(one.text, one.number)
    order = sorted(first, key=text_sha256)
    return first[order[0]], tuple(sorted(first[text] for text in order[1:]))


def _first(replies: Sequence[Reply]) -> int:
    return min(one.number for one in replies)
