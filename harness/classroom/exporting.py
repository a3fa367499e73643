"""A lesson to take home: a run folder like any other, the table that `--people` reads, or JSON."""

from __future__ import annotations

import csv
import io
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from harness import __version__
from harness.classroom.content import LessonContent
from harness.classroom.judges import Judged, gather_judges
from harness.classroom.store.base import ClassStore
from harness.classroom.verdicts import people_verdicts
from harness.errors import StoreError
from harness.formats.importing import parts_of
from harness.load.content import load_rulebooks
from harness.load.experiments import RULEBOOKS
from harness.load.roots import known_ids
from harness.schema import (
    CaseSet,
    Experiment,
    ImportRecord,
    Manifest,
    Provenance,
    RankedVerdict,
    Rulebook,
    canonical_json,
)
from harness.schema.ablation import ablated_rule
from harness.schema.classroom import ClassSession, HandCount
from harness.store.disk import in_words, make_folder, write_atomically
from harness.store.folder import RunFolder

Delimiter = Literal[";", ","]
FORMAT = "classroom"
HANDS = "hands.jsonl"
DESK = "desk"
"""Where a lesson's run folder keeps the run of its judges desk: manifest, recordings, verdicts."""

_COLUMNS = ("session", "annotator_id", "case_id", "answer_id", "grade", "rulebook_id", "phase", "language")
_MORE_COLUMNS = ("slot", "seconds", "simulated")


@dataclass(frozen=True)
class LessonRecord:
    """Everything a lesson leaves behind of its people."""

    session: ClassSession
    content: LessonContent
    people: tuple[RankedVerdict, ...]
    hands: tuple[HandCount, ...]


@dataclass(frozen=True)
class Exported:
    """A lesson that is written as a run folder."""

    folder: RunFolder
    n_people: int
    n_judges: int


def gather(store: ClassStore, session: ClassSession, content: LessonContent) -> LessonRecord:
    """Read what the people of a session said."""
    pupils, ballots = store.pupils(session.session_id), store.ballots(session.session_id)
    people = people_verdicts(session, content, pupils, ballots)
    return LessonRecord(session, content, people, store.hands(session.session_id))


def write_run(lesson: LessonRecord, desk: RunFolder, target: Path) -> Exported:
    """Write a lesson as a run folder that `compare` and `report` read like any other.

    The run of its judges desk goes into the sub-folder `desk`, where `harness replay` reads the recordings.

    Raises
    ------
    StoreError
        The folder holds something else than this lesson, or cannot be written to.
    """
    folder = RunFolder(target)
    _refuse_other(folder, lesson.session)
    judged = gather_judges(lesson.session, desk)
    make_folder(target)
    with folder.lock():
        folder.write_cases(lesson.content.cases)
        folder.write_rulebooks(_rulebooks(lesson, judged))
        folder.write_people(lesson.people)
        folder.write_verdicts(judged.verdicts)
        folder.write_timing(())
        _write_hands(target / HANDS, lesson.hands)
        _copy_desk(desk, target / DESK)
        # last: a folder without a manifest is no run, so a torn export is seen
        folder.replace_manifest(lesson_manifest(lesson, judged))
    n_people = len({verdict.cell.annotator_id for verdict in lesson.people})
    return Exported(folder, n_people, len(judged.judges))


