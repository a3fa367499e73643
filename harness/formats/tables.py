"""What our four own tables share: columns about a vote and about a case, and the case set at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from harness.formats.base import Place
from harness.formats.importing import SetFacts, imported_case_set
from harness.formats.reading import Problems, existing, fail, read_number, slug, table_rows
from harness.formats.row_books import CaseBook, JudgeBook
from harness.schema import WORDINGS, AnnotatorKind, Case, CaseSet, Language, Wording

ABOUT_VOTE = (
    *("annotator_kind", "model_id", "rulebook_id", "wording", "repeat", "reason", "seconds", "session"),
)
ABOUT_CASE = ("message", "title")
NO_RULEBOOK = "none"
_MOST = 1_000_000


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


def read_tables(
    paths: Sequence[Path],
    columns: tuple[Sequence[str], Sequence[str]],
    add: Callable[[Place, Mapping[str, str]], None],
    problems: Problems,
) -> None:
    """Hand every row of every table to `add`; problems are gathered, and a table without rows is one."""
    if not paths:
        fail(Place(Path()), "", "name a table to read")
    for path in paths:
        n_rows = 0
        before = problems.n_found
        for place, row in table_rows(existing(path), problems, *columns):
            n_rows += 1
            add(place, row)
        if not n_rows and problems.n_found == before:
            problems.note(Place(path), "", "holds no votes: there is a header and nothing beneath it")


def vote_facts(
    place: Place, row: Mapping[str, str], judges: JudgeBook, problems: Problems
) -> VoteFacts | None:
    """The columns about a vote, with what an empty or absent one means; None when one is wrong."""
    before = problems.n_found
    kind = row.get("annotator_kind", "").lower() or "person"
    if kind not in get_args(AnnotatorKind):
        problems.note(place, "annotator_kind", f"must be judge, person or key, found '{kind[:40]}'")
    wording = row.get("wording", "").lower() or "base"
    if wording not in WORDINGS:
        problems.note(place, "wording", f"must be base or paraphrase, found '{wording[:40]}'")
    name = row["annotator_id"]
    if not name:
        problems.note(place, "annotator_id", "is empty; every row needs it")
    rulebook = row.get("rulebook_id", "") or NO_RULEBOOK
    if slug(rulebook) != rulebook or len(rulebook) > 64:
        problems.note(place, "rulebook_id", f"must be an id like strict-rules, found '{rulebook[:40]}'")
    repeat = whole_number(place, row, "repeat", (0, 0), problems)
    seconds = _seconds(place, row, problems)
    if problems.n_found != before:
        return None
    if kind == "judge":
        name = judges.judge(place, name, row.get("model_id", ""))
    return VoteFacts(
        annotator_id=name,
        kind=cast("AnnotatorKind", kind),
        rulebook_id=rulebook,
        wording=cast("Wording", wording),
        repeat=repeat,
        text=row.get("reason", ""),
        seconds=seconds,
        session=row.get("session") or None,
    )


def whole_number(
    place: Place, row: Mapping[str, str], column: str, default_and_least: tuple[int, int], problems: Problems
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


def _seconds(place: Place, row: Mapping[str, str], problems: Problems) -> float | None:
    text = row.get("seconds", "")
    number = read_number(text) if text else None
    if text and (number is None or number < 0):
        problems.note(place, "seconds", f"must be a number of 0 or more, found '{text[:40]}'")
    return number


def kept_cases(book: CaseBook) -> tuple[Case, ...]:
    """The cases of a book; raises ImportFormatError when there is none with two answers."""
    book.problems.raise_any()
    cases = book.cases()
    if not cases:
        fail(Place(Path("import")), "", "no case has two answers: there is nothing to compare")
    return cases


def case_set_of(kind: str, paths: Sequence[Path], cases: Sequence[Case], language: Language) -> CaseSet:
    """The case set of a table: named after its first file."""
    name = slug(paths[0].stem)[:64] or kind
    facts = SetFacts(language, max(len(case.answers) for case in cases), f"{len(cases)} cases from a table")
    return imported_case_set(name, paths[0].stem, [case.case_id for case in cases], facts)
