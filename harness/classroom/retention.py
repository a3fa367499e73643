"""How long a session is kept, and what it means to delete one."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness.classroom.store.base import ClassStore
from harness.errors import NotAdmittedError
from harness.schema.classroom import ClassSession, ClassSettings
from harness.store.disk import in_words


def utc_now() -> datetime:
    """The present time."""
    return datetime.now(UTC)


def expiry(settings: ClassSettings, now: datetime) -> str:
    """When a session that begins now is over, as UTC in ISO 8601."""
    return (now + timedelta(hours=settings.retention_h)).astimezone(UTC).isoformat(timespec="seconds")


def is_over(session: ClassSession, now: datetime) -> bool:
    """Whether a session's time is over."""
    return datetime.fromisoformat(session.expires_at) <= now


def refuse_over(session: ClassSession, now: datetime) -> None:
    """A session whose time is over is gone for everybody, even before it is deleted."""
    if is_over(session, now):
        words = f"the session '{session.session_id}' is over and is being deleted"
        raise NotAdmittedError("unknown_session", words)


def delete_session(store: ClassStore, desks: Path, session_id: str) -> None:
    """Delete everything of a session: what its desk kept in files, then what the store kept.

    In this order, so that a deletion that is cut short is found and done again.
    """
    folder = desks / session_id
    if folder.is_dir():
        with in_words(folder):
            shutil.rmtree(folder)
    store.delete(session_id)
