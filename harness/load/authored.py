"""What a file that people write must keep to, where the record itself is wider for imported sets.

The classes have the names of the records that they narrow: error messages and JSON schemas say `Case`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field

from harness import schema
from harness.load.layers import read_layers
from harness.load.overrides import NOTHING, Overrides, lay_settings
from harness.load.yaml import Reading, read_located, validated
from harness.schema import Localised, Record, Stakes

N = TypeVar("N", bound=Record)
R = TypeVar("R", bound=Record)

MAX_AUTHORED_ANSWERS = 10
"""People and judges rank more than ten answers badly, and a Kemeny median needs 3^k steps."""


class Answer(schema.Answer):
    """One candidate answer; its id never changes and is never shown to a judge."""

    text: Localised


class Case(schema.Case):
    """A situation (the user's message) with its candidate answers."""

    conflict: Annotated[Localised, Field(description="which values pull apart, in a few words")]
    stakes: Stakes
    message: Annotated[Localised, Field(description="what the user wrote")]
    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=MAX_AUTHORED_ANSWERS)]


class CaseSet(schema.CaseSet):
    """A folder of cases that are graded on one scale (`set.yaml` beside them)."""

    n_grades: Annotated[
        int,
        Field(ge=2, le=MAX_AUTHORED_ANSWERS, description="grades run from 1 (worst) to n_grades (best)"),
    ]
    n_answers: Annotated[
        int | None,
        Field(
            ge=2,
            le=MAX_AUTHORED_ANSWERS,
            description="answers that every case must have; absent = 2 to 10",
        ),
    ] = None


class Experiment(schema.Experiment):
    """What is asked of whom, in which order."""

    extends: Annotated[
        str | None,
        Field(
            min_length=1,
            description="id or file of an experiment: what is not said here is as it is there",
        ),
    ] = None
    parts: Annotated[tuple[schema.Part, ...], Field(min_length=1)]


def read_case(path: Path) -> Reading[schema.Case]:
    """One authored case file: the record where it holds one, and every problem."""
    return _widened(read_located(path, Case), schema.Case)


def read_set(path: Path) -> Reading[schema.CaseSet]:
    """One authored set.yaml: the record where it holds one, and every problem."""
    return _widened(read_located(path, CaseSet), schema.CaseSet)


def read_plan(
    path: Path, roots: Sequence[Path] = (), overrides: Overrides = NOTHING
) -> Reading[schema.Experiment]:
    """One authored experiment with what it extends and what the command line sets, and every problem."""
    document, problems = read_layers(path, roots)
    if not problems:
        document, problems = lay_settings(document, overrides)
    if problems:
        return Reading(document, None, tuple(problems))
    return _widened(validated(document, Experiment), schema.Experiment)


def _widened(reading: Reading[N], record_type: type[R]) -> Reading[R]:
    """The same reading with the plain record, so that nobody downstream meets two classes of one name."""
    narrow = reading.record
    known = set(record_type.model_fields)
    record = None if narrow is None else record_type.model_validate(narrow.model_dump(include=known))
    return Reading(reading.document, record, reading.problems)
