"""Pictures of a running lesson: read anew when somebody answers or the lesson moves, and only then."""

from __future__ import annotations

import asyncio
import csv
import io
import threading
from collections.abc import Awaitable, Callable

import pytest

from harness.classroom import pictures as module
from harness.classroom.entry import Sheet as Paper
from harness.classroom.kept import Kept
from harness.classroom.lesson import Lessons
from harness.classroom.pictures import Pictures
from harness.classroom.projector import Wall
from harness.classroom.scenes import Drawn, Lesson, figure
from harness.report.classroom.sheet import BIG, Sheet
from harness.report.figures.figure import Figure
from harness.schema.classroom import Ballot, ClassSettings, Move, OpenAll, SetPhase

SettingsOf = Callable[..., ClassSettings]


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of the screens that were really drawn."""
    drawn: list[str] = []

    def counted(lesson: Lesson, screen: Drawn, case_id: str, sheet: Sheet = BIG) -> Figure:
        drawn.append(screen)
        return figure(lesson, screen, case_id, sheet)

    monkeypatch.setattr(module, "figure", counted)
    return drawn


def _wall() -> Wall:
    return Wall({}, "http://salle.test/j/K7QP", lambda url: url, lambda: pytest.fail("no closing here"))


async def _begin(lessons: Lessons, settings: ClassSettings, n: int = 6) -> str:
    """A lesson with `n` typed sheets, its first case at the class's grades."""
    session_id = (await lessons.begin(settings)).session.session_id
    content = lessons.content(await lessons.session(session_id))
    await lessons.move(session_id, OpenAll())
    for number in range(n):
        await lessons.enter_sheet(session_id, _sheet(content.answers, number))
    case_id = settings.case_ids[0]
    for move in _moves(case_id, "locked", "class"):
        await lessons.move(session_id, move)
    return session_id


def _moves(case_id: str, *phases: str) -> list[Move]:
    return [SetPhase.model_validate({"case_id": case_id, "phase": phase}) for phase in phases]


def _sheet(answers: object, number: int) -> Paper:
    assert isinstance(answers, dict)
    grades = {
        case_id: {name: 1 + place for place, name in enumerate(names)} for case_id, names in answers.items()
    }
    return Paper(grades=grades, receipt=f"sheet {number}")


def _run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(work())  # type: ignore[arg-type]


def test_a_figure_is_drawn_once_until_somebody_answers(
    lessons: Lessons, settings_of: SettingsOf, count: list[str]
) -> None:
    """Five hundred pages that ask for the same picture cost one drawing; one more sheet makes another."""

    async def work() -> None:
        session_id = await _begin(lessons, settings_of())
        pictures = Pictures(lessons)
        shown = [await pictures.wall(session_id, 0, "", _wall()) for _ in range(3)]
        assert count == ["grades"]
        assert len(set(shown)) == 1
        content = lessons.content(await lessons.session(session_id))
        await lessons.enter_sheet(session_id, _sheet(content.answers, 99))
        await pictures.wall(session_id, 0, "", _wall())
        assert count == ["grades", "grades"]
        await pictures.close()

    _run(work)


def test_the_wall_goes_back_to_its_first_page_when_the_lesson_moves(
    lessons: Lessons, settings_of: SettingsOf
) -> None:
    """A page that was leafed to stays while people answer, and not after the teacher's move."""

    async def work() -> None:
        settings = settings_of()
        session_id = await _begin(lessons, settings)
        pictures = Pictures(lessons)
        state = str((await lessons.state(session_id)).version)
        assert 'data-page="1"' in await pictures.wall(session_id, 1, state, _wall())
        await lessons.move(session_id, _moves(settings.case_ids[0], "commentary")[0])
        assert 'data-page="0"' in await pictures.wall(session_id, 1, state, _wall())
        await pictures.close()

    _run(work)


def test_a_pupil_sees_what_the_phase_allows(lessons: Lessons, settings_of: SettingsOf) -> None:
    """Before the reveal nothing, then the class; never more than the phase has come to."""

    async def work() -> None:
        settings = settings_of()
        session_id = await _begin(lessons, settings)
        pictures, first = Pictures(lessons), settings.case_ids[0]
        pupil = lessons.store.pupils(session_id)[0].pupil_id
        shown = await pictures.pupil_case(session_id, pupil, first)
        assert shown.bars is not None
        assert shown.mine is not None
        assert (shown.commentary, shown.moved, shown.employer) == (None, None, None)
        hidden = await pictures.pupil_case(session_id, pupil, settings.case_ids[1])
        assert (hidden.bars, hidden.mine, hidden.commentary) == (None, None, None)
        await pictures.close()

    _run(work)


def test_the_table_of_a_figure_is_a_file_for_spreadsheets(lessons: Lessons, settings_of: SettingsOf) -> None:
    """Each answer's counts are a line; what is hidden has none of them."""

    async def work() -> None:
        settings = settings_of()
        session_id = await _begin(lessons, settings)
        pictures = Pictures(lessons)
        text = await pictures.csv(session_id, "projector", "grades", settings.case_ids[0])
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        assert [row[-1] for row in rows[1:]] == ["6"] * len(rows[1:])
        hidden = await pictures.csv(session_id, "projector", "grades", settings.case_ids[1])
        assert {row[-1] for row in csv.reader(io.StringIO(hidden), delimiter=";")} == {"n", "0"}
        await pictures.close()

    _run(work)


