"""Columns that say which judge's grades a person was shown before grading: read, and written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from harness.schema import Proposal, RankedVerdict

PROPOSAL_COLUMNS = ("proposal", "proposed_grade", "lot")
NONE_SHOWN = "none"
"""In the column `proposal`: by lot, this person saw no grades before grading this case."""
WANTED = f"must be '{NONE_SHOWN}' or JUDGE/RULEBOOK as in 'gpt-4o/hhh'"

_SOURCE = re.compile(r"([a-z0-9][a-z0-9._-]{0,63})/([a-z0-9][a-z0-9._-]{0,63})")


class Shown(NamedTuple):
    """What one row says of a proposal."""

    proposal: str
    """`none`, or judge and rulebook with a slash between them."""
    grade: int | None
    """The proposed grade of this answer."""
    lot: str | None


def is_source(text: str) -> bool:
    """Whether a text names a judge and its rulebook, or says that nothing was shown."""
    return text == NONE_SHOWN or _SOURCE.fullmatch(text) is not None


def joined(rows: Iterable[tuple[str, Shown | None]]) -> Proposal | None:
    """The proposal that the rows of one ranking describe, answer by answer; None when they say nothing."""
    told = [(answer_id, shown) for answer_id, shown in rows if shown is not None]
    if not told:
        return None
    # Who saw anything saw it, whatever another row of the same ranking says.
    first = next((shown for _, shown in told if shown.proposal != NONE_SHOWN), told[0][1])
    if first.proposal == NONE_SHOWN:
        return Proposal(lot=first.lot)
    judge_id, _, rulebook_id = first.proposal.partition("/")
    grades = {answer_id: float(shown.grade) for answer_id, shown in told if shown.grade is not None}
    return Proposal(judge_id=judge_id, rulebook_id=rulebook_id, grades=grades, lot=first.lot)


def proposal_cells(
    verdict: RankedVerdict, answer_id: str
) -> tuple[str | None, float | int | None, str | None]:
    """Fill the three columns for one answer of a verdict; empty where no proposal was at stake."""
    proposal = verdict.proposal
    if proposal is None:
        return None, None, None
    if not proposal.is_shown:
        return NONE_SHOWN, None, proposal.lot
    grade = proposal.grades.get(answer_id)
    whole = int(grade) if grade is not None and grade == int(grade) else grade
    return f"{proposal.judge_id}/{proposal.rulebook_id}", whole, proposal.lot


def any_proposal(verdicts: Iterable[RankedVerdict]) -> bool:
    """Whether a table of these verdicts needs the columns."""
    return any(verdict.proposal is not None for verdict in verdicts)


def refusal(values: Mapping[str, str]) -> tuple[str, str] | None:
    """What is wrong between the three columns of a row: (column, message), or None."""
    source, grade, lot = (values.get(name, "") for name in PROPOSAL_COLUMNS)
    if source and not is_source(source):
        return "proposal", f"{WANTED}, found '{source[:80]}'"
    if not source and (grade or lot):
        return "proposal", f"is empty beside a {'proposed_grade' if grade else 'lot'}; it {WANTED}"
    if source == NONE_SHOWN and grade:
        return "proposed_grade", "no grade was proposed where the proposal is 'none'; leave it empty"
    if source and source != NONE_SHOWN and not grade:
        return "proposed_grade", "is empty; a proposal that was shown has a grade for every answer"
    return None
