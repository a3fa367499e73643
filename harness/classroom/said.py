"""What a class said: one array per case and vote, read when a screen first needs it, shared by every role.

Five hundred pupils and six cases are 3,000 verdicts, some twenty megabytes as records and a hundred kilobytes
as arrays: so records are made case by case, and none is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import get_args

from harness.classroom.content import LessonContent
from harness.compare.classroom import ClassGrades, class_grades
from harness.schema import RankedVerdict
from harness.schema.classroom import Vote

VOTES: tuple[Vote, ...] = get_args(Vote)
ReadCase = Callable[[str], Sequence[RankedVerdict]]
"""What everybody said about one case, in both votes, in the order of joining."""

_Which = tuple[str, Vote, str | None]


class Said:
    """The grades of a class as they stood when it was made; cases are read at first need."""

    def __init__(self, content: LessonContent, rulebooks: Sequence[str], read: ReadCase) -> None:
        """Take cases as `read` gives them; `rulebooks` are those that pupils were given."""
        self._content = content
        self._rulebooks = tuple(rulebooks)
        self._read = read
        self._kept: dict[_Which, ClassGrades] = {}

    def grades(self, case_id: str, vote: Vote = 1, rulebook_id: str | None = None) -> ClassGrades:
        """The grades of a case in one vote: of the whole class, or of those who had one rulebook."""
        if (case_id, vote, rulebook_id) not in self._kept:
            self._kept |= self._gathered(case_id)
        return self._kept[case_id, vote, rulebook_id]

    def nobody(self, case_id: str, vote: Vote = 1) -> ClassGrades:
        """What is shown of a case whose grades may not be seen."""
        return class_grades((), self._content.case(case_id), self._content.case_set.n_grades, vote=vote)

    def verdicts(self, case_ids: Iterable[str]) -> tuple[RankedVerdict, ...]:
        """What was said of some cases, as records; read anew, because they are large."""
        return tuple(chain.from_iterable(self._read(case_id) for case_id in case_ids))

    def n_by_rulebook(self) -> Mapping[str, int]:
        """How many pupils graded anything under each rulebook."""
        cases = tuple(self._content.answers)
        return {
            name: len({who for case_id in cases for vote in VOTES for who in self._who(case_id, vote, name)})
            for name in self._rulebooks
        }

    def _who(self, case_id: str, vote: Vote, rulebook_id: str) -> tuple[str, ...]:
        return self.grades(case_id, vote, rulebook_id).pupil_ids

    def _gathered(self, case_id: str) -> dict[_Which, ClassGrades]:
        people = self._read(case_id)
        case, n_grades = self._content.case(case_id), self._content.case_set.n_grades
        return {
            (case_id, vote, name): class_grades(people, case, n_grades, vote=vote, rulebook_id=name)
            for vote in VOTES
            for name in (None, *self._rulebooks)
        }
