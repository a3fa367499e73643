"""What the teacher's pages change: a lesson begins, moves, takes one move back, and is deleted."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import JSONResponse

from harness.classroom.desk import recorded_runs
from harness.classroom.judges import run_roots
from harness.classroom.web import cookies
from harness.classroom.web.described import refused
from harness.classroom.web.guard import Refusal
from harness.classroom.web.here import HereNow, SessionId, TheHost, TheTeacher, check_guesses, client_of
from harness.classroom.web.qr import qr_svg
from harness.schema.base import Record
from harness.schema.classroom import ClassSettings, ClassState, Move

router = APIRouter(tags=["teacher"])
HOST_S = 12 * 3600
Secret = Annotated[str, Field(min_length=1, max_length=cookies.TOKEN_LENGTH)]


class SecretRequest(Record):
    """A secret from a link, exchanged for a cookie."""

    secret: Secret


class Done(Record):
    """It is done; where the page goes on."""

    url: str


class BeginRequest(Record):
    """A new lesson, and how many invented pupils fill it when it is a rehearsal."""

    settings: ClassSettings
    n_invented: Annotated[int, Field(ge=0, le=500)] = 0


class BegunAnswer(Record):
    """A lesson that has just begun."""

    session_id: str
    code: str
    url: str
    join_url: str
    projector_url: str
    teacher_link: Annotated[
        str, Field(description="opens the cockpit on any device; whoever has it is the teacher")
    ]


class MoveRequest(Record):
    """A move, and the version of the state on which the button was."""

    move: Move
    version: Annotated[int | None, Field(ge=1)] = None


class UndoRequest(Record):
    """One step back from this version."""

    version: Annotated[int | None, Field(ge=1)] = None


class Link(Record):
    """An address for another device, and its picture."""

    url: str
    qr: str


class DeleteRequest(Record):
    """The lesson's code, typed: nobody deletes a lesson by a slip."""

    code: Annotated[str, Field(max_length=20)]


class Nothing(Record):
    """No field."""


@router.post("/api/host", response_model=Done, responses=refused(401, 429))
async def enter_host(body: SecretRequest, request: Request, at: HereNow) -> JSONResponse:
    """Let a browser begin lessons on this machine."""
    check_guesses(request, at)
    if not cookies.same(body.secret, at.options.host_secret):
        at.guesses.failed(client_of(request))
        raise Refusal(401, "not_yours", "this is not the link that the terminal printed")
    answer = JSONResponse(Done(url="/new").model_dump())
    cookies.keep(answer, cookies.HOST_COOKIE, body.secret, (at.options, HOST_S))
    return answer


@router.post("/api/sessions", status_code=201, response_model=BegunAnswer, responses=refused(401))
async def begin(body: BeginRequest, _: TheHost, at: HereNow) -> JSONResponse:
    """Begin a lesson, or a rehearsal with invented pupils."""
    if len(await at.lessons.sessions()) >= at.options.limits.sessions:
        raise Refusal(503, "unavailable", "there are too many lessons on this server; delete one")
    known = await asyncio.to_thread(recorded_runs, run_roots(), body.settings.case_set)
    strangers = set(body.settings.runs) - {run.name for run in known}
    if strangers:
        # a path would be found too, and whoever may begin a lesson need not read this machine's disk
        raise Refusal(422, "invalid", f"there is no recorded run '{min(strangers)}' of these cases")
    session, token = await at.lessons.begin(body.settings)
    if body.n_invented:
        await at.lessons.rehearse(session.session_id, body.n_invented)
    begun = BegunAnswer(
        session_id=session.session_id,
        code=session.code,
        url=f"/t/{session.session_id}",
        join_url=at.join_url(session),
        projector_url=at.projector_url(session),
        teacher_link=f"{at.options.base_url}/t/{session.session_id}#k={token}",
    )
    answer = JSONResponse(begun.model_dump(), 201)
    lasting = (at.options, cookies.seconds_left(session))
    cookies.keep(answer, cookies.teacher_cookie(session.session_id), token, lasting)
    return answer


@router.post("/api/{session_id}/enter", response_model=Done, responses=refused(401, 429))
async def enter(session_id: SessionId, body: SecretRequest, request: Request, at: HereNow) -> JSONResponse:
    """Let the teacher in on this device."""
    check_guesses(request, at)
    if not await at.lessons.is_teacher(session_id, body.secret):
        at.guesses.failed(client_of(request))
        raise Refusal(401, "not_yours", "this is not a teacher's link of that lesson")
    session = await at.lessons.session(session_id)
    answer = JSONResponse(Done(url=f"/t/{session_id}").model_dump())
    lasting = (at.options, cookies.seconds_left(session))
    cookies.keep(answer, cookies.teacher_cookie(session_id), body.secret, lasting)
    return answer


@router.get("/api/{session_id}/teacher")
async def teacher_view(session_id: SessionId, _: TheTeacher, at: HereNow) -> dict[str, Any]:
    """Settings, state and progress."""
    return await at.lessons.teacher_view(session_id)


@router.post("/api/{session_id}/move", response_model=ClassState, responses=refused(409))
async def move(session_id: SessionId, body: MoveRequest, _: TheTeacher, at: HereNow) -> ClassState:
    """Make a move."""
    return await at.lessons.move(session_id, body.move, body.version)


@router.post("/api/{session_id}/undo", response_model=ClassState, responses=refused(409))
async def undo(session_id: SessionId, body: UndoRequest, _: TheTeacher, at: HereNow) -> ClassState:
    """Take the last move back; what was seen stays seen."""
    return await at.lessons.undo(session_id, body.version)


@router.post("/api/{session_id}/links", response_model=Link)
async def add_link(session_id: SessionId, body: Nothing, _: TheTeacher, at: HereNow) -> Link:  # noqa: ARG001
    """A further teacher's link, for another device or for the day after."""
    token = await at.lessons.add_teacher_link(session_id)
    url = f"{at.options.base_url}/t/{session_id}#k={token}"
    return Link(url=url, qr=str(qr_svg(url)))


@router.post("/api/{session_id}/delete", response_model=Done, responses=refused(422))
async def delete(
    session_id: SessionId, body: DeleteRequest, session: TheTeacher, at: HereNow
) -> JSONResponse:
    """Delete everything of a lesson, now and for good."""
    if body.code.strip().upper() != session.code:
        raise Refusal(422, "invalid", "the code that was typed is not this lesson's")
    await at.forget(session_id)
    await at.lessons.delete(session_id)
    answer = JSONResponse(Done(url="/new").model_dump())
    for name in (cookies.teacher_cookie(session_id), cookies.projector_cookie(session_id)):
        answer.delete_cookie(name, path="/", secure=at.options.secure, httponly=True, samesite="strict")
    return answer
