"""`pairwise`: two answers, who won, one row per vote; judges in one or both orders, people in any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from harness.formats.assemble import protocol_of
from harness.formats.base import Choice, Format, Imported, Place, Vote
from harness.formats.reading import LANGUAGE_OPTION, Problems, language_option, option
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
from harness.schema import FailureReason, Protocol

NAMED = ("case_id", "answer_a", "answer_b")
LAYOUT = Layout(
    (*NAMED, "winner", "annotator_id"),
    (*ABOUT_VOTE, *ABOUT_CASE, "shown_first", "text_a", "text_b", "author_a", "author_b"),
)
TIES = ("tie", "=", "draw", "equal")
PROTOCOLS = ("auto", "pairwise", "listwise")


@dataclass
class _Reading:
    """What the rows have said so far."""

    book: CaseBook
    judges: JudgeBook
    order: str
    votes: list[Vote] = field(default_factory=list)
    n_empty: int = 0

    def add(self, place: Place, row: Row) -> None:
        """Take in one row; what is wrong with it is noted."""
        problems = self.book.problems
        if not present(place, row, NAMED, problems):
            return
        if row["answer_a"] == row["answer_b"]:
            problems.note(place, "answer_b", f"'{row['answer_a']}' is compared with itself")
            return
        winner = self._winner(place, row)
        facts = vote_facts(place, row, self.judges)
        if facts is not None and winner:
            self.votes.append(self._vote(place, row, facts, winner))

    def _winner(self, place: Place, row: Row) -> str:
        """What `winner` says: a, b, tie, or a kind of failure; "" when it says nothing that is known."""
        told = row["winner"].lower()
        self.n_empty += not told
        if told in ("a", "b"):
            return told
        if told in TIES:
            return "tie"
        failure = failure_in(told)
        if failure is None:
            words = f"must be a, b, tie or a failure ({listing(FAILURES)}), found '{told[:40]}'"
            self.book.problems.note(place, "winner", words)
        return failure or ""

    def _vote(self, place: Place, row: Row, facts: VoteFacts, winner: str) -> Vote:
        case_id, (one, other) = self._answers(place, row)
        first = self._shown_first(place, row)
        shown = (other, one) if first == "b" else (one, other)
        choices: dict[str, Choice] = {"tie": "tie", first or "a": "first"}
        choice = choices.get(winner, "second") if winner in ("a", "b", "tie") else None
        return Vote(
            place=place,
            case_id=case_id,
            annotator_id=facts.annotator_id,
            kind=facts.kind,
            shown_first=shown[0],
            shown_second=shown[1],
            choice=choice,
            failure=None if choice else cast("FailureReason", winner),
            rulebook_id=facts.rulebook_id,
            wording=facts.wording,
            repeat=facts.repeat,
            text=facts.text,
            seconds=facts.seconds,
            session=facts.session,
            order_known=first is not None,
        )

    def _answers(self, place: Place, row: Row) -> tuple[str, list[str]]:
        """Id of the case, ids of the answers a and b."""
        case = row["case_id"]
        case_id = self.book.case(place, case, message=row.get("message", ""), title=row.get("title", ""))
        return case_id, [
            self.book.answer(
                place,
                case,
                row[f"answer_{side}"],
                text=row.get(f"text_{side}", ""),
                author=row.get(f"author_{side}", ""),
            )
            for side in ("a", "b")
        ]

    def _shown_first(self, place: Place, row: Row) -> str | None:
        """Which of the two was shown first: a, b, or None where nobody knows."""
        told = row.get("shown_first", "").lower()
        if told not in ("a", "b", ""):
            self.book.problems.note(place, "shown_first", f"must be a, b or empty, found '{told[:40]}'")
        if told:
            return told
        return None if "shown_first" in row or self.order == "unknown" else "a"


def read_pairwise(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read tables of votes between two answers; see FORMAT.

    Raises
    ------
    ImportFormatError
        Every problem of the tables, with its line.
    """
    problems = Problems()
    language = language_option(options)
    order = option(options, "order", "a_first", ("a_first", "unknown"))
    asked = option(options, "protocol", "auto", PROTOCOLS)
    reading = _Reading(CaseBook(language, problems), JudgeBook(problems), order)
    read_tables(paths, LAYOUT, reading.add, reading.book)
    cases = kept_cases(reading.book, paths)
    return Imported(
        case_set=case_set_of(paths, cases, language),
        cases=cases,
        judges=reading.judges.specs(_protocols(reading.votes, asked)),
        votes=tuple(reading.votes),
        language=language,
        notes=chained(text_notes(reading.book), _notes(reading)),
    )


def _protocols(votes: Sequence[Vote], asked: str) -> dict[str, Protocol]:
    by_judge: dict[str, list[Vote]] = {}
    for vote in votes:
        if vote.kind == "judge":
            by_judge.setdefault(vote.annotator_id, []).append(vote)
    return {
        judge_id: protocol_of(mine) if asked == "auto" else cast("Protocol", asked)
        for judge_id, mine in by_judge.items()
    }


def _notes(reading: _Reading) -> Iterator[str]:
    if reading.n_empty:
        yield f"{reading.n_empty:,} rows have no winner: counted as verdicts that could not be read"
    votes = Counter(
        (vote.annotator_id, vote.case_id, vote.repeat) for vote in reading.votes if vote.kind == "person"
    )
    n_several = sum(count > 1 for count in votes.values())
    if n_several:
        yield (
            f"{n_several:,} times a person voted on several pairs of one case: where these are all pairs of "
            "the answers that they name, they count as one ranking, elsewhere only the first vote enters "
            "comparisons; make every pair a case of its own to use them all"
        )


FORMAT = Format(
    name="pairwise",
    summary="votes between two answers: winner, tie or failure, one row per vote",
    expects=f"tables of votes (CSV, JSON lines, Parquet); {ANSWERS_TOO}",
    read=read_pairwise,
    options={
        "language": LANGUAGE_OPTION,
        "order": (
            "what a table without the column shown_first means: a_first = answer_a was shown first, "
            "unknown = nobody knows (default a_first)"
        ),
        "protocol": (
            "of the judges: pairwise = all pairs of a case, both orders, are one verdict; listwise = every "
            "vote is one; auto = pairwise for judges that saw some pair in both orders (default auto)"
        ),
    },
    columns={
        "case_id": "needed; name of the case",
        "answer_a": "needed; name of one answer",
        "answer_b": "needed; name of the other",
        "winner": f"needed; a, b, tie, or how the verdict failed ({FAILED})",
        **VOTE_COLUMNS,
        "shown_first": "a or b: which of the two was shown first; empty = unknown; absent: see option order",
        **CASE_COLUMNS,
        "text_a": "text of answer_a; once for each answer is enough",
        "text_b": "text of answer_b",
        "author_a": "the model that wrote answer_a",
        "author_b": "the model that wrote answer_b",
    },
    example="""
case_id,answer_a,answer_b,winner,annotator_id,annotator_kind,shown_first
q1,gpt-4,claude,a,judge-x,judge,a
q1,gpt-4,claude,b,judge-x,judge,b
q1,gpt-4,claude,tie,p01,person,b
q2,gpt-4,claude,refused,judge-x,judge,a
""",
)
