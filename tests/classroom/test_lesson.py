"""Lessons from beginning to end: joining, grading, moving, leaving nothing behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.classroom import retention
from harness.classroom.entry import Sheet
from harness.classroom.lesson import Joined, Lessons
from harness.classroom.store import open_store
from harness.errors import (
    GradeRefusedError,
    HarnessError,
    MoveRefusedError,
    NotAdmittedError,
    StateChangedError,
)
from harness.schema.classroom import (
    Ballot,
    ClassSettings,
    Edit,
    Front,
    HandCount,
    Next,
    OpenAll,
    SetPhase,
    SetStage,
)

if TYPE_CHECKING:
    from tests.classroom.conftest import Clock

Settings = Callable[..., ClassSettings]


def _edit(joined: Joined, number: int, grades: dict[str, int | None], **more: Any) -> Edit:  # noqa: ANN401
    return Edit(page=joined.pupil.pupil_id, number=number, case_id="doctor", grades=grades, **more)


async def _opened(lessons: Lessons, settings: ClassSettings) -> tuple[str, str]:
    """Begin a session and open its cases: its id and its code."""
    begun = await lessons.begin(settings)
    await lessons.move(begun.session.session_id, OpenAll())
    return begun.session.session_id, begun.session.code


async def _class(lessons: Lessons, settings: ClassSettings, n: int) -> tuple[str, list[Joined]]:
    """A session in which n pupils graded everything about the doctor."""
    session_id, code = await _opened(lessons, settings)
    joined = [await lessons.join(code) for _ in range(n)]
    for number, one in enumerate(joined):
        grades: dict[str, int | None] = {"doctor-a": 1, "doctor-b": 2 + number % 3, "doctor-c": 4}
        await lessons.save(session_id, one.token, _edit(one, 1, grades))
    return session_id, joined


async def _phases(lessons: Lessons, session_id: str, *phases: str) -> None:
    for phase in phases:
        await lessons.move(session_id, SetPhase.model_validate({"case_id": "doctor", "phase": phase}))


def test_a_pupil_joins_grades_and_reloads(lessons: Lessons, settings_of: Settings) -> None:
    """After a reload the page gets what the pupil graded, and the same cards in the same order."""

    async def lesson() -> None:
        session_id, code = await _opened(lessons, settings_of())
        one = await lessons.join(f" {code.lower()} ")
        ballot = await lessons.save(session_id, one.token, _edit(one, 1, {"doctor-a": 4, "doctor-c": 1}))
        assert ballot.grades == {"doctor-a": 4, "doctor-c": 1}
        pupil = await lessons.pupil(session_id, one.token)
        assert pupil == one.pupil
        assert pupil is not None
        first, second = [await lessons.pupil_view(session_id, pupil) for _ in range(2)]
        assert first == second
        assert [one["grades"] for one in first["ballots"]] == [{"doctor-a": 4, "doctor-c": 1}]
        assert sorted(first["cards"]["doctor"]) == ["doctor-a", "doctor-b", "doctor-c"]

    asyncio.run(lesson())


def test_a_pupils_view_holds_nothing_of_the_class(lessons: Lessons, settings_of: Settings) -> None:
    """In no phase does a pupil's view hold commentary, other pupils, counts, seed or the other employer."""

    async def lesson() -> None:
        settings = settings_of(rulebooks=("hhh", "helpful-first"), title="9B")
        session_id, joined = await _class(lessons, settings, 6)
        others = [one.pupil.pupil_id for one in joined[1:]]
        seed = str((await lessons.session(session_id)).seed)
        phases = ["open", "locked", "class", "commentary", "talk", "second", "judges", "employer", "done"]
        for phase in phases:
            if phase != "open":
                await _phases(lessons, session_id, phase)
            view = await lessons.pupil_view(session_id, joined[0].pupil)
            told = json.dumps(view)
            hidden = ["Discuss", "9B", seed, "n_pupils", *others]
            hidden += [{"hhh": "helpful-first"}.get(joined[0].pupil.rulebook_id, "hhh")]
            assert not [word for word in hidden if word in told]

    asyncio.run(lesson())


