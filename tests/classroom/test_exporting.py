"""A lesson to take home: every human grade is an ordinary verdict, read like any other."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import harness
from harness.api.source import Asked, load_source
from harness.classroom.judges import find_run, gather_judges
from harness.classroom.lesson import Lessons
from harness.classroom.store import open_store
from harness.compare.source import build_layout
from harness.errors import GradeRefusedError, StoreError
from harness.load.content import load_case_set
from harness.load.people import load_people
from harness.run.pasting import Told
from harness.schema import RankedVerdict, Verdict
from harness.schema.classroom import ClassSettings, Edit, HandCount, OpenAll, SetPhase
from harness.store.folder import RunFolder

CASES = ("ibuprofen", "poem")
TWO = ("hhh", "helpful-first")


class School:
    """Lessons about the shipped cases, in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "classes.sqlite"

    def teach(self, settings: ClassSettings, lesson: Callable[[Lessons, str], Any]) -> Any:  # noqa: ANN401
        """Begin a session, open it, do what a test wants, and give back what that gives."""

        async def begin() -> Any:  # noqa: ANN401 - whatever the lesson gives
            lessons = Lessons(open_store(self.path), self.folder, rng=random.Random(3))
            begun = await lessons.begin(settings)
            await lessons.move(begun.session.session_id, OpenAll())
            done = await lesson(lessons, begun.session.session_id)
            await lessons.close()
            return done

        return asyncio.run(begin())


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> School:
    """Give a school that knows the shipped cases, and works in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return School(tmp_path)


def _settings(**changed: Any) -> ClassSettings:  # noqa: ANN401 - whatever settings may hold
    return ClassSettings.model_validate({"case_ids": CASES, "rulebooks": TWO, **changed})


async def _real_class(lessons: Lessons, session_id: str, n: int = 6) -> None:
    """A class of people: ties, gaps, a case left out, seconds, a second vote of some."""
    session = await lessons.session(session_id)
    joined = [await lessons.join(session.code) for _ in range(n)]
    answers = lessons.content(session).answers
    for one in joined:
        number = one.pupil.number
        for place, (case_id, answer_ids) in enumerate(answers.items()):
            grades: dict[str, int | None] = {
                name: 1 + (number * k) % 4 for k, name in enumerate(answer_ids) if (number + k) % 5
            }
            if number != 1 or place == 0:
                edit = Edit(
                    page="page-one", number=place + 1, case_id=case_id, grades=grades, seconds=31.5 * number
                )
                await lessons.save(session_id, one.token, edit)
    for phase in ("locked", "class", "talk", "second"):
        await lessons.move(session_id, SetPhase.model_validate({"case_id": "poem", "phase": phase}))
    for one in joined[:4]:
        edit = Edit(page="page-two", number=1, case_id="poem", vote=2, grades={"poem-a": 1, "poem-b": 4})
        await lessons.save(session_id, one.token, edit)


def _said(verdict: Verdict) -> tuple[object, ...]:
    """Everything about a ranking but the letters of its places: an import names gaps away."""
    assert isinstance(verdict, RankedVerdict)
    shown = verdict.presentation.order if verdict.presentation else ()
    return verdict.cell, verdict.grades, verdict.seconds, shown


@pytest.mark.parametrize("delimiter", [";", ","])
def test_the_table_is_read_again_unchanged(school: School, delimiter: Any, command: Any) -> None:  # noqa: ANN401
    """The CSV, with either sign between its columns, gives back exactly the verdicts of the run folder."""

    async def lesson(lessons: Lessons, session_id: str) -> None:
        await _real_class(lessons, session_id)
        await lessons.export(session_id, school.folder / "run")
        (school.folder / "class.csv").write_text(await lessons.table(session_id, delimiter), newline="")

    school.teach(_settings(), lesson)
    rows = [
        harness.load_run("run")
        .compare(people, n_shuffles=0)
        .rows.query("kind == 'person'")
        .to_dict("records")
        for people in (None, "class.csv")
    ]
    assert str(rows[0]) == str(rows[1])

    case_set, cases = load_case_set("annotator")
    again = load_people(school.folder / "class.csv", case_set, cases, rulebooks=TWO)
    people = RunFolder(school.folder / "run").read_people()
    assert list(again) == people
    assert command("import", "long", "class.csv", "-o", "imported").code == 0
    imported = RunFolder(school.folder / "imported").read_people()
    assert [_said(verdict) for verdict in imported] == [_said(verdict) for verdict in people]
    assert {verdict.cell.phase for verdict in people} == {1, 2}
    assert {verdict.cell.rulebook_id for verdict in people} == set(TWO)
    assert any(len(verdict.grades) < 4 for verdict in again)
    assert {one.presentation.slots for one in again if one.presentation} != {("A", "B", "C", "D")}


@pytest.mark.parametrize("runs", [(), ("local-judges",)])
def test_a_lesson_is_a_run(school: School, runs: tuple[str, ...], command: Any) -> None:  # noqa: ANN401
    """`compare` and `report` read an exported lesson like any run, with recorded judges and without."""

    async def lesson(lessons: Lessons, session_id: str) -> None:
        await _real_class(lessons, session_id)
        await lessons.export(session_id, school.folder / "run")

    school.teach(_settings(runs=runs), lesson)
    assert command("compare", "run").code == 0
    assert command("report", "run", "--language", "fr").code == 0
    kinds = [row["kind"] for row in harness.load_run("run").compare(n_shuffles=0).rows.to_dict("records")]
    assert kinds.count("person") == 6
    assert ("judge" in kinds) == bool(runs)
    page = (school.folder / "run" / "report.html").read_text()
    assert ("qwen2.5-coder-1.5b" in page) == bool(runs)


def test_recorded_judges_say_the_same_in_a_lesson(school: School) -> None:
    """Judges of a recorded run come along with every verdict on the class's cases, and with no other."""

    async def lesson(lessons: Lessons, session_id: str) -> None:
        await _real_class(lessons, session_id)
        await lessons.export(session_id, school.folder / "run")

    school.teach(_settings(runs=("local-judges",)), lesson)
    recorded = find_run("local-judges")
    mine = [one for one in recorded.read_verdicts() if one.cell.case_id in CASES]
    assert RunFolder(school.folder / "run").read_verdicts() == mine
    layout = build_layout(load_source(RunFolder(school.folder / "run"), Asked()))
    assert [case.case_id for case in layout.cases] == list(CASES)


