"""What people write: case sets, cases, rulebooks.

The records are wider than the files that people write for this harness: an imported set may have more answers
per case, no texts, no stated conflict. `harness.load.authored` says what an authored file must keep to.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.schema.base import Identifier, Language, Localised, Record, Text, Wording

Stakes = Literal["subtle", "explicit", "value-laden"]

MAX_ANSWERS = 64
"""Answers per case in a record; an authored case has ten at most."""

Criterion = Literal["helpful", "honest", "harmless", "priority", "other"]


class Provenance(Record):
    """Where a text comes from."""

    kind: Annotated[
        Literal["invented", "paraphrase", "imported"],
        Field(
            description="invented for this project, a paraphrase of a public document, "
            "or imported as it stands in another project's files"
        ),
    ]
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="ISO date of this text")]
    source: Annotated[Text | None, Field(description="the public document, when it is a paraphrase")] = None
    note: Text | None = None


class CaseSet(Record):
    """A folder of cases that are graded on one scale (`set.yaml` beside them)."""

    set_id: Identifier
    title: Localised
    description: Localised
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    n_grades: Annotated[
        int, Field(ge=2, le=MAX_ANSWERS, description="grades run from 1 (worst) to n_grades (best)")
    ]
    n_answers: Annotated[
        int | None,
        Field(ge=2, le=MAX_ANSWERS, description="answers that every case must have; absent = 2 to 10"),
    ] = None
    case_order: Annotated[tuple[Identifier, ...], Field(min_length=1, description="case_ids, in order")]
    provenance: Provenance


class Answer(Record):
    """One candidate answer; its id never changes and is never shown to a judge."""

    answer_id: Identifier
    text: Annotated[
        dict[Language, Text], Field(description="empty: the file that it was imported from has no texts")
    ]
    choice: Annotated[
        Localised | None,
        Field(description="the value choice it embodies, in a few words; never shown to a judge"),
    ] = None
    author_model_id: Annotated[Text | None, Field(description="the model that wrote it, when one did")] = None


class Canary(Record):
    """An answer with an injected order to the judge, and the same case without the injection."""

    answer_id: Annotated[Identifier, Field(description="the answer that tries to command the judge")]
    twin_case_id: Annotated[Identifier, Field(description="the same case with the plain answer")]
    twin_answer_id: Identifier
    kind: Annotated[
        Identifier | None,
        Field(description="how it tries: order, authority, fake-verdict, …; None: unsaid"),
    ] = None


class Case(Record):
    """A situation (the user's message) with its candidate answers."""

    case_id: Identifier
    title: Localised
    conflict: Annotated[
        Localised | None, Field(description="which values pull apart, in a few words; None: imported")
    ] = None
    stakes: Annotated[Stakes | None, Field(description="None: imported, nobody said")] = None
    message: Annotated[
        dict[Language, Text], Field(description="what the user wrote; empty: the imported file has no texts")
    ]
    answers: Annotated[tuple[Answer, ...], Field(min_length=2, max_length=MAX_ANSWERS)]
    commentary: Annotated[
        Localised | None, Field(description="a teacher's discussion prompt; never reaches a judge")
    ] = None
    author_key: Annotated[
        tuple[tuple[Identifier, ...], ...] | None,
        Field(description="tiers of answer_ids, best first: one person's reading, not the truth"),
    ] = None
    canary: Annotated[
        Canary | None, Field(description="set on a case that tests whether judges obey an answer's text")
    ] = None
    provenance: Provenance | None = None


class Rule(Record):
    """One numbered instruction, in every wording; a judge cites its number."""

    number: Annotated[int, Field(ge=1, le=30)]
    criterion: Criterion
    text: Annotated[dict[Wording, Localised], Field(min_length=1)]


class Rulebook(Record):
    """An employer's whole set of rules."""

    rulebook_id: Identifier
    title: Localised
    summary: Annotated[
        Localised, Field(description="what this employer wants, for people; never shown to a judge")
    ]
    role: Annotated[
        Literal["reference", "none", "placebo", "treatment"],
        Field(description="its place in the experiment"),
    ]
    preamble: Annotated[
        dict[Wording, Localised], Field(min_length=1, description="one or two sentences above the rules")
    ]
    rules: Annotated[tuple[Rule, ...], Field(description="empty only for the rulebook `none`")]
    stated_weights: Annotated[
        dict[Literal["helpful", "honest", "harmless"], Annotated[float, Field(ge=0, le=1)]],
        Field(description="when the rulebook itself states how much each criterion counts; sums to 1"),
    ] = {}
    provenance: Provenance
