"""What a judge proposes: its readable verdicts of a recorded run, as one grade per answer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from harness.errors import HarnessError
from harness.load.near import suggestion
from harness.schema import Case, Language, Proposal, RankedVerdict
from harness.store.folder import RunFolder


def load_proposals(
    folder: RunFolder, cases: Iterable[Case], who: tuple[str, str], scale: tuple[Language, int]
) -> dict[str, Proposal]:
    """A judge's proposal for each case that it graded readably, from a run folder.

    `who` is the judge and the rulebook that it was given, `scale` the language of the texts and the highest
    grade. Base wording only.

    Raises
    ------
    HarnessError
        The run has no readable verdict of this judge under this rulebook in this language.
    """
    judge_id, rulebook_id = who
    language, n_grades = scale
    verdicts = [one for one in folder.read_verdicts() if isinstance(one, RankedVerdict)]
    if judge_id not in (judges := {one.cell.annotator_id for one in verdicts}):
        words = f"{folder.path}: no readable verdict of the judge '{judge_id}'"
        raise HarnessError(f"{words}{suggestion(judge_id, judges)}")
    where = (judge_id, rulebook_id, "base", language)
    mine = [one for one in verdicts if _where(one) == where]
    if not mine:
        there = sorted({f"{cell[1]} ({cell[3]})" for one in verdicts if (cell := _where(one))[0] == judge_id})
        raise HarnessError(
            f"{folder.path}: '{judge_id}' has no readable verdict under '{rulebook_id}' in '{language}'; "
            f"there are: {', '.join(there)}"
        )
    found = {case.case_id: _grades(case, mine, n_grades) for case in cases}
    return {
        case_id: Proposal(judge_id=judge_id, rulebook_id=rulebook_id, grades=grades)
        for case_id, grades in found.items()
        if grades
    }


def _where(verdict: RankedVerdict) -> tuple[str, str, str, str]:
    cell = verdict.cell
    return cell.annotator_id, cell.rulebook_id, cell.wording, cell.language


def _grades(case: Case, verdicts: Iterable[RankedVerdict], n_grades: int) -> dict[str, float]:
    """One grade per answer; none unless every answer has one."""
    own = [one.grades for one in verdicts if one.cell.case_id == case.case_id]
    names = [answer.answer_id for answer in case.answers]
    whole = [grades for grades in own if grades.keys() >= set(names)]
    return {name: proposed(whole, name, n_grades) for name in names} if whole else {}


def proposed(verdicts: Iterable[Mapping[str, float]], answer_id: str, n_grades: int) -> float:
    """The mean grade of an answer over a judge's verdicts, as a whole grade; halves go up.

    The mean over presentations, not one of them: a judge that only likes a slot then proposes a tie.
    """
    grades = [one[answer_id] for one in verdicts]
    return float(min(n_grades, max(1, math.floor(sum(grades) / len(grades) + 0.5))))
