"""A small run with a judge's grades, people at a scripted terminal, and a clock that a test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.annotate import PeopleTable, Sitting, Tally, Terminal
from harness.schema import Answer, Case, CaseSet, Cell, Language, Proposal, Provenance, Rule, Rulebook

PROVENANCE = Provenance(kind="invented", date="2026-11-22")


def case(case_id: str) -> Case:
    """Four answers in two languages."""
    answers = tuple(
        Answer(
            answer_id=f"{case_id}-{letter}",
            text={"fr": f"réponse {letter} de {case_id}", "en": f"answer {letter} of {case_id}"},
        )
        for letter in "abcd"
    )
    return Case(
        case_id=case_id,
        title={"fr": f"Titre {case_id}", "en": f"Title {case_id}"},
        message={"fr": "Que faire ?", "en": "What now?"},
        answers=answers,
    )


def case_set(case_ids: Sequence[str]) -> CaseSet:
    """Grades from 1 to 4."""
    return CaseSet(
        set_id="small",
        title={"fr": "Petit"},
        description={"fr": "Petit"},
        languages=("fr", "en"),
        n_grades=4,
        case_order=tuple(case_ids),
        provenance=PROVENANCE,
    )


RULEBOOK = Rulebook(
    rulebook_id="hhh",
    title={"fr": "Utile", "en": "Helpful"},
    summary={"fr": "Utile"},
    role="reference",
    preamble={"base": {"fr": "Notez.", "en": "Grade."}},
    rules=(Rule(number=1, criterion="helpful", text={"base": {"fr": "Aider.", "en": "Help."}}),),
    provenance=PROVENANCE,
)


@dataclass
class Desk:
    """Where simulated people sit down."""

    table: Path
    case_ids: tuple[str, ...] = ("one", "two", "three")
    now: float = 0.0
    said: list[str] = field(default_factory=list)
    """Everything that the last person read."""

    @property
    def cases(self) -> tuple[Case, ...]:
        """The cases of the set."""
        return tuple(map(case, self.case_ids))

    @property
    def people(self) -> PeopleTable:
        """The table on disk."""
        return PeopleTable(self.table, case_set(self.case_ids), self.cases)

    def sit(
        self,
        entries: Iterable[str | Callable[[], str]],
        person: str = "otter",
        language: Language = "en",
        proposals: dict[str, Proposal] | None = None,
    ) -> Tally:
        """Let a person type these lines; a callable is asked when its turn comes."""
        lines = iter(entries)
        self.said = []

        def ask(prompt: str) -> str | None:
            self.said.append(prompt)
            entry = next(lines, None)
            return entry() if callable(entry) else entry

        cell = Cell(
            annotator_id=person, annotator_kind="person", case_id=self.case_ids[0], rulebook_id="hhh",
            language=language, session="s", simulated=True,
        )  # fmt: skip
        terminal = Terminal(self.said.append, ask, lambda: self.now)
        sitting = Sitting(
            person=cell, cases=self.cases, rulebook=RULEBOOK, n_grades=4, table=self.people,
            terminal=terminal, proposals=proposals or {}, judge="judge-x",
        )  # fmt: skip
        return sitting.hold()

    def after(self, seconds: float, entry: str) -> Callable[[], str]:
        """Type something after thinking for so long."""

        def typed() -> str:
            self.now += seconds
            return entry

        return typed

    @property
    def screen(self) -> str:
        """What the last person read, as one text."""
        return "\n".join(self.said)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty table."""
    return Desk(tmp_path / "people.csv")
