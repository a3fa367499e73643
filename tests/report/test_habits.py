"""Slot habits are said as counts, for judges that mostly wrote one and the same row of grades."""

from __future__ import annotations

import pytest

from harness.report.habits import find_habits, habit_text, say_habits
from harness.report.voice import Voice
from harness.schema import Comparison, Row, SlotHabit


def _with_habits(comparison: Comparison, *habits: SlotHabit | None) -> list[Row]:
    judges = [row for row in comparison.rows if row.kind == "judge"]
    same = [row.model_copy(update={"annotator_id": judges[0].annotator_id}) for row in judges]
    return [row.model_copy(update={"slot_habit": one}) for row, one in zip(same, habits, strict=False)]


def _habit(grades: tuple[int, ...], n_replies: int, n_read: int = 24) -> SlotHabit:
    return SlotHabit(slots=("A", "B", "C", "D"), grades=grades, n_replies=n_replies, n_read=n_read)


def test_counts_of_one_row_add_up_over_the_rulebooks_of_a_judge(comparison: Comparison) -> None:
    """The same row under two rulebooks is one habit with both counts; another row only adds to the total."""
    rows = _with_habits(
        comparison, _habit((1, 2, 3, 4), 24), _habit((1, 2, 3, 4), 20), _habit((4, 4, 4, 4), 6, 6)
    )
    (habit,) = find_habits(rows, Voice("en"))
    assert (habit.grades, habit.n_replies, habit.n_read) == ((1, 2, 3, 4), 44, 54)


@pytest.mark.parametrize(("n_replies", "n_read"), [(11, 24), (4, 4)])
def test_a_row_in_less_than_half_or_few_replies_is_no_habit(
    comparison: Comparison, n_replies: int, n_read: int
) -> None:
    """Half of at least eight replies is the limit; below it nothing is said."""
    assert say_habits(_with_habits(comparison, _habit((1, 2, 3, 4), n_replies, n_read)), Voice("fr")) == []


def test_a_habit_is_said_with_its_counts(comparison: Comparison) -> None:
    """The sentence names the row of grades and both counts."""
    (sentence,) = say_habits(_with_habits(comparison, _habit((1, 2, 3, 4), 23)), Voice("en"))
    assert "1-2-3-4" in sentence
    assert "23 of 24" in sentence


def test_a_row_without_readable_grades_has_a_dash() -> None:
    """No reply held grades: the cell says so with a dash, not with a number."""
    assert habit_text(None, Voice("en")) == "–"
    assert habit_text(_habit((2, 2, 2, 2), 3, 4), Voice("en")) == "2-2-2-2: 3 of 4"
