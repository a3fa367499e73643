"""Lessons: the only place that changes a session. Everything is durable before a call returns."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import random
import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeVar

from harness.classroom import codes, phases, views
from harness.classroom.cards import rulebook_for
from harness.classroom.content import LessonContent, Shelf
from harness.classroom.hub import Hub
from harness.classroom.phases import Role
from harness.classroom.pseudonyms import draw_pseudonym
from harness.classroom.store.base import ClassStore, Credentials
from harness.classroom.writer import Writer
from harness.errors import GradeRefusedError, NotAdmittedError
from harness.schema.classroom import (
    Ballot,
    ClassSession,
    ClassSettings,
    ClassState,
    DeskEntry,
    Edit,
    Entry,
    HandCount,
    Move,
    Pupil,
    Vote,
)

MAX_PUPILS = 2000
"""People who may join one session: more is somebody playing with the code."""
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


class Sheet(NamedTuple):
    """Grades of one pupil that came in at once: a typed paper sheet, or a decoded reply code."""

    grades: Mapping[str, Mapping[str, int]]
    """case_id -> answer_id -> grade."""
    receipt: str
    """What tells this sheet from others: sent twice, it counts once. A reply code is its own receipt."""
    vote: Vote = 1
    rulebook_id: str | None = None
    """The rules printed on the sheet; None = whichever half the next pupil belongs to."""
    entry: Entry = "sheet"


def utc_now() -> datetime:
    """The present time."""
    return datetime.now(UTC)


class Lessons:
    """All sessions of one store. One instance per event loop; its methods raise what ClassStore's raise.

    A session whose time is over is gone for everybody, even before `sweep` deletes it.
    """

    def __init__(
        self,
        store: ClassStore,
        shelf: Shelf | None = None,
        clock: Callable[[], datetime] = utc_now,
        rng: random.Random | None = None,
    ) -> None:
        self.store = store
        self.hub = Hub()
        self._shelf = shelf or Shelf()
        self._clock = clock
        self._rng = rng or secrets.SystemRandom()
        self._writer = Writer(store)
        self._readers = ThreadPoolExecutor(N_READERS, thread_name_prefix="class-reader")
        self._known: dict[tuple[str, str], Pupil] = {}

    # --- beginning and ending ---

    async def begin(self, settings: ClassSettings) -> Begun:
        """Begin a session; raises HarnessError where its settings name content that is not there."""
        await self._read(partial(self._shelf.of, settings))
        token = codes.new_token()
        while True:
            session = self._new_session(settings)
            if await self._writer.do(partial(self.store.create, session, codes.digest(token))):
                self.hub.open(session.session_id, session.state.version, 0)
                return Begun(session, token)

    def _new_session(self, settings: ClassSettings) -> ClassSession:
        now = self._clock()
        code = codes.new_code(self._rng)
        return ClassSession(
            session_id=f"{now:%Y-%m-%d}-{code.lower()}-{self._rng.randrange(16**4):04x}",
            code=code,
            settings=settings,
            state=phases.start(settings),
            seed=self._rng.getrandbits(128),
            created_at=now.isoformat(timespec="seconds"),
            expires_at=(now + timedelta(hours=settings.retention_h)).isoformat(timespec="seconds"),
        )

    async def delete(self, session_id: str) -> None:
        """Delete a session for good, now."""
        await self._writer.do_alone(partial(self.store.delete, session_id))
        self._known = {key: pupil for key, pupil in self._known.items() if key[0] != session_id}
        self.hub.close(session_id)

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
        self._refuse_expired(session)
        return session

    async def sessions(self) -> tuple[ClassSession, ...]:
        """Every session whose time is not over."""
        now = self._clock()
        found = await self._read(self.store.sessions)
        return tuple(one for one in found if datetime.fromisoformat(one.expires_at) > now)

    def content(self, session: ClassSession) -> LessonContent:
        """What the class reads."""
        return self._shelf.of(session.settings)

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
        drawn = hmac.digest(session.seed.to_bytes(16, "big"), b"projector", hashlib.sha256)
        return urlsafe_b64encode(drawn[:16]).decode().rstrip("=")

    def is_projector(self, session: ClassSession, key: str) -> bool:
        """Whether a key opens the projector's page of this session."""
        return hmac.compare_digest(self.projector_key(session).encode(), key.encode())

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
        session = await self._read(partial(self.store.by_code, codes.normalise(typed)))
        self._refuse_expired(session)
        if session.state.stage == "ended":
            raise NotAdmittedError("ended", "this session has ended")
        token, recovery = codes.new_token(), codes.new_recovery()
        pupil = await self._add_pupil(session, Credentials(codes.digest(token), codes.digest(recovery)))
        return Joined(session, pupil, token, recovery)

    async def _add_pupil(
        self,
        session: ClassSession,
        credentials: Credentials,
        entry: Entry = "device",
        rulebook: str | None = None,
    ) -> Pupil:
        make = partial(_new_pupil, session, entry=entry, rulebook_id=rulebook)
        pupil = await self._writer.do(partial(self.store.add_pupil, session.session_id, make, credentials))
        self.hub.progressed(session.session_id)
        return pupil

    async def resume(self, typed: str) -> Joined:
        """Let a pupil in from another device; the first one stays in too."""
        recovery = codes.normalise(typed, codes.RECOVERY_LENGTH)
        session_id, pupil = await self._read(partial(self.store.by_recovery, codes.digest(recovery)))
        session = await self.session(session_id)
        token = codes.new_token()
        work = partial(self.store.add_token, session_id, pupil.pupil_id, codes.digest(token))
        await self._writer.do(work)
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
        session = await self.session(session_id)
        answers, n_grades = self.content(session).answers, self.content(session).case_set.n_grades
        refusals = [_refusal(edit, answers, n_grades) for edit in edits]

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
        ballots = self._sheet_ballots(session, sheet)
        receipt = codes.digest(f"{session.seed}/{sheet.entry}/{sheet.receipt}")
        credentials = Credentials(receipt, codes.digest(receipt))
        pupil = await self._add_pupil(session, credentials, sheet.entry, sheet.rulebook_id)
        mine = [one.model_copy(update={"pupil_id": pupil.pupil_id}) for one in ballots]
        await self._writer.do(partial(self.store.put_ballots, session_id, mine))
        return pupil

    def _sheet_ballots(self, session: ClassSession, sheet: Sheet) -> list[Ballot]:
        content = self.content(session)
        if sheet.rulebook_id is not None and sheet.rulebook_id not in session.settings.rulebooks:
            raise GradeRefusedError("invalid", f"this session has no rulebook '{sheet.rulebook_id}'")
        ballots = []
        for case_id, grades in sheet.grades.items():
            if grades:
                _refuse_wrong(case_id, grades, content.answers, content.case_set.n_grades)
                ballots.append(Ballot(pupil_id="x", case_id=case_id, vote=sheet.vote, grades=dict(grades)))
        if not ballots:
            raise GradeRefusedError("invalid", "nothing is graded on this sheet")
        return ballots

    async def put_hands(self, session_id: str, hands: Iterable[HandCount]) -> None:
        """Keep counts of a show of hands: bars for the projector, and no person's ranking."""
        session = await self.session(session_id)
        content, counted = self.content(session), tuple(hands)
        for one in counted:
            _refuse_wrong(one.case_id, {one.answer_id: 1}, content.answers, content.case_set.n_grades)
            if len(one.counts) != content.case_set.n_grades:
                words = f"{len(one.counts)} counts for {content.case_set.n_grades} grades"
                raise GradeRefusedError("invalid", words)
        await self._writer.do(partial(self.store.put_hands, session_id, counted))
        self.hub.progressed(session_id)

    async def add_desk(self, session_id: str, entries: Iterable[DeskEntry]) -> None:
        """Keep what judges said at the judges desk."""
        await self.session(session_id)
        await self._writer.do(partial(self.store.add_desk, session_id, tuple(entries)))
        self.hub.progressed(session_id)

    # --- the teacher's moves ---

    async def move(self, session_id: str, move: Move, expected_version: int | None = None) -> ClassState:
        """Make a move; raises MoveRefusedError or, where another device was quicker, StateChangedError."""
        session = await self.session(session_id)
        version = session.state.version if expected_version is None else expected_version
        state = phases.advance(session.settings, session.state, move)
        await self._writer.do(partial(self.store.write_state, session_id, state, version))
        self.hub.moved(session_id, state.version)
        return state

    async def undo(self, session_id: str, expected_version: int | None = None) -> ClassState:
        """Take the last move back; what was seen stays seen."""
        session = await self.session(session_id)
        version = session.state.version if expected_version is None else expected_version
        previous = await self._read(partial(self.store.previous_state, session_id))
        state = phases.step_back(session.state, previous)
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
        """What the projector may know: state, progress, and what of the case in front may be drawn."""
        session, crowd = await self._crowd(session_id)
        return views.projector_view(session, self.content(session), crowd)

    async def sight(self, session_id: str, role: Role, case_id: str) -> phases.Sight:
        """What a role may be shown of a case now."""
        session, crowd = await self._crowd(session_id)
        return phases.may_see(role, session.state, case_id, crowd.answered(case_id))

    async def _crowd(self, session_id: str) -> tuple[ClassSession, views.Crowd]:
        session = await self.session(session_id)
        return session, await self._read(partial(views.read_crowd, self.store, session_id))

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

    async def _open(self, session_id: str) -> None:
        session = await self.session(session_id)
        changes = await self._read(partial(self.store.changes, session_id))
        self.hub.open(session_id, session.state.version, changes)

    # --- small steps ---

    async def _read(self, read: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, read)

    def _refuse_expired(self, session: ClassSession) -> None:
        if datetime.fromisoformat(session.expires_at) <= self._clock():
            words = f"the session '{session.session_id}' is over and is being deleted"
            raise NotAdmittedError("unknown_session", words)


