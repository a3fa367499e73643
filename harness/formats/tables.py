"""What our four own tables share: columns about a vote and a case, and a table of the answers' texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import cast, get_args

from harness.formats.base import Place
from harness.formats.reading import (
    Problems,
    clean_text,
    columns_fit,
    existing,
    fail,
    json_lines,
    read_number,
    slug,
    table_rows,
)
from harness.formats.row_books import CaseBook, JudgeBook, SetFacts, imported_case_set
from harness.load.rows import Columns, read_rows
from harness.schema import WORDINGS, AnnotatorKind, Case, CaseSet, FailureReason, Language, Wording

ABOUT_VOTE = (
    *("annotator_kind", "model_id", "rulebook_id", "wording", "repeat", "reason", "seconds", "session"),
)
ABOUT_CASE = ("message", "title")
ANSWER_TABLE = (("case_id", "answer_id"), ("text", "author", *ABOUT_CASE))
"""Columns that a table of answers needs and may have."""
ANSWERS_TOO = "a table without annotator_id holds the answers: case_id, answer_id, text, author, message"
NO_RULEBOOK = "none"
FAILURES: tuple[FailureReason, ...] = get_args(FailureReason)
_MOST = 1_000_000
_NESTED_SUFFIXES = (".jsonl", ".ndjson")

VOTE_COLUMNS: Mapping[str, str] = {
    "annotator_id": "needed; a judge's name, or a person's pseudonym",
    "annotator_kind": "judge, person (when empty or absent) or key (a gold label, one person's reading)",
    "model_id": "the model behind a judge; when empty, the judge's name",
    "rulebook_id": "the rules that were given, as a short id; none when empty or absent",
    "wording": "base (when empty or absent) or paraphrase",
    "repeat": "0 (when empty or absent), 1, ... when the same was asked again",
    "reason": "what the annotator wrote",
    "seconds": "people: time taken",
    "session": "people: when and where they voted; the same name in two sessions is two people",
}
CASE_COLUMNS: Mapping[str, str] = {
    "message": "what the user wrote; once for each case is enough",
    "title": "a short name of the case; the case_id when empty or absent",
}
ANSWER_COLUMNS: Mapping[str, str] = {
    "text": "the answer itself; once for each answer is enough",
    "author": "the model that wrote it",
}
FAILED = "refused, filtered, truncated, unparsable, inverted, exhausted or rejected; empty = unparsable"

Row = Mapping[str, str]


@dataclass(frozen=True)
class VoteFacts:
    """Who said something, under which rules, which time."""

    annotator_id: str
    kind: AnnotatorKind
    rulebook_id: str
    wording: Wording
    repeat: int
    text: str
    seconds: float | None
    session: str | None


@dataclass(frozen=True)
class Layout:
    """The columns of a table of votes; `nested` may hold lists in JSON lines, and arrive as JSON text."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    nested: tuple[str, ...] = ()


def read_tables(
    paths: Sequence[Path], layout: Layout, add: Callable[[Place, Row], None], book: CaseBook
) -> None:
    """Hand every row of every table of votes to `add`; tables of answers go into the book, first of all.

    Problems are gathered; a table without rows is one.
    """
    if not paths:
        fail(Place(Path()), "", "name a table to read")
    answers = {path for path in paths if _holds_answers(existing(path))}
    if len(answers) == len(set(paths)):
        fail(Place(paths[0]), "", "holds answers and no votes: there is no column annotator_id")
    for path in paths:
        if path in answers:
            _read(path, Layout(*ANSWER_TABLE), _answer_reader(book), book.problems)
    for path in paths:
        if path not in answers:
            _read(path, layout, add, book.problems)


def _holds_answers(path: Path) -> bool:
    """Whether a table has answers and nobody who says anything about them."""
    first = next((piece for piece in read_rows(path) if isinstance(piece, Columns)), None)
    names = set(first.names) if first is not None else set()
    return {"case_id", "answer_id"} <= names and "annotator_id" not in names


def _answer_reader(book: CaseBook) -> Callable[[Place, Row], None]:
    def add(place: Place, row: Row) -> None:
        if present(place, row, ANSWER_TABLE[0], book.problems):
            add_answer(book, place, row)

    return add


def add_answer(book: CaseBook, place: Place, row: Row) -> tuple[str, str]:
    """Take in what a row says about a case and one of its answers; gives the ids of both."""
    case_id = book.case(place, row["case_id"], message=row.get("message", ""), title=row.get("title", ""))
    answer_id = book.answer(
        place,
        row["case_id"],
        row["answer_id"],
        text=row.get("text", ""),
        author=row.get("author", ""),
    )
    return case_id, answer_id


def _read(path: Path, layout: Layout, add: Callable[[Place, Row], None], problems: Problems) -> None:
    n_rows = 0
    before = problems.n_found
    for place, row in _rows(path, layout, problems):
        n_rows += 1
        add(place, row)
    if not n_rows and problems.n_found == before:
        problems.note(Place(path), "", "holds no rows: there is a header and nothing beneath it")


def _rows(path: Path, layout: Layout, problems: Problems) -> Iterator[tuple[Place, Row]]:
    if not layout.nested or path.suffix.lower() not in _NESTED_SUFFIXES:
        yield from table_rows(path, problems, layout.required, layout.optional)
        return
    known: set[str] = set()
    for place, record in json_lines(path):
        names = tuple(name for name in record if name not in known)
        known.update(names)
        columns = Columns(place.line or 1, names)
        if names and not columns_fit(path, columns, problems, (layout.required, layout.optional)):
            return
        row = _flat(place, record, layout, problems)
        if row is not None:
            yield place, row