def test_the_table_of_a_rehearsal_says_in_each_line_that_it_is_invented(
    lessons: Lessons, settings_of: SettingsOf
) -> None:
    """No line of a simulated lesson can be cut out and taken for people's."""

    async def work() -> None:
        settings = settings_of(simulated=True)
        session_id = (await lessons.begin(settings)).session.session_id
        await lessons.move(session_id, OpenAll())
        await lessons.rehearse(session_id, 8)
        for move in _moves(settings.case_ids[0], "locked", "class"):
            await lessons.move(session_id, move)
        pictures = Pictures(lessons)
        text = await pictures.csv(session_id, "projector", "grades", settings.case_ids[0])
        assert all(line.endswith(";SIMULATED") for line in text.splitlines())
        await pictures.close()

    _run(work)


def test_nothing_of_a_deleted_lesson_is_kept(
    lessons: Lessons, settings_of: SettingsOf, count: list[str]
) -> None:
    """After `forget` no figure, reading or panel of the lesson is in memory."""

    async def work() -> None:
        settings = settings_of()
        session_id = await _begin(lessons, settings)
        pictures = Pictures(lessons)
        await pictures.wall(session_id, 0, "", _wall())
        pupil = lessons.store.pupils(session_id)[0].pupil_id
        await pictures.pupil_fragment(session_id, pupil, settings.case_ids[0])
        assert min(len(pictures._figures), len(pictures._fragments), len(pictures._said)) > 0
        await lessons.delete(session_id)
        pictures.forget(session_id)
        assert (pictures._reads, pictures._said, pictures._panels) == ({}, {}, {})
        assert (len(pictures._figures), len(pictures._fragments)) == (0, 0)
        await pictures.close()

    _run(work)
    assert count == ["grades", "grades"]


def test_pupils_who_graded_alike_share_a_drawing_and_no_others(
    lessons: Lessons, settings_of: SettingsOf
) -> None:
    """Two pupils with the same grades get the same page; one who graded otherwise gets another, the own."""

    async def work() -> None:
        settings = settings_of()
        session_id, first = await _begin(lessons, settings), settings.case_ids[0]
        content = lessons.content(await lessons.session(session_id))
        turned = {first: {name: 4 - place for place, name in enumerate(content.answers[first])}}
        await lessons.enter_sheet(session_id, Paper(grades=turned, receipt="turned"))
        pictures = Pictures(lessons)
        pupils = [one.pupil_id for one in lessons.store.pupils(session_id)]
        pages = [await pictures.pupil_fragment(session_id, one, first) for one in pupils]
        assert len(set(pages[:-1])) == 1
        assert pages[-1] != pages[0]
        assert len(pictures._fragments) == 2
        await pictures.close()

    _run(work)


def test_what_is_kept_is_bounded() -> None:
    """The oldest goes when there is no room for another, and asking again makes it again."""
    kept, made = Kept[str](2), list[int]()

    def of(number: int) -> str:
        def make() -> str:
            made.append(number)
            return str(number)

        return kept.of(("s", number), make)

    assert [of(1), of(2), of(1), of(3), of(1)] == ["1", "2", "1", "3", "1"]
    assert made == [1, 2, 3, 1]
    assert len(kept) == 2


def test_the_payslip_counts_the_class_s_own_work(lessons: Lessons, settings_of: SettingsOf) -> None:
    """The closing section counts every grade of the lesson."""

    async def work() -> None:
        settings = settings_of()
        session_id = await _begin(lessons, settings)
        ballots: tuple[Ballot, ...] = lessons.store.ballots(session_id)
        shown = await Pictures(lessons).closing(session_id)
        assert str(sum(len(one.grades) for one in ballots)) in shown.slip.work

    _run(work)


def test_a_map_that_takes_long_holds_up_no_other_page(
    lessons: Lessons, settings_of: SettingsOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the map of a large class is drawn, pupils' pages get their figures."""
    waiting = threading.Event()

    def slow_map(lesson: Lesson, screen: Drawn, case_id: str, sheet: Sheet = BIG) -> Figure:
        if screen == "map":
            assert waiting.wait(30)
        return figure(lesson, screen, case_id, sheet)

    async def work() -> None:
        monkeypatch.setattr(module, "figure", slow_map)
        settings = settings_of()
        session_id, first = await _begin(lessons, settings), settings.case_ids[0]
        pictures = Pictures(lessons)
        drawing = asyncio.create_task(pictures.figure(session_id, "teacher", "map", first))
        bars = await pictures.figure(session_id, "teacher", "grades", first)
        assert bars.svg is not None
        assert not drawing.done()
        waiting.set()
        await drawing
        await pictures.close()

    _run(work)
