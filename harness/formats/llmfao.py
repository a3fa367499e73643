"""LLMFAO: 59 systems on 13 prompts in sparse pairs, judged by two models and by 124 crowd workers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from harness.formats.base import Choice, Format, Imported, Place, Vote
from harness.formats.joins import Keyed, by_key, many_to_one
from harness.formats.reading import (
    Problems,
    fail,
    json_lines,
    localised,
    number_field,
    table_rows,
    text_field,
)
from harness.formats.studies import (
    ENGLISH,
    study_case,
    study_folder,
    study_judge,
    study_provenance,
    study_rulebook,
    study_set,
)
from harness.schema import Answer, Case, Rulebook

CHOICES: Mapping[str, Choice] = {"left": "first", "right": "second", "tie": "tie"}
PEOPLE = "crowd-comparisons.csv"
JUDGES = {
    "gpt-4": ("gpt4-crowd-comparisons.csv", "GPT 4", "GPT-4"),
    "gpt-3.5-instruct": (
        "gpt3-crowd-comparisons.csv",
        "gpt-3.5-turbo-instruct",
        "GPT-3.5 Turbo Instruct",
    ),
}
"""Judge -> file, name of the model among the authors (GPT-3.5 Turbo Instruct wrote no answer), title."""
JUDGES_WERE_TOLD, PEOPLE_WERE_TOLD = "gpt-instruction", "crowd-instruction"
COLUMNS = ("id", "prompt", "model_x", "model_y", "winner", "left", "right")
PROVENANCE = study_provenance(
    "Dmitry Ustalov, LLMFAO; github.com/dustalov/llmfao (answers by llmonitor.com)",
    "2024-08-16",
    "Data licence CC BY 4.0.",
)
TITLE = "LLMFAO: 59 systems, two judges and 124 crowd workers"

_BULLET = re.compile(r"^-   (.+)$", re.MULTILINE)

Row = tuple[str, str, str, str, str]
"""id of the pair, prompt, and the numbers and names that a vote must agree on."""


def read(paths: Sequence[Path], options: Mapping[str, str]) -> Imported:  # noqa: ARG001 - there are none
    """Read the folder of the data set; raises ImportFormatError."""
    folder = study_folder(paths, PEOPLE)
    names = _names(folder)
    pairs = _pairs(folder)
    cases = tuple(_case(row, place, names) for place, row in pairs.rows.values())
    people = _votes(folder / PEOPLE, None, pairs, names)
    judged = [
        vote
        for judge_id, (file, _, _) in JUDGES.items()
        for vote in _votes(folder / file, judge_id, pairs, names)
    ]
    n_workers = len({vote.annotator_id for vote in people})
    return Imported(
        case_set=study_set("llmfao", (TITLE, TITLE), cases, PROVENANCE),
        cases=cases,
        judges=tuple(study_judge(key, told[1], told[2], "listwise") for key, told in JUDGES.items()),
        votes=(*judged, *people),
        rulebooks=(_short_rulebook(folder), _long_rulebook(folder)),
        provenance=PROVENANCE,
        notes=(
            "Judges and people had different instructions: one sentence, against four factors with examples.",
            "A gap between a judge and the crowd is therefore not only a gap of values.",
            f"Every judge saw each pair once, in one order; {n_workers} workers gave 1 to 5 votes per pair.",
            "The author names are the authors' own; judge imported/GPT 4 is the author 'GPT 4'.",
        ),
    )


def case_id(pair: float | str) -> str:
    """Pair 17 is the case `pair-0017`."""
    return f"pair-{int(pair):04d}"


def _names(folder: Path) -> Keyed[str, str]:
    rows = (
        (place, (text_field(row, "id", place), text_field(row, "name", place)))
        for place, row in json_lines(folder / "models.jsonl")
    )
    return _second(by_key(rows, lambda row: row[0], "models.jsonl"))


def _second(keyed: Keyed[str, tuple[str, str]]) -> Keyed[str, str]:
    return Keyed(keyed.what, {key: (place, row[1]) for key, (place, row) in keyed.rows.items()})


def _pairs(folder: Path) -> Keyed[str, dict[str, object]]:
    rows = json_lines(folder / "pairs-crowd.jsonl")
    return by_key(rows, lambda row: str(row.get("id")), "pairs-crowd.jsonl")


def _case(row: Mapping[str, object], place: Place, names: Keyed[str, str]) -> Case:
    name = case_id(number_field(row, "id", place))
    answers = [
        Answer(
            answer_id=f"{name}-{side}",
            text=localised(str(row.get(f"result_{side}") or ""), ENGLISH),
            author_model_id=_author(row, side, place, names),
        )
        for side in ("x", "y")
    ]
    systems = " · ".join(str(answer.author_model_id) for answer in answers)
    title = f"{text_field(row, 'slug', place)}: {systems}"
    return study_case(name, text_field(row, "text", place), answers, title=title)


def _author(row: Mapping[str, object], side: str, place: Place, names: Keyed[str, str]) -> str:
    number = text_field(row, f"model_{side}", place)
    found = names.rows.get(number)
    if found is None:
        fail(place, f"model_{side}", f"{number} is not among {names.what}")
    return found[1]


def _votes(
    path: Path, judge_id: str | None, pairs: Keyed[str, dict[str, object]], names: Keyed[str, str]
) -> list[Vote]:
    """The votes of one file, each joined to its pair; people when no judge is named."""
    problems = Problems()
    needed = (*COLUMNS, "worker") if judge_id is None else COLUMNS
    rows = list(table_rows(path, problems, needed))
    problems.raise_any()
    joined = many_to_one(rows, lambda row: row["id"], pairs)
    return [_vote(place, row, judge_id, problems) for place, row in _checked(joined.pairs, names)]


def _checked(
    rows: Iterable[tuple[Place, dict[str, str], dict[str, object]]], names: Keyed[str, str]
) -> Iterator[tuple[Place, dict[str, str]]]:
    """Rows that say the same of their pair as the file of pairs does, systems' names included."""
    for place, row, pair in rows:
        for column in ("prompt", "model_x", "model_y"):
            if row[column] != str(pair[column]):
                fail(place, column, f"is {row[column]}, but {pair[column]} in pairs-crowd.jsonl")
        for column, number in (("left", row["model_x"]), ("right", row["model_y"])):
            if names.rows[number][1] != row[column]:
                fail(place, column, f"is {row[column]}, but model {number} is {names.rows[number][1]}")
        yield place, row


