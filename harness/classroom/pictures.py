"""Figures of running lessons: read from the store, drawn beside the event loop, kept until a change."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from harness.classroom.closing import ShownClosing, load_closing, published_agreement, shown_closing
from harness.classroom.content import LessonContent
from harness.classroom.judged import rulebooks_at_hand, shown_panel
from harness.classroom.judges import gather_judges, run_roots
from harness.classroom.kept import Kept
from harness.classroom.lesson import Lessons
from harness.classroom.payslip import payslip
from harness.classroom.phases import Role, may_see
from harness.classroom.projector import Wall, pages, render_page, state_of
from harness.classroom.pupil_pages import case_fragment
from harness.classroom.said import Said
from harness.classroom.scenes import Drawn, Lesson, figure, my_figure, own_grades
from harness.classroom.store.base import ClassStore
from harness.classroom.values_part import ValueAnswer, value_answers
from harness.classroom.verdicts import people_verdicts
from harness.classroom.views import projector_view, read_crowd
from harness.classroom.withdrawn import NAME as WITHDRAWN
from harness.compare.cells import spreadsheet_cell
from harness.compare.class_judges import Panel
from harness.compare.classroom import case_picture
from harness.report.classroom.sheet import BIG, SMALL, Sheet
from harness.report.figures.figure import Figure
from harness.report.words import SIMULATED
from harness.schema import Language, RankedVerdict, ResolvedJudge, Rulebook
from harness.schema.classroom import ClassSession
from harness.stats.pairs import tiers

KEPT = 256
"""Figures, and pupils' pages of a case, that are kept; each is some ten kilobytes."""
T = TypeVar("T")


@dataclass(frozen=True)
class PupilCase:
    """What one pupil may see of a case after the reveal; what the phase does not allow is None."""

    bars: Figure | None
    mine: Figure | None
    """My order beside the class's and, from their phase on, each judge's; its title names the closest."""
    commentary: str | None
    moved: Figure | None
    employer: Figure | None


_Stamp = tuple[Any, ...]


@dataclass(frozen=True)
class _Panel:
    """The judges of a session, as they are shown."""

    panel: Panel
    judges: tuple[ResolvedJudge, ...]
    rulebooks: Mapping[str, Rulebook]
    stamp: _Stamp


@dataclass(frozen=True)
class _Read:
    """A session as it was read, with everything that its figures are made of."""

    lesson: Lesson
    view: Mapping[str, Any]
    version: _Stamp
    """Changes whenever anything did."""
    stamp: _Stamp
    """Changes whenever a figure might."""


