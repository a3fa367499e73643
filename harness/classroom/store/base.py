"""What the classroom asks of whatever keeps its sessions. No name, no address, no time of a grade is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar

from harness.schema.classroom import (
    Ballot,
    ClassSession,
    ClassState,
    Edit,
    HandCount,
    Pupil,
    Vote,
)

T = TypeVar("T")


class Credentials(NamedTuple):
    """Digests of what lets a pupil in: the browser's token, and the word to come back with."""

    token_digest: str
    recovery_digest: str


class Graded(NamedTuple):
    """How many pupils under one rulebook graded exactly so many answers of a case in a vote."""

    case_id: str
    vote: Vote
    rulebook_id: str
    n_graded: int
    n_pupils: int


class ClassStore(Protocol):
    """Keeps sessions. Every method may be called from any thread, and returns once what it did is durable.

    Whoever asks for a session or pupil that is not there gets a NotAdmittedError; a store that is
    damaged, full, or of another version raises a StoreError.
    """

    def together(self, works: Sequence[Callable[[], T]]) -> list[T | Exception]:
        """Do several things in one transaction, durable before this returns; each fails for itself.

        Each piece of work calls methods of this store, in this thread, and may be done twice.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...

    # --- sessions ---

    def create(self, session: ClassSession, teacher_digest: str) -> bool:
        """Keep a new session and its teacher; False when its code is in use, and nothing was kept."""
        ...

    def sessions(self) -> tuple[ClassSession, ...]:
        """All sessions, oldest first."""
        ...

    def session(self, session_id: str) -> ClassSession:
        """A session as it stands now."""
        ...

    def by_code(self, code: str) -> ClassSession:
        """The session that a class joins with this code."""
        ...

    def write_state(self, session_id: str, state: ClassState, expected_version: int) -> None:
        """Keep a new state after the one that is expected; raises StateChangedError if another is there."""
        ...

    def previous_state(self, session_id: str) -> ClassState | None:
        """The state before the present one that no step back has used up; None at the beginning."""
        ...

    def step_back(self, session_id: str, state: ClassState, expected_version: int) -> None:
        """Keep a state that takes the last move back: that move is no longer in the history."""
        ...

    def changes(self, session_id: str) -> int:
        """A number that grows whenever pupils, ballots or hands change."""
        ...

    def delete(self, session_id: str) -> None:
        """Leave nothing of a session: not a byte in the files of SQLite, no row in PostgreSQL."""
        ...

    def expired(self, now: datetime) -> tuple[str, ...]:
        """Sessions whose time is over."""
        ...

    # --- who may do what ---

    def add_teacher(self, session_id: str, token_digest: str) -> None:
        """Let whoever holds a token act as the teacher of a session."""
        ...

    def is_teacher(self, session_id: str, token_digest: str) -> bool:
        """Whether a token is a teacher's of this session."""
        ...

    def add_pupil(self, session_id: str, make: Callable[[int], Pupil], credentials: Credentials) -> Pupil:
        """Give the next number to a new pupil; the same credentials give the pupil that is there."""
        ...

    def add_token(self, session_id: str, pupil_id: str, token_digest: str) -> None:
        """Let a pupil in from one more device."""
        ...

    def pupil_by_token(self, session_id: str, token_digest: str) -> Pupil:
        """Whoever holds this token."""
        ...

    def by_recovery(self, recovery_digest: str) -> tuple[str, Pupil]:
        """The session and the pupil of a word to come back with."""
        ...

    def pupils(self, session_id: str) -> tuple[Pupil, ...]:
        """Everybody, by number."""
        ...

    # --- what they said ---

    def apply(self, session_id: str, pupil_id: str, edit: Edit) -> Ballot:
        """Put one edit of a page into a ballot and give the ballot back.

        For each answer, an edit counts only if this page sent no later one: so an edit that comes twice or
        out of order changes nothing that a later one decided, and loses nothing else. Between two pages of
        one pupil, whatever arrives last counts. Raises GradeRefusedError while the case takes no such vote.
        """
        ...

    def put_ballots(self, session_id: str, ballots: Iterable[Ballot]) -> None:
        """Keep whole ballots in the place of whatever was there: typed sheets, reply codes, rehearsals."""
        ...

    def ballots(
        self, session_id: str, case_id: str | None = None, vote: Vote | None = None
    ) -> tuple[Ballot, ...]:
        """Ballots by pupil's number, case and vote; those in which nothing is graded (any more) left out."""
        ...

    def ballots_of(self, session_id: str, pupil_id: str) -> tuple[Ballot, ...]:
        """One pupil's ballots."""
        ...

    def graded(self, session_id: str) -> tuple[Graded, ...]:
        """How many pupils graded how many answers, per case, vote and rulebook."""
        ...

    def put_hands(self, session_id: str, hands: Iterable[HandCount]) -> None:
        """Keep counts of a show of hands, in the place of earlier ones of the same answers."""
        ...

    def hands(self, session_id: str) -> tuple[HandCount, ...]:
        """Every count of a show of hands."""
        ...
