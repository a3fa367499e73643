"""How far it matters whose grades they were: how often picks differ, where they stand, what luck does."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np

from harness.errors import UndefinedStatisticError
from harness.schema import Estimate, Interval, Language
from harness.schema.steer import Choice, Differing, Luck, Shift, Standing, SteeredQuestion
from harness.stats.arrays import FloatArray
from harness.stats.intervals import mean_t_interval
from harness.steer.choosing import FIRST, TRAITS, WORDS
from harness.steer.worth import AS_GOOD

MIN_QUESTIONS = 3
N_DRAWS = 10_000
_SEED = 20_261_122
_LEVEL = 0.95
_Z = 1.959963984540054
_DIGITS = 6


def disagreement(questions: Sequence[SteeredQuestion], reward_ids: Iterable[str]) -> Estimate:
    """Share of questions where no text is best for all rewards; a single one is held against the first."""
    names = list(reward_ids)
    compared = names if len(names) > 1 else [*names, FIRST]
    n_unlike = sum(not set.intersection(*(_best(one, name) for name in compared)) for one in questions)
    return wilson(n_unlike, len(questions))


def differing(questions: Sequence[SteeredQuestion], language: Language) -> Iterator[Differing]:
    """How often no text is the best for both, beside how often two draws at random differ.

    Where one of them finds several texts equally good, which of them it takes is an accident: that is no
    difference as long as the other finds one of them best too.
    """
    if not questions:
        return
    by_chance = sum(_differ_by_chance(one) for one in questions) / len(questions)
    names = [choice.chooser_id for choice in questions[0].choices]
    for first, second in combinations(names, 2):
        n_differ = sum(_best(one, first).isdisjoint(_best(one, second)) for one in questions)
        yield Differing(
            language=language,
            first_id=first,
            second_id=second,
            share=wilson(n_differ, len(questions)),
            by_chance=round(by_chance, _DIGITS),
        )


def standings(
    questions: Sequence[SteeredQuestion], language: Language, reward_ids: Iterable[str]
) -> Iterator[Standing]:
    """Where everybody's picks stand in the order of each reward, beside draws at random."""
    for reward_id in reward_ids:
        places = [_places([reply.worths[reward_id] for reply in one.replies]) for one in questions]
        chance = _chance(places)
        for chooser_id in _choosers(questions):
            picked = [row[_position(one, chooser_id)] for one, row in zip(questions, places, strict=True)]
            yield Standing(
                language=language,
                chooser_id=chooser_id,
                reward_id=reward_id,
                place=mean_of(picked, inside=(0.0, 1.0)),
                chance=chance,
            )


def shifts(questions: Sequence[SteeredQuestion], language: Language) -> Iterator[Shift]:
    """How picks differ in each plain feature from the replies that they were chosen from."""
    for trait in (WORDS, *TRAITS):
        rows = [np.array([reply.traits[trait] for reply in one.replies]) for one in questions]
        centred = [row - row.mean() for row in rows]
        chance = _chance(centred)
        for chooser_id in _choosers(questions):
            gained = [
                float(row[_position(one, chooser_id)]) for one, row in zip(questions, centred, strict=True)
            ]
            yield Shift(
                language=language,
                chooser_id=chooser_id,
                trait=trait,
                mean=round(float(np.mean([row.mean() for row in rows])), _DIGITS),
                difference=mean_of(gained),
                chance=chance,
            )


def luck(questions: Sequence[SteeredQuestion], n_replies: int, reward_ids: Iterable[str]) -> Luck:
    """What choosing the best of n does on its own, and what each reward (with its twins) makes of it."""
    names = list(reward_ids)
    return Luck(
        kl_bound=round(math.log(n_replies) - (n_replies - 1) / n_replies, _DIGITS),
        expected_gain=round(expected_largest(n_replies), _DIGITS),
        firmness={name: mean_of(_firmness(questions, name), inside=(0.0, 1.0)) for name in names},
        gains={name: mean_of(list(_gains(questions, name))) for name in names},
    )


def wilson(n_hits: int, n: int) -> Estimate:
    """A share with the score interval of Wilson (1927), which stays inside 0 … 1 also for few questions."""
    if n < MIN_QUESTIONS:
        return Estimate(value=None, n=n, unit="cases", undefined_because="too_few_cases")
    share = n_hits / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    return _estimate(share, (low, high), n, "Wilson")


