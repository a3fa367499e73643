"""What choosing a judge by people's rankings is worth: on the cases it was chosen on, and on others."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from harness.schema.base import Identifier, Language, Localised, Protocol, Record, Wording
from harness.schema.comparison import Reference
from harness.schema.estimate import Estimate, ShuffleTest


class Setting(Record):
    """One way to have cases judged: a judge under a rulebook in a wording and language, or a panel."""

    setting_id: str
    run_ids: Annotated[tuple[str, ...], Field(min_length=1)]
    judge_ids: Annotated[tuple[Identifier, ...], Field(min_length=1, description="several: a panel")]
    titles: tuple[str, ...]
    rulebook_id: Identifier
    wording: Wording
    language: Language
    protocols: tuple[Protocol, ...]
    template_ids: Annotated[tuple[str, ...], Field(description="empty: imported, nobody said")]
    shots: Annotated[tuple[int, ...], Field(description="examples before each case, per judge")]
    verdicts_per_case: Annotated[float, Field(ge=0, description="what its order of a case is the mean of")]
    simulated: bool


class Candidate(Record):
    """A setting among those to choose from, and how it did."""

    setting: Setting
    tau_people: Annotated[
        Estimate, Field(description="mean tau_x of its order with people's, over all cases")
    ]
    n_chosen: Annotated[int, Field(ge=0, description="blocks of cases without which it was chosen")]


class Choosing(Record):
    """Choosing among some settings: what it claims, and what it is worth on cases that had no say."""

    most_judges: Annotated[int, Field(ge=1, description="members of the largest panel")]
    n_settings: Annotated[int, Field(ge=1)]
    chosen: str
    naive: Annotated[
        Estimate, Field(description="the best setting's agreement on the cases it was chosen on")
    ]
    honest: Annotated[Estimate, Field(description="agreement, in each case, of what was chosen without it")]
    optimism: Annotated[Estimate, Field(description="naive minus honest")]


class LeftOut(Record):
    """A setting that was no candidate: too few of the cases have a readable verdict of it."""

    setting: Setting
    n_ranked: Annotated[int, Field(ge=0)]


class Calibration(Record):
    """Every setting of some runs, chosen from by people's rankings, nested by case."""

    run_ids: Annotated[tuple[str, ...], Field(min_length=1)]
    case_set_id: Identifier
    seed: int
    rulebook_titles: dict[Identifier, Localised]
    reference: Reference
    n_cases: Annotated[int, Field(ge=0)]
    n_groups: Annotated[int, Field(ge=0, description="cases that share a text stand in one group")]
    n_blocks: Annotated[int, Field(ge=0, description="groups left out together; at most 40")]
    least_coverage: Annotated[float, Field(gt=0, le=1)]
    choosing: Annotated[tuple[Choosing, ...], Field(description="judges alone, then panels of up to 2, 3, …")]
    candidates: Annotated[tuple[Candidate, ...], Field(description="the best, best first")]
    without_choosing: Annotated[Estimate, Field(description="a single judge drawn at random")]
    longest_answer: Annotated[Estimate, Field(description="the longer answer is the better one")]
    lead: Annotated[float | None, Field(description="best single judge minus the mean of all")]
    lucky_lead: Annotated[float | None, Field(description="the same if no judge were better than another")]
    lead_test: ShuffleTest | None
    left_out: tuple[LeftOut, ...]
    simulated: bool
