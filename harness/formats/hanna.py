"""HANNA: stories of 11 systems on 96 prompts, graded by three slots of people and, four times, by judges."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.formats.base import Format, Graded, Imported, Place
from harness.formats.reading import fail, option, slug, truth_option
from harness.formats.studies import (
    UNSTATED,
    Role,
    counted,
    study_case,
    study_folder,
    study_judge,
    study_provenance,
    study_rulebook,
    study_set,
    unstated_rulebook,
)
from harness.schema import AnnotatorKind, Answer, Case, FailureReason, Rulebook

TABLE = "hanna_metric_scores_llm.csv"
CRITERIA = {
    "relevance": "RE",
    "coherence": "CH",
    "empathy": "EM",
    "surprise": "SU",
    "engagement": "EG",
    "complexity": "CX",
}
JUDGES = ("Beluga-13B", "OrcaPlatypus", "Llama-13B", "Mistral-7B", "ChatGPT")
PROMPTS: Mapping[int, tuple[str, Role]] = {
    1: ("none", "none"),
    2: ("eval-prompt-2", "treatment"),
    3: ("eval-prompt-3", "treatment"),
    4: ("eval-prompt-4", "treatment"),
}
"""Eval-Prompt -> rulebook: the first is the bare one, that the others are compared with."""
SLOTS = (1, 2, 3)
WRITTEN_BY_PEOPLE = "Human"
LOWEST, HIGHEST = 1.0, 5.0
PROVENANCE = study_provenance(
    "Chhun, Suchanek, Clavel, TACL 12 (2024), arXiv:2405.13769; github.com/dig-team/hanna-benchmark-asg",
    "2024-10-15",
    "Licence MIT. Story prompts come from WritingPrompts; no story is in the files.",
)
TITLE = "HANNA: stories of 11 systems"
_UNKNOWN = "The text of this instruction is not in the authors' files; the four differ in what they ask for."
_FIELD_LIMIT = 50_000_000

Columns = Mapping[str, Sequence[float]]
"""Column -> one grade per writing prompt."""


def read(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:
    """Read the folder of the data set, or its table; raises ImportFormatError."""
    criterion = option(options, "criterion", "coherence", tuple(CRITERIA))
    stories = option(options, "stories", "all", ("all", "machines"))
    drop = truth_option(options, "drop_below_one", default=True)
    table = read_table(_table(paths), criterion)
    systems = [name for name in table if stories == "all" or name != WRITTEN_BY_PEOPLE]
    n_prompts = len(next(iter(table[systems[0]].values())))
    cases = tuple(_case(number, systems) for number in range(n_prompts))
    columns = {name: table[name] for name in systems}
    graded = [*_people(columns, cases, criterion), *_judged(columns, cases, (criterion, drop))]
    title = f"{TITLE} ({criterion})"
    return Imported(
        case_set=study_set(f"hanna-{criterion}", (title, title), cases, PROVENANCE),
        cases=cases,
        judges=tuple(study_judge(slug(name), name, name, "pointwise") for name in JUDGES),
        graded=tuple(graded),
        rulebooks=(*_rulebooks(), unstated_rulebook(PROVENANCE)),
        people_known=False,
        provenance=PROVENANCE,
        notes=tuple(_notes(columns, criterion, drop)),
    )


def _rulebooks() -> Iterator[Rulebook]:
    for number, (name, role) in PROMPTS.items():
        yield study_rulebook(name, role, (f"Eval-Prompt {number}", _UNKNOWN), (), PROVENANCE)


def _table(paths: Sequence[Path]) -> Path:
    if len(paths) == 1 and paths[0].is_file():
        return paths[0]
    return study_folder(paths, TABLE) / TABLE


def read_table(path: Path, criterion: str) -> dict[str, dict[str, list[float]]]:
    """System -> column -> grades, for the columns of one criterion; every list equally long.

    Raises ImportFormatError for a missing column, a cell that is no list of numbers, or unequal lengths.
    """
    csv.field_size_limit(_FIELD_LIMIT)  # a cell holds 96 numbers
    wanted = [*people_columns(criterion), *judge_columns(criterion)]
    table: dict[str, dict[str, list[float]]] = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        for row in rows:
            place = Place(path, rows.line_num)
            system = row.get("Model") or fail(place, "Model", "is missing")
            if system in table:
                fail(place, "Model", f"the system {system} stands twice")
            table[system] = {name: _numbers(row.get(name), name, place) for name in wanted}
    lengths = {len(cell) for columns in table.values() for cell in columns.values()}
    if len(lengths) != 1:
        fail(Place(path), "", f"must hold equally many numbers in every cell, found {sorted(lengths)}")
    return table


def people_columns(criterion: str) -> list[str]:
    """Columns of the three slots: one crowd worker's grade each."""
    return [f"Human {slot} {CRITERIA[criterion]}" for slot in SLOTS]