def _vote(place: Place, row: Mapping[str, str], judge_id: str | None, problems: Problems) -> Vote:
    name = case_id(row["id"])
    choice = CHOICES.get(row["winner"])
    if choice is None:
        problems.note(place, "winner", f"must be left, right or tie, found '{row['winner'][:40]}'")
        problems.raise_any()
    return Vote(
        place=place,
        case_id=name,
        annotator_id=judge_id or f"worker-{row['worker']}",
        kind="judge" if judge_id else "person",
        shown_first=f"{name}-x",
        shown_second=f"{name}-y",
        choice=choice,
        rulebook_id=JUDGES_WERE_TOLD if judge_id else PEOPLE_WERE_TOLD,
    )


def _short_rulebook(folder: Path) -> Rulebook:
    texts = ("Short instruction (judges)", _text(folder / "gpt-instruction.txt"))
    return study_rulebook(JUDGES_WERE_TOLD, "none", texts, (), PROVENANCE)


def _long_rulebook(folder: Path) -> Rulebook:
    """The steps that the crowd read; the three worked examples after them are left out."""
    steps = _text(folder / "crowd-instruction.md").partition("## Examples")[0]
    rules = [line for line in _BULLET.findall(steps) if not line.startswith("Read the output")]
    start = steps.partition("## Steps")[0].removeprefix("# Which AI is Better?").strip()
    texts = ("Long instruction (people)", start)
    return study_rulebook(PEOPLE_WERE_TOLD, "reference", texts, rules, PROVENANCE)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


FORMAT = Format(
    name="llmfao",
    summary="LLMFAO: 59 systems in sparse pairs, two judges and a crowd",
    expects="the folder of the data set (with crowd-comparisons.csv and pairs-crowd.jsonl)",
    read=read,
    example=(
        "crowd-comparisons.csv\n"
        "id,prompt,model_x,model_y,worker,winner,left,right\n"
        "0,8,97,98,58,tie,Airoboros L2 70B,Weaver 12k\n"
    ),
)
