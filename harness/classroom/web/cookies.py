"""Who asks: secrets in cookies, one per lesson and role, that only this site's own pages send."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from harness.classroom.web.options import WebOptions
from harness.schema.classroom import ClassSession

HOST_COOKIE = "host"
TOKEN_LENGTH = 128
"""Longer than any secret that is given out; what is longer is looked up nowhere."""


def pupil_cookie(session_id: str) -> str:
    """Name of the cookie of a pupil's browser."""
    return f"pupil_{session_id}"


def teacher_cookie(session_id: str) -> str:
    """Name of the cookie of a teacher's browser."""
    return f"teacher_{session_id}"


def projector_cookie(session_id: str) -> str:
    """Name of the cookie of the projector's browser."""
    return f"projector_{session_id}"


def secret_of(request: Request, name: str) -> str | None:
    """The secret of a cookie, or None when there is none that can be one."""
    value = request.cookies.get(name, "")
    return value if 0 < len(value) <= TOKEN_LENGTH and value.isascii() else None


def same(left: str, right: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they part."""
    return hmac.compare_digest(left.encode(), right.encode())


def keep(response: Response, name: str, secret: str, lasting: tuple[WebOptions, int]) -> None:
    """Give the browser a secret for so many seconds; no script reads it, no other site sends it."""
    options, max_age_s = lasting
    response.set_cookie(
        name, secret, max_age=max_age_s, path="/", secure=options.secure, httponly=True, samesite="strict"
    )


def seconds_left(session: ClassSession, now: datetime | None = None) -> int:
    """How long a session's secrets are good for: until everything is deleted."""
    ends = datetime.fromisoformat(session.expires_at)
    return max(60, int((ends - (now or datetime.now(UTC))).total_seconds()))
