"""Steering: questions without answers, replies that a model wrote to them, and who chose which of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.schema.base import Identifier, Language, Localised, Record
from harness.schema.call import Sha256
from harness.schema.content import Provenance
from harness.schema.estimate import Estimate
from harness.schema.reward import RewardAccuracy, RewardStanding, RewardTraining
from harness.schema.run import ResolvedJudge

STEER_FORMAT_VERSION = 1

MAX_REPLIES = 64
"""Replies per question: with more of them, best-of-n finds mostly the errors of what chooses."""

MAX_QUESTIONS = 1_000

ChooserKind = Literal["reward", "longest", "first"]
"""A reward model; the reply with the most words; the first reply, which is one drawn at random."""


class Question(Record):
    """A situation without answers: what a user asks."""

    question_id: Identifier
    title: Localised
    conflict: Annotated[
        Localised | None, Field(description="which values pull apart, in a few words; None: nobody said")
    ] = None
    message: Annotated[Localised, Field(description="what the user wrote")]


class QuestionSet(Record):
    """Questions that a model answers, and what it is told before each of them."""

    question_set_id: Identifier
    title: Localised
    instruction: Annotated[
        Localised | None, Field(description="the system message before each question; None: none")
    ] = None
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=MAX_QUESTIONS)]
    provenance: Provenance


class SteerManifest(Record):
    """Which questions were asked of which model, with which settings."""

    format_version: int = STEER_FORMAT_VERSION
    run_id: str
    created_at: str
    harness_version: str
    versions: dict[str, str]
    questions: QuestionSet
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    n_replies: Annotated[int, Field(ge=2, le=MAX_REPLIES, description="replies drawn per question")]
    sampler: Annotated[
        ResolvedJudge,
        Field(description="the model that writes; the seed of reply i is sampling.seed + i, from 0"),
    ]


class Reply(Record):
    """One reply that the model wrote."""

    number: Annotated[int, Field(ge=1, description="1 = the first that was drawn")]
    seed: int | None
    text: str
    cut_off: Annotated[bool, Field(description="it ended because the limit of tokens was reached")]
    traits: Annotated[dict[str, float], Field(description="plain features: words, hedging, ...")]
    worths: Annotated[
        dict[Identifier, float], Field(description="reward -> worth, higher = better, in its own unit")
    ]


class Choice(Record):
    """What one chooser took among the replies to one question."""

    chooser_id: Identifier
    number: Annotated[int, Field(ge=1, description="number of the reply that is shown as its choice")]
    tied: Annotated[
        tuple[int, ...], Field(description="numbers of other replies that it finds exactly as good")
    ] = ()
    worth: Annotated[float | None, Field(description="None: a baseline knows no worth")] = None
    mean_worth: Annotated[float | None, Field(description="of all replies to the question")] = None
    n_twins: Annotated[
        int, Field(ge=0, description="rewards of the same grades, each without some of the cases")
    ] = 0
    n_firm: Annotated[int, Field(ge=0, description="twins of the reward that find it best, too")] = 0
    moved_by: Annotated[
        tuple[tuple[str, float], ...],
        Field(description="feature and what it adds over the mean of the replies, largest effect first"),
    ] = ()


class SteeredQuestion(Record):
    """One question in one language: the replies, and who chose which."""

    question: Question
    language: Language
    replies: Annotated[tuple[Reply, ...], Field(min_length=2)]
    n_distinct: Annotated[int, Field(ge=1, description="different texts among the replies")]
    choices: tuple[Choice, ...]


class Chooser(Record):
    """Who chooses, and whose grades taught it to."""

    chooser_id: Identifier
    kind: ChooserKind
    rulebooks: Annotated[
        tuple[Localised, ...], Field(description="titles of the rules that the grades were given under")
    ] = ()
    training: Annotated[RewardTraining | None, Field(description="whose grades; None: a baseline")] = None
    looks_at: Annotated[
        tuple[tuple[str, float], ...],
        Field(description="feature and weight (log odds per step), the heaviest first"),
    ] = ()
    standing: Annotated[
        RewardStanding | None, Field(description="what the number of graded situations allows to be said")
    ] = None
    accuracy: RewardAccuracy | None = None
    sha256: Annotated[Sha256 | None, Field(description="of the reward's file")] = None


class Differing(Record):
    """How often no reply is the best for both of two choosers."""

    language: Language
    first_id: Identifier
    second_id: Identifier
    share: Estimate
    by_chance: Annotated[
        float, Field(ge=0, le=1, description="how often two draws at random take different replies")
    ]


class Standing(Record):
    """Where one chooser's picks stand in the order of a reward: 0 the worst of the replies, 1 the best."""

    language: Language
    chooser_id: Identifier
    reward_id: Identifier
    place: Annotated[Estimate, Field(description="mean over the questions; a draw at random: .5")]
    chance: Annotated[
        tuple[float, float], Field(description="95 of 100 draws at random have their mean in here")
    ]


class Shift(Record):
    """How a chooser's picks differ from the replies they were chosen from, in one plain feature."""

    language: Language
    chooser_id: Identifier
    trait: str
    mean: Annotated[float, Field(description="of all replies")]
    difference: Annotated[Estimate, Field(description="pick minus the mean of its question's replies")]
    chance: Annotated[
        tuple[float, float], Field(description="95 of 100 draws at random have their mean in here")
    ]


class Luck(Record):
    """What choosing the best of n does on its own."""

    kl_bound: Annotated[
        float, Field(ge=0, description="log n - (n - 1)/n nats: choosing moves the model no further")
    ]
    expected_gain: Annotated[
        float,
        Field(ge=0, description="gain of the best of n over their mean by noise alone, in SD"),
    ]
    firmness: Annotated[
        dict[Identifier, Estimate],
        Field(description="reward -> share of its twins that find its pick best, too; mean over questions"),
    ] = {}
    gains: Annotated[
        dict[Identifier, Estimate],
        Field(description="reward -> gain of its picks in its own worth, in SD of the replies"),
    ]


class Steering(Record):
    """Everything that the page shows."""

    format_version: int = STEER_FORMAT_VERSION
    manifest: SteerManifest
    store_sha256: Annotated[str, Field(description="digest of the recording that the replies are read from")]
    choosers: tuple[Chooser, ...]
    questions: tuple[SteeredQuestion, ...]
    n_failed: Annotated[
        int, Field(ge=0, description="replies that could not be had, so that nobody could choose them")
    ]
    disagreement: Annotated[
        dict[Language, Estimate],
        Field(description="share of questions where no text is best for all rewards (of one: and first)"),
    ]
    differing: tuple[Differing, ...]
    standings: tuple[Standing, ...]
    shifts: tuple[Shift, ...]
    luck: dict[Language, Luck]
