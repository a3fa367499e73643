"""n replies and what each is worth to whom -> who takes which; the same in whatever order they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from harness.reward.features import FEATURES, text_features
from harness.schema import Language
from harness.schema.steer import Choice, ChooserKind, Question, Reply, SteeredQuestion
from harness.steer.firmness import n_firm
from harness.steer.worth import Reading, Taste, best_texts

LONGEST, FIRST = "longest", "first"
BASELINES: dict[str, ChooserKind] = {LONGEST: "longest", FIRST: "first"}
"""What reads nothing: the reply with the most words, and the first, which is one drawn at random."""

WORDS = "words"
TRAITS = ("hedging", "certainty", "referral", "refusal", "warning", "imperative", "praise", "empathy")
"""Plain features that the page compares, beside the number of words."""

N_MOVES = 3
SMALLEST_MOVE = 0.005


class Drawn(NamedTuple):
    """One reply as it was drawn."""

    number: int
    seed: int | None
    text: str
    cut_off: bool


def steer_question(
    question: Question, language: Language, drawn: Sequence[Drawn], rewards: Mapping[str, Taste]
) -> SteeredQuestion:
    """Let every reward and every baseline choose among the replies to one question."""
    texts = [one.text for one in drawn]
    asked = question.message[language]
    readings = {name: taste.worth(asked, texts, language) for name, taste in rewards.items()}
    worths = [
        {name: round(float(reading.worth[place]), 6) for name, reading in readings.items()}
        for place in range(len(texts))
    ]
    traits = plain_traits(asked, texts, language)
    replies = tuple(
        Reply(**one._asdict(), traits=told, worths=worth)
        for one, told, worth in zip(drawn, traits, worths, strict=True)
    )
    chosen = []
    for name, taste in rewards.items():
        choice = _by_reward(name, replies, readings[name])
        picked = next(one.text for one in replies if one.number == choice.number)
        firm = n_firm(asked, texts, language, picked, taste.twins)
        chosen.append(choice.model_copy(update={"n_twins": len(taste.twins), "n_firm": firm}))
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
    worths = [one.worths[name] for one in replies]
    choice = _choice(name, replies, worths)
    place = [one.number for one in replies].index(choice.number)
    moves = zip(reading.features, reading.contributions[place], strict=True)
    told = sorted(((feature, round(float(by), 6)) for feature, by in moves), key=lambda one: -abs(one[1]))
    moved_by = tuple((feature, by) for feature, by in told[:N_MOVES] if abs(by) >= SMALLEST_MOVE)
    mean = round(sum(worths) / len(worths), 6)
    return choice.model_copy(update={"worth": max(worths), "mean_worth": mean, "moved_by": moved_by})


def _longest(replies: Sequence[Reply]) -> Choice:
    return _choice(LONGEST, replies, [one.traits[WORDS] for one in replies])


def _choice(name: str, replies: Sequence[Reply], worths: Sequence[float]) -> Choice:
    """The pick, and the other texts that are as good, each by the number of the first reply that says it."""
    numbers: dict[str, int] = {}
    for one in sorted(replies, key=lambda reply: reply.number):
        numbers.setdefault(one.text, one.number)
    picked, *others = best_texts([one.text for one in replies], worths)
    return Choice(
        chooser_id=name, number=numbers[picked], tied=tuple(sorted(numbers[text] for text in others))
    )


def _first(replies: Sequence[Reply]) -> int:
    return min(one.number for one in replies)
