"""One person at one terminal: a case, an entry, the next case; what was graded is on disk at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Literal, NamedTuple

from harness.annotate.entry import Command, Grades, Wrong, example, read_entry
from harness.annotate.screen import (
    case_lines,
    ends,
    heading,
    order_words,
    plain,
    presentation_for,
    proposal_lines,
    rulebook_lines,
    tiers_of,
)
from harness.annotate.table import PeopleTable
from harness.annotate.words import YES, say
from harness.schema import Case, Cell, Language, Presentation, Proposal, RankedVerdict, Rulebook


@dataclass(frozen=True)
class Terminal:
    """Where a person reads and types; a pipe will do."""

    write: Callable[[str], None]
    ask: Callable[[str], str | None]
    """A prompt -> the line that was typed; None = there is no more."""
    clock: Callable[[], float]
    """Seconds that only go forward."""
    width: int = 80


class Tally(NamedTuple):
    """How a sitting ended."""

    n_graded: int
    """In this sitting; what was taken back does not count."""
    n_done: int
    """In all sittings."""
    n_left: int


_Outcome = RankedVerdict | Literal["undo", "skip", "quit"]


@dataclass
class Sitting:
    """A person, the cases, and what the lot gave: the same call goes on where another stopped."""

    person: Cell
    """Of every verdict; its case is filled in."""
    cases: Sequence[Case]
    rulebook: Rulebook
    n_grades: int
    table: PeopleTable
    terminal: Terminal
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    """case_id -> what is in sight, or the record that by lot nothing is; absent: nothing was at stake."""
    judge: str = ""
    """The judge's name as people read it."""
    _spent: dict[str, float] = field(default_factory=dict)

    @property
    def language(self) -> Language:
        """In which the texts are read."""
        return self.person.language

    def hold(self) -> Tally:
        """Ask case after case until all are graded, or the person stops.

        Raises
        ------
        StoreError
            A verdict cannot be written; those before it are kept.
        """
        done = self._mine()
        graded = {one.cell.case_id for one in done}
        queue = [case for case in self.cases if case.case_id not in graded]
        self._greet(len(done), len(queue))
        n_before, skipped = len(done), 0
        while queue and skipped < len(queue):
            case = queue[0]
            outcome = self._one(case, len(self.cases) - len(queue) + 1, is_first=not done)
            if outcome == "quit":
                break
            if outcome == "skip":
                queue.append(queue.pop(0))
                skipped += 1
            elif outcome == "undo":
                self._step_back(done, queue)
                skipped = 0
            else:
                self.table.add(outcome)
                done.append(outcome)
                queue.pop(0)
                skipped = 0
        phrase = "left" if queue else "finished"
        self._write(say(phrase, self.language, left=str(len(queue))))
        return Tally(len(done) - n_before, len(done), len(queue))

    def _mine(self) -> list[RankedVerdict]:
        cell = self.person
        known = {case.case_id for case in self.cases}
        mine = self.table.of(cell.session or "", cell.annotator_id, cell.rulebook_id)
        return [one for one in mine if one.cell.case_id in known]

    def _step_back(self, done: list[RankedVerdict], queue: list[Case]) -> None:
        if not done:
            self._write(say("nothing_to_undo", self.language))
            return
        last = done.pop()
        self.table.remove(last)
        case = next(one for one in self.cases if one.case_id == last.cell.case_id)
        # What was thought before counts: the time of both looks is the time of the case.
        self._spent[case.case_id] = last.seconds or 0.0
        queue.insert(0, case)
        self._write(say("undone", self.language, title=plain(self._title(case))))

    def _one(self, case: Case, place: int, *, is_first: bool) -> _Outcome:
        """Show a case and take entries until one of them ends it."""
        shown = presentation_for(case, self.person.annotator_id, self.person.session or "")
        started = self.terminal.clock()
        self._show(case, shown, place)
        while True:
            entry = self._entry(case, shown)
            if isinstance(entry, Grades):
                grades = {name: float(grade) for name, grade in zip(shown.order, entry.grades, strict=True)}
                if is_first and not self._is_sure(grades, shown):
                    continue
                self._write(say("order", self.language, order=order_words(grades, shown)))
                return self._verdict(case, shown, grades, self._spend(case, started))
            if isinstance(entry, Wrong):
                self._write(say(entry.phrase, self.language, **entry.values))
            elif entry in ("undo", "skip", "quit"):
                self._spend(case, started)
                if entry == "skip":
                    self._write(say("skipped", self.language))
                return entry
            else:
                self._answer(entry, case, shown, place)

    def _entry(self, case: Case, shown: Presentation) -> Grades | Command | Wrong:
        line = self.terminal.ask(say("prompt", self.language, slots=" ".join(shown.slots)))
        if line is None:
            return "quit"
        proposal = self.proposals.get(case.case_id)
        proposed = None
        if proposal is not None and proposal.is_shown:
            proposed = [int(proposal.grades[name]) for name in shown.order]
        return read_entry(line, shown.slots, self.n_grades, proposed)

    def _answer(self, entry: Command, case: Case, shown: Presentation, place: int) -> None:
        if entry == "case":
            self._show(case, shown, place)
        elif entry == "rules":
            self._lines(rulebook_lines(self.rulebook, self.language, self.terminal.width))
        else:
            shape = example(len(shown.slots), self.n_grades)
            self._write(say("help", self.language, example=shape, slot=shown.slots[1]))

    def _is_sure(self, grades: Mapping[str, float], shown: Presentation) -> bool:
        """Ask once, on the first case: "rank 1" usually means the best, here it is the worst."""
        if len(tiers_of(grades)) == 1:
            return True
        best, worst = ends(grades, shown, self.language)
        said = self.terminal.ask(say("sure", self.language, best=best, worst=worst))
        if said is None or said.strip().lower() in YES[self.language]:
            return True
        self._write(say("again", self.language, most=str(self.n_grades)))
        return False

    def _spend(self, case: Case, started: float) -> float:
        spent = self._spent.get(case.case_id, 0.0) + self.terminal.clock() - started
        self._spent[case.case_id] = spent
        return round(spent, 1)

    def _verdict(
        self, case: Case, shown: Presentation, grades: dict[str, float], seconds: float
    ) -> RankedVerdict:
        return RankedVerdict(
            cell=self.person.model_copy(update={"case_id": case.case_id}),
            grades={answer.answer_id: grades[answer.answer_id] for answer in case.answers},
            presentation=shown,
            seconds=seconds,
            proposal=self.proposals.get(case.case_id),
        )

    # --- what is read -----------------------------------------------------------------------------------

    def _greet(self, n_done: int, n_left: int) -> None:
        n, most = str(len(self.cases)), str(self.n_grades)
        self._write(say("welcome", self.language, n=n, most=most))
        if n_done:
            self._write(say("resumed", self.language, done=str(n_done), left=str(n_left)))
        self._lines(rulebook_lines(self.rulebook, self.language, self.terminal.width))

    def _show(self, case: Case, shown: Presentation, place: int) -> None:
        width = self.terminal.width
        told = {"place": str(place), "n": str(len(self.cases)), "title": self._title(case)}
        self._write("")
        self._write(heading(say("case", self.language, **told), width))
        self._lines(case_lines(case, shown, self.language, width))
        self._write("")
        proposal = self.proposals.get(case.case_id)
        if proposal is not None and proposal.is_shown:
            names = (self.judge or proposal.judge_id or "", self._local(self.rulebook.title))
            self._lines(proposal_lines(proposal, shown, self.language, names))
        self._write(say("ends", self.language, most=str(self.n_grades)))

    def _title(self, case: Case) -> str:
        return self._local(case.title)

    def _local(self, text: Mapping[Language, str]) -> str:
        return text.get(self.language) or next(iter(text.values()))

    def _lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._write(line)

    def _write(self, line: str) -> None:
        """One line, or several where it is longer than the terminal is wide."""
        width = self.terminal.width
        for part in wrap(line, width) if len(line) > width else [line]:
            self.terminal.write(part)
