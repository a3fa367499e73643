"""Slot habits: judges that write the same row of grades whatever stands in the slots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.report.selection import row_name
from harness.report.voice import Voice
from harness.schema import Row, SlotHabit

FEWEST_REPLIES = 8
AT_LEAST = 0.5
"""In a full square, a judge that reads and ties nothing writes any one row in a quarter of its replies."""
AT_LEAST_OF_TWO = 0.75
_PAIR = 2


@dataclass(frozen=True)
class Habit:
    """One judge's row of grades, counted over its rulebooks."""

    name: str
    grades: tuple[int, ...]
    n_replies: int
    n_read: int


def find_habits(rows: Iterable[Row], voice: Voice) -> list[Habit]:
    """Judges that wrote one and the same row of grades in at least half of their replies."""
    by_judge: dict[str, list[tuple[str, SlotHabit]]] = {}
    for row in rows:
        if row.slot_habit is not None:
            by_judge.setdefault(row.annotator_id, []).append((row_name(row, voice), row.slot_habit))
    habits = [_join(found) for found in by_judge.values()]
    return [one for one in habits if one.n_read >= FEWEST_REPLIES and _is_habit(one)]


def _is_habit(habit: Habit) -> bool:
    """Between two slots a judge that reads writes either row in half of its replies, so more is asked."""
    least = AT_LEAST if len(habit.grades) > _PAIR else AT_LEAST_OF_TWO
    return habit.n_replies >= least * habit.n_read


def _join(found: list[tuple[str, SlotHabit]]) -> Habit:
    """One judge's commonest row under any rulebook, with the replies of all rulebooks that share it."""
    grades = max(found, key=lambda one: one[1].n_replies)[1].grades
    alike = [habit for _, habit in found if habit.grades == grades]
    n_read = sum(habit.n_read for _, habit in found)
    return Habit(found[0][0], grades, sum(habit.n_replies for habit in alike), n_read)


def say_habits(rows: Iterable[Row], voice: Voice) -> list[str]:
    """One sentence with every habit, or nothing."""
    parts = [
        voice.say(
            "habit_of",
            name=one.name,
            grades="-".join(str(grade) for grade in one.grades),
            n=voice.whole(one.n_replies),
            all=voice.whole(one.n_read),
        )
        for one in find_habits(rows, voice)
    ]
    return [voice.say("habits", list="; ".join(parts))] if parts else []


def habit_text(habit: SlotHabit | None, voice: Voice) -> str:
    """A cell of the table: `1-2-3-4: 24 of 24`."""
    if habit is None:
        return "–"
    grades = "-".join(str(grade) for grade in habit.grades)
    counts = {"n": voice.whole(habit.n_replies), "all": voice.whole(habit.n_read)}
    return voice.say("habit_cell", grades=grades, **counts)