def test_a_second_device_is_the_same_pupil(lessons: Lessons, settings_of: Settings) -> None:
    """The word from the first device opens the same ballots on another, and both go on."""

    async def lesson() -> None:
        session_id, code = await _opened(lessons, settings_of())
        one = await lessons.join(code)
        await lessons.save(session_id, one.token, _edit(one, 1, {"doctor-a": 4}))
        again = await lessons.resume(f"{one.recovery[:4]}-{one.recovery[4:]}".lower())
        assert again.pupil == one.pupil
        assert again.token != one.token
        elsewhere = Edit(page="another-device", number=1, case_id="doctor", grades={"doctor-b": 2})
        ballot = await lessons.save(session_id, again.token, elsewhere)
        assert ballot.grades == {"doctor-a": 4, "doctor-b": 2}
        await lessons.save(session_id, one.token, _edit(one, 2, {"doctor-a": 3}))
        with pytest.raises(NotAdmittedError):
            await lessons.resume("22222-2222")

    asyncio.run(lesson())


def test_nobody_gets_in_where_they_do_not_belong(lessons: Lessons, settings_of: Settings) -> None:
    """Another session's token, a forged one, a pupil's as a teacher's: refused; an ended lesson too."""

    async def lesson() -> None:
        one, other = [await lessons.begin(settings_of()) for _ in range(2)]
        here, there = one.session.session_id, other.session.session_id
        pupil = await lessons.join(one.session.code)
        assert await lessons.pupil(there, pupil.token) is None
        assert await lessons.pupil(here, "forged") is None
        with pytest.raises(NotAdmittedError):
            await lessons.save(there, pupil.token, _edit(pupil, 1, {"doctor-a": 1}))
        assert await lessons.is_teacher(here, one.teacher_token)
        for token in (pupil.token, other.teacher_token, "", lessons.projector_key(one.session)):
            assert not await lessons.is_teacher(here, token)
        assert lessons.is_projector(one.session, lessons.projector_key(one.session))
        assert not lessons.is_projector(one.session, lessons.projector_key(other.session))
        assert not lessons.is_projector(one.session, "é")
        assert await lessons.is_teacher(here, await lessons.add_teacher_link(here))
        for stage in ("cases", "closing", "ended"):
            await lessons.move(here, SetStage.model_validate({"stage": stage}))
        with pytest.raises(NotAdmittedError) as refused:
            await lessons.join(one.session.code)
        assert refused.value.reason == "ended"

    asyncio.run(lesson())


@pytest.mark.parametrize(
    "grades", [{"doctor-z": 1}, {"garden-a": 1}, {"doctor-a": 5}, {"doctor-a": 1, "nothing": None}]
)
def test_a_forged_edit_is_refused(
    lessons: Lessons, settings_of: Settings, grades: dict[str, int | None]
) -> None:
    """An answer or a grade that the case does not have is refused whole, and its neighbours are kept."""

    async def lesson() -> None:
        session_id, code = await _opened(lessons, settings_of())
        one = await lessons.join(code)
        bad, good = _edit(one, 1, grades), _edit(one, 2, {"doctor-b": 2})
        saved = await lessons.save_all(session_id, one.token, [bad, good])
        assert isinstance(saved[0], GradeRefusedError)
        assert saved[0].reason == "invalid"
        assert isinstance(saved[1], Ballot)
        assert saved[1].grades == {"doctor-b": 2}
        with pytest.raises(GradeRefusedError):
            await lessons.save(session_id, one.token, bad)

    asyncio.run(lesson())


def test_nobody_sees_grades_of_four(lessons: Lessons, settings_of: Settings) -> None:
    """Four answered: projector, teacher and pupils see no grades; the fifth makes them visible."""

    async def lesson() -> None:
        session_id, joined = await _class(lessons, settings_of(), 4)
        late = await lessons.join((await lessons.session(session_id)).code)
        await _phases(lessons, session_id, "locked")
        with pytest.raises(GradeRefusedError):
            await lessons.save(session_id, late.token, _edit(late, 1, {"doctor-a": 1}))
        await _phases(lessons, session_id, "class")
        for role in ("pupil", "projector", "teacher"):
            assert not (await lessons.sight(session_id, role, "doctor")).grades
        view = await lessons.projector_view(session_id)
        assert view["progress"]["doctor"]["1"] == {"n": 4, "n_complete": 4}
        sheet = Sheet({"doctor": {"doctor-a": 2}}, "sheet-1")
        await lessons.enter_sheet(session_id, sheet)
        assert (await lessons.sight(session_id, "projector", "doctor")).grades
        assert len(joined) == 4

    asyncio.run(lesson())


