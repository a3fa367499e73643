"""`long`: our own table, one row per grade (docs/people.md), with judges and texts where there are any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from harness.formats.base import Format, Graded, Imported, Place
from harness.formats.reading import (
    LANGUAGE_OPTION,
    Problems,
    language_option,
    option,
    read_number,
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
    whole_number,
)
from harness.load.entries import DRAWN
from harness.load.near import listing
from harness.load.proposals import PROPOSAL_COLUMNS, Shown, joined, refusal
from harness.schema import DIMENSIONS, LANGUAGES, MAX_ANSWERS, Dimension, FailureReason, Language, Protocol

NAMED = ("case_id", "answer_id")
LAYOUT = Layout(
    (*NAMED, "annotator_id", "grade"),
    (
        *(*ABOUT_VOTE, *ABOUT_CASE, *DIMENSIONS, "phase", "language", "slot", "simulated", "text", "author"),
        DRAWN,
        *PROPOSAL_COLUMNS,
    ),
)
DEFAULT_RULEBOOK = "hhh"
_TRUTHS = {"": False, "true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}

_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Extra:
    """Columns that only this table has."""

    phase: int
    language: Language | None
    simulated: bool
    probability: float | None


@dataclass(slots=True)
class _Ranking:
    """What one annotator said about one case, answer by answer."""

    place: Place
    case_id: str
    facts: VoteFacts
    extra: _Extra
    grades: dict[str, float] = field(default_factory=dict)
    failures: dict[str, FailureReason] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    slots: dict[str, str] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=dict)
    dimensions: dict[str, dict[Dimension, int]] = field(default_factory=dict)


@dataclass
class _Reading:
    """What the rows have said so far."""

    book: CaseBook
    judges: JudgeBook
    rulebook_id: str
    rankings: dict[_Key, _Ranking] = field(default_factory=dict)

    def add(self, place: Place, row: Row) -> None:
        """Take in one row; what is wrong with it is noted."""
        problems = self.book.problems
        if not present(place, row, NAMED, problems):
            return
        before = problems.n_found
        number, failure = read_number(row["grade"]), failure_in(row["grade"])
        if number is None and failure is None:
            words = f"must be a number or a failure ({listing(FAILURES)}), found '{row['grade'][:40]}'"
            problems.note(place, "grade", words)
        facts = vote_facts(place, row, self.judges, self.rulebook_id)
        extra = self._extra(place, row)
        dimensions = self._dimensions(place, row)
        shown = self._shown(place, row)
        if facts is None or problems.n_found != before:
            return
        case_id, answer_id = add_answer(self.book, place, row)
        ranking = self._ranking(place, case_id, facts, extra)
        first = ranking.places.setdefault(answer_id, place)
        if first is not place:
            words = f"'{row['answer_id']}' is graded twice in this ranking (first at {first})"
            problems.note(place, "answer_id", f"{words}; keep one, or number the repeats")
            return
        self._put(ranking, answer_id, number if number is not None else failure)
        self._place(place, row, ranking, answer_id)
        if dimensions:
            ranking.dimensions[answer_id] = dimensions
        if shown is not None:
            ranking.shown[answer_id] = shown

    def _put(self, ranking: _Ranking, answer_id: str, said: float | FailureReason | None) -> None:
        if isinstance(said, float):
            ranking.grades[answer_id] = said
        elif said is not None:
            ranking.failures[answer_id] = said

    def _place(self, place: Place, row: Row, ranking: _Ranking, answer_id: str) -> None:
        slot = row.get("slot", "")
        if not slot:
            return
        if slot in ranking.slots.values():
            self.book.problems.note(place, "slot", f"'{slot}' holds another answer of this ranking already")
        ranking.slots[answer_id] = slot

    def _shown(self, place: Place, row: Row) -> Shown | None:
        wrong = refusal(row)
        if wrong is not None:
            self.book.problems.note(place, *wrong)
        source = row.get("proposal", "")
        if wrong is not None or not source:
            return None
        proposed = row.get("proposed_grade", "")
        grade = whole_number(place, row, "proposed_grade", (1, 1), self.book.problems) if proposed else None
        return Shown(source, grade, row.get("lot") or None)

    def _ranking(self, place: Place, case_id: str, facts: VoteFacts, extra: _Extra) -> _Ranking:
        who = (facts.annotator_id, facts.kind, facts.session)
        key = (*who, case_id, facts.rulebook_id, facts.wording, facts.repeat, extra.phase, extra.language)
        return self.rankings.setdefault(key, _Ranking(place, case_id, facts, extra))

    def _extra(self, place: Place, row: Row) -> _Extra:
        problems = self.book.problems
        language = row.get("language", "").lower()
        if language and language not in LANGUAGES:
            problems.note(place, "language", f"must be one of {listing(LANGUAGES)}, found '{language[:40]}'")
        simulated = row.get("simulated", "").lower()
        if simulated not in _TRUTHS:
            problems.note(place, "simulated", f"must be true or false, found '{simulated[:40]}'")
        phase = whole_number(place, row, "phase", (1, 1), problems)
        chance = read_number(row.get(DRAWN, ""))
        if row.get(DRAWN) and (chance is None or not 0.0 < chance <= 1.0):
            problems.note(place, DRAWN, f"must be above 0 and at most 1, found '{row[DRAWN][:40]}'")
        told = cast("Language", language) if language else None
        return _Extra(phase, told, _TRUTHS.get(simulated, False), chance)

    def _dimensions(self, place: Place, row: Row) -> dict[Dimension, int]:
        named = [name for name in DIMENSIONS if row.get(name)]
        return {name: whole_number(place, row, name, (1, 1), self.book.problems) for name in named}


def read_long(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read our long tables; see FORMAT.

    Raises
    ------
    ImportFormatError
        Every problem of the tables, with its line.
    """
    problems = Problems()
    language = language_option(options)
    protocol = cast("Protocol", option(options, "protocol", "listwise", ("listwise", "pointwise")))
    rulebook_id = option(options, "rulebook", DEFAULT_RULEBOOK)
    reading = _Reading(CaseBook(language, problems), JudgeBook(problems), rulebook_id)
    read_tables(paths, LAYOUT, reading.add, reading.book)
    cases = kept_cases(reading.book, paths)
    single = set(reading.book.single())
    kept = [ranking for ranking in reading.rankings.values() if ranking.case_id not in single]
    judge_ids = {one.facts.annotator_id for one in reading.rankings.values() if one.facts.kind == "judge"}
    languages = tuple(dict.fromkeys([language, *(one.extra.language or language for one in kept)]))
    case_set = case_set_of(paths, cases, language, _n_grades(kept))
    return Imported(
        case_set=case_set.model_copy(update={"languages": languages}),
        cases=cases,
        judges=reading.judges.specs(dict.fromkeys(judge_ids, protocol)),
        graded=tuple(_graded(ranking) for ranking in kept),
        language=language,
        notes=chained(text_notes(reading.book), _notes(kept)),
    )


