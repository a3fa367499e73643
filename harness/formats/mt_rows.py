"""Rows of MT-bench files, told apart by their fields and read into typed records; nothing is joined here."""

from __future__ import annotations

from dataclasses import dataclass

from harness.formats.base import Place
from harness.formats.dialogue import Dialogue, dialogue_in
from harness.formats.nested import (
    Fields,
    list_in,
    name_in,
    name_of,
    objects_in,
    optional_number,
    optional_text,
)
from harness.formats.reading import clean_text, fail


@dataclass(frozen=True)
class Asked:
    """What every judgment says: which question, which turn, who judged."""

    place: Place
    question: str
    turn: int
    judge: str
    template: str | None
    """FastChat writes its judges as [LLM, template]; None: the judge is a name."""


@dataclass(frozen=True)
class Games:
    """One pair judged in both orders: who won each game, by the system's name, and the judgments."""

    asked: Asked
    systems: tuple[str, str]
    winners: tuple[str | None, str | None]
    """A system, `tie`, or None where no winner could be read."""
    texts: tuple[str, str]


@dataclass(frozen=True)
class Ballot:
    """One pair, one vote: a person's, or a judge's after both orders were merged."""

    asked: Asked
    systems: tuple[str, str]
    winner: str
    """model_a, model_b, tie, tie (inconsistent), error."""
    dialogues: tuple[Dialogue, Dialogue]


@dataclass(frozen=True)
class Score:
    """One answer graded alone; None: no score could be read."""

    asked: Asked
    system: str
    score: float | None
    text: str


@dataclass(frozen=True)
class Question:
    """One line of question.jsonl."""

    question: str
    turns: tuple[str, ...]


@dataclass(frozen=True)
class Answered:
    """One line of model_answer/SYSTEM.jsonl."""

    question: str
    system: str
    turns: tuple[str, ...]


Row = Games | Ballot | Score | tuple[Score, Score] | Question | Answered

WINNERS = ("model_a", "model_b", "tie", "tie (inconsistent)", "error")


def read_row(place: Place, fields: Fields) -> Row:
    """The row, of whichever kind its fields say; raises ImportFormatError."""
    if "m1_score" in fields:
        return _graded_alone(place, fields)
    if "g1_winner" in fields:
        return _games(place, fields)
    if "winner" in fields:
        return _ballot(place, fields)
    if "score" in fields:
        text = optional_text(fields, "judgment", place) or ""
        system = name_in(fields, "model", place)
        return Score(_asked(place, fields), system, _score(fields, "score", place), text)
    return _text_row(place, fields)


def _text_row(place: Place, fields: Fields) -> Question | Answered:
    if "choices" in fields:
        choices = objects_in(fields, "choices", place)
        turns = _turns(choices[0], place) if choices else ()
        return Answered(name_in(fields, "question_id", place), name_in(fields, "model_id", place), turns)
    if "turns" not in fields:
        known = "g1_winner, winner or score (a judgment), choices (an answer), turns (a question)"
        fail(place, "", f"is no row of MT-bench: it has none of {known}")
    return Question(name_in(fields, "question_id", place), _turns(fields, place))


def _turns(fields: Fields, place: Place) -> tuple[str, ...]:
    turns = list_in(fields, "turns", place)
    if not all(isinstance(text, str) for text in turns):
        fail(place, "turns", "must be a list of texts")
    return tuple(clean_text(str(text)) for text in turns)


def _asked(place: Place, fields: Fields) -> Asked:
    number = optional_number(fields, "turn", place)
    if number is not None and number not in (1, 2):
        fail(place, "turn", f"is {number:g}; it may be 1 or 2")
    judge, template = _judge(place, fields)
    # rows of answers graded alone in pairs carry no turn: FastChat asks those for turn 1 only
    return Asked(place, name_in(fields, "question_id", place), int(number or 1), judge, template)


def _judge(place: Place, fields: Fields) -> tuple[str, str | None]:
    judge = fields.get("judge")
    if not isinstance(judge, list):
        return name_in(fields, "judge", place), None
    if not judge:
        fail(place, "judge", "is an empty list; it must hold the LLM and the template")
    template = name_of(judge[1], "judge", place) if len(judge) > 1 else ""
    return name_of(judge[0], "judge", place), template


def _systems(place: Place, fields: Fields, columns: tuple[str, str]) -> tuple[str, str]:
    first, second = name_in(fields, columns[0], place), name_in(fields, columns[1], place)
    if first == second:
        fail(place, columns[1], f"compares {first} with itself")
    return first, second


def _games(place: Place, fields: Fields) -> Games:
    systems = _systems(place, fields, ("model_1", "model_2"))
    named = {"model_1": systems[0], "model_2": systems[1], "tie": "tie", "error": None}
    winners: list[str | None] = []
    for column in ("g1_winner", "g2_winner"):
        word = name_in(fields, column, place)
        if word not in named:
            fail(place, column, f"is '{word}'; it may be {', '.join(named)}")
        winners.append(named[word])
    texts = [optional_text(fields, column, place) or "" for column in ("g1_judgment", "g2_judgment")]
    return Games(_asked(place, fields), systems, (winners[0], winners[1]), (texts[0], texts[1]))


def _ballot(place: Place, fields: Fields) -> Ballot:
    winner = name_in(fields, "winner", place)
    if winner not in WINNERS:
        fail(place, "winner", f"is '{winner}'; it may be {', '.join(WINNERS)}")
    dialogues = [dialogue_in(fields, column, place) for column in ("conversation_a", "conversation_b")]
    systems = _systems(place, fields, ("model_a", "model_b"))
    return Ballot(_asked(place, fields), systems, winner, (dialogues[0], dialogues[1]))


def _graded_alone(place: Place, fields: Fields) -> tuple[Score, Score]:
    asked = _asked(place, fields)
    first, second = _systems(place, fields, ("model_1", "model_2"))
    return (
        Score(asked, first, _score(fields, "m1_score", place), _judgment(fields, "g1_judgment", place)),
        Score(asked, second, _score(fields, "m2_score", place), _judgment(fields, "g2_judgment", place)),
    )


def _judgment(fields: Fields, column: str, place: Place) -> str:
    return optional_text(fields, column, place) or ""


def _score(fields: Fields, column: str, place: Place) -> float | None:
    """A score; FastChat writes -1 where its pattern found none."""
    number = optional_number(fields, column, place)
    return None if number is None or number == -1 else number
