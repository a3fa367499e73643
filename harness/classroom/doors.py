"""Sessions that begin and end, and the doors to them: who is teacher, projector or pupil."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from harness.classroom import admission, codes, retention
from harness.classroom.content import LessonContent, Shelf
from harness.classroom.desk import Desk
from harness.classroom.hub import Hub
from harness.classroom.judges import find_run
from harness.classroom.store.base import ClassStore, Credentials
from harness.classroom.writer import Writer
from harness.errors import NotAdmittedError
from harness.schema.classroom import ClassSession, ClassSettings, Entry, Pupil

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


class Doors:
    """Lets people into the sessions of one store; a session whose time is over is gone for everybody."""

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
        """Begin a session; raises HarnessError where its settings name content or runs that are not there."""
        await self._read(partial(self._shelf.of, settings))
        for named in settings.runs:
            await self._read(partial(find_run, named))
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

    async def _read(self, read: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, read)