def _n_grades(rankings: Sequence[_Ranking]) -> int:
    """The scale: the highest grade, where all are whole numbers from 1 on; else 0 (unknown)."""
    found = {grade for ranking in rankings for grade in ranking.grades.values()}
    is_scale = found and all(grade == int(grade) and 1 <= grade <= MAX_ANSWERS for grade in found)
    return int(max(found)) if is_scale else 0


def _graded(ranking: _Ranking) -> Graded:
    facts, extra = ranking.facts, ranking.extra
    complete = len(ranking.slots) == len(ranking.places)
    order = sorted(ranking.slots, key=lambda name: (len(ranking.slots[name]), ranking.slots[name]))
    return Graded(
        place=ranking.place,
        case_id=ranking.case_id,
        annotator_id=facts.annotator_id,
        kind=facts.kind,
        grades=ranking.grades,
        failure=None if ranking.grades else next(iter(ranking.failures.values())),
        rulebook_id=facts.rulebook_id,
        wording=facts.wording,
        repeat=facts.repeat,
        shown=tuple(order) if complete and len(order) > 1 else (),
        dimensions=ranking.dimensions,
        text=facts.text,
        seconds=facts.seconds,
        session=facts.session,
        phase=extra.phase,
        language=extra.language,
        simulated=extra.simulated,
        probability=extra.probability,
        proposal=joined((name, ranking.shown.get(name)) for name in ranking.grades),
    )


def _notes(rankings: Sequence[_Ranking]) -> Iterator[str]:
    n_partly = sum(bool(ranking.grades and ranking.failures) for ranking in rankings)
    if n_partly:
        yield f"{n_partly:,} rankings lack single grades: they are incomplete, the other answers count"
    n_unplaced = sum(0 < len(ranking.slots) < len(ranking.places) for ranking in rankings)
    if n_unplaced:
        yield f"{n_unplaced:,} rankings give a slot for some answers only: their order is taken as unknown"


FORMAT = Format(
    name="long",
    summary="our own table, one row per grade: people as in docs/people.md, and judges",
    expects=f"tables of grades (CSV, JSON lines, Parquet), one row per grade; {ANSWERS_TOO}",
    read=read_long,
    options={
        "language": LANGUAGE_OPTION,
        "rulebook": "what an empty or absent rulebook_id means (default hhh, as in docs/people.md)",
        "protocol": (
            "how judges were asked: listwise = all answers at once, pointwise = each alone (default listwise)"
        ),
    },
    columns={
        "case_id": "needed; name of the case",
        "answer_id": "needed; name of the answer",
        "grade": f"needed; a number, 1 = worst, or how the verdict failed ({FAILED})",
        **VOTE_COLUMNS,
        "rulebook_id": "the rules that were given; when empty or absent, see option rulebook",
        "phase": "people: 1 (when empty or absent) = first vote, alone; only that one is compared",
        "language": "language version that was read: fr or en",
        "slot": "where the answer stood on the page: A, B, ...",
        "helpful": "grade for this alone, 1 = worst; honest and harmless likewise",
        "honest": "see helpful",
        "harmless": "see helpful",
        "simulated": "true for invented annotators",
        "proposal": "which judge's grades a person was shown before: none (by lot), or JUDGE/RULEBOOK",
        "proposed_grade": "the grade that was proposed for this answer; empty where none was shown",
        "lot": "who was dealt an arm together with whom",
        DRAWN: "with which harness next drew the case for this person, above 0 and at most 1",
        **CASE_COLUMNS,
        **ANSWER_COLUMNS,
    },
    example="""
session,annotator_id,case_id,answer_id,grade,annotator_kind,model_id
monday,p01,poem,poem-a,2,person,
monday,p01,poem,poem-b,4,person,
monday,p01,poem,poem-c,2,person,
,judge-x,poem,poem-a,1,judge,openai/gpt-4o
,judge-x,poem,poem-b,3,judge,openai/gpt-4o
,judge-x,poem,poem-c,2,judge,openai/gpt-4o
""",
)
