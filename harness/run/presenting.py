"""In which order, and under which slot names, a judge is shown the answers of a case."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import permutations

from harness.prompt import PAIR_SLOTS, POINT_SLOTS, listwise_slots
from harness.schema import Case, JudgeSpec, Presentation, canonical_json
from harness.stats.squares import williams_orders

_square = lru_cache(maxsize=16)(williams_orders)


def most_repeats(spec: JudgeSpec, case: Case) -> tuple[int, str]:
    """How many presentations differ, and what they are called."""
    if spec.protocol == "pairwise":
        return len(PAIR_SLOTS), "pairs of slot names"
    if spec.protocol == "pointwise":
        return len(POINT_SLOTS), "slot names"
    return len(_square(len(case.answers))), "presentations of a Williams square"


def listwise_presentation(case: Case, judge_id: str, seed: int, repeat: int) -> Presentation:
    """Repeat r shows row `start + r` of the Williams square; the start depends on judge and case alone."""
    return Presenter(seed).listwise(case, judge_id, repeat)


class Presenter:
    """Presentations of one experiment: a case has few, and every judge and rulebook meets them again."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._starts: dict[tuple[str, str], int] = {}
        self._rows: dict[tuple[str, int], Presentation] = {}

    def shown(self, spec: JudgeSpec, case: Case, repeat: int) -> Iterator[Presentation]:
        """The presentations of one cell, one per call."""
        if spec.protocol == "pairwise":
            yield from pair_presentations(case, repeat)
        elif spec.protocol == "pointwise":
            yield from point_presentations(case, repeat)
        else:
            yield self.listwise(case, spec.judge_id, repeat)

    def listwise(self, case: Case, judge_id: str, repeat: int) -> Presentation:
        """As `listwise_presentation`."""
        row = self.row(case, judge_id, repeat)
        found = self._rows.get((case.case_id, row))
        if found is None:
            found = self._rows[case.case_id, row] = _presentation_of_row(case, row)
        return found

    def row(self, case: Case, judge_id: str, repeat: int) -> int:
        """Which row of the Williams square a judge is shown."""
        return (self._start(case, judge_id) + repeat) % len(_square(len(case.answers)))

    def _start(self, case: Case, judge_id: str) -> int:
        found = self._starts.get((judge_id, case.case_id))
        if found is None:
            name = canonical_json(["start-row", self._seed, judge_id, case.case_id])
            found = int(hashlib.sha256(name).hexdigest(), 16) % len(_square(len(case.answers)))
            self._starts[judge_id, case.case_id] = found
        return found


def _presentation_of_row(case: Case, row: int) -> Presentation:
    return Presentation(
        order=tuple(case.answers[position].answer_id for position in _square(len(case.answers))[row]),
        slots=listwise_slots(len(case.answers)),
    )


def pair_presentations(case: Case, repeat: int) -> Iterator[Presentation]:
    """Every pair in both orders, those that begin with the same answer one after the other."""
    for order in permutations((answer.answer_id for answer in case.answers), 2):
        yield Presentation(order=order, slots=PAIR_SLOTS[repeat])


def point_presentations(case: Case, repeat: int) -> Iterator[Presentation]:
    """Every answer alone, in the order of the case file."""
    for answer in case.answers:
        yield Presentation(order=(answer.answer_id,), slots=(POINT_SLOTS[repeat],))
