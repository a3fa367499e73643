"""Votes that are known, hidden and revealed one by one: what each way of asking would have told, and when."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from harness.errors import UndefinedStatisticError
from harness.stats.arrays import BoolArray, FloatArray, IntArray
from harness.stats.ask_next import RANDOM_SHARE, shrunk_disagreement, variance_drop
from harness.stats.pairs import ratio

Policy = Literal["random", "fewest", "disputed", "adaptive", "judges"]
POLICIES: tuple[Policy, ...] = ("random", "fewest", "disputed", "adaptive", "judges")
_NEVER_ASKED = 1e6
"""Wanted more than any question that somebody has answered."""
_NO_IDEA = 0.5
"""What a consensus of nobody says of each number of a thermometer."""
_MOST_DOUBT = 100.0
"""Votes without an idea that a consensus starts from when people agree no more than by chance."""
_LEAST_DOUBT = 1e-6
"""The same when they always agree: a consensus of nobody still has no idea."""


class Votes(NamedTuple):
    """What people said about questions of one kind: cases, or the pairs of answers that they voted on."""

    columns: FloatArray
    """(n_questions, most_votes, 2 * most_pairs): thermometers; NaN beyond a question's votes or pairs."""
    judges: FloatArray
    """(n_questions, 2 * most_pairs): mean thermometer of the judges; NaN where no judge said anything."""

    @property
    def n_votes(self) -> IntArray:
        """(n_questions,)."""
        return np.asarray((~np.isnan(self.columns)).any(axis=2).sum(axis=1), dtype=np.int64)

    @property
    def weight(self) -> FloatArray:
        """(n_questions, 2 * most_pairs): 1 / pairs of the question; 0 beyond them."""
        there = ~np.isnan(self.columns[:, 0])
        return np.where(there, 2.0 / np.maximum(there.sum(axis=1, keepdims=True), 1), 0.0)


class Replaying(NamedTuple):
    """How votes are hidden and drawn."""

    n_seeds: int = 20
    budgets: tuple[float, ...] = (0.25, 0.5, 0.75)
    """Parts of all votes that can be revealed, after which the errors are noted."""
    random_share: float = RANDOM_SHARE
    resampled: int = 0
    """0: each vote once, one per question held out. Else: votes drawn with replacement, at most so many."""


class Revealed(NamedTuple):
    """Errors of one way of asking; seeds and what they hide are the same for every way."""

    n_revealed: IntArray
    """(n_budgets,)."""
    held_out: FloatArray
    """(n_budgets, n_seeds, n_questions): squared distance per pair of the consensus to the vote held out."""
    everything: FloatArray
    """The same to the mean of all votes, those revealed among them: circular, unless resampled."""
    human_human: FloatArray
    """(n_budgets, n_seeds): mean tau_x between two people, over questions with two; NaN without any."""
    judge_human: FloatArray
    """(n_budgets, n_seeds): mean tau_x of judges and people, every question that was asked alike."""
    weighted: FloatArray
    """The same over votes, each weighing the inverse of its probability."""


def reveal(votes: Votes, policy: Policy, settings: Replaying, rng: np.random.Generator) -> Revealed:
    """Ask for votes that are known in the order in which one policy would have asked for them.

    Parameters
    ----------
    votes : Votes
        Of questions with at least two votes each.
    policy : str
        `random`: any open question. `fewest`: fewest votes first, ties by chance. `disputed`: fewest votes
        first, ties by shrunk disagreement (`priority`).
        `adaptive`: largest drop in the variance of the consensus (`variance_drop`). `judges`: the same with
        the distance between people so far and the judges in the place of people's disagreement; where nobody
        was asked, the questions on which the judges differ most. All but `random` ask `random_share` of the
        time about any open question.
    settings : Replaying
    rng : numpy.random.Generator
        The same seed for every policy hides the same votes.

    Returns
    -------
    Revealed
        Errors after each budget. The distance to a held-out vote contains that vote's own noise, which is
        the same for every policy: differences between policies estimate differences in true error.

    Raises
    ------
    UndefinedStatisticError
        Undefined without questions, or when one has fewer than two votes.

    Notes
    -----
    The consensus is the mean thermometer with K more votes that have no idea (½ everywhere), so that it is
    defined before anybody is asked. ``K = (1 - tau) / tau`` with tau the agreement of two votes on the same
    question, from all votes: the best linear prediction of one more vote, the same for every policy. The
    order that the consensus gives is that of the plain mean. Distances are those of Kemeny, per pair: 0 = the
    same, ½ = no idea of a strict vote, 2 = opposite.
    """
    n_votes = votes.n_votes
    if len(n_votes) == 0 or n_votes.min() < 2:
        raise UndefinedStatisticError("a replay needs questions with two votes at least")
    hidden = _hide(votes, n_votes, settings, rng)
    state = _State(votes, hidden)
    steps = sorted(max(1, round(part * int(hidden.n_open.sum()))) for part in settings.budgets)
    notes: list[tuple[FloatArray, ...]] = []
    for step in range(1, steps[-1] + 1):
        state.ask(policy, settings.random_share, rng)
        if step in steps:
            notes.extend([state.note()] * steps.count(step))
    gathered = [np.array(column) for column in zip(*notes, strict=True)]
    return Revealed(np.array(steps, dtype=np.int64), *gathered)


