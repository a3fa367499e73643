"""`long`: one row per grade; people in the columns of docs/people.md, judges in a table of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harness.formats.out.base import (
    Cellular,
    Choices,
    Material,
    OutFile,
    Table,
    TableKind,
    Writer,
    Written,
)
from harness.formats.out.choosing import n_failed
from harness.formats.out.registry import SUMMARIES
from harness.load.entries import DRAWN, OPTIONAL, REQUIRED
from harness.load.proposals import PROPOSAL_COLUMNS, any_proposal, proposal_cells
from harness.schema import DIMENSIONS, RankedVerdict, Verdict

PEOPLE_COLUMNS = (*REQUIRED, *OPTIONAL)
JUDGE_COLUMNS = (
    *("annotator_id", "annotator_kind", "model_id", "case_id", "answer_id", "grade", "rulebook_id"),
    *("wording", "repeat", "language", "slot", *DIMENSIONS, "reason"),
)
ANSWER_COLUMNS = ("case_id", "answer_id", "text", "author", "message", "title")

_HOW = """\
`people` is read by `harness check`, by `harness compare RUN --people`, and with the other tables by
`harness import long PEOPLE JUDGES ANSWERS -o RUN`. Grades: 1 = worst. A row whose `grade` is a word says how
that verdict of a judge failed."""


def write_long(material: Material, choices: Choices) -> Written:
    """Tables of people's grades, of judges' grades and of the answers."""
    files: list[OutFile] = []
    unnamed = sum(verdict.cell.session is None for verdict in material.people)
    if material.people:
        files.append(people_table(material.people, material.manifest.run_id, choices.table))
    if material.judges:
        files.append(Table("judges", JUDGE_COLUMNS, _judges(material, material.judges), choices.table))
    if material.keys:
        files.append(Table("author-key", JUDGE_COLUMNS, _judges(material, material.keys), choices.table))
    files.append(Table("answers", ANSWER_COLUMNS, _answers(material, choices), choices.table))
    notes = [
        f"Verdicts of people without a session, which get the run's name as session: {unnamed:,}."
    ] * bool(unnamed)
    return Written(
        files=tuple(files),
        counts={
            one.name.replace("-", "_") + "_rows": len(one.rows) for one in files if isinstance(one, Table)
        }
        | {"failed": n_failed(material.judges)},
        notes=tuple(notes),
        how_to_read=_HOW,
    )


def people_table(people: Sequence[RankedVerdict], session: str, kind: TableKind) -> Table:
    """People's grades in the columns of docs/people.md; those about draws and proposals only where any were.

    `session` stands for the session of a verdict that has none.
    """
    more: tuple[str, ...] = (DRAWN,) if any(verdict.probability is not None for verdict in people) else ()
    more += PROPOSAL_COLUMNS if any_proposal(people) else ()
    rows = [row for verdict in people for row in _people_rows(verdict, session, more)]
    return Table("people", (*PEOPLE_COLUMNS, *more), rows, kind)


def _people_rows(verdict: RankedVerdict, session: str, more: Sequence[str]) -> Iterator[list[Cellular]]:
    cell, slots = verdict.cell, slots_of(verdict)
    for answer_id, grade in verdict.grades.items():
        said = verdict.dimensions.get(answer_id, {})
        yield [
            *(cell.session or session, cell.annotator_id, cell.case_id, answer_id, number(grade)),
            *(cell.repeat, cell.rulebook_id, cell.phase, cell.language, slots.get(answer_id)),
            number(verdict.seconds),
            *(said.get(name) for name in DIMENSIONS),
            cell.simulated,
            *((verdict.probability,) if DRAWN in more else ()),
            *(proposal_cells(verdict, answer_id) if PROPOSAL_COLUMNS[0] in more else ()),
        ]


def _judges(material: Material, verdicts: Iterable[Verdict]) -> list[list[Cellular]]:
    models = {judge.spec.judge_id: judge.spec.model_id for judge in material.manifest.judges}
    shown = {case.case_id: [answer.answer_id for answer in case.answers] for case in material.cases}
    return [
        row
        for verdict in verdicts
        for row in _judge_rows(verdict, models.get(verdict.cell.annotator_id), shown[verdict.cell.case_id])
    ]


def _judge_rows(verdict: Verdict, model_id: str | None, answers: list[str]) -> Iterator[list[Cellular]]:
    cell, slots = verdict.cell, slots_of(verdict)
    read = verdict if isinstance(verdict, RankedVerdict) else None
    # A reader takes the row of any answer for the whole verdict: a failure stands on each of them.
    grades: dict[str, Cellular] = (
        {name: number(grade) for name, grade in verdict.grades.items()}
        if isinstance(verdict, RankedVerdict)
        else dict.fromkeys(answers, verdict.failure)
    )
    for position, (answer_id, grade) in enumerate(grades.items()):
        said = read.dimensions.get(answer_id, {}) if read else {}
        yield [
            *(cell.annotator_id, cell.annotator_kind, model_id, cell.case_id, answer_id, grade),
            *(cell.rulebook_id, cell.wording, cell.repeat, cell.language, slots.get(answer_id)),
            *(said.get(name) for name in DIMENSIONS),
            read.reason if read and position == 0 else None,
        ]


def _answers(material: Material, choices: Choices) -> list[list[Cellular]]:
    language = choices.language or material.case_set.languages[0]
    return [
        [
            *(case.case_id, answer.answer_id, answer.text.get(language), answer.author_model_id),
            *(case.message.get(language), case.title.get(language)),
        ]
        for case in material.cases
        for answer in case.answers
    ]


def slots_of(verdict: Verdict) -> dict[str, str]:
    """Answer id -> the slot in which this annotator saw it; empty = unknown."""
    shown = verdict.presentation
    return dict(zip(shown.order, shown.slots, strict=True)) if shown is not None else {}


def number(value: float | None) -> float | int | None:
    """A whole number without its `.0`."""
    return int(value) if value is not None and value == int(value) else value


WRITER = Writer("long", SUMMARIES["long"], write_long, keeps_proposals=True)
