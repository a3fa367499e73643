"""Who can be asked, what each has ranked, and who is due for a repeat."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.errors import HarnessError
from harness.schema import Cell, RankedVerdict

SESSION = "next"
"""Of people who are new, where nobody says another."""


@dataclass
class Askable:
    """Somebody who can be asked; without a name, anybody who has not ranked the case."""

    name: str | None
    """As reports show it: with the session where one name stands for two people."""
    annotator_id: str | None
    session: str
    cells: dict[str, Cell] = field(default_factory=dict)
    """First ranking of each case, in the order of the file, whatever its phase and rules."""
    repeats: Counter[str] = field(default_factory=Counter)
    """Times that a case was ranked again, by case."""
    n_ranked: int = 0
    """Cases ranked when the list began."""
    asked: set[str] = field(default_factory=set)
    """Cases in the list, repeats among them."""

    @property
    def load(self) -> int:
        """Everything that he or she ranked or is asked to."""
        return self.n_ranked + self.repeats.total() + len(self.asked)

    @property
    def n_again(self) -> int:
        """Cases that he or she ranked more than once."""
        return sum(1 for count in self.repeats.values() if count)

    def repeat_candidates(self) -> list[str]:
        """The earlier half of what was ranked, without what was ranked or is asked again."""
        earlier = list(self.cells)[: math.ceil(len(self.cells) / 2)]
        return [case_id for case_id in earlier if not self.repeats[case_id] and case_id not in self.asked]

    def is_due(self, share: float, after: int) -> bool:
        """Whether a repeat is owed: one after so many cases, then one per 1 / share; one in a list."""
        if share <= 0 or self.n_ranked < after or not self.repeat_candidates():
            return False
        # Rounded first: 3 x 0.1 must not miss a whole number by 1e-16.
        owed = 1 + math.floor(round((self.n_ranked - after) * share, 9))
        return not self.asked & self.cells.keys() and self.n_again < owed


def who_can_be_asked(
    votes: Sequence[RankedVerdict], annotators: Sequence[str], session: str | None, *, known: bool
) -> list[Askable]:
    """Everybody who ranked something, or those who are named; one without a name where nobody is known.

    Raises
    ------
    HarnessError
        A name stands for people of several sessions.
    """
    everybody = _everybody(votes) if known else []
    last = session or (everybody[-1].session if everybody else SESSION)
    if not annotators:
        return everybody or [Askable(None, None, last)]
    return [_named(name, everybody, last) for name in dict.fromkeys(annotators)]


def _everybody(votes: Sequence[RankedVerdict]) -> list[Askable]:
    found: dict[tuple[str, str], Askable] = {}
    for vote in votes:
        cell = vote.cell
        key = (cell.annotator_id, cell.session or "")
        person = found.setdefault(key, Askable(cell.annotator_id, cell.annotator_id, cell.session or SESSION))
        if cell.case_id not in person.cells:
            person.cells[cell.case_id] = cell
        elif cell.repeat > 0:
            person.repeats[cell.case_id] = max(person.repeats[cell.case_id], cell.repeat)
    names = Counter(annotator_id for annotator_id, _ in found)
    for (annotator_id, session), person in found.items():
        person.n_ranked = len(person.cells)
        if names[annotator_id] > 1:
            person.name = f"{session}/{annotator_id}"
    return list(found.values())


def _named(name: str, everybody: Sequence[Askable], session: str) -> Askable:
    same = [person for person in everybody if person.name == name]
    namesakes = [person for person in everybody if person.annotator_id == name]
    if not same and len(namesakes) > 1:
        shown = ", ".join(str(person.name) for person in namesakes)
        raise HarnessError(f"'{name}' stands for {len(namesakes)} people: name one of {shown}")
    return (same or namesakes or [Askable(name, name, session)])[0]
