"""Whom to ask about which case next, which pairs split people, and what ways of asking would have told."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.schema.base import Identifier, Language, Record
from harness.schema.estimate import Estimate
from harness.schema.panels import PersonReading, PersonSignal, Rung

QuestionKind = Literal["new", "retest", "adjudication"]
"""A case that this person has not ranked; one that he or she has; a split case, for somebody else."""

Reason = Literal["fewest", "disputed", "level", "random", "retest_due", "split"]
"""Fewest rankings; fewest, and most disputed of them; level with others; by chance; planned; people split."""

SplitReason = Literal["split", "against_judges", "both"]

AskingPolicy = Literal["random", "fewest", "disputed", "adaptive", "judges"]
"""As in `harness.stats.revealing`."""


class Question(Record):
    """One case for one person."""

    number: Annotated[int, Field(ge=1)]
    kind: QuestionKind
    case_id: Identifier
    annotator_id: Annotated[str | None, Field(description="None = somebody who has not ranked this case")]
    session: str
    rulebook_id: Identifier
    language: Language
    repeat: Annotated[int, Field(ge=0)] = 0
    phase: Annotated[int, Field(ge=1)] = 1
    order: Annotated[tuple[Identifier, ...], Field(description="answers as this person shall see them")]
    probability: Annotated[
        float | None,
        Field(gt=0, le=1, description="with which the case was drawn for this person; None = not drawn"),
    ]
    n_open: Annotated[int, Field(ge=1, description="cases that could have been drawn")]
    n_people: Annotated[int, Field(ge=0, description="rankings of the case, those asked for above included")]
    disagreement: Annotated[
        float | None, Field(description="expected, with four pseudo-people; None = nothing known anywhere")
    ] = None
    reason: Reason
    why: Annotated[str, Field(description="the reason in words")]


class AskedPerson(Record):
    """How much one person has ranked, and is asked."""

    annotator_id: str
    session: str
    n_ranked: Annotated[int, Field(ge=0, description="cases ranked so far")]
    n_repeats: Annotated[int, Field(ge=0, description="of these, ranked again")]
    n_asked: Annotated[int, Field(ge=0, description="questions in this list")]
    signals: tuple[PersonSignal, ...] = ()
    flagged: bool = False


class AskingPlan(Record):
    """The next questions, and everything that they follow from: the same input gives the same list."""

    run_id: str
    seed: int
    n_rankings: Annotated[int, Field(ge=0, description="people's rankings when the list was made")]
    random_share: float
    ties: Annotated[Literal["chance", "disputed"], Field(description="between cases with fewest rankings")]
    retest_share: float
    retest_after: int
    people_known: bool
    questions: tuple[Question, ...]
    people: tuple[AskedPerson, ...]
    notes: tuple[str, ...] = ()


class SplitPair(Record):
    """Two answers of a case on which people stand on two sides, or stand against the judges."""

    case_id: Identifier
    first: Identifier
    second: Identifier
    reason: SplitReason
    n_first: Annotated[int, Field(ge=0, description="people who put `first` higher")]
    n_second: int
    n_tied: int
    n_judges_first: Annotated[int, Field(ge=0, description="judges whose mean order puts `first` higher")]
    n_judges_second: int
    to_settle: Annotated[
        int | None,
        Field(
            description="more rankings for a 95 % Jeffreys interval without one half, if the ratio stays; "
            "None = an even split, or more than 10,000"
        ),
    ]


class Adjudication(Record):
    """The queue of pairs to look at again: disagreement may be a difference of values, and no error."""

    run_id: str
    judges_rulebook_id: Annotated[str | None, Field(description="under which the judges were asked")]
    n_cases: int
    n_pairs: Annotated[int, Field(description="pairs that two people or more ranked")]
    pairs: tuple[SplitPair, ...]


class AnnotatorTable(Record):
    """People as annotators, and people asked again."""

    run_id: str
    people: tuple[PersonReading, ...]
    retest: Annotated[Rung | None, Field(description="the same person asked again; None = nobody was")]


class ReplayPoint(Record):
    """What a way of asking had told after so many rankings."""

    n_rankings: int
    held_out: Annotated[
        Estimate | None,
        Field(description="mean squared distance per pair to a vote held out; None = resampled"),
    ]
    everything: Annotated[Estimate, Field(description="the same to the mean of all votes; circular")]
    minus_random: Annotated[
        Estimate | None,
        Field(description="paired difference to asking at random: of held_out, else of everything"),
    ]
    minus_fewest: Annotated[
        Estimate | None, Field(description="the same to asking where there are fewest: what `next` does")
    ]
    human_human_error: Annotated[float | None, Field(description="root mean square over seeds")]
    human_human_bias: Annotated[float | None, Field(description="mean over seeds, with its sign")]
    judge_human_error: float | None
    weighted_error: Annotated[
        float | None, Field(description="of the judge-human mean weighted by 1 / probability")
    ]
    judge_human_minus_random: Annotated[
        tuple[float, float, float] | None,
        Field(description="absolute error minus that at random: mean over seeds, low, high"),
    ]


class ReplayCurve(Record):
    """One way of asking."""

    policy: AskingPolicy
    points: tuple[ReplayPoint, ...]


class AskingReplay(Record):
    """People's rankings of a run, hidden and asked for again in several orders."""

    run_id: str
    n_questions: Annotated[int, Field(description="cases, or pairs of answers that were voted on singly")]
    n_cases: int
    n_left_out: Annotated[int, Field(description="questions with too few votes")]
    n_votes: int
    fewest_votes: int
    most_votes: int
    resampled: Annotated[int, Field(description="0 = real votes, each once; else drawn with replacement")]
    n_seeds: int
    seed: int
    random_share: float
    human_human: Annotated[float | None, Field(description="with all votes: what errors are measured from")]
    judge_human: float | None
    curves: tuple[ReplayCurve, ...]