class _Hidden(NamedTuple):
    """For every seed, which vote of a question comes when."""

    order: IntArray
    """(n_seeds, n_questions, depth): places of votes in the order in which they are revealed."""
    n_open: IntArray
    """(n_questions,): how many can be revealed."""
    held_out: FloatArray
    """(n_seeds, n_questions, columns): what the consensus is measured by."""
    doubt: float
    """Votes without an idea that the consensus starts from."""


def _hide(votes: Votes, n_votes: IntArray, settings: Replaying, rng: np.random.Generator) -> _Hidden:
    shape = (settings.n_seeds, len(n_votes), settings.resampled or votes.columns.shape[1])
    keys = rng.random(shape)
    if settings.resampled:
        order = np.asarray(keys * n_votes[:, None], dtype=np.int64)
        truth = np.broadcast_to(np.nan_to_num(_mean_votes(votes.columns)), (shape[0], *votes.judges.shape))
        return _Hidden(order, np.full(len(n_votes), settings.resampled), truth, _doubt(_taus(votes, np.inf)))
    keys[:, np.arange(shape[2]) >= n_votes[:, None]] = np.inf
    order = np.asarray(np.argsort(keys, axis=2), dtype=np.int64)
    last = np.take_along_axis(order, np.broadcast_to(n_votes[:, None] - 1, (*shape[:2], 1)), axis=2)
    held_out = np.nan_to_num(votes.columns)[np.arange(len(n_votes)), last[..., 0]]
    return _Hidden(order, n_votes - 1, held_out, _doubt(_taus(votes, n_votes)))


class _State:
    """Where every seed stands; arrays begin with (n_seeds, n_questions)."""

    def __init__(self, votes: Votes, hidden: _Hidden) -> None:
        shape = hidden.order.shape[:2]
        self._hidden, self._weight, self._shape = hidden, votes.weight, shape
        self._columns = np.nan_to_num(votes.columns)
        self._everything = np.nan_to_num(_mean_votes(votes.columns))
        self._judges = np.where(np.isnan(votes.judges), _NO_IDEA, votes.judges)
        self._beside = agreement_with_judges(votes)
        self._rows = np.arange(shape[0])
        self._counts = np.zeros(shape, dtype=np.int64)
        self._sums = np.zeros((*shape, self._weight.shape[1]))
        self._tau = np.full(shape, np.nan)
        spread = (self._weight * self._judges * (1.0 - self._judges)).sum(axis=1)
        self._apart = np.broadcast_to(spread, shape).copy()
        self._beside_sums = np.zeros(shape)
        self._weighted, self._weights = np.zeros(shape[0]), np.zeros(shape[0])

    def ask(self, policy: Policy, random_share: float, rng: np.random.Generator) -> None:
        """Reveal one vote in every seed."""
        is_open = self._counts < self._hidden.n_open
        wanted = np.where(is_open, self._wanted(policy), -np.inf)
        first = np.asarray(is_open & (wanted == wanted.max(axis=1, keepdims=True)))
        anywhere = rng.random((self._shape[0], 1)) < random_share
        drawn = _pick(np.where(anywhere, is_open, first), rng)
        by_chance = random_share / is_open.sum(axis=1)
        is_first = np.take_along_axis(first, drawn[:, None], axis=1)[:, 0]
        on_purpose = (1.0 - random_share) * is_first / first.sum(axis=1)
        self._take(drawn, by_chance + on_purpose)

    def _wanted(self, policy: Policy) -> FloatArray:
        if policy in ("random", "fewest"):
            return np.asarray(-self._counts * (policy == "fewest"), dtype=np.float64)
        if policy == "judges":
            asked = variance_drop(self._apart, self._counts)
            return np.where(self._counts > 0, asked, _NEVER_ASKED + self._apart)
        # Where nothing is known yet, every question is as disputed as any other.
        expected = np.nan_to_num(shrunk_disagreement(self._tau, self._counts), nan=1.0).round(12)
        if policy == "disputed":
            return np.asarray(expected - _NEVER_ASKED * self._counts)
        return np.minimum(variance_drop(expected, self._counts), _NEVER_ASKED)

    def _take(self, drawn: IntArray, probabilities: FloatArray) -> None:
        here = (self._rows, drawn)
        vote = self._hidden.order[(*here, self._counts[here])]
        self._sums[here] += self._columns[drawn, vote]
        self._counts[here] += 1
        n, weight = self._counts[here][:, None], self._weight[drawn]
        mean = self._sums[here] / n
        spread = (weight * mean * (1.0 - mean) * n / np.maximum(n - 1, 1)).sum(axis=1)
        self._tau[here] = np.where(n[:, 0] > 1, 1.0 - 2.0 * spread, np.nan)
        self._apart[here] = (weight * (mean - self._judges[drawn]) ** 2).sum(axis=1)
        self._note_beside(here, self._beside[drawn, vote], 1.0 / probabilities)

    def _note_beside(self, here: tuple[IntArray, IntArray], taus: FloatArray, weights: FloatArray) -> None:
        self._beside_sums[here] += taus
        known = ~np.isnan(taus)
        self._weighted += np.where(known, taus * weights, 0.0)
        self._weights += np.where(known, weights, 0.0)

    def note(self) -> tuple[FloatArray, ...]:
        """What is known by now, in the order of `Revealed`."""
        doubt = self._hidden.doubt
        consensus = (self._sums + doubt * _NO_IDEA) / (self._counts + doubt)[..., None]
        return (
            (self._weight * (consensus - self._hidden.held_out) ** 2).sum(axis=-1),
            (self._weight * (consensus - self._everything) ** 2).sum(axis=-1),
            _mean_of_known(self._tau),
            _mean_of_known(ratio(self._beside_sums, self._counts)),
            ratio(self._weighted, self._weights),
        )


