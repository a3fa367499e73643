"""A class's store in SQL, the same statements for SQLite and PostgreSQL; see `ClassStore`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from harness.classroom.phases import takes_grades
from harness.classroom.store import statements as sql
from harness.classroom.store.ballots import Kept
from harness.classroom.store.base import Credentials, Graded
from harness.classroom.store.database import Database
from harness.classroom.store.rows import read_ballot, read_pupil, read_session, unknown
from harness.classroom.store.tables import TABLES
from harness.classroom.store.transactions import Transaction, Transactions
from harness.errors import GradeRefusedError, NotAdmittedError, StateChangedError
from harness.schema.classroom import Ballot, ClassSession, ClassState, Edit, HandCount, Pupil, Vote

T = TypeVar("T")


class SqlStore:
    """Sessions in tables. A refusal is raised before anything was written, so it harms no neighbour."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tables = Transactions(database)

    def together(self, works: Sequence[Callable[[], T]]) -> list[T | Exception]:
        """Do several things in one transaction; where one breaks it, each gets a transaction of its own."""
        return self._tables.together(works)

    def close(self) -> None:
        """Let go of files and connections."""
        self._database.close()

    # --- sessions ---

    def create(self, session: ClassSession, teacher_digest: str) -> bool:
        """Keep a new session and its teacher; False when its code is in use."""

        def work(now: Transaction) -> bool:
            if now.execute(sql.CODE_IN_USE, (session.code, session.session_id)):
                return False
            now.execute(
                sql.ADD_SESSION,
                (
                    session.session_id,
                    session.code,
                    session.settings.model_dump_json(),
                    str(session.seed),
                    session.created_at,
                    session.expires_at,
                    session.state.version,
                    session.state.model_dump_json(),
                ),
            )
            now.execute(sql.ADD_TEACHER, (session.session_id, teacher_digest))
            return True

        return self._tables.write(work)

    def sessions(self) -> tuple[ClassSession, ...]:
        """All sessions, oldest first."""
        rows = self._tables.read(lambda execute: execute(sql.SESSIONS))
        return tuple(read_session(row) for row in rows)

    def session(self, session_id: str) -> ClassSession:
        """A session as it stands now."""
        rows = self._tables.read(lambda execute: execute(sql.SESSION, (session_id,)))
        if not rows:
            raise unknown(session_id)
        return read_session(rows[0])

    def by_code(self, code: str) -> ClassSession:
        """The session that a class joins with this code."""
        rows = self._tables.read(lambda execute: execute(sql.BY_CODE, (code,)))
        if not rows:
            raise NotAdmittedError("unknown_code", f"no class has the code {code}")
        return read_session(rows[0])

    def write_state(self, session_id: str, state: ClassState, expected_version: int) -> None:
        """Keep a new state and remember the one before."""

        def work(now: Transaction) -> None:
            before = _expected(now, session_id, state, expected_version)
            if before is not None:
                now.execute(sql.ADD_STATE, (session_id, before.version, before.model_dump_json()))
                now.execute(sql.SET_STATE, (state.version, state.model_dump_json(), session_id))
                now.states[session_id] = state

        self._tables.write(work)

    def previous_state(self, session_id: str) -> ClassState | None:
        """The state before the present one that no step back has used up."""
        rows = self._tables.read(lambda execute: execute(sql.LAST_STATE, (session_id,)))
        return ClassState.model_validate_json(rows[0][1]) if rows else None

    def step_back(self, session_id: str, state: ClassState, expected_version: int) -> None:
        """Keep a state that takes the last move back."""

        def work(now: Transaction) -> None:
            if _expected(now, session_id, state, expected_version) is not None:
                last = now.execute(sql.LAST_STATE, (session_id,))
                now.execute(sql.DROP_STATE, (session_id, last[0][0]))
                now.execute(sql.SET_STATE, (state.version, state.model_dump_json(), session_id))
                now.states[session_id] = state

        self._tables.write(work)

    def changes(self, session_id: str) -> int:
        """A number that grows whenever pupils, ballots or hands change."""
        rows = self._tables.read(lambda execute: execute(sql.CHANGES, (session_id,)))
        if not rows:
            raise unknown(session_id)
        return int(rows[0][0])

    def delete(self, session_id: str) -> None:
        """Leave nothing of a session; one that is gone already is swept for traces all the same."""

        def work(now: Transaction) -> None:
            for table in TABLES:
                now.execute(f"DELETE FROM {table} WHERE session_id = ?", (session_id,))  # noqa: S608 - our own names

        self._tables.write(work)
        self._database.forget()

    def expired(self, now: datetime) -> tuple[str, ...]:
        """Sessions whose time is over."""
        over = (one for one in self.sessions() if datetime.fromisoformat(one.expires_at) <= now)
        return tuple(session.session_id for session in over)

    # --- who may do what ---

    def add_teacher(self, session_id: str, token_digest: str) -> None:
        """Let whoever holds a token act as the teacher of a session."""

        def work(now: Transaction) -> None:
            _state(now, session_id)
            now.execute(sql.ADD_TEACHER, (session_id, token_digest))

        self._tables.write(work)

    def is_teacher(self, session_id: str, token_digest: str) -> bool:
        """Whether a token is a teacher's of this session."""
        return bool(self._tables.read(lambda execute: execute(sql.IS_TEACHER, (session_id, token_digest))))

    def add_pupil(self, session_id: str, make: Callable[[int], Pupil], credentials: Credentials) -> Pupil:
        """Give the next number to a new pupil; the same credentials give the pupil that is there."""

        def work(now: Transaction) -> Pupil:
            _state(now, session_id)
            there = now.execute(sql.PUPIL_BY_TOKEN, (session_id, credentials.token_digest))
            if there:
                return read_pupil(there[0])
            last = now.execute(sql.LAST_NUMBER, (session_id,))[0][0]
            pupil = make((last or 0) + 1)
            now.execute(sql.ADD_PUPIL, (session_id, *pupil.model_dump().values()))
            now.execute(sql.ADD_TOKEN, (session_id, credentials.token_digest, pupil.pupil_id))
            now.execute(sql.ADD_RECOVERY, (credentials.recovery_digest, session_id, pupil.pupil_id))
            now.touched.add(session_id)
            return pupil

        return self._tables.write(work)

    def add_token(self, session_id: str, pupil_id: str, token_digest: str) -> None:
        """Let a pupil in from one more device."""

        def work(now: Transaction) -> None:
            _state(now, session_id)
            now.execute(sql.ADD_TOKEN, (session_id, token_digest, pupil_id))

        self._tables.write(work)

    def pupil_by_token(self, session_id: str, token_digest: str) -> Pupil:
        """Whoever holds this token."""
        rows = self._tables.read(lambda execute: execute(sql.PUPIL_BY_TOKEN, (session_id, token_digest)))
        if not rows:
            raise NotAdmittedError("not_yours", "nobody in this session holds that token")
        return read_pupil(rows[0])

    def by_recovery(self, recovery_digest: str) -> tuple[str, Pupil]:
        """The session and the pupil of a word to come back with."""
        rows = self._tables.read(lambda execute: execute(sql.BY_RECOVERY, (recovery_digest,)))
        if not rows:
            raise NotAdmittedError("unknown_recovery", "nobody can come back with this code")
        return rows[0][0], read_pupil(rows[0][1:])

    def pupils(self, session_id: str) -> tuple[Pupil, ...]:
        """Everybody, by number."""
        rows = self._tables.read(lambda execute: execute(sql.PUPILS, (session_id,)))
        return tuple(read_pupil(row) for row in rows)

    # --- what they said ---

    def apply(self, session_id: str, pupil_id: str, edit: Edit) -> Ballot:
        """Put one edit of a page into a ballot, if the case takes such a vote now."""
        place = (session_id, pupil_id, edit.case_id, edit.vote)

        def work(now: Transaction) -> Ballot:
            if not takes_grades(_state(now, session_id), edit.case_id, edit.vote):
                raise GradeRefusedError("closed", f"the case '{edit.case_id}' takes no grades now")
            rows = now.execute(sql.BALLOT, place)
            kept = Kept.read(*rows[0]) if rows else Kept({}, {})
            if kept.put(edit):
                now.execute(sql.PUT_BALLOT, (*place, *kept.columns()))
                now.touched.add(session_id)
            return read_ballot((pupil_id, edit.case_id, edit.vote, kept.grades, kept.seconds))

        return self._tables.write(work)

    def put_ballots(self, session_id: str, ballots: Iterable[Ballot]) -> None:
        """Keep whole ballots in the place of whatever was there."""

        def work(now: Transaction) -> None:
            _state(now, session_id)
            for one in ballots:
                kept = Kept(dict(one.grades), {}, one.seconds)
                place = (session_id, one.pupil_id, one.case_id, one.vote)
                now.execute(sql.PUT_BALLOT, (*place, *kept.columns()))
            now.touched.add(session_id)

        self._tables.write(work)

    def ballots(
        self, session_id: str, case_id: str | None = None, vote: Vote | None = None
    ) -> tuple[Ballot, ...]:
        """Ballots by pupil's number, case and vote; those in which nothing is graded left out."""
        named = [("b.case_id", case_id), ("b.vote", vote)]
        only = "".join(f" AND {column} = ?" for column, value in named if value is not None)
        values = (session_id, *(value for _, value in named if value is not None))
        rows = self._tables.read(lambda execute: execute(sql.BALLOTS.format(only=only), values))
        return tuple(read_ballot((*row[:3], json.loads(row[3]), row[4])) for row in rows)

    def ballots_of(self, session_id: str, pupil_id: str) -> tuple[Ballot, ...]:
        """One pupil's ballots."""
        query = sql.BALLOTS.format(only=" AND b.pupil_id = ?")
        rows = self._tables.read(lambda execute: execute(query, (session_id, pupil_id)))
        return tuple(read_ballot((*row[:3], json.loads(row[3]), row[4])) for row in rows)

    def graded(self, session_id: str) -> tuple[Graded, ...]:
        """How many pupils graded how many answers, per case, vote and rulebook."""
        rows = self._tables.read(lambda execute: execute(sql.GRADED, (session_id,)))
        return tuple(Graded(*row) for row in rows)

    def put_hands(self, session_id: str, hands: Iterable[HandCount]) -> None:
        """Keep counts of a show of hands, in the place of earlier ones."""

        def work(now: Transaction) -> None:
            _state(now, session_id)
            for one in hands:
                place = (session_id, one.case_id, one.vote, one.answer_id)
                now.execute(sql.PUT_HANDS, (*place, json.dumps(one.counts)))
            now.touched.add(session_id)

        self._tables.write(work)

    def hands(self, session_id: str) -> tuple[HandCount, ...]:
        """Every count of a show of hands."""
        rows = self._tables.read(lambda execute: execute(sql.HANDS, (session_id,)))
        return tuple(
            HandCount(case_id=case_id, vote=vote, answer_id=answer_id, counts=json.loads(counts))
            for case_id, vote, answer_id, counts in rows
        )


def _state(now: Transaction, session_id: str) -> ClassState:
    """The state in this transaction; raises NotAdmittedError where there is no such session."""
    if session_id not in now.states:
        rows = now.execute(sql.STATE, (session_id,))
        if not rows:
            raise unknown(session_id)
        now.states[session_id] = ClassState.model_validate_json(rows[0][0])
    return now.states[session_id]


def _expected(
    now: Transaction, session_id: str, state: ClassState, expected_version: int
) -> ClassState | None:
    """The state that is to be replaced; None when the new one is there already: a broken line tries twice."""
    present = _state(now, session_id)
    if present == state:
        return None
    if present.version != expected_version:
        words = f"the session is at version {present.version}, not {expected_version}: look again"
        raise StateChangedError("conflict", words)
    return present