def test_sheets_and_reply_codes_count_once(lessons: Lessons, settings_of: Settings) -> None:
    """A sheet or a reply code that is entered twice is one pupil; two sheets alike are two."""

    async def lesson() -> None:
        begun = await lessons.begin(settings_of(rulebooks=("hhh", "helpful-first")))
        session_id = begun.session.session_id
        grades = {"doctor": {"doctor-a": 1, "doctor-b": 4}, "garden": {"garden-c": 2}}
        first = Sheet(grades, "first", rulebook_id="helpful-first")
        one = await lessons.enter_sheet(session_id, first)
        assert one == await lessons.enter_sheet(session_id, first)
        other = await lessons.enter_sheet(session_id, Sheet(grades, "second"))
        code = await lessons.enter_sheet(session_id, Sheet(grades, "first", entry="code"))
        assert [one.entry, other.entry, code.entry] == ["sheet", "sheet", "code"]
        assert len({one.pupil_id, other.pupil_id, code.pupil_id}) == 3
        assert one.rulebook_id == "helpful-first"
        assert len(lessons.store.ballots(session_id)) == 6
        view = await lessons.teacher_view(session_id)
        assert view["n_by_entry"] == {"code": 1, "sheet": 2}
        for wrong in (
            Sheet({"doctor": {}}, "x"),
            Sheet({"nothing": {"doctor-a": 1}}, "x"),
            Sheet({"doctor": {"doctor-a": 0}}, "x"),
            Sheet(grades, "x", rulebook_id="none"),
        ):
            with pytest.raises(GradeRefusedError):
                await lessons.enter_sheet(session_id, wrong)
        assert (await lessons.teacher_view(session_id))["n_pupils"] == 3

    asyncio.run(lesson())


def test_hands_make_bars_and_no_verdicts(lessons: Lessons, settings_of: Settings, tmp_path: Path) -> None:
    """A show of hands is counted for the projector, and leaves no person's grades behind."""

    async def lesson() -> None:
        session_id = (await lessons.begin(settings_of())).session.session_id
        hands = HandCount(case_id="doctor", answer_id="doctor-a", counts=(5, 4, 3, 2))
        await lessons.put_hands(session_id, [hands])
        assert (await lessons.teacher_view(session_id))["hands"] == [hands.model_dump(mode="json")]
        await lessons.move(session_id, OpenAll())
        await _phases(lessons, session_id, "locked", "class")
        assert (await lessons.sight(session_id, "projector", "doctor")).grades
        assert len((await lessons.table(session_id)).splitlines()) == 1
        for wrong in (
            hands.model_copy(update={"counts": (1, 2)}),
            hands.model_copy(update={"answer_id": "garden-a"}),
        ):
            with pytest.raises(GradeRefusedError):
                await lessons.put_hands(session_id, [wrong])

    asyncio.run(lesson())


def test_two_devices_of_a_teacher(lessons: Lessons, settings_of: Settings) -> None:
    """The slower device is told so and changes nothing; moves can be taken back until none is left."""

    async def lesson() -> None:
        session_id = (await lessons.begin(settings_of())).session.session_id
        opened = await lessons.move(session_id, Next(), expected_version=1)
        with pytest.raises(StateChangedError):
            await lessons.move(session_id, Front(case_id="garden"), expected_version=1)
        assert await lessons.state(session_id) == opened
        back = await lessons.undo(session_id, expected_version=2)
        assert back.stage == "lobby"
        assert back.version == 3
        with pytest.raises(MoveRefusedError) as refused:
            await lessons.undo(session_id)
        assert refused.value.reason == "nothing"

    asyncio.run(lesson())