def mean_of(values: Sequence[float], *, inside: tuple[float, float] = (-math.inf, math.inf)) -> Estimate:
    """A mean over questions with its t interval, cut where no mean can lie; too few questions have none."""
    try:
        found = mean_t_interval(values)
    except UndefinedStatisticError:
        return Estimate(value=None, n=len(values), unit="cases", undefined_because="too_few_cases")
    ends = (max(found.low, inside[0]), min(found.high, inside[1]))
    return _estimate(float(np.mean(values)), ends, found.n_units, "t over cases")


def expected_largest(n: int) -> float:
    """Expected largest of n independent standard normal numbers: what the best of n gains by luck alone.

    Notes
    -----
    The integral of x n φ(x) Φ(x)^(n-1) by Simpson's rule over ±12, exact to far more digits than are shown.

    Examples
    --------
    >>> round(expected_largest(2), 4), round(expected_largest(8), 4)
    (0.5642, 1.4236)
    """
    x = np.linspace(-12.0, 12.0, 4_801)
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    below = np.array([0.5 * (1 + math.erf(one / math.sqrt(2))) for one in x])
    heights = x * n * density * below ** (n - 1)
    simpson = np.ones(len(x))
    simpson[1:-1:2], simpson[2:-1:2] = 4.0, 2.0
    return float((heights * simpson).sum() * (x[1] - x[0]) / 3)


def _estimate(value: float, ends: tuple[float, float], n: int, method: str) -> Estimate:
    low, high = (round(end, _DIGITS) for end in ends)
    interval = Interval(low=low, high=high, level=_LEVEL, target="T3", method=method, n=n)
    return Estimate(value=round(value, _DIGITS), n=n, unit="cases", intervals=(interval,))


def _gains(questions: Sequence[SteeredQuestion], reward_id: str) -> Iterator[float]:
    """Pick minus mean, in standard deviations of the replies; where all are worth the same there is none."""
    for one in questions:
        worths = np.array([reply.worths[reward_id] for reply in one.replies])
        spread = float(worths.std(ddof=1))
        if spread > AS_GOOD:
            yield float((worths.max() - worths.mean()) / spread)


def _firmness(questions: Sequence[SteeredQuestion], reward_id: str) -> list[float]:
    choices = [_choice(one, reward_id) for one in questions]
    return [one.n_firm / one.n_twins for one in choices if one.n_twins]


def _differ_by_chance(one: SteeredQuestion) -> float:
    n = len(one.replies)
    texts = [reply.text for reply in one.replies]
    return 1.0 - sum((texts.count(text) / n) ** 2 for text in set(texts))


def _places(worths: Sequence[float]) -> FloatArray:
    """Share of the other replies that each one stands above; equals count half."""
    array = np.array(worths)
    gaps = array[:, None] - array[None, :]
    above = (gaps > AS_GOOD).sum(axis=1) + 0.5 * ((np.abs(gaps) <= AS_GOOD).sum(axis=1) - 1)
    return np.asarray(above / (len(array) - 1), dtype=np.float64)


def _chance(rows: Sequence[FloatArray]) -> tuple[float, float]:
    """Within which the mean over the questions lies for 95 of 100 draws of one reply each."""
    rng = np.random.default_rng(_SEED)
    drawn = np.zeros(N_DRAWS)
    for row in rows:
        drawn += row[rng.integers(0, len(row), N_DRAWS)]
    means = np.sort(drawn / max(1, len(rows)))
    edge = int(N_DRAWS * (1 - _LEVEL) / 2)
    return round(float(means[edge]), _DIGITS), round(float(means[-edge - 1]), _DIGITS)


def _choosers(questions: Sequence[SteeredQuestion]) -> list[str]:
    return [choice.chooser_id for choice in questions[0].choices] if questions else []


def _position(one: SteeredQuestion, chooser_id: str) -> int:
    """Place of a chooser's pick in the list of replies."""
    return [reply.number for reply in one.replies].index(_choice(one, chooser_id).number)


def _choice(one: SteeredQuestion, chooser_id: str) -> Choice:
    return next(choice for choice in one.choices if choice.chooser_id == chooser_id)


def _best(one: SteeredQuestion, chooser_id: str) -> set[str]:
    """The texts that a chooser finds best: its pick, and what it finds exactly as good."""
    choice = _choice(one, chooser_id)
    numbers = {choice.number, *choice.tied}
    return {reply.text for reply in one.replies if reply.number in numbers}
