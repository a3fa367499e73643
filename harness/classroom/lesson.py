"""Lessons: the only place that changes a session. Everything is durable before a call returns."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from harness.classroom import admission, codes, entry, exporting, moves, phases, rehearsal, retention, views
from harness.classroom.content import LessonContent, Shelf
from harness.classroom.desk import Desk
from harness.classroom.entry import Sheet
from harness.classroom.hub import Hub
from harness.classroom.phases import Role
from harness.classroom.store.base import ClassStore, Credentials
from harness.classroom.writer import Writer
from harness.errors import GradeRefusedError, MoveRefusedError, NotAdmittedError
from harness.schema.classroom import (
    Ballot,
    ClassSession,
    ClassSettings,
    ClassState,
    Edit,
    Entry,
    HandCount,
    Move,
    Pupil,
)

N_READERS = 2
T = TypeVar("T")


class Begun(NamedTuple):
    """A session that has just begun, and the secret of whoever began it."""

    session: ClassSession
    teacher_token: str


class Joined(NamedTuple):
    """A pupil who came in, the secret for the browser, and the word for another device."""

    session: ClassSession
    pupil: Pupil
    token: str
    recovery: str


class Lessons:
    """All sessions of one store. One instance per event loop; its methods raise what ClassStore's raise.

    A session whose time is over is gone for everybody, even before `sweep` deletes it.
    """

    def __init__(
        self,
        store: ClassStore,
        data: Path,
        *,
        shelf: Shelf | None = None,
        clock: Callable[[], datetime] = retention.utc_now,
        rng: random.Random | None = None,
    ) -> None:
        """Keep pupils in `store`, and what judges say at the desk in `data`/desks, a folder per session."""
        self.store = store
        self.hub = Hub()
        self._desks = data / "desks"
        self._shelf = shelf or Shelf()
        self._clock = clock
        self._rng = rng or secrets.SystemRandom()
        self._writer = Writer(store)
        self._readers = ThreadPoolExecutor(N_READERS, thread_name_prefix="class-reader")
        self._known: dict[tuple[str, str], Pupil] = {}
        self._begun: dict[str, ClassSession] = {}

    # --- beginning and ending ---

    async def begin(self, settings: ClassSettings) -> Begun:
        """Begin a session; raises HarnessError where its settings name content that is not there."""
        await self._read(partial(self._shelf.of, settings))
        token = codes.new_token()
        while True:
            session = admission.new_session(settings, self._clock(), self._rng)
            if await self._writer.do(partial(self.store.create, session, codes.digest(token))):
                self.hub.open(session.session_id, session.state.version, 0)
                return Begun(session, token)

    async def delete(self, session_id: str) -> None:
        """Delete a session for good, now: pupils, grades, and what the judges said at its desk."""
        await self._writer.do_alone(partial(self._delete, session_id))
        self._known = {key: pupil for key, pupil in self._known.items() if key[0] != session_id}
        self._begun.pop(session_id, None)
        self.hub.close(session_id)

    def _delete(self, session_id: str) -> None:
        retention.delete_session(self.store, self._desks, session_id)

    async def sweep(self) -> tuple[str, ...]:
        """Delete every session whose time is over; their ids come back."""
        over = await self._read(partial(self.store.expired, self._clock()))
        for session_id in over:
            await self.delete(session_id)
        return over

    async def close(self) -> None:
        """Finish what is being written and let go of the store."""
        await self._writer.close()
        self._readers.shutdown()
        self.store.close()

    # --- who may do what ---

    async def session(self, session_id: str) -> ClassSession:
        """A session as it stands now."""
        session = await self._read(partial(self.store.session, session_id))
        retention.refuse_over(session, self._clock())
        return session

    async def _begun_as(self, session_id: str) -> ClassSession:
        """A session as it once was: settings and times never change, and reading them anew takes time."""
        if session_id not in self._begun:
            self._begun[session_id] = await self.session(session_id)
        retention.refuse_over(self._begun[session_id], self._clock())
        return self._begun[session_id]

    async def by_code(self, typed: str) -> ClassSession:
        """The session of a code as somebody typed it; raises NotAdmittedError."""
        session = await self._read(partial(self.store.by_code, codes.normalise(typed)))
        retention.refuse_over(session, self._clock())
        return session

    async def sessions(self) -> tuple[ClassSession, ...]:
        """Every session whose time is not over."""
        now = self._clock()
        return tuple(one for one in await self._read(self.store.sessions) if not retention.is_over(one, now))

    def content(self, session: ClassSession) -> LessonContent:
        """What the class reads."""
        return self._shelf.of(session.settings)

    def desk(self, session: ClassSession) -> Desk:
        """The judges desk of a session."""
        return Desk(self._desks / session.session_id, session.settings)

    async def is_teacher(self, session_id: str, token: str) -> bool:
        """Whether a token is a teacher's of this session."""
        return await self._read(partial(self.store.is_teacher, session_id, codes.digest(token)))

    async def add_teacher_link(self, session_id: str) -> str:
        """A further token for the teacher's other device."""
        await self.session(session_id)
        token = codes.new_token()
        await self._writer.do(partial(self.store.add_teacher, session_id, codes.digest(token)))
        return token

    def projector_key(self, session: ClassSession) -> str:
        """What opens the projector's page, and nothing else; the same each time."""
        return admission.projector_key(session)

    def is_projector(self, session: ClassSession, key: str) -> bool:
        """Whether a key opens the projector's page of this session."""
        return admission.is_projector(session, key)

    async def pupil(self, session_id: str, token: str) -> Pupil | None:
        """Whoever holds this token, if anybody does."""
        key = (session_id, codes.digest(token))
        if key not in self._known:
            try:
                self._known[key] = await self._read(partial(self.store.pupil_by_token, *key))
            except NotAdmittedError:
                return None
        return self._known[key]

    # --- pupils ---

    async def join(self, typed: str) -> Joined:
        """Let somebody in under a pseudonym.

        Raises
        ------
        NotAdmittedError
            No session has this code (`unknown_code`), it has ended (`ended`), or it is full (`full`).
        """
        session = await self.by_code(typed)
        if session.state.stage == "ended":
            raise NotAdmittedError("ended", "this session has ended")
        token, recovery = codes.new_token(), codes.new_recovery()
        pupil = await self._add_pupil(session, Credentials(codes.digest(token), codes.digest(recovery)))
        return Joined(session, pupil, token, recovery)

    async def _add_pupil(
        self, session: ClassSession, credentials: Credentials, how: Entry = "device", rules: str | None = None
    ) -> Pupil:
        make = partial(admission.new_pupil, session, entry=how, rulebook_id=rules)
        pupil = await self._writer.do(partial(self.store.add_pupil, session.session_id, make, credentials))
        self.hub.progressed(session.session_id)
        return pupil

    async def resume(self, typed: str) -> Joined:
        """Let a pupil in from another device; the first one stays in too."""
        recovery = codes.normalise(typed, codes.RECOVERY_LENGTH)
        session_id, pupil = await self._read(partial(self.store.by_recovery, codes.digest(recovery)))
        session = await self.session(session_id)
        token = codes.new_token()
        await self._writer.do(partial(self.store.add_token, session_id, pupil.pupil_id, codes.digest(token)))
        return Joined(session, pupil, token, recovery)

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

    async def _read(self, read: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, read)
