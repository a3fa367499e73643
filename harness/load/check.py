"""Everything that is wrong in files and folders, all at once: what `harness check` prints."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.errors import Problem
from harness.load.authored import read_case
from harness.load.cases import SetReading, read_case_set
from harness.load.experiments import read_experiment
from harness.load.judges import read_judge
from harness.load.near import listing
from harness.load.people import read_people
from harness.load.questions import read_questions
from harness.load.roots import SUFFIXES, content_roots, known_case_sets, known_ids, set_file
from harness.load.rows import Row, read_rows
from harness.load.rulebooks import read_rulebook
from harness.load.yaml import read_document

TABLES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".pq")
_FOLDERS = {
    "rulebooks": "rulebook_id",
    "judges": "judge_id",
    "experiments": "experiment_id",
    "questions": "question_set_id",
}
_FIELDS = ("set_id", "case_id", *_FOLDERS.values())
_UNRECOGNISED = f"cannot tell what this is: a record has one of {listing(_FIELDS)}, a table is a .csv file"


@dataclass
class _Found:
    """What is to be checked, each thing once, and what could not be recognised."""

    case_sets: dict[Path, None] = field(default_factory=dict)
    records: dict[Path, str] = field(default_factory=dict)
    tables: dict[Path, None] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add_named(self, path: Path) -> None:
        if not path.exists():
            self.problems.append(Problem(path, None, "", "no such file or folder"))
        elif path.is_file() and path.suffix.lower() in TABLES:
            self.tables[path] = None
        elif not [file for file in _files(path) if self._add_file(file)]:
            words = "holds no cases, rulebooks, judges or experiments" if path.is_dir() else _UNRECOGNISED
            self.problems.append(Problem(path, None, "", words))

    def _add_file(self, file: Path) -> bool:
        """Note what is in a file; False where it is nothing of ours."""
        kind = _recognise(file)
        if isinstance(kind, list):
            self.problems += kind
        elif kind in ("set_id", "case_id") and set_file(file.parent) is not None:
            self.case_sets[file.parent] = None
        else:
            self.records[file] = kind
        return bool(kind)


def check_paths(paths: Sequence[Path | str] = ()) -> list[Problem]:
    """Every problem in the named files and folders (none named: in all content of the search path).

    In a folder, case sets, rulebooks, judges and experiments are sought, also beneath it; where it holds
    `cases/` or `prompts/`, only in these. People's grades are checked where a file is named. What an
    experiment or a table names may also stand in the content of the search path.
    """
    named = [Path(path).expanduser() for path in paths] or list(content_roots())
    roots = tuple(dict.fromkeys([*(path for path in named if _is_root(path)), *content_roots()]))
    found = _Found()
    for path in named:
        found.add_named(path)
    sets = {folder: read_case_set(folder) for folder in found.case_sets}
    problems = [*found.problems, *(problem for reading in sets.values() for problem in reading.problems)]
    for path, id_field in found.records.items():
        problems += _check_record(path, id_field, roots)
    if found.tables:
        readings = [*sets.values(), *_other_sets(roots, sets)]
        for path in found.tables:
            problems += _check_table(path, readings, known_ids("prompts/rulebooks", roots=roots))
    return list(dict.fromkeys(problems))


def _is_root(path: Path) -> bool:
    return (path / "cases").is_dir() or (path / "prompts").is_dir()


def _files(path: Path) -> Iterator[Path]:
    """Record files at or beneath a path, hidden folders left out; of a content root, only its content."""
    if path.is_file():
        yield path
    elif _is_root(path):
        yield from _files(path / "cases")
        yield from _files(path / "prompts")
    elif path.is_dir():
        for folder, children, names in os.walk(path):
            children[:] = sorted(name for name in children if not name.startswith("."))
            for name in sorted(names):
                if name.endswith(SUFFIXES) and not name.startswith("."):
                    yield Path(folder, name)


def _recognise(path: Path) -> str | list[Problem]:
    """The id field that says what a file is; else what is wrong with it (nothing: it is none of ours)."""
    if path.parent.name in _FOLDERS and path.parent.parent.name == "prompts":
        return _FOLDERS[path.parent.name]
    if set_file(path.parent) is not None:
        return "set_id" if path.stem == "set" else "case_id"
    document, problems = read_document(path)
    if isinstance(document.content, dict):
        return next((name for name in _FIELDS if name in document.content), problems)
    return problems


def _check_record(path: Path, id_field: str, roots: Sequence[Path]) -> list[Problem]:
    if id_field == "rulebook_id":
        return read_rulebook(path)[1]
    if id_field == "judge_id":
        return read_judge(path)[1]
    if id_field == "experiment_id":
        return read_experiment(path, roots=roots)[1]
    if id_field == "question_set_id":
        return read_questions(path)[1]
    alone = Problem(path.parent, None, "", "holds no set.yaml, which names the cases in order")
    return [*read_case(path).problems, alone]


def _other_sets(roots: Sequence[Path], sets: dict[Path, SetReading]) -> list[SetReading]:
    folders = [root / "cases" / name for root in roots for name in known_case_sets(roots=[root])]
    return [read_case_set(folder) for folder in folders if folder not in sets]


def _check_table(path: Path, readings: Sequence[SetReading], rulebooks: Sequence[str]) -> list[Problem]:
    """Check people's grades against the set that knows most of the file's cases."""
    named = {piece.values.get("case_id", "") for piece in read_rows(path) if isinstance(piece, Row)}
    candidates = [reading for reading in readings if reading.case_set is not None]
    if not candidates:
        return [Problem(path, None, "", "no case set that can be read is known; name its folder too")]
    best = max(candidates, key=lambda reading: len(named & {case.case_id for case in reading.cases}))
    if best.case_set is None:
        return []
    return read_people(path, best.case_set, best.cases, rulebooks=rulebooks)[1]
