"""One annotator's reading of one case: ranked or failed. People and judges share it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from harness.schema.base import Identifier, Language, Protocol, Record, Wording
from harness.schema.call import FailureReason, Presentation, Sha256

AnnotatorKind = Literal["judge", "person", "key"]
"""A person's grades, an LLM judge's, or the author's key (one person's reading, shown apart)."""

Dimension = Literal["helpful", "honest", "harmless"]
DIMENSIONS: tuple[Dimension, ...] = ("helpful", "honest", "harmless")

Flag = Literal["best_not_top", "worst_not_bottom", "rules_unknown", "repaired"]
"""What was odd about a verdict that could still be read."""

PARSER_VERSION = 1


class PairReading(Record):
    """One unordered pair read in both orders; `first` stands before `second` in the case file."""

    first: Identifier
    second: Identifier
    p_first_shown_first: Annotated[
        float, Field(ge=0, le=1, description="P(first beats second), first shown first")
    ]
    p_first_shown_second: Annotated[float, Field(ge=0, le=1, description="the same, first shown second")]

    @property
    def p(self) -> float:
        """Mean over the two orders of P(first beats second)."""
        return (self.p_first_shown_first + self.p_first_shown_second) / 2


class Cell(Record):
    """Where a verdict stands: who, which case, under which rules, which time."""

    annotator_id: str
    annotator_kind: AnnotatorKind
    case_id: Identifier
    rulebook_id: Identifier
    wording: Wording = "base"
    language: Language
    protocol: Protocol | None = None
    repeat: Annotated[int, Field(ge=0)] = 0
    phase: Annotated[int, Field(ge=1, description="people: 1 = first vote")] = 1
    session: str | None = None
    simulated: bool = False


class Proposal(Record):
    """Whether a person was shown a judge's grades before grading a case, as the lot decided; and which."""

    judge_id: Annotated[
        Identifier | None, Field(description="whose grades were shown; null: none, by lot (the control arm)")
    ] = None
    rulebook_id: Annotated[Identifier | None, Field(description="the rules that this judge was given")] = None
    grades: Annotated[
        dict[Identifier, float],
        Field(description="answer_id -> proposed grade, 1 = worst; empty: none"),
    ] = {}
    lot: Annotated[
        str | None, Field(description="arms were dealt inside it: people of one lot can change places")
    ] = None

    @property
    def is_shown(self) -> bool:
        """Whether the person saw any grades."""
        return self.judge_id is not None

    @model_validator(mode="after")
    def _whole_or_none(self) -> Proposal:
        told = (self.judge_id is not None, self.rulebook_id is not None, bool(self.grades))
        if any(told) and not all(told):
            raise ValueError("a proposal that was shown names its judge, its rulebook and its grades")
        return self


class RankedVerdict(Record):
    """A verdict that can be read: one grade per answer, 1 = worst, as entered."""

    outcome: Literal["ranked"] = "ranked"
    cell: Cell
    grades: Annotated[
        dict[Identifier, float], Field(min_length=1, description="answer_id -> grade, 1 = worst")
    ]
    best: Identifier | None = None
    worst: Identifier | None = None
    reason: str | None = None
    rules_cited: tuple[int, ...] = ()
    flags: tuple[Flag, ...] = ()
    dimensions: dict[Identifier, dict[Dimension, int]] = {}
    pairs: tuple[PairReading, ...] = ()
    presentation: Presentation | None = None
    seconds: Annotated[float | None, Field(ge=0, description="people: time taken")] = None
    completion_keys: tuple[Sha256, ...] = ()
    parser_version: int = PARSER_VERSION
    proposal: Annotated[
        Proposal | None,
        Field(description="people: what was shown before; absent: nothing was at stake"),
    ] = None
    probability: Annotated[
        float | None,
        Field(gt=0, le=1, description="people: with which this case was drawn; absent: it was not drawn"),
    ] = None

    @property
    def saw_proposal(self) -> bool:
        """Whether a person graded with a judge's grades in sight: no sample of what people think alone."""
        return self.proposal is not None and self.proposal.is_shown

    @model_serializer(mode="wrap")
    def _without_what_is_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Verdicts without proposals or a draw say nothing of them: files from before keep their bytes."""
        content: dict[str, Any] = handler(self)
        if self.proposal is None:
            content.pop("proposal", None)
        if self.probability is None:
            content.pop("probability", None)
        return content


class FailedVerdict(Record):
    """A verdict that could not be had or read; it has no grades."""

    outcome: Literal["failed"] = "failed"
    cell: Cell
    failure: FailureReason
    message: str
    text: Annotated[str, Field(description="the raw text that came back, if any")] = ""
    slot_grades: Annotated[
        tuple[int, ...],
        Field(description="inverted: the grades by slot, to show a slot habit; they rank no answer"),
    ] = ()
    presentation: Presentation | None = None
    completion_keys: tuple[Sha256, ...] = ()
    parser_version: int = PARSER_VERSION


Verdict = Annotated[RankedVerdict | FailedVerdict, Field(discriminator="outcome")]