def people_table(lesson: LessonRecord, delimiter: Delimiter = ";") -> str:
    """Every grade as CSV in the columns of docs/people.md."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    rows.writerow([*_COLUMNS, *_MORE_COLUMNS])
    for verdict in lesson.people:
        rows.writerows(_rows(verdict))
    return text.getvalue()


def lesson_json(lesson: LessonRecord) -> dict[str, Any]:
    """A lesson as plain JSON: settings, verdicts, hands; without the seed, which is a secret."""
    session = lesson.session
    return {
        "session_id": session.session_id,
        "settings": session.settings.model_dump(mode="json"),
        "state": session.state.model_dump(mode="json"),
        "created_at": session.created_at,
        "simulated": session.settings.simulated,
        "people": [verdict.model_dump(mode="json") for verdict in lesson.people],
        "hands": [one.model_dump(mode="json") for one in lesson.hands],
    }


# --- the run folder ------------------------------------------------------------------------------------


def _refuse_other(folder: RunFolder, session: ClassSession) -> None:
    with in_words(folder.path):
        if not folder.path.is_dir() or not any(folder.path.iterdir()):
            return
    told = folder.read_manifest().imported if folder.manifest_path.is_file() else None
    if told is None or told.format != FORMAT or told.options.get("session") != session.session_id:
        raise StoreError(f"{folder.path}: holds something else; name a new folder, or empty this one")


def lesson_manifest(lesson: LessonRecord, judged: Judged) -> Manifest:
    """What the run of a lesson is: its cases, its judges, and that it came from a classroom."""
    session, content = lesson.session, lesson.content
    case_set = content.case_set.model_copy(
        update={"case_order": session.settings.case_ids, "title": _title(lesson)}
    )
    return Manifest(
        run_id=session.session_id,
        created_at=session.created_at,
        harness_version=__version__,
        experiment=Experiment(
            experiment_id=session.session_id,
            title=case_set.title,
            case_set=case_set.set_id,
            seed=0,
            parts=tuple(parts_of(judged.verdicts)),
        ),
        case_set=case_set,
        judges=judged.judges,
        files={},
        versions={"python": platform.python_version()},
        imported=_record(lesson, content.case_set),
    )


def _title(lesson: LessonRecord) -> dict[Any, str]:
    settings = lesson.session.settings
    title = settings.title or lesson.content.case_set.title[settings.language]
    mark = {"fr": "SIMULÉ : ", "en": "SIMULATED: "}[settings.language] if settings.simulated else ""
    return {settings.language: f"{mark}{title}"}


def _record(lesson: LessonRecord, case_set: CaseSet) -> ImportRecord:
    session = lesson.session
    options = {"session": session.session_id, "simulated": str(session.settings.simulated).lower()}
    n_people = len({verdict.cell.annotator_id for verdict in lesson.people})
    invented = "invented pupils of a rehearsal" if session.settings.simulated else "people of a class"
    notes = [f"{n_people} {invented}, {len(lesson.people)} ballots with at least one grade"]
    if lesson.hands:
        notes.append(f"counts of {len(lesson.hands)} shows of hands are in {HANDS}: they rank nothing")
    provenance = Provenance(
        kind="imported", date=session.created_at[:10], source=f"class on {case_set.set_id}"
    )
    return ImportRecord(
        format=FORMAT,
        options=options,
        sources=(),
        notes=tuple(notes),
        provenance=provenance,
        imported_at=session.created_at,
    )


def _rulebooks(lesson: LessonRecord, judged: Judged) -> list[Rulebook]:
    """The class's rulebooks, and those of the judges as far as there are files of them."""
    brought = {one.rulebook_id for one in lesson.content.rulebooks}
    named = dict.fromkeys(verdict.cell.rulebook_id for verdict in judged.verdicts)
    whole = dict.fromkeys(name if (cut := ablated_rule(name)) is None else cut[0] for name in named)
    known = known_ids(RULEBOOKS)
    return [
        *lesson.content.rulebooks,
        *load_rulebooks([name for name in whole if name in known and name not in brought]),
    ]


def _write_hands(path: Path, hands: tuple[HandCount, ...]) -> None:
    if hands:
        write_atomically(path, [canonical_json(one) + b"\n" for one in hands])


def _copy_desk(desk: RunFolder, target: Path) -> None:
    """Take the desk's finished files along; what it is still working on stays behind."""
    if not desk.manifest_path.is_file():
        return
    with in_words(target):
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(desk.path, target, ignore=shutil.ignore_patterns(".*", "*.tmp"))


# --- the table -----------------------------------------------------------------------------------------


def _rows(verdict: RankedVerdict) -> Iterator[list[str]]:
    cell, shown = verdict.cell, verdict.presentation
    slots = dict(zip(shown.order, shown.slots, strict=True)) if shown is not None else {}
    for answer_id, grade in verdict.grades.items():
        yield [
            cell.session or "",
            cell.annotator_id,
            cell.case_id,
            answer_id,
            f"{grade:g}",
            cell.rulebook_id,
            str(cell.phase),
            cell.language,
            slots.get(answer_id, ""),
            "" if verdict.seconds is None else f"{verdict.seconds:g}",
            str(cell.simulated).lower(),
        ]
