"""Grades as they come in: from a page, a typed sheet, a reply code, or hands in the air; checked, pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from harness.classroom.content import LessonContent
from harness.errors import GradeRefusedError
from harness.schema.classroom import Ballot, Edit, Entry, HandCount, Vote


class Sheet(NamedTuple):
    """Grades of one pupil that came in at once: a typed paper sheet, or a decoded reply code."""

    grades: Mapping[str, Mapping[str, int]]
    """case_id -> answer_id -> grade."""
    receipt: str
    """What tells this sheet from others: sent twice, it counts once. A reply code is its own receipt."""
    vote: Vote = 1
    rulebook_id: str | None = None
    """The rules printed on the sheet; None = those of the half to which the next pupil belongs."""
    entry: Entry = "sheet"


def edit_refusal(edit: Edit, content: LessonContent) -> GradeRefusedError | None:
    """Why an edit names something that the session does not have; None where it does not."""
    given = {answer_id: 1 if grade is None else grade for answer_id, grade in edit.grades.items()}
    try:
        _check(edit.case_id, given, content)
    except GradeRefusedError as refusal:
        return refusal
    return None


def sheet_ballots(sheet: Sheet, pupil_id: str, content: LessonContent) -> tuple[Ballot, ...]:
    """The ballots of a sheet, an empty one for each case that it leaves blank: a correction may blank a case.

    Raises
    ------
    GradeRefusedError
        A case, answer, grade or rulebook is not of this session, or nothing is graded (`invalid`).
    """
    if sheet.rulebook_id is not None and sheet.rulebook_id not in {r.rulebook_id for r in content.rulebooks}:
        raise GradeRefusedError("invalid", f"this session has no rulebook '{sheet.rulebook_id}'")
    filled = {case_id: grades for case_id, grades in sheet.grades.items() if grades}
    if not filled:
        raise GradeRefusedError("invalid", "nothing is graded on this sheet")
    for case_id, grades in filled.items():
        _check(case_id, grades, content)
    return tuple(
        Ballot(pupil_id=pupil_id, case_id=case_id, vote=sheet.vote, grades=dict(filled.get(case_id, {})))
        for case_id in content.answers
    )


def check_hands(hands: Iterable[HandCount], content: LessonContent) -> None:
    """Refuse counts of what the session does not have; raises GradeRefusedError."""
    n_grades = content.case_set.n_grades
    for one in hands:
        _check(one.case_id, {one.answer_id: 1}, content)
        if len(one.counts) != n_grades:
            raise GradeRefusedError("invalid", f"{len(one.counts)} counts for {n_grades} grades")


def _check(case_id: str, grades: Mapping[str, int], content: LessonContent) -> None:
    if case_id not in content.answers:
        raise GradeRefusedError("invalid", f"this session has no case '{case_id}'")
    for answer_id, grade in grades.items():
        if answer_id not in content.answers[case_id]:
            raise GradeRefusedError("invalid", f"the case '{case_id}' has no answer '{answer_id}'")
        if not 1 <= grade <= content.case_set.n_grades:
            words = f"grades run from 1 to {content.case_set.n_grades}, not {grade}"
            raise GradeRefusedError("invalid", words)
