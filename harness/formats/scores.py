"""`scores`: one number per answer; equal numbers are ties, and only the order is compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from harness.formats.assemble import dense
from harness.formats.base import Format, Graded, Imported, Place
from harness.formats.reading import (
    LANGUAGE_OPTION,
    Problems,
    language_option,
    number_option,
    option,
    read_number,
    truth_option,
)
from harness.formats.row_books import CaseBook, JudgeBook
from harness.formats.tables import (
    ABOUT_CASE,
    ABOUT_VOTE,
    ANSWER_COLUMNS,
    ANSWERS_TOO,
    CASE_COLUMNS,
    FAILED,
    FAILURES,
    VOTE_COLUMNS,
    Layout,
    Row,
    VoteFacts,
    add_answer,
    case_set_of,
    chained,
    failure_in,
    kept_cases,
    present,
    read_tables,
    text_notes,
    vote_facts,
)
from harness.load.near import listing
from harness.schema import FailureReason, Protocol

NAMED = ("case_id", "answer_id")
LAYOUT = Layout((*NAMED, "score", "annotator_id"), (*ABOUT_VOTE, *ABOUT_CASE, "text", "author"))

_Key = tuple[str, str, str | None, str, str, int]


@dataclass
class _Sheet:
    """What one annotator said about one case, answer by answer."""

    place: Place
    case_id: str
    facts: VoteFacts
    scores: dict[str, float] = field(default_factory=dict)
    failures: dict[str, FailureReason] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    text: str = ""


@dataclass
class _Reading:
    """What the rows have said so far."""

    book: CaseBook
    judges: JudgeBook
    sheets: dict[_Key, _Sheet] = field(default_factory=dict)

    def add(self, place: Place, row: Row) -> None:
        """Take in one row; what is wrong with it is noted."""
        problems = self.book.problems
        if not present(place, row, NAMED, problems):
            return
        number, failure = read_number(row["score"]), failure_in(row["score"])
        if number is None and failure is None:
            words = f"must be a number or a failure ({listing(FAILURES)}), found '{row['score'][:40]}'"
            problems.note(place, "score", words)
        facts = vote_facts(place, row, self.judges)
        if facts is None or (number is None and failure is None):
            return
        case_id, answer_id = add_answer(self.book, place, row)
        sheet = self._sheet(place, case_id, facts)
        first = sheet.places.setdefault(answer_id, place)
        if first is not place:
            words = f"'{row['answer_id']}' has a score at {first} already; keep one, or number the repeats"
            problems.note(place, "answer_id", words)
        elif number is not None:
            sheet.scores[answer_id] = number
        elif failure is not None:
            sheet.failures[answer_id] = failure
            sheet.text = sheet.text or facts.text

    def _sheet(self, place: Place, case_id: str, facts: VoteFacts) -> _Sheet:
        key = (
            facts.annotator_id,
            facts.kind,
            facts.session,
            case_id,
            f"{facts.rulebook_id} {facts.wording}",
            facts.repeat,
        )
        return self.sheets.setdefault(key, _Sheet(place, case_id, facts))


def read_scores(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read tables of scores; see FORMAT.

    Raises
    ------
    ImportFormatError
        Every problem of the tables, with its line.
    """
    problems = Problems()
    language = language_option(options)
    sign = -1.0 if truth_option(options, "lower_is_better", default=False) else 1.0
    tolerance = number_option(options, "tolerance", 0.0)
    protocol = cast("Protocol", option(options, "protocol", "pointwise", ("pointwise", "listwise")))
    reading = _Reading(CaseBook(language, problems), JudgeBook(problems))
    read_tables(paths, LAYOUT, reading.add, reading.book)
    cases = kept_cases(reading.book, paths)
    kept = [sheet for sheet in reading.sheets.values() if sheet.case_id not in set(reading.book.single())]
    judge_ids = {sheet.facts.annotator_id for sheet in reading.sheets.values() if sheet.facts.kind == "judge"}
    return Imported(
        case_set=case_set_of(paths, cases, language),
        cases=cases,
        judges=reading.judges.specs(dict.fromkeys(judge_ids, protocol)),
        graded=tuple(_graded(sheet, sign, tolerance) for sheet in kept),
        language=language,
        notes=chained(text_notes(reading.book), _notes(kept)),
    )


def _graded(sheet: _Sheet, sign: float, tolerance: float) -> Graded:
    """The order behind the scores; a sheet on which nothing can be read is a failure."""
    facts = sheet.facts
    scores = {answer_id: sign * score for answer_id, score in sheet.scores.items()}
    return Graded(
        place=sheet.place,
        case_id=sheet.case_id,
        annotator_id=facts.annotator_id,
        kind=facts.kind,
        grades=dense(scores, tolerance),
        failure=None if scores else next(iter(sheet.failures.values())),
        rulebook_id=facts.rulebook_id,
        wording=facts.wording,
        repeat=facts.repeat,
        text=sheet.text if not scores else "",
        seconds=facts.seconds,
        session=facts.session,
    )


def _notes(sheets: Sequence[_Sheet]) -> Iterator[str]:
    lost: dict[str, int] = {}
    for sheet in sheets:
        if sheet.scores:
            for reason in sheet.failures.values():
                lost[reason] = lost.get(reason, 0) + 1
    if lost:
        kinds = ", ".join(f"{reason} {count:,}" for reason, count in sorted(lost.items()))
        yield f"single scores are missing ({kinds}): those rankings are incomplete, the other answers count"


FORMAT = Format(
    name="scores",
    summary="one number per answer, from people, judges or metrics; equal numbers are ties",
    expects=f"tables of scores (CSV, JSON lines, Parquet), one row per answer; {ANSWERS_TOO}",
    read=read_scores,
    options={
        "language": LANGUAGE_OPTION,
        "lower_is_better": "true when the smallest number is the best answer, as with ranks (default false)",
        "tolerance": "neighbours that differ by no more than this are tied (default 0)",
        "protocol": (
            "how judges were asked: pointwise = each answer alone, listwise = all answers at once "
            "(default pointwise)"
        ),
    },
    columns={
        "case_id": "needed; name of the case",
        "answer_id": "needed; name of the answer",
        "score": f"needed; a number, higher = better, or how the verdict failed ({FAILED})",
        **VOTE_COLUMNS,
        **CASE_COLUMNS,
        **ANSWER_COLUMNS,
    },
    example="""
case_id,answer_id,score,annotator_id,annotator_kind,model_id
q1,gpt-4,8.5,judge-x,judge,gpt-4o
q1,claude,8.5,judge-x,judge,gpt-4o
q1,vicuna,unparsable,judge-x,judge,gpt-4o
q1,gpt-4,4,p01,person,
q1,claude,5,p01,person,
""",
)