def test_a_second_vote_changes_no_comparison(school: School) -> None:
    """Votes after talking stand in the folder, but only the first ones are compared with judges."""

    async def lesson(lessons: Lessons, session_id: str) -> None:
        await _real_class(lessons, session_id)
        await lessons.export(session_id, school.folder / "run")

    school.teach(_settings(runs=("local-judges",)), lesson)
    folder = RunFolder(school.folder / "run")
    first = [one for one in folder.read_people() if one.cell.phase == 1]
    shutil.copytree(school.folder / "run", school.folder / "first")
    RunFolder(school.folder / "first").write_people(first)
    assert len(first) < len(folder.read_people())
    both = [harness.load_run(school.folder / name).compare(n_shuffles=0) for name in ("run", "first")]
    rows = [compared.rows.to_dict("records") for compared in both]
    assert str(rows[0]) == str(rows[1])


def test_pasted_judges_come_along_and_replay(school: School, command: Any) -> None:  # noqa: ANN401
    """What was pasted at the desk is a judge of the exported lesson; its recordings replay byte for byte."""

    async def lesson(lessons: Lessons, session_id: str) -> None:
        await _real_class(lessons, session_id)
        desk = lessons.desk(await lessons.session(session_id))
        told = Told("Le Chat, Mistral Large 3", "2026-11-20", "Mistral AI")
        for prompt in desk.prompts(told, "hhh", together=False):
            reply = '{"A": 1, "B": 4, "C": 2, "D": 3, "best": "B", "worst": "A", "rules": [1], "reason": "B"}'
            await desk.keep(told, prompt, "hhh", reply)
        await lessons.export(session_id, school.folder / "run")
        session = await lessons.session(session_id)
        judged = gather_judges(session, desk.folder)
        assert [one.spec.model_id.partition("/")[0] for one in judged.judges] == ["pasted"]

    school.teach(_settings(), lesson)
    verdicts = RunFolder(school.folder / "run").read_verdicts()
    assert {type(verdict) for verdict in verdicts} == {RankedVerdict}
    assert {verdict.cell.case_id for verdict in verdicts} == set(CASES)
    desk = school.folder / "run" / "desk"
    before = (desk / "verdicts.jsonl").read_bytes()
    done = command("replay", desk)
    assert done.code == 0, done.err
    assert (desk / "verdicts.jsonl").read_bytes() == before
    assert command("compare", "run").code == 0


def test_simulated_pupils_are_marked_everywhere(school: School) -> None:
    """A rehearsal says so in its verdicts, its table, its JSON, its title and its report."""

    async def lesson(lessons: Lessons, session_id: str) -> tuple[str, Any]:
        await lessons.rehearse(session_id, 12, seed=4)
        await lessons.export(session_id, school.folder / "run")
        return await lessons.table(session_id), await lessons.record(session_id)

    table, record = school.teach(_settings(simulated=True), lesson)
    folder = RunFolder(school.folder / "run")
    assert all(verdict.cell.simulated for verdict in folder.read_people())
    assert all(row.endswith(";true") for row in table.splitlines()[1:])
    assert record["simulated"] is True
    assert folder.read_manifest().case_set.title == {"fr": "SIMULÉ : Dans la peau d’un annotateur"}
    told = folder.read_manifest().imported
    assert told is not None
    assert "invented pupils" in told.notes[0]


