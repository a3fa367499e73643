"""From a run and its people to a reward model: one fit on everything, and fits that leave situations out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from harness import __version__
from harness.compare import ComparisonSource
from harness.compare.estimates import (
    JACKKNIFE,
    SHARE,
    TAU,
    Bounds,
    generator,
    record_interval,
    tidy,
    undefined,
)
from harness.compare.judges import answer_lengths
from harness.errors import HarnessError, UndefinedStatisticError
from harness.reward.embedding import EmbeddingFacts, embedding_facts
from harness.reward.features import FEATURES
from harness.reward.reading import axis_name
from harness.reward.table import Table, build_table
from harness.schema import Case, Estimate, Interval, Language, Undefined, text_sha256
from harness.schema.reward import (
    HeldOutCase,
    RewardAccuracy,
    RewardEmbedding,
    RewardFeature,
    RewardMethod,
    RewardModel,
    RewardTraining,
    ShuffledNull,
)
from harness.stats.arrays import FloatArray
from harness.stats.pairs import tie_share
from harness.stats.reward import RewardFit, fit_reward
from harness.stats.reward_check import (
    WORTH_DIGITS,
    agreement,
    mean_interval,
    predict_left_out,
    shuffled_null,
    weight_intervals,
)
from harness.stats.reward_folds import situation_folds
from harness.stats.reward_limits import Standing, standing

SHUFFLES: dict[Standing, int] = {"too_few": 199, "demonstration": 199, "trial": 99, "sound": 19}
"""How often grades are dealt by lot when nobody says: more often where luck is likelier."""
_AXIS_DIGITS = 8
_DIGEST_LETTERS = 16


@dataclass(frozen=True)
class Wish:
    """How a reward model is to learn."""

    reward_id: str
    fitted_at: str
    embedding: bool = True
    method: RewardMethod = "rank-ordered-logit"
    language: Language | None = None
    patterns: tuple[str, ...] = ()
    n_shuffles: int | None = None
    """None = by the number of situations; 0 = none."""


def fit_source(
    source: ComparisonSource, wish: Wish, tell: Callable[[str], None] = lambda _line: None
) -> RewardModel:
    """Learn a reward model from the people (or the author's key) of a run.

    Parameters
    ----------
    source
        The run and the rankings to learn from.
    wish
        What to look at, and how.
    tell
        Gets a line about each step.

    Raises
    ------
    HarnessError
        Too few situations were ranked, their answers differ in nothing, or the extra `reward` is missing.
    """
    facts = embedding_facts() if wish.embedding else None
    tell("reading the texts")
    table = build_table(source, embedding=wish.embedding, language=wish.language, patterns=wish.patterns)
    learner = _Learner(source, wish, table)
    try:
        return learner.learned(facts, tell)
    except UndefinedStatisticError as error:
        raise HarnessError(f"nothing can be learned from these grades: {error}") from error


def situation_digests(case: Case) -> tuple[str, ...]:
    """Short digests of the user's message in every language: a situation is known again by any of them."""
    plain = (" ".join(text.casefold().split()) for text in case.message.values())
    return tuple(text_sha256(text)[:_DIGEST_LETTERS] for text in plain)


class _Predicted(NamedTuple):
    """Worths by fits that saw nothing of the situation, and by one that saw all."""

    left_out: FloatArray
    in_sample: FloatArray
    longest: FloatArray
    n_folds: int


class _Learner:
    def __init__(self, source: ComparisonSource, wish: Wish, table: Table) -> None:
        self.source, self.wish, self.table = source, wish, table
        self.sizes = np.bincount(table.graded.situation_of)
        self.standing = standing(len(self.sizes))

    def learned(self, facts: EmbeddingFacts | None, tell: Callable[[str], None]) -> RewardModel:
        graded, method = self.table.graded, self.wish.method
        tell(f"learning from {self.table.n_rankings} rankings of {len(self.sizes)} situations")
        fit = fit_reward(graded, None, method)
        folds = situation_folds(self.sizes, self._rng("folds"))
        tell(f"predicting each situation without it ({int(folds.max()) + 1} fits)")
        left_out, _ = predict_left_out(graded, folds, method)
        predicted = _Predicted(
            left_out,
            fit.worth(graded.counted, graded.vectors).round(WORTH_DIGITS),
            self._lengths(),
            int(folds.max()) + 1,
        )
        return RewardModel(
            reward_id=self.wish.reward_id,
            method=method,
            ridge=fit.ridge,
            standing=self.standing,
            features=self._features(fit),
            embedding=_embedding(fit, facts, self._names(fit)),
            training=self._training(),
            accuracy=self._accuracy(predicted, tell),
            held_out=self._held_out(left_out),
        )

    def _rng(self, purpose: str) -> np.random.Generator:
        return generator(self.source.manifest.experiment.seed, "reward", purpose)

    def _lengths(self) -> FloatArray:
        """Characters, as `longest answer first` counts them in the table of judges."""
        lengths = answer_lengths(self.table.cases)
        return np.concatenate([lengths[case.case_id, self.table.language] for case in self.table.cases])

    def _names(self, fit: RewardFit) -> list[str]:
        counted = [self.table.names[column] for column in fit.columns]
        return counted + [axis_name(number) for number in range(len(fit.axes))]

    def _features(self, fit: RewardFit) -> tuple[RewardFeature, ...]:
        spans = weight_intervals(self.table.graded, fit, self.wish.method, self._rng("weights"))
        return tuple(
            RewardFeature(
                name=name,
                kind="text" if name in FEATURES else "meaning",
                centre=tidy(fit.centre[number]),
                scale=tidy(fit.scale[number]),
                lowest=tidy(fit.bounds[0, number]),
                highest=tidy(fit.bounds[1, number]),
                weight=tidy(fit.weights[number]),
                interval=None if spans is None else record_interval(spans[number], "T3", JACKKNIFE),
            )
            for number, name in enumerate(self._names(fit))
        )

    def _training(self) -> RewardTraining:
        manifest, crowd = self.source.manifest, self.table.crowd
        rulebooks = {name for member in crowd.members for name in member.rulebook_ids}
        return RewardTraining(
            run_id=manifest.run_id,
            run_created_at=manifest.created_at,
            case_set_id=manifest.case_set.set_id,
            store_sha256=self.source.store_sha256,
            reference="key" if crowd.kind == "key" else "people",
            rulebook_ids=tuple(sorted(rulebooks)),
            n_people=len(crowd.members),
            people_known=crowd.people_known,
            n_rankings=self.table.n_rankings,
            n_situations=len(self.sizes),
            case_ids=tuple(case.case_id for case in self.table.cases),
            situations=_digests(self.table.cases),
            language=self.table.language,
            simulated=any(member.simulated for member in crowd.members),
            seed=manifest.experiment.seed,
            fitted_at=self.wish.fitted_at,
            harness_version=__version__,
        )

    def _held_out(self, left_out: FloatArray) -> tuple[HeldOutCase, ...]:
        worths = self.table.by_answer(left_out)
        return tuple(
            HeldOutCase(case_id=case.case_id, language=self.table.language, worths=found)
            for case, found in zip(self.table.cases, worths, strict=True)
        )

    def _accuracy(self, predicted: _Predicted, tell: Callable[[str], None]) -> RewardAccuracy:
        graded, crowd = self.table.graded, self.table.crowd
        mine, longest = agreement(graded, predicted.left_out), agreement(graded, predicted.longest)
        human = [crowd.human_human_of(case.case_id) for case in self.table.cases]
        no_human: Undefined = "does_not_apply" if crowd.kind == "key" else crowd.why_no_human_human
        leave_one = predicted.n_folds == len(self.sizes)
        return RewardAccuracy(
            scheme="leave-one-situation-out" if leave_one else "k-fold by situation",
            n_folds=predicted.n_folds,
            tau_people=self._mean(mine.taus, within=TAU),
            floor=self._mean(self._floors(predicted.left_out), within=SHARE),
            human_human=self._mean(human, no_human, within=TAU),
            crowd_ceiling=crowd.crowd_ceiling() if crowd.enough else undefined(no_human),
            longest=self._mean(longest.taus, within=TAU),
            beyond_longest=self._mean(mine.taus - longest.taus),
            pair_accuracy=self._mean(mine.right, "everything_tied", SHARE),
            longest_pair_accuracy=self._mean(longest.right, "everything_tied", SHARE),
            in_sample=self._mean(agreement(graded, predicted.in_sample).taus, within=TAU),
            null=self._null(tell),
        )

    def _floors(self, worths: FloatArray) -> list[float]:
        """What relabelled answers would give: the product of both sides' shares of tied pairs."""
        floors = []
        for case, found in zip(self.table.cases, self.table.by_answer(worths), strict=True):
            grades = self.table.crowd.grades[case.case_id]
            floors.append(float(tie_share([*found.values()]) * np.nanmean(tie_share(grades))))
        return floors

    def _mean(
        self,
        values: Sequence[float] | FloatArray,
        because: Undefined = "not_measured",
        within: Bounds = (-2.0, 2.0),
    ) -> Estimate:
        """Average over cases; the interval over situations ends where the figure itself must."""
        table = np.asarray(values, dtype=np.float64)
        mean, span = mean_interval(table, self.table.graded.situation_of)
        if np.isnan(mean):
            return undefined(because)
        spans: tuple[Interval, ...] = ()
        if span is not None:
            inside = span._replace(low=max(span.low, within[0]), high=min(span.high, within[1]))
            spans = (record_interval(inside, "T3", JACKKNIFE),)
        return Estimate(value=tidy(mean), n=int((~np.isnan(table)).sum()), unit="cases", intervals=spans)

    def _null(self, tell: Callable[[str], None]) -> ShuffledNull | None:
        asked = self.wish.n_shuffles
        n_shuffles = SHUFFLES[self.standing] if asked is None else asked
        if n_shuffles == 0:
            return None
        tell(f"learning from grades dealt by lot, {n_shuffles} times")
        found = shuffled_null(self.table.graded, self.wish.method, self._rng("shuffles"), n_shuffles)
        return ShuffledNull(
            observed=tidy(found.observed),
            mean=tidy(found.taus.mean()),
            highest=tidy(found.taus.max()),
            n_shuffles=n_shuffles,
            p=tidy(found.p),
            n_folds=found.n_folds,
        )


def _embedding(fit: RewardFit, facts: EmbeddingFacts | None, names: Sequence[str]) -> RewardEmbedding | None:
    """The embedding, as far as a feature of the fit needs it."""
    if facts is None or all(name in FEATURES for name in names):
        return None
    axes = tuple(tuple(np.round(axis, _AXIS_DIGITS).tolist()) for axis in fit.axes)
    centre = tuple(np.round(fit.vector_centre, _AXIS_DIGITS).tolist()) if axes else ()
    return RewardEmbedding(**facts._asdict(), centre=centre, axes=axes)


def _digests(cases: Iterable[Case]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(digest for case in cases for digest in situation_digests(case)))
