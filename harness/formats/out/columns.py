"""The types of a data set's columns, said in its card.

Without them `datasets` guesses each file's types by its rows: a column that is empty in one file and holds
numbers in the next is an error there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from pydantic import JsonValue

from harness.schema import LANGUAGES

Kind: TypeAlias = "str | list[Kind] | dict[str, Kind]"
"""A type of Arrow by name; a list with the type of its members; the fields of an object."""
Columns = Mapping[str, Kind]

TEXTS: dict[str, Kind] = dict.fromkeys(LANGUAGES, "string")
_MESSAGES: list[Kind] = [{"role": "string", "content": "string"}]

CASES: Columns = {
    "case_id": "string",
    "title": TEXTS,
    "message": TEXTS,
    "answers": [{"answer_id": "string", "text": TEXTS, "author_model_id": "string"}],
    "is_injection_test": "bool",
}
RANKINGS: Columns = {
    "case_id": "string",
    "ranking": [["string"]],
    "grades": [{"answer_id": "string", "grade": "float64"}],
    "annotator_id": "string",
    "annotator_kind": "string",
    "simulated": "bool",
    "rulebook_id": "string",
    "wording": "string",
    "language": "string",
    "session": "string",
    "phase": "int64",
    "repeat": "int64",
    "seconds": "float64",
    "shown": ["string"],
    "reason": "string",
}
_ABOUT_A_PAIR: Columns = {
    "margin": "float64",
    "tie": "bool",
    "case_id": "string",
    "chosen_id": "string",
    "rejected_id": "string",
    "rulebook_id": "string",
    "language": "string",
    "language_read": "string",
    "annotator_id": "string",
    "annotator_kind": "string",
    "simulated": "bool",
    "session": "string",
    "n_for": "int64",
    "n_against": "int64",
    "n_tied": "int64",
}


def pair_columns(trainer: str, style: str) -> Columns:
    """The columns of preference pairs for that trainer, as messages or as text."""
    text: Kind = _MESSAGES if style == "chat" else "string"
    names = ("prompt", "chosen", "rejected") if trainer == "dpo" else ("chosen", "rejected")
    return {**dict.fromkeys(names, text), **_ABOUT_A_PAIR}


def features(columns: Columns) -> list[JsonValue]:
    """The columns as the card of a data set declares them."""
    return [{"name": name, **_typed(kind)} for name, kind in columns.items()]


def _typed(kind: Kind) -> dict[str, JsonValue]:
    if isinstance(kind, str):
        return {"dtype": kind}
    if isinstance(kind, dict):
        return {"struct": features(kind)}
    member = kind[0]
    if isinstance(member, str):
        return {"list": member}
    return {"list": features(member) if isinstance(member, dict) else _typed(member)}
