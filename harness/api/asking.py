"""The next questions as a table that people fill in, and that is read back as their grades."""

from __future__ import annotations

from string import ascii_uppercase

from harness.api.exporting import file_bytes
from harness.formats.out.base import Cellular, Table
from harness.load.entries import DRAWN
from harness.schema.asking import AskingPlan, Question

ASSIGNMENT_COLUMNS = (
    *("session", "annotator_id", "case_id", "answer_id", "grade"),
    *("repeat", "rulebook_id", "phase", "language", "slot", "seconds", DRAWN),
)
"""Columns of docs/people.md: `grade` and `seconds` are for people to fill in."""


def assignment_csv(plan: AskingPlan) -> bytes:
    """One row per answer of every question, in the order in which the answers shall be shown.

    `grade` is empty: rows of questions that nobody answered must be deleted before the table is read.
    """
    rows = [row for question in plan.questions for row in _rows(question)]
    return file_bytes(Table("next", ASSIGNMENT_COLUMNS, rows, "csv"))


def _rows(question: Question) -> list[list[Cellular]]:
    asked: list[Cellular] = [question.repeat, question.rulebook_id, question.phase, question.language]
    return [
        [
            *(question.session, question.annotator_id, question.case_id, answer_id, None),
            *(*asked, slot, None, question.probability),
        ]
        for slot, answer_id in zip(_slots(len(question.order)), question.order, strict=True)
    ]


def _slots(n_answers: int) -> list[str]:
    """Letters; numbers where there are more answers than letters."""
    letters = list(ascii_uppercase[:n_answers])
    return letters if len(letters) == n_answers else [str(place + 1) for place in range(n_answers)]
