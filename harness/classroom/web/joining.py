"""How a pupil gets in: a short code, once; afterwards the browser's own secret, or a word to come back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse

from harness.classroom.lesson import Joined
from harness.classroom.pseudonyms import name_of
from harness.classroom.web import cookies
from harness.classroom.web.described import refused
from harness.classroom.web.here import Here, HereNow, check_guesses, client_of
from harness.errors import NotAdmittedError
from harness.schema.base import Record
from harness.schema.classroom import ClassSession, Pupil

router = APIRouter(tags=["joining"])

Typed = Annotated[str, Field(min_length=1, max_length=40)]


class JoinRequest(Record):
    """What a pupil typed, or scanned."""

    code: Typed


class ResumeRequest(Record):
    """The word that a pupil wrote down, to go on with another device."""

    recovery: Typed


class Admitted(Record):
    """Where a pupil's page is, and who they are there."""

    session_id: str
    url: str
    pseudonym: str
    recovery: Annotated[str | None, Field(description="None: the page was in already")] = None


@router.post("/api/join", response_model=Admitted, responses=refused(404, 429))
async def join(body: JoinRequest, request: Request, at: HereNow) -> JSONResponse:
    """Join a lesson by its code; a browser that is in already stays the same pupil."""
    check_guesses(request, at)
    try:
        session = await at.lessons.by_code(body.code)
    except NotAdmittedError:
        at.guesses.failed(client_of(request))
        raise
    token = cookies.secret_of(request, cookies.pupil_cookie(session.session_id))
    present = await at.lessons.pupil(session.session_id, token) if token else None
    if present is not None:
        return JSONResponse(_admitted(session, present).model_dump())
    return _welcome(at, await at.lessons.join(session.code))


@router.post("/api/resume", response_model=Admitted, responses=refused(404, 429))
async def resume(body: ResumeRequest, request: Request, at: HereNow) -> JSONResponse:
    """Go on as the same pupil on another device, or after the browser forgot."""
    check_guesses(request, at)
    try:
        joined = await at.lessons.resume(body.recovery)
    except NotAdmittedError:
        at.guesses.failed(client_of(request))
        raise
    return _welcome(at, joined)


def _welcome(at: Here, joined: Joined) -> JSONResponse:
    session = joined.session
    answer = JSONResponse(_admitted(session, joined.pupil, joined.recovery).model_dump())
    name = cookies.pupil_cookie(session.session_id)
    cookies.keep(answer, name, joined.token, (at.options, cookies.seconds_left(session)))
    return answer


def _admitted(session: ClassSession, pupil: Pupil, recovery: str | None = None) -> Admitted:
    return Admitted(
        session_id=session.session_id,
        url=f"/p/{session.session_id}",
        pseudonym=name_of(pupil, session.settings.language),
        recovery=recovery,
    )
