"""A reward model: what it looks at, what that is worth, whose grades it learned, how well it predicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from harness.schema.base import Identifier, Language, Localised, Record
from harness.schema.call import Sha256
from harness.schema.estimate import NOT_MEASURED, Estimate, Interval

REWARD_FORMAT_VERSION = 1

RewardMethod = Literal["rank-ordered-logit", "davidson-luce"]
REWARD_METHODS: tuple[RewardMethod, ...] = ("rank-ordered-logit", "davidson-luce")

FeatureKind = Literal["text", "meaning"]
"""Counted in the text by a rule that can be read; or a direction of an embedding, which nobody can read."""

RewardStanding = Literal["too_few", "demonstration", "trial", "sound"]
"""What the number of situations allows to be said; `harness.stats.reward_limits` has the thresholds."""


class RewardFeature(Record):
    """One thing that the reward model looks at, and what it is worth."""

    name: Identifier
    kind: FeatureKind
    centre: Annotated[float, Field(description="mean over the answers that were learned from")]
    scale: Annotated[float, Field(gt=0, description="standard deviation within a case: one step")]
    lowest: Annotated[float, Field(description="below it nothing was graded: less counts as this")]
    highest: Annotated[float, Field(description="above it nothing was graded: more counts as this")]
    weight: Annotated[float, Field(description="log odds of being preferred, per step, all else equal")]
    interval: Annotated[
        Interval | None, Field(description="of the weight, over situations; None: too few of them")
    ] = None


class RewardEmbedding(Record):
    """The embedding behind the features of meaning: which one, and the axes onto which it is projected."""

    embedding_id: Identifier
    package: str
    version: str
    licence: str
    sha256: Annotated[Sha256, Field(description="over the files of weights and vocabulary")]
    centre: Annotated[tuple[float, ...], Field(description="(n_dims,); empty without axes")] = ()
    axes: Annotated[
        tuple[tuple[float, ...], ...],
        Field(description="(n_axes, n_dims): principal axes of differences between answers of one case"),
    ] = ()


class RewardTraining(Record):
    """Whose grades of what a reward model learned."""

    run_id: str
    run_created_at: str
    case_set_id: Identifier
    store_sha256: Annotated[str, Field(description="digest of the verdicts or recordings of the run")]
    reference: Literal["people", "key"]
    rulebook_ids: tuple[Identifier, ...]
    n_people: Annotated[int, Field(ge=1)]
    people_known: bool = True
    n_rankings: Annotated[int, Field(ge=1)]
    n_situations: Annotated[int, Field(ge=1, description="groups of cases that share a text count as one")]
    case_ids: Annotated[tuple[Identifier, ...], Field(min_length=1)]
    situations: Annotated[
        tuple[str, ...],
        Field(description="digests of the users' messages, in every language: to know them again elsewhere"),
    ]
    language: Annotated[Language, Field(description="in which the answers were read")]
    simulated: bool = False
    seed: int
    fitted_at: Annotated[str, Field(description="UTC, ISO 8601")]
    harness_version: str


class ShuffledNull(Record):
    """What comes out when the grades of each case are dealt to its answers by lot."""

    observed: Annotated[float, Field(description="tau_x with the true grades, in as many folds")]
    mean: float
    highest: float
    n_shuffles: Annotated[int, Field(ge=1)]
    p: Annotated[float, Field(ge=0, le=1, description="(1 + shuffles at least as good) / (1 + shuffles)")]
    n_folds: Annotated[int, Field(ge=2)]


class RewardAccuracy(Record):
    """How well grades of situations are predicted that took no part in the fit."""

    scheme: Annotated[
        Literal["leave-one-situation-out", "k-fold by situation"],
        Field(description="cases that share a text are always left out together"),
    ]
    n_folds: Annotated[int, Field(ge=2)]
    tau_people: Estimate
    floor: Estimate
    human_human: Estimate
    crowd_ceiling: Estimate
    longest: Annotated[Estimate, Field(description="tau_x of `longest answer first` on the same cases")]
    beyond_longest: Annotated[Estimate, Field(description="tau_people minus `longest`, case by case")]
    pair_accuracy: Annotated[
        Estimate, Field(description="share of people's strict pairs in their order; a coin gives .5")
    ]
    longest_pair_accuracy: Estimate
    in_sample: Annotated[
        Estimate,
        Field(description="tau_x on the cases that were learned from: what optimism would claim"),
    ] = NOT_MEASURED
    null: ShuffledNull | None = None


class HeldOutCase(Record):
    """What was predicted for one case by a fit that knew nothing of its situation."""

    case_id: Identifier
    language: Language
    worths: Annotated[dict[Identifier, float], Field(description="answer_id -> predicted worth")]


class RewardModel(Record):
    """A learned annotator: predicts which answer the people whose grades it learned would prefer."""

    format_version: int = REWARD_FORMAT_VERSION
    reward_id: Identifier
    method: RewardMethod
    ridge: Annotated[float, Field(gt=0, description="penalty on squared weights, per situation learned from")]
    standing: RewardStanding
    features: Annotated[tuple[RewardFeature, ...], Field(min_length=1)]
    embedding: RewardEmbedding | None = None
    training: RewardTraining
    accuracy: RewardAccuracy | None = None
    held_out: tuple[HeldOutCase, ...] = ()


class LearnedFrom(Record):
    """Where a row of a comparison comes from that is neither a judge nor a person."""

    reward_id: Identifier
    reward_sha256: Annotated[Sha256, Field(description="of the reward model's file")]
    method: RewardMethod
    standing: RewardStanding
    embedding_id: Identifier | None = None
    run_id: Annotated[str, Field(description="the run whose grades it learned")]
    reference: Literal["people", "key"]
    rulebook_ids: tuple[Identifier, ...]
    n_people: int
    n_situations: int
    language: Annotated[Language, Field(description="in which the answers were read")]
    simulated: bool = False
    n_held_out: Annotated[
        int, Field(ge=0, description="cases whose situation it learned: predicted by a fit without them")
    ]
    n_new: Annotated[int, Field(ge=0, description="cases whose situation it never saw")]
    n_left_out: Annotated[
        int,
        Field(ge=0, description="cases without texts, or other answers to a situation that it learned"),
    ] = 0


class LearnedReadings(Record):
    """One line of `reward.jsonl`: what a reward model says of every case of a run."""

    source: LearnedFrom
    cases: Annotated[
        dict[Identifier, dict[Identifier, float]],
        Field(description="case_id -> answer_id -> predicted worth, higher = preferred; within a case only"),
    ]


class PredictedAnswer(Record):
    """One answer, what was predicted of it, and where people put it."""

    answer_id: Identifier
    text: Annotated[str, Field(description="its beginning")]
    worth: Annotated[float, Field(description="predicted by a fit that did not know the situation")]
    people: Annotated[
        float | None,
        Field(ge=0, le=1, description="share of its comparisons that it won in the grades, ties 1/2"),
    ] = None
    moved_by: Annotated[
        tuple[tuple[str, float], ...],
        Field(description="feature and log odds it adds, less the mean of the answers; strongest first"),
    ] = ()


class PredictedCase(Record):
    """One case, predicted without it."""

    case_id: Identifier
    title: Localised
    tau_people: float | None
    tau_longest: Annotated[float | None, Field(description="of `longest answer first`, with people")]
    answers: tuple[PredictedAnswer, ...]


MOST_SHOWN = 12
"""Cases whose answers are shown one by one."""


def shown_cases(ordered: Sequence[PredictedCase]) -> tuple[PredictedCase, ...]:
    """The best and the worst predicted, half each; all while they are few."""
    half = MOST_SHOWN // 2
    return tuple(ordered) if len(ordered) <= MOST_SHOWN else (*ordered[:half], *ordered[-half:])


class RewardReport(Record):
    """A reward model with its predictions case by case: what its page shows."""

    reward: RewardModel
    rulebook_titles: dict[Identifier, Localised] = {}
    cases: Annotated[tuple[PredictedCase, ...], Field(description="the best predicted first")]
