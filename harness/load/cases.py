"""A folder of cases, checked as a whole: `set.yaml`, and one file per case beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import Problem
from harness.load.authored import read_case, read_set
from harness.load.canaries import check_canaries
from harness.load.near import listing, suggestion
from harness.load.roots import record_files, set_file
from harness.load.yaml import Place, Reading, all_problems
from harness.schema import Case, CaseSet, Localised

MAX_CHARACTERS = 20_000


@dataclass(frozen=True)
class SetReading:
    """A case set with its cases in the set's order, and everything that is wrong with them."""

    case_set: CaseSet | None
    cases: tuple[Case, ...]
    problems: tuple[Problem, ...]


def read_case_set(folder: Path) -> SetReading:
    """Read a folder of cases without raising; every problem in every file is in the reading."""
    description = set_file(folder)
    if description is None:
        what = "holds no set.yaml, which names the cases in order" if folder.is_dir() else "no such folder"
        return SetReading(None, (), (Problem(folder, None, "", what),))
    readings = [read_case(path) for path in record_files(folder) if path.stem != "set"]
    the_set = read_set(description)
    problems = [*the_set.problems, *all_problems(readings), *_check_names(readings)]
    if the_set.record is None:
        return SetReading(None, (), tuple(problems))
    problems += _check_order(the_set, the_set.record, folder, readings)
    for reading in readings:
        problems += check_case(reading, the_set.record)
    problems += [*_check_answer_ids(readings), *check_canaries(readings)]
    return SetReading(the_set.record, _in_order(the_set.record, readings), tuple(problems))


def check_case(reading: Reading[Case], case_set: CaseSet) -> list[Problem]:
    """Everything that a case must keep to because of its set, and what its answers owe each other."""
    case = reading.record
    if case is None:
        return []
    return [
        *_check_number(reading, case, case_set),
        *_check_languages(reading, case, case_set),
        *_check_lengths(reading, case),
        *_check_key(reading, case),
    ]


def localised_texts(case: Case) -> Iterator[tuple[Place, Localised]]:
    """Every text of a case with its place, in the order of the file format."""
    yield ("title",), case.title
    if case.conflict is not None:
        yield ("conflict",), case.conflict
    yield ("message",), case.message
    for position, answer in enumerate(case.answers):
        yield ("answers", position, "text"), answer.text
        if answer.choice is not None:
            yield ("answers", position, "choice"), answer.choice
    if case.commentary is not None:
        yield ("commentary",), case.commentary


def _check_names(readings: Sequence[Reading[Case]]) -> list[Problem]:
    problems = []
    first: dict[str, Path] = {}
    for reading in readings:
        stem = reading.document.path.stem
        if reading.record is not None and reading.record.case_id != stem:
            problems.append(_misnamed(reading, "case_id", reading.record.case_id))
        twin = first.setdefault(
            stem if reading.record is None else reading.record.case_id, reading.document.path
        )
        if twin != reading.document.path:
            words = f"is already the case in {twin.name}; each case needs an id of its own"
            problems.append(reading.problem(("case_id",), words))
    return problems


def _misnamed(reading: Reading[Case], field: str, content_id: str) -> Problem:
    name = reading.document.path.name
    words = f"'{content_id}' stands in {name}; the id and the file's name must be the same"
    return reading.problem((field,), words)


def _check_order(
    the_set: Reading[CaseSet], case_set: CaseSet, folder: Path, readings: Sequence[Reading[Case]]
) -> list[Problem]:
    files = {reading.document.path.stem: reading for reading in readings}
    problems = []
    met: set[str] = set()
    if case_set.set_id != folder.resolve().name:
        words = (
            f"'{case_set.set_id}' stands in the folder {folder.resolve().name}/; both names must be the same"
        )
        problems.append(the_set.problem(("set_id",), words))
    for position, case_id in enumerate(case_set.case_order):
        place = ("case_order", position)
        if case_id in met:
            problems.append(the_set.problem(place, f"'{case_id}' is listed twice"))
        elif case_id not in files:
            words = f"no file {case_id}.yaml in {folder}{suggestion(case_id, files)}"
            problems.append(the_set.problem(place, words))
        met.add(case_id)
    unlisted = [reading for stem, reading in files.items() if stem not in met]
    words = f"is not in case_order of {the_set.document.path.name}; list it there, or move the file away"
    problems += [reading.problem(("case_id",), words) for reading in unlisted]
    return problems


def _check_number(reading: Reading[Case], case: Case, case_set: CaseSet) -> list[Problem]:
    wanted, n_answers = case_set.n_answers, len(case.answers)
    if wanted is None or wanted == n_answers:
        return []
    words = f"must be {wanted} answers in the set '{case_set.set_id}', found {n_answers}"
    return [reading.problem(("answers",), words)]


def _check_languages(reading: Reading[Case], case: Case, case_set: CaseSet) -> list[Problem]:
    problems = []
    for place, texts in localised_texts(case):
        for language in case_set.languages:
            if language not in texts:
                words = f"is missing; the set '{case_set.set_id}' declares {listing(case_set.languages)}"
                problems.append(reading.problem((*place, language), words))
    return problems


def _check_lengths(reading: Reading[Case], case: Case) -> list[Problem]:
    return [
        reading.problem(
            (*place, language), f"has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read"
        )
        for place, texts in localised_texts(case)
        for language, text in texts.items()
        if len(text) > MAX_CHARACTERS
    ]


def _check_key(reading: Reading[Case], case: Case) -> list[Problem]:
    if case.author_key is None:
        return []
    answer_ids = [answer.answer_id for answer in case.answers]
    counts = Counter(answer_id for tier in case.author_key for answer_id in tier)
    problems = []
    for position, tier in enumerate(case.author_key):
        place = ("author_key", position)
        if not tier:
            problems.append(reading.problem(place, "is an empty tier; remove it"))
        for answer_id in tier:
            if answer_id not in answer_ids:
                words = f"no answer '{answer_id}'{suggestion(answer_id, answer_ids)}"
                problems.append(reading.problem(place, words))
    for answer_id in dict.fromkeys(answer_ids):
        if counts[answer_id] != 1:
            words = f"must hold each answer once; '{answer_id}' stands there {counts[answer_id]} times"
            problems.append(reading.problem(("author_key",), words))
    return problems


def _check_answer_ids(readings: Sequence[Reading[Case]]) -> list[Problem]:
    first: dict[str, str] = {}
    problems = []
    for reading in readings:
        for position, answer in enumerate(reading.record.answers if reading.record else ()):
            place = ("answers", position, "answer_id")
            if answer.answer_id in first:
                words = (
                    f"'{answer.answer_id}' is already an answer of {first[answer.answer_id]}; use another id"
                )
                problems.append(reading.problem(place, words))
            first.setdefault(answer.answer_id, reading.document.path.name)
    return problems


def _in_order(case_set: CaseSet, readings: Sequence[Reading[Case]]) -> tuple[Case, ...]:
    cases = {reading.record.case_id: reading.record for reading in readings if reading.record is not None}
    return tuple(cases[case_id] for case_id in dict.fromkeys(case_set.case_order) if case_id in cases)
