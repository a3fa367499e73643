"""`pairwise`: two answers, who won, one row per vote; judges in one or both orders, people in any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast, get_args

from harness.formats.assemble import protocol_of
from harness.formats.base import Choice, Format, Imported, Place, Vote
from harness.formats.reading import LANGUAGE_OPTION, Problems, language_option, option
from harness.formats.row_books import CaseBook, JudgeBook
from harness.formats.tables import (
    ABOUT_CASE,
    ABOUT_VOTE,
    VoteFacts,
    case_set_of,
    kept_cases,
    read_tables,
    vote_facts,
)
from harness.schema import FailureReason, Protocol

REQUIRED = ("case_id", "answer_a", "answer_b", "winner", "annotator_id")
OPTIONAL = (*ABOUT_VOTE, *ABOUT_CASE, "shown_first", "text_a", "text_b", "author_a", "author_b")
WINNERS: Mapping[str, str] = {
    "a": "a",
    "b": "b",
    **dict.fromkeys(("tie", "=", "draw", "equal"), "tie"),
}
PROTOCOLS = ("auto", "pairwise", "listwise")


@dataclass
class _Reading:
    """What the rows have said so far."""

    cases: CaseBook
    judges: JudgeBook
    problems: Problems
    order: str
    votes: list[Vote] = field(default_factory=list)
    n_empty: int = 0

    def add(self, place: Place, row: Mapping[str, str]) -> None:
        """Take in one row."""
        case = row["case_id"]
        if not case or not row["answer_a"] or not row["answer_b"]:
            empty = next(name for name in ("case_id", "answer_a", "answer_b") if not row[name])
            self.problems.note(place, empty, "is empty; every row needs it")
            return
        if row["answer_a"] == row["answer_b"]:
            self.problems.note(place, "answer_b", f"'{row['answer_a']}' is compared with itself")
            return
        facts = vote_facts(place, row, self.judges, self.problems)
        choice = self._choice(place, row)
        if facts is not None and choice is not None:
            self.votes.append(self._vote(place, row, facts, choice))

    def _choice(self, place: Place, row: Mapping[str, str]) -> str | None:
        """What `winner` says: a, b, tie, or a kind of failure."""
        told = row["winner"].lower()
        if not told:
            self.n_empty += 1
            return "unparsable"
        if told in WINNERS:
            return WINNERS[told]
        if told in get_args(FailureReason):
            return told
        kinds = ", ".join(get_args(FailureReason))
        self.problems.note(place, "winner", f"must be a, b, tie or a failure ({kinds}), found '{told[:40]}'")
        return None

    def _vote(self, place: Place, row: Mapping[str, str], facts: VoteFacts, choice: str) -> Vote:
        case_id = self.cases.case(
            place, row["case_id"], message=row.get("message", ""), title=row.get("title", "")
        )
        names = [
            self.cases.answer(
                place,
                row["case_id"],
                row[f"answer_{side}"],
                text=row.get(f"text_{side}", ""),
                author=row.get(f"author_{side}", ""),
            )
            for side in ("a", "b")
        ]
        first = self._shown_first(place, row)
        if first == "b":
            names.reverse()
        chosen: Choice | None = None
        if choice in ("a", "b", "tie"):
            chosen = "tie" if choice == "tie" else "first" if choice == (first or "a") else "second"
        return Vote(
            place=place,
            case_id=case_id,
            annotator_id=facts.annotator_id,
            kind=facts.kind,
            shown_first=names[0],
            shown_second=names[1],
            choice=chosen,
            failure=None if chosen else cast("FailureReason", choice),
            rulebook_id=facts.rulebook_id,
            wording=facts.wording,
            repeat=facts.repeat,
            text=facts.text,
            seconds=facts.seconds,
            session=facts.session,
            order_known=first is not None,
        )

    def _shown_first(self, place: Place, row: Mapping[str, str]) -> str | None:
        """Which of the two was shown first: a, b, or None where nobody knows."""
        told = row.get("shown_first", "").lower()
        if told in ("a", "b"):
            return told
        if told:
            self.problems.note(place, "shown_first", f"must be a, b or empty, found '{told[:40]}'")
        if "shown_first" in row or self.order == "unknown":
            return None
        return "a"


def read_pairwise(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read tables of votes between two answers; see FORMAT."""
    problems = Problems()
    language = language_option(options)
    order = option(options, "order", "a_first", ("a_first", "unknown"))
    asked = option(options, "protocol", "auto", PROTOCOLS)
    reading = _Reading(CaseBook(language, problems), JudgeBook(problems), problems, order)
    read_tables(paths, (REQUIRED, OPTIONAL), reading.add, problems)
    problems.raise_any()
    cases = kept_cases(reading.cases)
    return Imported(
        case_set=case_set_of("pairwise", paths, cases, language),
        cases=cases,
        judges=reading.judges.specs(_protocols(reading.votes, asked)),
        votes=tuple(reading.votes),
        language=language,
        notes=_notes(reading),
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


def _notes(reading: _Reading) -> tuple[str, ...]:
    notes = []
    if reading.n_empty:
        notes.append(f"{reading.n_empty:,} rows have no winner: counted as verdicts that could not be read")
    pairs = Counter(
        (vote.annotator_id, vote.case_id, vote.repeat) for vote in reading.votes if vote.kind == "person"
    )
    n_several = sum(count > 1 for count in pairs.values())
    if n_several:
        notes.append(
            f"{n_several:,} times a person voted on several pairs of one case: where these are all pairs of "
            "the answers they name, they are read as one ranking, elsewhere only the first vote enters "
            "comparisons of rankings; make every pair a case of its own to use them all"
        )
    return tuple(notes)


FORMAT = Format(
    name="pairwise",
    summary="votes between two answers, one row per vote: winner, tie or failure",
    expects="one table or more (CSV, JSON lines or Parquet), one row per vote",
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
    example="""
case_id,answer_a,answer_b,winner,annotator_id,annotator_kind,shown_first
q1,gpt-4,claude,a,judge-x,judge,a
q1,gpt-4,claude,b,judge-x,judge,b
q1,gpt-4,claude,tie,p01,person,b
q2,gpt-4,claude,refused,judge-x,judge,a
""",
)