def test_a_reveal_that_is_taken_back_opens_no_vote(lessons: Lessons, settings_of: Settings) -> None:
    """Undo hides the grades again, but does not go behind the lock; a vote stays closed."""

    async def lesson() -> None:
        session_id, joined = await _class(lessons, settings_of(), 5)
        await _phases(lessons, session_id, "locked", "class")
        assert (await lessons.sight(session_id, "pupil", "doctor")).grades
        await lessons.undo(session_id)
        assert not (await lessons.sight(session_id, "pupil", "doctor")).grades
        with pytest.raises(MoveRefusedError):
            await lessons.undo(session_id)
        with pytest.raises(GradeRefusedError):
            await lessons.save(session_id, joined[0].token, _edit(joined[0], 2, {"doctor-a": 4}))

    asyncio.run(lesson())


def test_a_lesson_ends_with_its_retention(lessons: Lessons, settings_of: Settings, clock: Clock) -> None:
    """After 24 hours nobody gets in, even before anybody swept; sweeping deletes it and spares the others."""

    async def lesson() -> None:
        session_id, joined = await _class(lessons, settings_of(), 2)
        kept = await lessons.begin(settings_of(retention_h=48))
        clock.pass_hours(23.9)
        assert await lessons.sweep() == ()
        await lessons.save(session_id, joined[0].token, _edit(joined[0], 9, {"doctor-a": 2}))
        clock.pass_hours(0.1)
        asked: list[Callable[[], Any]] = [
            partial(lessons.session, session_id),
            partial(lessons.join, joined[0].session.code),
            partial(lessons.resume, joined[0].recovery),
            partial(lessons.save, session_id, joined[0].token, _edit(joined[0], 10, {"doctor-a": 2})),
        ]
        for ask in asked:
            with pytest.raises(NotAdmittedError):
                await ask()
        assert [one.session_id for one in await lessons.sessions()] == [kept.session.session_id]
        assert await lessons.sweep() == (session_id,)
        assert [one.session_id for one in lessons.store.sessions()] == [kept.session.session_id]

    asyncio.run(lesson())


def test_deletion_takes_pupils_and_desk(lessons: Lessons, settings_of: Settings) -> None:
    """After deletion browsers are strangers, listeners hear the end, and the desk's files are gone."""

    async def lesson() -> None:
        session_id, joined = await _class(lessons, settings_of(), 2)
        desk = lessons.desk(joined[0].session).folder.path
        desk.mkdir(parents=True)
        (desk / "manifest.json").write_text("{}")

        async def listen() -> list[int]:
            return [version async for version in lessons.subscribe(session_id, "pupil")]

        listening = asyncio.create_task(listen())
        await asyncio.sleep(0)
        await lessons.delete(session_id)
        assert await listening == [2]
        assert not desk.exists()
        assert await lessons.pupil(session_id, joined[0].token) is None
        with pytest.raises(NotAdmittedError):
            await lessons.save(session_id, joined[0].token, _edit(joined[0], 2, {"doctor-a": 1}))
        with pytest.raises(NotAdmittedError):
            await lessons.version(session_id, "teacher")

    asyncio.run(lesson())


def test_settings_of_nothing_are_refused(lessons: Lessons, settings_of: Settings) -> None:
    """A case, rulebook, set or language that is not there is an error in words, and begins no session."""

    async def lesson() -> None:
        wrong: list[dict[str, Any]] = [
            {"case_ids": ("docter",)},
            {"case_ids": ("doctor", "doctor")},
            {"rulebooks": ("hhhh",)},
            {"rulebooks": ("hhh", "hhh")},
            {"case_set": "minni"},
            {"language": "fr"},
            {"runs": ("no-such-run",)},
        ]
        for changed in wrong:
            with pytest.raises(HarnessError):
                await lessons.begin(settings_of(**changed))
        assert await lessons.sessions() == ()

    asyncio.run(lesson())


