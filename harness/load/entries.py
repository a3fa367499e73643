"""One row of people's grades, read and checked column by column."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from harness.load.explain import found
from harness.load.near import suggestion
from harness.load.proposals import PROPOSAL_COLUMNS, Shown, refusal
from harness.load.rows import Row
from harness.load.text import CONTROL, describe_control
from harness.schema import DIMENSIONS, LANGUAGES, CaseSet, Dimension, Language

REQUIRED = ("session", "annotator_id", "case_id", "answer_id", "grade")
OPTIONAL = ("repeat", "rulebook_id", "phase", "language", "slot", "seconds", *DIMENSIONS, "simulated")
"""Columns that any table of people may have; `PROPOSAL_COLUMNS` come on top where proposals were shown."""
DRAWN = "probability"
"""With which `harness next` drew the case; on top where cases were drawn."""
KNOWN = (*REQUIRED, *OPTIONAL, DRAWN, *PROPOSAL_COLUMNS)
DEFAULT_RULEBOOK = "hhh"

_WHOLE = re.compile(r"[+-]?[0-9]{1,9}([.,]0+)?")
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_LONGEST = 200


@dataclass(frozen=True)
class Scale:
    """What a row is checked against: the set, its answers by case, and the rulebooks where they are known."""

    case_set: CaseSet
    answers: Mapping[str, tuple[str, ...]]
    rulebooks: Collection[str] | None = None


@dataclass(frozen=True)
class Entry:
    """One person's grade of one answer; None = the file does not say."""

    line: int
    session: str
    annotator_id: str
    case_id: str
    answer_id: str
    grade: int
    repeat: int
    rulebook_id: str
    phase: int
    language: Language | None
    slot: str | None
    seconds: float | None
    simulated: bool | None
    dimensions: dict[Dimension, int]
    shown: Shown | None = None
    """What it says of a judge's proposal."""
    probability: float | None = None
    """With which the case was drawn for this person."""

    @property
    def proposal(self) -> str | None:
        """Whose grades were shown, or that none were."""
        return None if self.shown is None else self.shown.proposal

    @property
    def lot(self) -> str | None:
        """Inside what the arms were dealt."""
        return None if self.shown is None else self.shown.lot


def read_entry(row: Row, scale: Scale) -> Entry | list[tuple[str, str]]:
    """The entry in a row, or every (column, message) that is wrong with it."""
    cells = _Cells(row.values)
    n_grades = scale.case_set.n_grades
    case_id = cells.name("case_id")
    entry = Entry(
        line=row.line,
        session=cells.name("session"),
        annotator_id=cells.name("annotator_id"),
        case_id=case_id,
        answer_id=cells.name("answer_id"),
        grade=cells.whole("grade", (1, n_grades), None) or 0,
        repeat=cells.whole("repeat", (0, 1_000_000), 0) or 0,
        rulebook_id=cells.rulebook(scale.rulebooks),
        phase=cells.whole("phase", (1, 1_000_000), 1) or 1,
        language=cells.language(scale.case_set),
        slot=cells.optional("slot"),
        seconds=cells.seconds(),
        simulated=cells.truth(),
        dimensions=cells.dimensions(n_grades),
        shown=cells.shown(n_grades),
        probability=cells.probability(),
    )
    cells.check_answer(entry, scale)
    return cells.problems or entry


@dataclass
class _Cells:
    """Reads columns of one row; what is wrong is noted, and reading goes on with a stand-in."""

    values: Mapping[str, str]
    problems: list[tuple[str, str]] = field(default_factory=list)

    def name(self, column: str) -> str:
        text = self.values.get(column, "")
        control = CONTROL.search(text)
        if not text:
            self._note(column, "is empty; every row needs it")
        elif control:
            self._note(column, f"{describe_control(control[0])}; remove it")
        elif len(text) > _LONGEST:
            self._note(column, f"has {len(text):,} characters; at most {_LONGEST}")
        return text

    def optional(self, column: str) -> str | None:
        return self.name(column) if self.values.get(column) else None

    def whole(self, column: str, bounds: tuple[int, int], default: int | None) -> int | None:
        low, high = bounds
        text = self.values.get(column, "")
        if not text and default is not None:
            return default
        number = int(re.split(r"[.,]", text)[0]) if _WHOLE.fullmatch(text) else None
        if number is not None and low <= number <= high:
            return number
        wanted = f"from {low} to {high}" if high < 1_000_000 else f"of {low} or more"
        self._note(column, f"must be a whole number {wanted}, {found(text or None)}")
        return default

    def rulebook(self, known: Collection[str] | None) -> str:
        text = self.values.get("rulebook_id") or DEFAULT_RULEBOOK
        if not _IDENTIFIER.fullmatch(text):
            self._note("rulebook_id", f"must be the id of a rulebook, {found(text)}")
        elif known is not None and text not in known:
            self._note("rulebook_id", f"unknown rulebook '{text}'{suggestion(text, known)}")
        return text

    def language(self, case_set: CaseSet) -> Language | None:
        text = self.values.get("language", "").lower()
        for language in LANGUAGES:
            if text == language and language in case_set.languages:
                return language
        if text:
            known = ", ".join(case_set.languages)
            self._note("language", f"must be one of {known}, {found(text)}")
        return None

    def seconds(self) -> float | None:
        text = self.values.get("seconds", "")
        if not text:
            return None
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            number = -1.0
        if number >= 0 and math.isfinite(number):
            return number
        self._note("seconds", f"must be a number of 0 or more, {found(text)}")
        return None

    def probability(self) -> float | None:
        text = self.values.get(DRAWN, "")
        if not text:
            return None
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            number = 0.0
        if 0.0 < number <= 1.0:
            return number
        self._note(DRAWN, f"must be a number above 0 and at most 1, {found(text)}")
        return None

    def truth(self) -> bool | None:
        text = self.values.get("simulated", "").lower()
        if text and text not in _TRUTHS:
            self._note("simulated", f"must be true or false, {found(text)}")
        return _TRUTHS.get(text)

    def dimensions(self, n_grades: int) -> dict[Dimension, int]:
        grades = {name: self.whole(name, (1, n_grades), None) for name in DIMENSIONS if self.values.get(name)}
        return {name: grade for name, grade in grades.items() if grade is not None}

    def shown(self, n_grades: int) -> Shown | None:
        wrong = refusal(self.values)
        if wrong is not None:
            self._note(*wrong)
        source = self.optional("proposal")
        if wrong is not None or source is None:
            return None
        grade = (
            self.whole("proposed_grade", (1, n_grades), None) if self.values.get("proposed_grade") else None
        )
        return Shown(source, grade, self.optional("lot"))

    def check_answer(self, entry: Entry, scale: Scale) -> None:
        if not entry.case_id or not entry.answer_id:
            return
        answers = scale.answers.get(entry.case_id)
        if answers is None:
            near = suggestion(entry.case_id, scale.answers)
            self._note("case_id", f"unknown case '{entry.case_id}' in '{scale.case_set.set_id}'{near}")
        elif entry.answer_id not in answers:
            near = suggestion(entry.answer_id, answers)
            self._note("answer_id", f"unknown answer '{entry.answer_id}' of '{entry.case_id}'{near}")

    def _note(self, column: str, message: str) -> None:
        self.problems.append((column, message))