def _flat(place: Place, record: Mapping[str, object], layout: Layout, problems: Problems) -> Row | None:
    """A JSON object as a row of texts; lists stay JSON where they may stand."""
    missing = [name for name in layout.required if name not in record]
    wrong = [
        name
        for name, value in record.items()
        if isinstance(value, dict) or (isinstance(value, list) and name not in layout.nested)
    ]
    for name in missing:
        problems.note(place, name, "is missing in this row")
    for name in wrong:
        problems.note(place, name, "must be a single value")
    return None if missing or wrong else {name: _text(value) for name, value in record.items()}


def _text(value: object) -> str:
    if isinstance(value, list):
        return json.dumps(value)
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else clean_text(str(value).strip())


def present(place: Place, row: Row, columns: Sequence[str], problems: Problems) -> bool:
    """Whether these columns hold something; each empty one is a problem."""
    empty = [name for name in columns if not row[name]]
    for name in empty:
        problems.note(place, name, "is empty; every row needs it")
    return not empty


def vote_facts(place: Place, row: Row, judges: JudgeBook, rulebook_id: str = NO_RULEBOOK) -> VoteFacts | None:
    """The columns about a vote, with what an empty or absent one means; None when one is wrong."""
    problems = judges.problems
    before = problems.n_found
    kind = _kind(place, row, problems)
    wording = row.get("wording", "").lower() or "base"
    if wording not in WORDINGS:
        problems.note(place, "wording", f"must be base or paraphrase, found '{wording[:40]}'")
    rulebook = row.get("rulebook_id", "") or rulebook_id
    if slug(rulebook) != rulebook or len(rulebook) > 64:
        problems.note(place, "rulebook_id", f"must be an id like strict-rules, found '{rulebook[:40]}'")
    repeat = whole_number(place, row, "repeat", (0, 0), problems)
    seconds = _seconds(place, row, problems)
    if not present(place, row, ("annotator_id",), problems) or problems.n_found != before:
        return None
    name = row["annotator_id"]
    return VoteFacts(
        annotator_id=judges.judge(place, name, row.get("model_id", "")) if kind == "judge" else name,
        kind=kind,
        rulebook_id=rulebook,
        wording=cast("Wording", wording),
        repeat=repeat,
        text=row.get("reason", ""),
        seconds=seconds,
        session=row.get("session") or None,
    )


def _kind(place: Place, row: Row, problems: Problems) -> AnnotatorKind:
    kind = row.get("annotator_kind", "").lower() or "person"
    if kind not in get_args(AnnotatorKind):
        problems.note(place, "annotator_kind", f"must be judge, person or key, found '{kind[:40]}'")
    if row.get("model_id") and kind != "judge":
        problems.note(place, "model_id", f"is for judges; this row is of a {kind[:40]}")
    return cast("AnnotatorKind", kind)


def failure_in(text: str) -> FailureReason | None:
    """The kind of failure that stands where a verdict should: its name, or nothing at all."""
    told = text.lower()
    return next((reason for reason in FAILURES if told == reason), None if told else "unparsable")


def whole_number(
    place: Place, row: Row, column: str, default_and_least: tuple[int, int], problems: Problems
) -> int:
    """A whole number; the default where the column is empty or absent."""
    default, least = default_and_least
    text = row.get(column, "")
    if not text:
        return default
    number = read_number(text)
    if number is None or number != int(number) or not least <= number <= _MOST:
        problems.note(place, column, f"must be a whole number of {least} or more, found '{text[:40]}'")
        return default
    return int(number)


def _seconds(place: Place, row: Row, problems: Problems) -> float | None:
    text = row.get("seconds", "")
    number = read_number(text) if text else None
    if text and (number is None or number < 0):
        problems.note(place, "seconds", f"must be a number of 0 or more, found '{text[:40]}'")
    return number


def kept_cases(book: CaseBook, paths: Sequence[Path]) -> tuple[Case, ...]:
    """The cases of a book; raises ImportFormatError with what was found, or when none has two answers."""
    book.problems.raise_any()
    cases = book.cases()
    if not cases:
        fail(Place(paths[0]), "", "no case has two answers: there is nothing to compare")
    return cases


def text_notes(book: CaseBook) -> Iterator[str]:
    """What a book had to leave out or do without, one sentence each."""
    single = book.single()
    if single:
        yield f"{len(single):,} cases have one answer only: left out ({', '.join(single[:3])} …)"
    n_without, n_answers = book.n_without_text()
    if n_without:
        yield f"{n_without:,} of {n_answers:,} answers have no text: nothing can be said about length"


def case_set_of(
    paths: Sequence[Path], cases: Sequence[Case], language: Language, n_grades: int = 0
) -> CaseSet:
    """The case set of a table: named after its first file."""
    name = slug(paths[0].stem)[:64] or "table"
    longest = max(len(case.answers) for case in cases)
    facts = SetFacts(language, max(longest, n_grades), f"{len(cases)} cases from a table")
    return imported_case_set(name, paths[0].stem, [case.case_id for case in cases], facts)


def chained(*notes: Iterator[str]) -> tuple[str, ...]:
    """Notes of several kinds, one after the other."""
    return tuple(chain(*notes))