def test_a_restarted_server_knows_everybody(
    lessons: Lessons,
    settings_of: Settings,
    classes: Path,
    clock: Clock,
) -> None:
    """A server that starts again lets the same browsers in, with their grades, and goes on counting."""

    async def before() -> tuple[str, Joined]:
        session_id, joined = await _class(lessons, settings_of(), 1)
        return session_id, joined[0]

    session_id, one = asyncio.run(before())

    async def after() -> None:
        again = Lessons(open_store(classes), classes.parent, clock=clock)
        assert await again.pupil(session_id, one.token) == one.pupil
        ballot = await again.save(session_id, one.token, _edit(one, 1, {"doctor-a": 3}))
        assert ballot.grades["doctor-a"] == 1
        assert await again.version(session_id, "pupil") == 2
        assert await again.version(session_id, "teacher") > 2
        await again.close()

    asyncio.run(after())


def test_a_class_that_sends_at_once_is_written_in_few_transactions(
    lessons: Lessons, settings_of: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred pupils who save at the same moment share transactions, and each hears after the commit."""
    batches: list[int] = []
    together = lessons.store.together

    def counted(works: Any) -> Any:  # noqa: ANN401 - as the store's own
        batches.append(len(works))
        return together(works)

    async def lesson() -> None:
        session_id, code = await _opened(lessons, settings_of())
        joined = await asyncio.gather(*(lessons.join(code) for _ in range(200)))
        assert sorted(one.pupil.number for one in joined) == list(range(1, 201))
        monkeypatch.setattr(lessons.store, "together", counted)
        edits = [
            (one, _edit(one, number, {"doctor-a": 1 + number % 4})) for one in joined for number in (1, 2, 3)
        ]
        saved = await asyncio.gather(*(lessons.save(session_id, one.token, edit) for one, edit in edits))
        assert len(saved) == 600
        assert {one.grades["doctor-a"] for one in lessons.store.ballots(session_id)} == {4}

    asyncio.run(lesson())
    assert sum(batches) == 600
    assert len(batches) <= 30


def test_a_client_that_goes_away_loses_nothing(lessons: Lessons, settings_of: Settings) -> None:
    """A request that is cancelled while its grade is being written does not stop the others of its batch."""

    async def lesson() -> None:
        session_id, code = await _opened(lessons, settings_of())
        one, other = [await lessons.join(code) for _ in range(2)]
        gone = asyncio.create_task(lessons.save(session_id, one.token, _edit(one, 1, {"doctor-a": 1})))
        stays = asyncio.create_task(lessons.save(session_id, other.token, _edit(other, 1, {"doctor-a": 2})))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await stays).grades == {"doctor-a": 2}
        with pytest.raises(asyncio.CancelledError):
            await gone

    asyncio.run(lesson())


def test_a_deletion_that_is_cut_short_is_done_again(
    lessons: Lessons, settings_of: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that ends in the middle of a deletion still knows the session, and sweeps it later."""

    async def lesson() -> None:
        session_id, _ = await _class(lessons, settings_of(), 1)
        with monkeypatch.context() as broken:
            broken.setattr(lessons.store, "delete", _power_cut)
            with pytest.raises(KeyboardInterrupt):
                retention.delete_session(lessons.store, Path("desks"), session_id)
        clock.pass_hours(25)
        assert await lessons.sweep() == (session_id,)
        assert lessons.store.sessions() == ()

    asyncio.run(lesson())


def _power_cut(_: str) -> None:
    raise KeyboardInterrupt


def test_two_servers_of_one_database_hear_of_each_other(
    lessons: Lessons, settings_of: Settings, classes: Path, clock: Clock
) -> None:
    """What another server did to a session, its end included, is heard here after a refresh."""

    async def lesson() -> None:
        other = Lessons(open_store(classes), classes.parent, clock=clock)
        session_id, joined = await _class(lessons, settings_of(), 1)
        before = [await other.version(session_id, role) for role in ("pupil", "teacher")]
        await lessons.save(session_id, joined[0].token, _edit(joined[0], 2, {"doctor-a": 3}))
        await lessons.move(session_id, Front(case_id="garden"))
        await other.refresh()
        after = [await other.version(session_id, role) for role in ("pupil", "teacher")]
        assert after[0] == before[0] + 1
        assert after[1] >= before[1] + 2
        await lessons.delete(session_id)
        await other.refresh()
        assert session_id not in other.hub
        await other.close()

    asyncio.run(lesson())
