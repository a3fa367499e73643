"""Lessons: the only place that changes a session. Everything is durable before a call returns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from functools import partial
from pathlib import Path

from harness.classroom import codes, entry, exporting, moves, phases, rehearsal, views
from harness.classroom.doors import Begun, Doors, Joined
from harness.classroom.entry import Sheet
from harness.classroom.phases import Role
from harness.classroom.store.base import Credentials
from harness.errors import GradeRefusedError, MoveRefusedError, NotAdmittedError
from harness.schema.classroom import (
    Ballot,
    ClassSession,
    ClassState,
    Edit,
    HandCount,
    Move,
    Pupil,
)

__all__ = ["Begun", "Joined", "Lessons"]


class Lessons(Doors):
    """All sessions of one store. One instance per event loop; its methods raise what ClassStore's raise.

    A session whose time is over is gone for everybody, even before `sweep` deletes it.
    """

    # --- what pupils say ---

    async def save(self, session_id: str, token: str, edit: Edit) -> Ballot:
        """Keep one edit of a pupil's page; the ballot as it is then comes back."""
        saved = (await self.save_all(session_id, token, [edit]))[0]
        if isinstance(saved, GradeRefusedError):
            raise saved
        return saved

    async def save_all(
        self, session_id: str, token: str, edits: Sequence[Edit]
    ) -> list[Ballot | GradeRefusedError]:
        """Keep several edits; one that is refused does not hold up the others."""
        pupil = await self.pupil(session_id, token)
        if pupil is None:
            raise NotAdmittedError("not_yours", "this browser has not joined the session")
        content = self.content(await self._begun_as(session_id))
        refusals = [entry.edit_refusal(edit, content) for edit in edits]

        def apply_all() -> list[Ballot | GradeRefusedError]:
            return [
                refusal or self._apply(session_id, pupil.pupil_id, edit)
                for edit, refusal in zip(edits, refusals, strict=True)
            ]

        saved = await self._writer.do(apply_all)
        self.hub.progressed(session_id)
        return saved

    def _apply(self, session_id: str, pupil_id: str, edit: Edit) -> Ballot | GradeRefusedError:
        try:
            return self.store.apply(session_id, pupil_id, edit)
        except GradeRefusedError as refusal:
            return refusal

    # --- entry without devices ---

    async def enter_sheet(self, session_id: str, sheet: Sheet) -> Pupil:
        """Keep grades that came in at once, as a pupil of their own; the teacher answers for the phase.

        Raises
        ------
        GradeRefusedError
            A case, answer, grade or rulebook is not of this session, or nothing is graded (`invalid`).
        """
        session = await self.session(session_id)
        ballots = entry.sheet_ballots(sheet, "x", self.content(session))
        receipt = codes.digest(f"{session.seed}/{sheet.entry}/{sheet.receipt}")
        credentials = Credentials(receipt, codes.digest(receipt))
        pupil = await self._add_pupil(session, credentials, sheet.entry, sheet.rulebook_id)
        mine = [one.model_copy(update={"pupil_id": pupil.pupil_id}) for one in ballots]
        await self._writer.do(partial(self.store.put_ballots, session_id, mine))
        return pupil

    async def put_hands(self, session_id: str, hands: Iterable[HandCount]) -> None:
        """Keep counts of a show of hands: bars for the projector, and no person's ranking."""
        session, counted = await self.session(session_id), tuple(hands)
        entry.check_hands(counted, self.content(session))
        await self._writer.do(partial(self.store.put_hands, session_id, counted))
        self.hub.progressed(session_id)

    async def rehearse(self, session_id: str, n_pupils: int, seed: int = 0) -> None:
        """Fill a rehearsal with invented pupils; raises GradeRefusedError in any other session."""
        session = await self.session(session_id)
        invented = rehearsal.invent(session, self.content(session), n_pupils, seed)
        await self._writer.do(partial(rehearsal.fill, self.store, session, invented))
        self.hub.progressed(session_id)

    # --- the teacher's moves ---

    async def move(self, session_id: str, move: Move, expected_version: int | None = None) -> ClassState:
        """Make a move; raises MoveRefusedError or, where another device was quicker, StateChangedError."""
        session = await self.session(session_id)
        version = session.state.version if expected_version is None else expected_version
        state = moves.advance(session.settings, session.state, move)
        await self._writer.do(partial(self.store.write_state, session_id, state, version))
        self.hub.moved(session_id, state.version)
        return state

    async def undo(self, session_id: str, expected_version: int | None = None) -> ClassState:
        """Take the last move back; what was seen stays seen. Raises as `move` does."""
        session = await self.session(session_id)
        version = session.state.version if expected_version is None else expected_version
        previous = await self._read(partial(self.store.previous_state, session_id))
        if previous is None:
            raise MoveRefusedError("nothing", "there is no move to take back")
        state = moves.step_back(session.state, previous)
        await self._writer.do(partial(self.store.step_back, session_id, state, version))
        self.hub.moved(session_id, state.version)
        return state

    async def state(self, session_id: str) -> ClassState:
        """Where a session stands."""
        return (await self.session(session_id)).state

    # --- what each may know ---

    async def pupil_view(self, session_id: str, pupil: Pupil) -> views.View:
        """Exactly what a pupil may know now: never a grade of the class, a commentary, or a judge."""
        session = await self.session(session_id)
        ballots = await self._read(partial(self.store.ballots_of, session_id, pupil.pupil_id))
        return views.pupil_view(session, self.content(session), pupil, ballots)

    async def teacher_view(self, session_id: str) -> views.View:
        """What the cockpit shows: settings, state, progress, and the move behind the large button."""
        session, crowd = await self._crowd(session_id)
        return views.teacher_view(session, self.content(session), crowd)

    async def projector_view(self, session_id: str) -> views.View:
        """What the projector may know: state, progress, and what of each case may be drawn."""
        session, crowd = await self._crowd(session_id)
        return views.projector_view(session, self.content(session), crowd)

    async def sight(self, session_id: str, role: Role, case_id: str) -> phases.Sight:
        """What a role may be shown of a case now."""
        session, crowd = await self._crowd(session_id)
        return phases.may_see(role, session.state, case_id, crowd.answered(case_id))

    async def _crowd(self, session_id: str) -> tuple[ClassSession, views.Crowd]:
        session = await self.session(session_id)
        return session, await self._read(partial(views.read_crowd, self.store, session_id))

    # --- taking it home ---

    async def export(self, session_id: str, folder: Path) -> exporting.Exported:
        """Write a session as a run folder; raises StoreError where it cannot be written."""
        session = await self.session(session_id)
        lesson = await self._read(partial(exporting.gather, self.store, session, self.content(session)))
        return await self._read(partial(exporting.write_run, lesson, self.desk(session).folder, folder))

    async def table(self, session_id: str, delimiter: exporting.Delimiter = ";") -> str:
        """Every grade as the CSV that `--people` reads."""
        session = await self.session(session_id)
        lesson = await self._read(partial(exporting.gather, self.store, session, self.content(session)))
        return exporting.people_table(lesson, delimiter)

    async def record(self, session_id: str) -> views.View:
        """A session as JSON: settings, every grade as a verdict, hands."""
        session = await self.session(session_id)
        lesson = await self._read(partial(exporting.gather, self.store, session, self.content(session)))
        return exporting.lesson_json(lesson)

    # --- listening ---

    async def version(self, session_id: str, role: Role) -> int:
        """The number that changes whenever this role has something new to fetch; from memory."""
        if session_id not in self.hub:
            await self._open(session_id)
        number = self.hub.version(session_id, role)
        if number is None:
            raise NotAdmittedError("unknown_session", f"there is no session '{session_id}'")
        return number

    async def subscribe(self, session_id: str, role: Role) -> AsyncIterator[int]:
        """Give the present number, then each newer one; ends when the session is gone."""
        await self.version(session_id, role)
        async for number in self.hub.subscribe(session_id, role):
            yield number

    async def refresh(self) -> None:
        """Hear of what another server of the same database did to the sessions that are open here."""
        for session_id in self.hub.listened():
            try:
                await self._open(session_id)
            except NotAdmittedError:
                self.hub.close(session_id)

    async def _open(self, session_id: str) -> None:
        session = await self.session(session_id)
        changes = await self._read(partial(self.store.changes, session_id))
        self.hub.open(session_id, session.state.version, changes)
