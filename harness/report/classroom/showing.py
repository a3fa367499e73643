"""What every screen of a class needs to be drawn: a size, a voice, the names of cases; and small words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.report.classroom.sheet import Sheet
from harness.report.figures.figure import shortened
from harness.report.figures.slope import letters
from harness.report.numbers import NO_BREAK
from harness.report.voice import Voice, preferred
from harness.schema import Estimate, Localised
from harness.schema.class_pictures import Tiers

_MOST_CHARACTERS = 30
"""Of a judge's name in a title: two of them and their words fill two lines of the wall."""


@dataclass(frozen=True)
class Showing:
    """How a class is shown: on which sheet, in whose words, with which cases."""

    sheet: Sheet
    voice: Voice
    n_grades: int
    cases: Mapping[str, Localised]
    """case_id -> title, in the order of the session; their places are their numbers."""
    answers: Mapping[str, tuple[str, ...]]
    """case_id -> answer_ids, in file order."""
    simulated: bool = False
    """Tables say so; pages carry a banner."""

    def say(self, phrase: str, **values: str) -> str:
        """Say a phrase of the classroom."""
        return self.voice.say(phrase, **values)

    def cut(self, n_shown: int, n_all: int) -> str:
        """What to add to a caption where not everything is drawn."""
        if n_shown == n_all:
            return ""
        return (
            f" {self.say('class_cut', shown=self.voice.whole(n_shown), all=self.voice.whole(n_all)).strip()}"
        )

    @staticmethod
    def short(name: str) -> str:
        """A judge's name inside a title."""
        return shortened(name, _MOST_CHARACTERS)

    def pupils(self, n: int) -> str:
        """A count of pupils."""
        one = n == 1 or (n == 0 and self.voice.language == "fr")
        return self.say("class_n_one" if one else "class_n", n=self.voice.whole(n))

    def letters(self, case_id: str) -> dict[str, str]:
        """answer_id -> letter."""
        return letters(self.answers[case_id])

    def case_name(self, case_id: str) -> str:
        """A case's title."""
        return self.voice.local(self.cases[case_id])

    def case_number(self, case_id: str) -> str:
        """A case's number in the session."""
        return str(list(self.cases).index(case_id) + 1)

    def case_head(self, case_id: str) -> str:
        """A case's number and title."""
        return self.say("class_case_head", number=self.case_number(case_id), title=self.case_name(case_id))

    def figure_id(self, screen: str, *which: str) -> str:
        """A name that is unique on a page with figures of several screens and sizes."""
        return "-".join((screen, *which, self.sheet.name))

    def all_of(self, names: Iterable[str]) -> str:
        """Several names in a sentence: `A, B and C`."""
        known = list(names)
        if len(known) < 2:
            return "".join(known)
        return self.say("class_and", first=", ".join(known[:-1]), last=known[-1])

    def order(self, tiers: Tiers, case_id: str) -> str:
        """An order in letters: `A = D > C > B`."""
        name_of = self.letters(case_id)
        return f"{NO_BREAK}> ".join("=".join(sorted(name_of[answer] for answer in tier)) for tier in tiers)

    def number(self, estimate: Estimate | None) -> str:
        """A number alone, or a dash."""
        return self.voice.maybe(None if estimate is None else estimate.value)

    def span(self, estimate: Estimate, *, as_percent: bool = False) -> str:
        """An estimate's interval, or a dash."""
        found = preferred(estimate)
        return "–" if found is None else self.voice.interval(found, as_percent=as_percent)
