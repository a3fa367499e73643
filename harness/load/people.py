"""People's grades from a long table (one row per answer) to verdicts, the same records as a judge's.

Columns: `session, annotator_id, case_id, answer_id, grade` (1 = worst), and where they are known `repeat`
(0), `rulebook_id` (hhh), `phase` (1 = first vote), `language` (the set's first), `slot`, `seconds`,
`helpful`, `honest`, `harmless`, `simulated` (false); in brackets what an empty or absent one means. Where
judges proposed grades: `proposal` (`none`, or JUDGE/RULEBOOK), `proposed_grade`, `lot`; where `harness next`
drew the case: `probability`. CSV with commas, semicolons or tabs, JSON lines, or Parquet. A ranking in which
some answers are not graded is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from harness.errors import ImportFormatError, Problem
from harness.load.entries import DEFAULT_RULEBOOK, KNOWN, REQUIRED, Entry, Scale, read_entry
from harness.load.near import listing, suggestion
from harness.load.proposals import joined
from harness.load.rows import Columns, Row, read_rows
from harness.schema import Case, CaseSet, Cell, Presentation, RankedVerdict

MAX_PROBLEMS = 200
KEY_ANNOTATOR = "author-key"

T = TypeVar("T")


def load_people(
    path: Path | str, case_set: CaseSet, cases: Sequence[Case], *, rulebooks: Collection[str] | None = None
) -> tuple[RankedVerdict, ...]:
    """People's verdicts in a table file, in the order in which each ranking begins.

    `rulebooks` are the ids that may stand in the file (None = any). Raises ImportFormatError with every
    problem.
    """
    verdicts, problems = read_people(Path(path), case_set, cases, rulebooks=rulebooks)
    if problems:
        raise ImportFormatError(problems)
    return verdicts


def read_people(
    path: Path, case_set: CaseSet, cases: Sequence[Case], *, rulebooks: Collection[str] | None = None
) -> tuple[tuple[RankedVerdict, ...], list[Problem]]:
    """The same without raising: what can be read, and every problem (the first 200, then a count)."""
    answers = {case.case_id: tuple(answer.answer_id for answer in case.answers) for case in cases}
    table = _Table(path, Scale(case_set, answers, rulebooks))
    for piece in read_rows(path.expanduser()):
        if isinstance(piece, Problem):
            table.note(piece.line, piece.field, piece.message)
        elif isinstance(piece, Columns):
            table.check_columns(piece)
        elif table.readable:
            table.add(piece)
    if not table.rankings and not table.n_problems:
        table.note(None, "", "holds no grades: there is a header and nothing beneath it")
    verdicts = tuple(table.verdict(ranking) for ranking in table.rankings.values())
    return verdicts, table.all_problems()


def author_key_verdicts(
    case_set: CaseSet, cases: Sequence[Case], rulebook_id: str = DEFAULT_RULEBOOK
) -> tuple[RankedVerdict, ...]:
    """The author's keys as verdicts of the annotator `author-key`, one per case that has a key.

    Grades are dense: 1 for the worst tier, one more for each better tier. One person's reading, not the
    truth.
    """
    return tuple(
        RankedVerdict(
            cell=Cell(
                annotator_id=KEY_ANNOTATOR,
                annotator_kind="key",
                case_id=case.case_id,
                rulebook_id=rulebook_id,
                language=case_set.languages[0],
            ),
            grades=_dense(case.author_key),
        )
        for case in cases
        if case.author_key is not None
    )


def _dense(tiers: Sequence[Sequence[str]]) -> dict[str, float]:
    graded = {
        answer_id: float(len(tiers) - position) for position, tier in enumerate(tiers) for answer_id in tier
    }
    return dict(sorted(graded.items()))


_Key = tuple[str, str, str, str, int, int]


@dataclass
class _Table:
    """Rankings as they grow row by row, and what is wrong with the rows."""

    path: Path
    scale: Scale
    readable: bool = True
    n_problems: int = 0
    problems: list[Problem] = field(default_factory=list)
    rankings: dict[_Key, dict[str, Entry]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)

    def note(self, line: int | None, column: str, message: str) -> None:
        self.n_problems += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(self.path, line, column, message))

    def all_problems(self) -> list[Problem]:
        more = self.n_problems - len(self.problems)
        rest = [Problem(self.path, None, "", f"and {more:,} more problems")] if more else []
        return [*self.problems, *rest]

    def check_columns(self, columns: Columns) -> None:
        for name in columns.names:
            if columns.names.count(name) > 1 and name not in self.named:
                self.note(columns.line, name, "this column stands twice; keep one")
                self.readable = False
            elif name not in KNOWN and name not in self.named:
                near = suggestion(name, KNOWN)
                self.note(columns.line, name, f"unknown column{near}")
            self.named.add(name)
        # JSON lines name their columns bit by bit: there, each row is asked for what it lacks
        missing = [name for name in REQUIRED if name not in columns.names]
        if missing and self.path.suffix.lower() not in (".jsonl", ".ndjson"):
            self.readable = False
            for name in missing:
                self.note(columns.line, name, f"this column is missing; needed are {listing(REQUIRED)}")

    def add(self, row: Row) -> None:
        entry = read_entry(row, self.scale)
        if isinstance(entry, list):
            for column, message in entry:
                self.note(row.line, column, message)
            return
        key = (
            entry.session,
            entry.annotator_id,
            entry.case_id,
            entry.rulebook_id,
            entry.phase,
            entry.repeat,
        )
        ranking = self.rankings.setdefault(key, {})
        twin = ranking.get(entry.answer_id)
        if twin is not None:
            words = f"'{entry.answer_id}' is graded twice in this ranking (first on line {twin.line})"
            self.note(entry.line, "answer_id", f"{words}; keep one, or number the repeats")
            return
        self._check_consistency(entry, list(ranking.values()))
        ranking[entry.answer_id] = entry

    def _check_consistency(self, entry: Entry, others: Sequence[Entry]) -> None:
        for column in ("language", "seconds", "simulated", "proposal", "lot", "probability"):
            here = getattr(entry, column)
            said = next((other for other in others if getattr(other, column) is not None), None)
            if here is not None and said is not None and getattr(said, column) != here:
                there = getattr(said, column)
                self.note(
                    entry.line, column, f"is {here}, but line {said.line} of the same ranking says {there}"
                )
        for column in ("slot", "proposal"):
            if others and (getattr(entry, column) is None) != (getattr(others[0], column) is None):
                words = "is given for some answers of this ranking only; give all or none"
                self.note(entry.line, column, words)
        twin = next((other for other in others if other.slot == entry.slot is not None), None)
        if twin is not None:
            self.note(entry.line, "slot", f"'{entry.slot}' already holds the answer on line {twin.line}")

    def verdict(self, ranking: dict[str, Entry]) -> RankedVerdict:
        entries = list(ranking.values())
        first = entries[0]
        cell = Cell(
            annotator_id=first.annotator_id,
            annotator_kind="person",
            case_id=first.case_id,
            rulebook_id=first.rulebook_id,
            language=_said(entry.language for entry in entries) or self.scale.case_set.languages[0],
            repeat=first.repeat,
            phase=first.phase,
            session=first.session,
            simulated=bool(_said(entry.simulated for entry in entries)),
        )
        order = [name for name in self.scale.answers[first.case_id] if name in ranking]
        return RankedVerdict(
            cell=cell,
            grades={answer_id: float(ranking[answer_id].grade) for answer_id in order},
            dimensions={name: ranking[name].dimensions for name in order if ranking[name].dimensions},
            presentation=_presentation(entries),
            seconds=_said(entry.seconds for entry in entries),
            proposal=joined((name, ranking[name].shown) for name in order),
            probability=_said(entry.probability for entry in entries),
        )


def _said(values: Iterable[T | None]) -> T | None:
    """The first value that the file gives."""
    return next((value for value in values if value is not None), None)


def _presentation(entries: Sequence[Entry]) -> Presentation | None:
    """Which graded answer stood in which slot, where the file says so."""
    placed = [(entry.slot, entry.answer_id) for entry in entries if entry.slot is not None]
    if len(placed) < 2 or len(placed) < len(entries):
        return None
    placed.sort(key=lambda pair: (len(pair[0]), pair[0]))
    return Presentation(order=tuple(name for _, name in placed), slots=tuple(slot for slot, _ in placed))
