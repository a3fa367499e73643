"""What screens show beside a class's own grades: judges, employers, halves, repeats, a pupil's own order."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from harness.schema.base import Identifier, Record
from harness.schema.classroom import CasePicture, MovedPicture, Order
from harness.schema.comparison import Components
from harness.schema.estimate import NOT_MEASURED, Estimate, ShuffleTest, Undefined
from harness.schema.panels import OpinionMap

Tiers = tuple[tuple[Identifier, ...], ...]
"""An order with ties, best first."""


class JudgesPicture(Record):
    """The class's order of one case beside each judge's, under one rulebook."""

    case_id: Identifier
    rulebook_id: Identifier
    n: Annotated[int, Field(description="pupils who graded at least two answers")]
    n_optima: Annotated[int, Field(description="orders that would suit the class equally well")]
    class_order: Order
    judges: Annotated[tuple[Order, ...], Field(description="nearest to the class first")]
    lead: Annotated[
        Estimate, Field(description="nearest judge's tau_x with the class minus the next one's, over pupils")
    ]


class HeatLine(Record):
    """One judge over the cases: mean tau_x with the class."""

    name: str
    judge_id: Identifier | None = None
    by_case: Annotated[tuple[float | None, ...], Field(description="in the picture's order of cases")]
    overall: Estimate


class HeatPicture(Record):
    """Judges by cases; the line of the class tells what two pupils reach among themselves."""

    case_ids: tuple[Identifier, ...]
    judges: Annotated[tuple[HeatLine, ...], Field(description="nearest to the class first")]
    pupils: HeatLine


class EmployerPair(Record):
    """One judge's order of a case under two employers."""

    before: Order
    after: Order
    changed: Annotated[bool | None, Field(description="None: one of the two is undefined")] = None


class EmployerPicture(Record):
    """What another employer changes: one case, and the whole set of cases."""

    case_id: Identifier
    rulebook_ids: tuple[Identifier, Identifier]
    pairs: tuple[EmployerPair, ...]
    whole: Annotated[
        Components | None, Field(description="model, rulebook, reaction, noise over all shown cases")
    ] = None
    undefined_because: Undefined | None = None


class AnswerShift(Record):
    """How one answer moved between two halves of a class, or between two votes."""

    answer_id: Identifier
    first: Annotated[float | None, Field(description="mean mid-rank in the first, 1 = worst")]
    second: float | None


class TalkPicture(Record):
    """What talking changed, and where each answer stood before and after."""

    moved: MovedPicture
    shifts: tuple[AnswerShift, ...]


class SplitPicture(Record):
    """Two halves of a class that worked for two employers without knowing it."""

    case_id: Identifier
    halves: tuple[CasePicture, CasePicture]
    shifts: tuple[AnswerShift, ...]
    within: Annotated[Estimate, Field(description="mean tau_x of two pupils of the same half")]
    between: Annotated[Estimate, Field(description="mean tau_x of one pupil of each half")]
    test: Annotated[ShuffleTest | None, Field(description="pupils dealt into two halves at random")] = None


class StabilityLine(Record):
    """One judge with itself."""

    name: str
    judge_id: Identifier
    n_ranked: int
    n_failed: int
    by_case: tuple[float | None, ...]
    retest: Estimate
    same_order: Annotated[
        Estimate, Field(description="share of pairs of its verdicts on a case with the same order")
    ] = NOT_MEASURED


class StabilityPicture(Record):
    """Is a judge stable: the same case again, the answers shown in another order."""

    rulebook_id: Identifier
    case_ids: tuple[Identifier, ...]
    judges: Annotated[tuple[StabilityLine, ...], Field(description="steadiest first")]


class MapPicture(Record):
    """Pupils and judges on a plane, where the data allow it, and the list that always stands beside it."""

    n: Annotated[int, Field(description="pupils and judges who could be placed")]
    plane: OpinionMap | None = None
    undefined_because: Undefined | None = None
    nearest: Annotated[tuple[HeatLine, ...], Field(description="judges, nearest to the class first")] = ()


class MyOrder(Record):
    """One pupil's order of a case beside the class and the judges."""

    case_id: Identifier
    mine: Annotated[Tiers, Field(description="empty: nothing graded")]
    with_class: Annotated[float | None, Field(description="mean tau_x with the other pupils")] = None
    class_order: Order
    judges: tuple[Order, ...] = ()
    with_judges: Annotated[
        dict[Identifier, float], Field(description="judge_id -> mean tau_x of the pupil with its verdicts")
    ] = {}
    nearest: Annotated[tuple[Identifier, ...], Field(description="judges at the highest tau_x")] = ()
