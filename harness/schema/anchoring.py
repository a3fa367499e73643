"""What proposals did to people who saw them, beside those from whom chance kept them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.schema.base import Identifier, Record
from harness.schema.estimate import Estimate, ShuffleTest


class AnchoringCase(Record):
    """One case in both arms."""

    case_id: Identifier
    n_shown: Annotated[int, Field(ge=0, description="people who graded it with the proposal in sight")]
    n_control: Annotated[int, Field(ge=0, description="people from whom the lot kept it")]
    tau_shown: Annotated[float | None, Field(description="mean tau_x with the proposal, shown")] = None
    tau_control: float | None = None
    human_shown: Annotated[float | None, Field(description="mean tau_x between two people, shown")] = None
    human_control: float | None = None


class Anchoring(Record):
    """One judge's proposals: people who saw them minus people who by lot did not."""

    judge_id: Identifier
    rulebook_id: Annotated[Identifier, Field(description="the rules that the judge was given")]
    design: Annotated[
        Literal["people", "cases"],
        Field(description="dealt: whole people, or the cases of each person (who is then in both arms)"),
    ]
    simulated: Annotated[bool, Field(description="any of these people is invented")] = False
    n_people_shown: int
    n_people_control: int
    n_verdicts_shown: int
    n_verdicts_control: int
    n_aside: Annotated[
        int, Field(description="verdicts with other grades of this judge in sight than most had: left out")
    ] = 0
    tau_shown: Annotated[Estimate, Field(description="mean tau_x with the proposal, proposal in sight")]
    tau_control: Annotated[Estimate, Field(description="the same without it: what people think anyway")]
    effect: Annotated[Estimate, Field(description="anchoring effect: shown minus control; T2 and T3")]
    test: Annotated[ShuffleTest | None, Field(description="arms dealt anew as they were dealt")] = None
    human_shown: Annotated[Estimate, Field(description="mean tau_x between two people, proposal in sight")]
    human_control: Estimate
    false_consensus: Annotated[Estimate, Field(description="human_shown minus human_control")]
    unchanged_shown: Annotated[Estimate, Field(description="share of proposals left as they were")]
    unchanged_control: Annotated[
        Estimate, Field(description="share that gives exactly these grades without having seen them")
    ]
    n_wrong_pairs: Annotated[
        int, Field(description="answer pairs that the proposal orders against most of the control arm")
    ]
    followed_shown: Annotated[Estimate, Field(description="share of readings of wrong pairs as proposed")]
    followed_control: Estimate
    followed_more: Annotated[Estimate, Field(description="followed_shown minus followed_control")]
    seconds_shown: Annotated[Estimate, Field(description="mean time of one person on one case")]
    seconds_control: Estimate
    time_ratio: Annotated[Estimate, Field(description="geometric mean times: shown / control; < 1 = faster")]
    cases: tuple[AnchoringCase, ...]