def agreement_with_judges(votes: Votes) -> FloatArray:
    """Mean tau_x of every vote with the judges, (n_questions, most_votes); NaN where either is missing."""
    columns, judges = np.nan_to_num(votes.columns), np.nan_to_num(votes.judges)[:, None]
    distance = votes.weight[:, None] * (columns * (1.0 - judges) + judges * (1.0 - columns))
    known = ~np.isnan(votes.columns[..., 0]) & ~np.isnan(votes.judges[:, :1])
    return np.where(known, 1.0 - distance.sum(axis=2), np.nan)


def all_revealed(votes: Votes, *, resampled: bool = False) -> tuple[float, float]:
    """Mean tau_x between two people, and of judges and people, with all votes: every question alike.

    Of votes drawn with replacement the first is that of two such draws.
    """
    beside = agreement_with_judges(votes)
    each = ratio(np.nan_to_num(beside).sum(axis=1), (~np.isnan(beside)).sum(axis=1))
    between = _taus(votes, np.inf if resampled else votes.n_votes)
    return float(between.mean()), float(_mean_of_known(each))


def _taus(votes: Votes, n_votes: ArrayLike) -> FloatArray:
    """Mean tau_x of two of so many votes of each question; infinitely many: of two drawn with replacement."""
    n, mean = np.asarray(n_votes, dtype=np.float64), np.nan_to_num(_mean_votes(votes.columns))
    spread = (votes.weight * mean * (1.0 - mean)).sum(axis=1)
    taus: FloatArray = 1.0 - 2.0 * spread / (1.0 - 1.0 / n)
    return taus


def _doubt(taus: FloatArray) -> float:
    tau = float(taus.mean())
    return max(min((1.0 - tau) / tau, _MOST_DOUBT), _LEAST_DOUBT) if tau > 0 else _MOST_DOUBT


def _pick(allowed: BoolArray, rng: np.random.Generator) -> IntArray:
    """One allowed place per row, each as likely as the other."""
    places = np.cumsum(allowed, axis=1, dtype=np.int32)
    nth = (rng.random(len(allowed)) * places[:, -1]).astype(np.int32)
    return np.asarray((places > nth[:, None]).argmax(axis=1), dtype=np.int64)


def _mean_votes(columns: FloatArray) -> FloatArray:
    there = ~np.isnan(columns)
    return ratio(np.where(there, columns, 0.0).sum(axis=1), there.sum(axis=1))


def _mean_of_known(values: FloatArray) -> FloatArray:
    known = ~np.isnan(values)
    return ratio(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1))
