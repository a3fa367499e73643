"""Rows of the classroom's tables as records."""

from __future__ import annotations

from harness.errors import NotAdmittedError
from harness.schema.classroom import Ballot, ClassSession, ClassSettings, ClassState, Pupil


def unknown(session_id: str) -> NotAdmittedError:
    """What to raise where there is no such session."""
    return NotAdmittedError("unknown_session", f"there is no session '{session_id}'")


def read_session(row: tuple[str, ...]) -> ClassSession:
    """A session from the columns of SESSION."""
    session_id, code, settings, seed, created_at, expires_at, state = row
    return ClassSession(
        session_id=session_id,
        code=code,
        settings=ClassSettings.model_validate_json(settings),
        state=ClassState.model_validate_json(state),
        seed=int(seed),
        created_at=created_at,
        expires_at=expires_at,
    )


def read_pupil(row: tuple[object, ...]) -> Pupil:
    """A pupil from the columns of PUPILS."""
    names = ("pupil_id", "number", "animal", "animal_number", "rulebook_id", "entry")
    return Pupil.model_validate(dict(zip(names, row, strict=True)))


def read_ballot(row: tuple[object, ...]) -> Ballot:
    """A ballot from pupil, case, vote, grades and seconds."""
    names = ("pupil_id", "case_id", "vote", "grades", "seconds")
    return Ballot.model_validate(dict(zip(names, row, strict=True)))