class Pictures:
    """Draws for the projector, the pupils and the teacher what each may see now. One per event loop."""

    def __init__(self, lessons: Lessons, closing: Path | None = None) -> None:
        """Draw for these lessons; `closing` is a folder that may hold a closing.yaml of its own."""
        self._lessons = lessons
        self._closing = load_closing(closing)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="class-pictures")
        self._slow = ThreadPoolExecutor(1, thread_name_prefix="class-map")
        self._reads: dict[tuple[str, Role], _Read] = {}
        self._said: dict[str, tuple[int, Said]] = {}
        self._panels: dict[str, _Panel] = {}
        self._values: dict[Language, tuple[ValueAnswer, ...]] = {}
        self._figures = Kept[Figure](KEPT)
        self._fragments = Kept[str](KEPT)

    async def close(self) -> None:
        """Stop drawing."""
        for executor in (self._thread, self._slow):
            executor.shutdown(wait=False, cancel_futures=True)

    def forget(self, session_id: str) -> None:
        """Keep nothing of a session that was deleted."""
        self._panels.pop(session_id, None)
        self._said.pop(session_id, None)
        self._reads = {key: read for key, read in self._reads.items() if key[0] != session_id}
        self._figures.forget(session_id)
        self._fragments.forget(session_id)

    # --- whole screens ---

    async def wall(self, session_id: str, number: int, known_state: str, wall: Wall) -> str:
        """One page of the projector as HTML; the first one when the lesson moved since `known_state`.

        `wall.view` and `wall.draw` are filled in here.
        """
        read = await self._read(session_id, "projector")
        number = number if known_state == state_of(read.lesson.session.state) else 0
        filled = replace(
            wall, view=read.view, draw=partial(self._kept, read, BIG), closing=partial(self._shown, read)
        )
        await self._prepare_map(read, number)
        return await self._draw(partial(render_page, read.lesson, filled, number))

    async def figure(self, session_id: str, role: Role, screen: Drawn, case_id: str) -> Figure:
        """One screen for a role, which sees in it what it may see."""
        read = await self._read(session_id, role)
        work = partial(self._kept, read, BIG, screen, case_id)
        return await (self._draw_map(work) if screen == "map" else self._draw(work))

    async def csv(
        self, session_id: str, role: Role, screen: Drawn, case_id: str, delimiter: str = ";"
    ) -> str:
        """The numbers beneath a screen as a table for a spreadsheet; a rehearsal says so in each line."""
        found = await self.figure(session_id, role, screen, case_id)
        lesson = (await self._read(session_id, role)).lesson
        return figure_csv(found, delimiter, lesson.showing(BIG).simulated, lesson.language)

    async def closing(self, session_id: str) -> ShownClosing:
        """The closing section with the class's own numbers; for the stage `closing` and after."""
        read = await self._read(session_id, "projector")
        return await self._draw(partial(self._shown, read))

    # --- a pupil ---

    async def pupil_case(self, session_id: str, pupil_id: str, case_id: str) -> PupilCase:
        """What a pupil may see of a case now, small."""
        read = await self._read(session_id, "pupil")
        return await self._draw(partial(self._pupil_case, read, pupil_id, case_id))

    async def pupil_fragment(self, session_id: str, pupil_id: str, case_id: str) -> str:
        """The same as HTML; drawn once for all who gave the same order."""
        read = await self._read(session_id, "pupil")
        return await self._draw(partial(self._pupil_fragment, read, pupil_id, case_id))

    def _pupil_fragment(self, read: _Read, pupil_id: str, case_id: str) -> str:
        def draw() -> str:
            return case_fragment(self._pupil_case(read, pupil_id, case_id), read.lesson.language)

        own = own_grades(read.lesson, pupil_id, case_id).grades
        orders = tuple(tiers(grades) for grades in own)
        return self._fragments.of((*read.stamp, case_id, orders), draw)

    def _pupil_case(self, read: _Read, pupil_id: str, case_id: str) -> PupilCase:
        lesson, sight = read.lesson, read.lesson.sights[case_id]
        commentary = lesson.content.case(case_id).commentary
        language = lesson.language
        small = partial(self._kept, read, SMALL)
        reached = sight.grades or sight.commentary or sight.judges
        return PupilCase(
            bars=small("grades", case_id) if sight.grades else None,
            mine=my_figure(lesson, pupil_id, case_id) if reached else None,
            commentary=commentary.get(language) if sight.commentary and commentary else None,
            moved=small("moved", case_id) if sight.moved else None,
            # Two orders per judge have no room on a phone: the table says them.
            employer=replace(small("employer", case_id), svg=None)
            if sight.employer and lesson.panel.verdicts
            else None,
        )

    # --- reading and drawing ---

    async def _read(self, session_id: str, role: Role) -> _Read:
        session = await self._lessons.session(session_id)
        return await self._draw(partial(self._read_now, session, role))

    def _read_now(self, session: ClassSession, role: Role) -> _Read:
        """Read a session, or take it as it was read: five hundred pupils ask at one reveal."""
        store, session_id = self._lessons.store, session.session_id
        panel = self._panel(session)
        version = (store.changes(session_id), session.state.version, panel.stamp)
        kept = self._reads.get((session_id, role))
        if kept is None or kept.version != version:
            kept = self._read_all(session, role, panel, version)
            self._reads[session_id, role] = kept
        return kept

    def _read_all(self, session: ClassSession, role: Role, panel: _Panel, version: _Stamp) -> _Read:
        store, session_id = self._lessons.store, session.session_id
        content, crowd = self._lessons.content(session), read_crowd(store, session_id)
        sights = {
            case_id: may_see(role, session.state, case_id, crowd.answered(case_id))
            for case_id in session.settings.case_ids
        }
        lesson = Lesson(
            session=session,
            content=content,
            said=self._said_by(session, version[0]),
            hands=crowd.hands,
            panel=panel.panel,
            judges=panel.judges,
            rulebooks=panel.rulebooks,
            sights=sights,
            published=published_agreement(self._closing),
        )
        seen = tuple(tuple(sight) for sight in sights.values())
        stamp = (session_id, version[0], panel.stamp, seen, session.state.debriefed)
        return _Read(lesson, projector_view(session, content, crowd), version, stamp)

    def _said_by(self, session: ClassSession, changes: int) -> Said:
        """What the class said, for every role the same; read again when somebody said more."""
        kept = self._said.get(session.session_id)
        if kept is None or kept[0] != changes:
            read = partial(_read_case, self._lessons.store, session, self._lessons.content(session))
            kept = changes, Said(self._lessons.content(session), session.settings.rulebooks, read)
            self._said[session.session_id] = kept
        return kept[1]

    def _panel(self, session: ClassSession) -> _Panel:
        """Judges of the recorded runs and of the desk; read again when the desk has grown."""
        desk = self._lessons.desk(session).folder
        stamp = (*_stamp(desk.verdicts_path), *_stamp(desk.path / WITHDRAWN))
        kept = self._panels.get(session.session_id)
        if kept is None or kept.stamp != stamp:
            judged = gather_judges(session, desk)
            panel = shown_panel(judged, session.settings.language)
            kept = _Panel(panel, judged.judges, rulebooks_at_hand(panel.rulebook_ids), stamp)
            self._panels[session.session_id] = kept
        return kept

    def _kept(self, read: _Read, sheet: Sheet, screen: Drawn, case_id: str) -> Figure:
        key = (*read.stamp, sheet.name, screen, case_id)
        return self._figures.of(key, partial(figure, read.lesson, screen, case_id, sheet))

    def _shown(self, read: _Read) -> ShownClosing:
        lesson, store = read.lesson, self._lessons.store
        session_id, case_ids = lesson.session.session_id, lesson.session.settings.case_ids
        ballots = chain.from_iterable(store.ballots(session_id, case_id) for case_id in case_ids)
        slip = payslip(ballots, self._closing.wages)
        front = read.lesson.session.state.case_id or read.lesson.session.settings.case_ids[0]
        agreement = case_picture(lesson.grades(front)).pairs_agreeing
        shown = shown_closing(self._closing, slip, agreement, lesson.language)
        if lesson.language not in self._values:
            self._values[lesson.language] = value_answers(run_roots(), lesson.language)
        return replace(shown, values=self._values[lesson.language])

    async def _prepare_map(self, read: _Read, number: int) -> None:
        """Draw the map of a large class, which takes seconds, where it holds up no other page."""
        shown = pages(read.lesson)
        if number < len(shown) and shown[number].kind == "map":
            await self._draw_map(partial(self._kept, read, BIG, "map", shown[number].case_id or ""))

    async def _draw(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _draw_map(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._slow, work)


def figure_csv(found: Figure, delimiter: str, simulated: bool, language: Language) -> str:
    """The table of a figure, harmless to spreadsheets; decimals stay as the page writes them."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    mark = [SIMULATED[language].upper()] if simulated else []
    for row in (found.table.heads, *found.table.rows):
        writer.writerow([spreadsheet_cell(cell) for cell in row] + mark)
    return out.getvalue()


def _read_case(
    store: ClassStore, session: ClassSession, content: LessonContent, case_id: str
) -> tuple[RankedVerdict, ...]:
    """What everybody said about one case; pupils after ballots, so that whoever just came in is known."""
    ballots = store.ballots(session.session_id, case_id)
    return people_verdicts(session, content, store.pupils(session.session_id), ballots)


def _stamp(path: Path) -> _Stamp:
    """What changes when a file does; nothing without the file."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size