def judge_columns(criterion: str) -> list[str]:
    """Columns of the judges: mean grade of up to three tries under each of the four prompts."""
    return [f"{judge} {CRITERIA[criterion]} {number}" for judge in JUDGES for number in PROMPTS]


def _numbers(cell: str | None, column: str, place: Place) -> list[float]:
    if cell is None:
        fail(place, column, "this column is missing")
    try:
        told = json.loads(cell)
    except ValueError:
        told = None
    if not isinstance(told, list) or not all(type(one) in (int, float) for one in told):
        fail(place, column, "must be a JSON list of numbers")
    return [float(one) for one in told]


def case_id(number: int) -> str:
    """Writing prompt 7 (from 0) is the case `prompt-07`."""
    return f"prompt-{number:02d}"


def _case(number: int, systems: Sequence[str]) -> Case:
    name = case_id(number)
    answers = [
        Answer(answer_id=f"{name}-{slug(system)}", text={}, author_model_id=system) for system in systems
    ]
    return study_case(name, "", answers, title=f"Writing prompt {number}")


def _people(columns: Mapping[str, Columns], cases: Sequence[Case], criterion: str) -> Iterator[Graded]:
    for slot, column in zip(SLOTS, people_columns(criterion), strict=True):
        yield from _line(columns, cases, column, (f"slot-{slot}", "person", UNSTATED))


def _judged(columns: Mapping[str, Columns], cases: Sequence[Case], how: tuple[str, bool]) -> Iterator[Graded]:
    criterion, drop = how
    for judge in JUDGES:
        for number, (rulebook_id, _) in PROMPTS.items():
            column = f"{judge} {CRITERIA[criterion]} {number}"
            yield from _line(columns, cases, column, (slug(judge), "judge", rulebook_id), drop=drop)


def _line(
    columns: Mapping[str, Columns],
    cases: Sequence[Case],
    column: str,
    who: tuple[str, AnnotatorKind, str],
    *,
    drop: bool = False,
) -> Iterator[Graded]:
    """One column of the table: the grades of one annotator, case by case."""
    place = Place(Path(TABLE))
    for number, case in enumerate(cases):
        told = {
            answer.answer_id: columns[system][column][number]
            for answer, system in zip(case.answers, columns, strict=True)
        }
        high = max(told.values())
        if high > HIGHEST:
            fail(place, column, f"writing prompt {number} has a grade of {high:g}; grades end at {HIGHEST:g}")
        grades = {name: grade for name, grade in told.items() if grade >= LOWEST or not drop}
        failure: FailureReason | None = None if grades else "unparsable"
        yield Graded(place, case.case_id, who[0], who[1], grades, failure, rulebook_id=who[2])


def _notes(columns: Mapping[str, Columns], criterion: str, drop: bool) -> Iterator[str]:
    yield "People are slots 1 to 3: who graded is not in the files, and a slot is not one person."
    yield "A judge's grade is the mean of up to three tries; the tries are not in the files."
    yield (
        "Eval-Prompts 1 to 4 are four instructions for the same grade; the first stands as the rulebook none."
    )
    low = Counter(
        column
        for told in columns.values()
        for column in judge_columns(criterion)
        for grade in told[column]
        if grade < LOWEST
    )
    if low:
        kept = "left out" if drop else "kept, as in the published figures"
        yield (
            f"{low.total():,} grades of judges are below 1, some of them -1, which a scale from 1 to 5 "
            "cannot give: tries without a grade seem to enter the means as -1. "
            f"These grades are {kept}; a mean of 1 or more may hide such a try too."
        )
    yield from counted(low, "Grades below 1 by column")


FORMAT = Format(
    name="hanna",
    summary="HANNA: stories of 11 systems graded by people and judges under four prompts",
    expects=f"the folder of the data set, or its {TABLE}",
    read=read,
    options={
        "criterion": f"one of {', '.join(CRITERIA)} (default coherence): one run each",
        "stories": "all, or machines to leave out those that people wrote, as the paper does (default all)",
        "drop_below_one": "leave out grades below 1 (tries without a grade): true or false (default true)",
    },
    example=('Model,Human 1 CH,…,ChatGPT CH 4\nGPT-2,"[4, 3, …]",…,"[2.3333333333333335, -1.0, …]"\n'),
)
