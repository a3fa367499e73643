"""`rankings`: `A=D>C>B`, best first, `=` for ties; or lists of tiers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.formats.base import Format, Graded, Imported, Place
from harness.formats.reading import LANGUAGE_OPTION, Problems, clean_text, language_option
from harness.formats.row_books import CaseBook, JudgeBook
from harness.formats.tables import (
    ABOUT_CASE,
    ABOUT_VOTE,
    ANSWERS_TOO,
    CASE_COLUMNS,
    FAILED,
    FAILURES,
    VOTE_COLUMNS,
    Layout,
    Row,
    VoteFacts,
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
from harness.schema import FailureReason

LAYOUT = Layout(
    ("case_id", "ranking", "annotator_id"), (*ABOUT_VOTE, *ABOUT_CASE, "shown"), nested=("ranking", "shown")
)

Tiers = tuple[tuple[str, ...], ...]


class _UnreadableError(ValueError):
    """What is wrong with the text of a ranking, in words."""


def parse_ranking(text: str) -> Tiers:
    """The tiers of a ranking, best first.

    `A=D>C>B`, or JSON: `[["A", "D"], "C", ["B"]]`, where a bare name is a tier of its own. Names that hold
    `=` or `>` need JSON.

    Raises
    ------
    ValueError
        It is no ranking; the message says why.
    """
    tiers = _json_tiers(text) if text.startswith("[") else _written_tiers(text)
    names = [name for tier in tiers for name in tier]
    if len(set(names)) < len(names):
        twice, _ = Counter(names).most_common(1)[0]
        raise _UnreadableError(f"names '{twice}' twice")
    if not all(names) or not all(tiers) or not tiers:
        raise _UnreadableError("has an empty place: write A=D>C>B")
    return tiers


def _written_tiers(text: str) -> Tiers:
    if "<" in text:
        raise _UnreadableError("is written with '<': put the best answer first, as in A=D>C>B")
    return tuple(tuple(name.strip() for name in tier.split("=")) for tier in text.split(">"))


def _json_tiers(text: str) -> Tiers:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _UnreadableError(f"is no JSON list: {str(error).split(': line')[0]}") from error
    tiers = [tier if isinstance(tier, list) else [tier] for tier in content]
    if any(isinstance(name, dict | list) or name is None for tier in tiers for name in tier):
        raise _UnreadableError("must be a list of names, or of lists of names")
    return tuple(tuple(clean_text(str(name).strip()) for name in tier) for tier in tiers)


@dataclass
class _Reading:
    """What the rows have said so far."""

    book: CaseBook
    judges: JudgeBook
    graded: list[Graded] = field(default_factory=list)
    n_empty: int = 0

    def add(self, place: Place, row: Row) -> None:
        """Take in one row; what is wrong with it is noted."""
        problems = self.book.problems
        facts = vote_facts(place, row, self.judges)
        tiers, failure = self._said(place, row)
        shown = self._shown(place, row)
        if not present(place, row, ("case_id",), problems) or facts is None or not (tiers or failure):
            return
        self.graded.append(self._graded((place, row, facts), tiers, failure, shown))

    def _said(self, place: Place, row: Row) -> tuple[Tiers, FailureReason | None]:
        text = row["ranking"]
        failure = failure_in(text)
        if failure is not None:
            self.n_empty += not text
            return (), failure
        try:
            return parse_ranking(text), None
        except ValueError as error:
            words = f"{error}; or a failure ({listing(FAILURES)})" if ">" not in text else str(error)
            self.book.problems.note(place, "ranking", words)
            return (), None

    def _shown(self, place: Place, row: Row) -> tuple[str, ...]:
        """The names in the order in which they were shown, where the row says so."""
        text = row.get("shown", "")
        if not text:
            return ()
        try:
            tiers = parse_ranking(text if text.startswith("[") else text.replace(",", ">"))
        except ValueError as error:
            self.book.problems.note(place, "shown", f"{error}; write A,B,C,D in the order shown")
            return ()
        if any(len(tier) > 1 for tier in tiers):
            self.book.problems.note(place, "shown", "must be one name after the other: A,B,C,D")
        return tuple(name for tier in tiers for name in tier)

    def _graded(
        self,
        where: tuple[Place, Row, VoteFacts],
        tiers: Tiers,
        failure: FailureReason | None,
        shown: tuple[str, ...],
    ) -> Graded:
        place, row, facts = where
        case = row["case_id"]
        case_id = self.book.case(place, case, message=row.get("message", ""), title=row.get("title", ""))
        grades = {
            self.book.answer(place, case, name): float(len(tiers) - height)
            for height, tier in enumerate(tiers)
            for name in tier
        }
        return Graded(
            place=place,
            case_id=case_id,
            annotator_id=facts.annotator_id,
            kind=facts.kind,
            grades=grades,
            failure=failure,
            rulebook_id=facts.rulebook_id,
            wording=facts.wording,
            repeat=facts.repeat,
            shown=tuple(self.book.answer(place, case, name) for name in shown),
            text=facts.text,
            seconds=facts.seconds,
            session=facts.session,
        )


def read_rankings(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read tables of rankings; see FORMAT.

    Raises
    ------
    ImportFormatError
        Every problem of the tables, with its line.
    """
    problems = Problems()
    language = language_option(options)
    reading = _Reading(CaseBook(language, problems), JudgeBook(problems))
    read_tables(paths, LAYOUT, reading.add, reading.book)
    cases = kept_cases(reading.book, paths)
    single = set(reading.book.single())
    judge_ids = {one.annotator_id for one in reading.graded if one.kind == "judge"}
    return Imported(
        case_set=case_set_of(paths, cases, language),
        cases=cases,
        judges=reading.judges.specs(dict.fromkeys(judge_ids, "listwise")),
        graded=tuple(one for one in reading.graded if one.case_id not in single),
        language=language,
        notes=chained(text_notes(reading.book), _notes(reading, len(single))),
    )


def _notes(reading: _Reading, n_single: int) -> Iterator[str]:
    if reading.n_empty:
        yield f"{reading.n_empty:,} rows have no ranking: counted as verdicts that could not be read"
    if n_single:
        yield f"{n_single:,} cases were left out with the rankings on them"


FORMAT = Format(
    name="rankings",
    summary="whole rankings: A=D>C>B, best first, or lists of tiers",
    expects=f"tables of rankings (CSV, JSON lines, Parquet), one row per ranking; {ANSWERS_TOO}",
    read=read_rankings,
    options={"language": LANGUAGE_OPTION},
    columns={
        "case_id": "needed; name of the case",
        "ranking": f"needed; A=D>C>B, best first, or JSON lists; or how the verdict failed ({FAILED})",
        **VOTE_COLUMNS,
        "shown": "the names in the order in which they were shown: A,B,C,D or a JSON list",
        **CASE_COLUMNS,
    },
    example="""
case_id,ranking,annotator_id,annotator_kind,shown
q1,A=D>C>B,judge-x,judge,"A,B,C,D"
q1,D>A>C,p01,person,
q2,refused,judge-x,judge,"D,C,B,A"
q2,"[[""A"", ""D""], ""C""]",p01,person,
""",
)