def test_people_join_no_rehearsal_unmarked(school: School) -> None:
    """Whoever joins a rehearsal is marked as simulated too; and no pupil is invented in a real lesson."""

    async def rehearsal(lessons: Lessons, session_id: str) -> None:
        await _real_class(lessons, session_id)
        assert all(row.endswith("true") for row in (await lessons.table(session_id)).splitlines()[1:])

    async def real(lessons: Lessons, session_id: str) -> None:
        with pytest.raises(GradeRefusedError) as refused:
            await lessons.rehearse(session_id, 12)
        assert refused.value.reason == "no_rehearsal"
        assert (await lessons.teacher_view(session_id))["n_pupils"] == 0

    school.teach(_settings(simulated=True), rehearsal)
    school.teach(_settings(), real)


def test_invented_pupils_are_plausible(school: School) -> None:
    """Most of them follow the author's key, some do not, some leave gaps; the same seed invents the same."""
    settings = _settings(simulated=True, rulebooks=("hhh",), case_ids=(*CASES, "screens", "language"))

    async def lesson(lessons: Lessons, session_id: str) -> tuple[Any, Any]:
        await lessons.rehearse(session_id, 60, seed=1)
        return lessons.store.ballots(session_id, vote=1), lessons.store.ballots(session_id, vote=2)

    first, second = school.teach(settings, lesson)
    again, _ = School(school.folder / "again").teach(settings, lesson)
    assert sorted(str(one.grades) for one in first) == sorted(str(one.grades) for one in again)
    complete = [one.grades for one in first if len(one.grades) == 4]
    assert 200 < len(complete) < len(first) < 240
    poems = [grades for grades in complete if "poem-b" in grades]
    best = [grades["poem-b"] == max(grades.values()) for grades in poems]
    assert 0.6 < sum(best) / len(best) < 1
    assert {grade for grades in complete for grade in grades.values()} == {1, 2, 3, 4}
    assert any(len(set(grades.values())) < 4 for grades in complete)
    moved = [one.grades != other.grades for one, other in zip(first, second, strict=True)]
    assert 0 < sum(moved) < len(moved)


def test_hands_lie_beside_the_verdicts(school: School) -> None:
    """A show of hands is exported as counts, never as anybody's ranking."""
    hands = HandCount(case_id="poem", answer_id="poem-a", counts=(9, 8, 7, 6))

    async def lesson(lessons: Lessons, session_id: str) -> None:
        await lessons.put_hands(session_id, [hands])
        await lessons.export(session_id, school.folder / "run")

    school.teach(_settings(), lesson)
    folder = RunFolder(school.folder / "run")
    assert folder.read_people() == []
    assert HandCount.model_validate_json((folder.path / "hands.jsonl").read_text()) == hands


def test_an_export_replaces_only_itself(school: School) -> None:
    """A lesson may be written again into its folder; any other folder that holds something is refused."""

    async def lesson(lessons: Lessons, session_id: str) -> None:
        target = school.folder / "run"
        await lessons.export(session_id, target)
        await _real_class(lessons, session_id)
        assert (await lessons.export(session_id, target)).n_people == 6
        other = await lessons.begin(_settings())
        with pytest.raises(StoreError, match="something else"):
            await lessons.export(other.session.session_id, target)
        (school.folder / "notes").mkdir()
        (school.folder / "notes" / "a.txt").write_text("mine")
        with pytest.raises(StoreError, match="something else"):
            await lessons.export(session_id, school.folder / "notes")

    school.teach(_settings(), lesson)


def test_a_run_that_is_not_there_is_named(school: School) -> None:
    """A misspelt run is an error that names the near one."""
    with pytest.raises(StoreError, match="local-judges"):
        find_run("local-judge")


def test_the_seed_stays_at_home(school: School) -> None:
    """Neither the run folder nor the JSON holds the seed: the projector's key comes from it."""

    async def lesson(lessons: Lessons, session_id: str) -> str:
        await _real_class(lessons, session_id)
        await lessons.export(session_id, school.folder / "run")
        seed = str((await lessons.session(session_id)).seed)
        assert seed not in json.dumps(await lessons.record(session_id))
        return seed

    seed = school.teach(_settings(), lesson)
    files = [path.read_text() for path in (school.folder / "run").rglob("*") if path.is_file()]
    assert not [text for text in files if seed in text]