def _new_pupil(
    session: ClassSession, number: int, *, entry: Entry = "device", rulebook_id: str | None = None
) -> Pupil:
    if number > MAX_PUPILS:
        raise NotAdmittedError("full", f"{MAX_PUPILS} people are in this session already")
    animal, animal_number = draw_pseudonym(session.seed, number)
    return Pupil(
        pupil_id=f"p-{secrets.token_hex(6)}",
        number=number,
        animal=animal,
        animal_number=animal_number,
        rulebook_id=rulebook_id or rulebook_for(session.settings.rulebooks, session.seed, number),
        entry=entry,
    )


def _refusal(edit: Edit, answers: Mapping[str, Sequence[str]], n_grades: int) -> GradeRefusedError | None:
    given = {answer_id: 1 if grade is None else grade for answer_id, grade in edit.grades.items()}
    try:
        _refuse_wrong(edit.case_id, given, answers, n_grades)
    except GradeRefusedError as refusal:
        return refusal
    return None


def _refuse_wrong(
    case_id: str, grades: Mapping[str, int], answers: Mapping[str, Sequence[str]], n_grades: int
) -> None:
    if case_id not in answers:
        raise GradeRefusedError("invalid", f"this session has no case '{case_id}'")
    for answer_id, grade in grades.items():
        if answer_id not in answers[case_id]:
            raise GradeRefusedError("invalid", f"the case '{case_id}' has no answer '{answer_id}'")
        if not 1 <= grade <= n_grades:
            raise GradeRefusedError("invalid", f"grades run from 1 to {n_grades}, not {grade}")
