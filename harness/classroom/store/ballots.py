"""One pupil's ballot as it is kept, and what an edit of a page makes of it: pure."""

from __future__ import annotations

import json
from dataclasses import dataclass

from harness.schema.classroom import Edit

MAX_PAGES = 32
"""Open pages of one pupil whose edits are told apart on one ballot; the oldest is forgotten first."""


@dataclass
class Kept:
    """Grades, and for each page and answer the number of the edit that spoke last."""

    grades: dict[str, int]
    marks: dict[str, dict[str, int]]
    seconds: float | None = None

    @classmethod
    def read(cls, grades: str, seconds: float | None, marks: str) -> Kept:
        """A ballot from its row."""
        return cls(json.loads(grades), json.loads(marks), seconds)

    def put(self, edit: Edit) -> bool:
        """Put an edit into the ballot; False when it says nothing new.

        For each answer, an edit counts only if this page sent no later one: an edit that comes twice, or
        late, undoes nothing.
        """
        said = self.marks.get(edit.page, {})
        news = {name: grade for name, grade in edit.grades.items() if edit.number > said.get(name, 0)}
        longer = edit.seconds is not None and edit.seconds > (self.seconds or 0.0)
        if longer:
            self.seconds = edit.seconds
        if not news:
            return longer
        for answer_id, grade in news.items():
            if grade is None:
                self.grades.pop(answer_id, None)
            else:
                self.grades[answer_id] = grade
        # at the end: the page that spoke last is the youngest
        self.marks.pop(edit.page, None)
        self.marks[edit.page] = {**said, **dict.fromkeys(news, edit.number)}
        while len(self.marks) > MAX_PAGES:
            self.marks.pop(next(iter(self.marks)))
        return True

    def columns(self) -> tuple[str, int, float | None, str]:
        """`grades`, `n_graded`, `seconds` and `marks`."""
        grades = json.dumps(self.grades, sort_keys=True, separators=(",", ":"))
        return grades, len(self.grades), self.seconds, json.dumps(self.marks, separators=(",", ":"))
