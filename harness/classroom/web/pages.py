"""Whole pages: the door, the pupil's page, the projector, the test of a room."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from harness.classroom.pupil_pages import pupil_page
from harness.classroom.rendering import render
from harness.classroom.sheets import own_sheet
from harness.classroom.web import answers, cookies
from harness.classroom.web.described import PAGE
from harness.classroom.web.guard import Refusal
from harness.classroom.web.here import (
    Here,
    HereNow,
    SessionId,
    ThePupil,
    check_guesses,
    client_of,
    projector_here,
)
from harness.classroom.web.qr import qr_svg
from harness.errors import NotAdmittedError
from harness.schema import Language

router = APIRouter(tags=["pages"], default_response_class=Response, include_in_schema=True)
Asked = Annotated[Language | None, Query(alias="lang", description="language of a page of no lesson")]


@router.get("/", responses=PAGE)
async def home(request: Request, at: HereNow, lang: Asked = None) -> Response:
    """The door: join with a code, or begin a lesson."""
    return answers.html(request, _page("home.html.j2", at, lang, code=""))


@router.get("/j/{code}", responses=PAGE)
async def door(
    code: Annotated[str, Path(max_length=40)], request: Request, at: HereNow, lang: Asked = None
) -> Response:
    """Where a QR code leads: one tap from the pupil's page, in the lesson's language."""
    check_guesses(request, at)
    try:
        session = await at.lessons.by_code(code)
    except NotAdmittedError:
        at.guesses.failed(client_of(request))
        return answers.html(request, _page("join.html.j2", at, lang, code=""), 404)
    language = lang or session.settings.language
    return answers.html(request, _page("join.html.j2", at, language, code=session.code))


@router.get("/p/{session_id}", responses=PAGE)
async def pupil_door(session_id: SessionId, request: Request, at: HereNow) -> Response:
    """A pupil's page; a browser that has not joined goes to the door."""
    session = await at.lessons.session(session_id)
    token = cookies.secret_of(request, cookies.pupil_cookie(session_id))
    found = await at.lessons.pupil(session_id, token) if token else None
    if found is None:
        return RedirectResponse(f"/j/{session.code}", 303, {"cache-control": "no-store"})
    content = at.lessons.content(session)
    view = await at.lessons.pupil_view(session_id, found)
    rulebook = content.rulebook(found.rulebook_id)
    return answers.html(request, pupil_page(session, view, content.case_set, content.cases, rulebook))


@router.get("/p/{session_id}/sheet", responses=PAGE)
async def own_page(session_id: SessionId, pupil: ThePupil, request: Request, at: HereNow) -> Response:
    """What a pupil takes home, on paper."""
    session = await at.lessons.session(session_id)
    content, view = at.lessons.content(session), await at.lessons.pupil_view(session_id, pupil)
    beside = {
        case_id: (await at.pictures.pupil_case(session_id, pupil.pupil_id, case_id)).mine
        for case_id in session.settings.case_ids
    }
    return answers.html(request, own_sheet(session, view, content.cases, beside))


@router.get("/e/{session_id}", responses=PAGE)
async def projector(
    session_id: SessionId,
    request: Request,
    at: HereNow,
    key: Annotated[str | None, Query(alias="k", max_length=cookies.TOKEN_LENGTH)] = None,
) -> Response:
    """The projector's page; its link brings a key, which the browser keeps, and the address loses."""
    if key is not None:
        return await _admit_projector(session_id, request, at, key)
    session = await projector_here(request, session_id, at)
    view = await at.lessons.projector_view(session_id)
    page = render(
        "projector.html.j2",
        session.settings.language,
        simulated=session.settings.simulated,
        session=session,
        view=view,
        join_url=at.join_url(session),
        **common(at),
    )
    return answers.html(request, page)


@router.get("/room", responses=PAGE)
async def room(request: Request, at: HereNow, lang: Asked = None) -> Response:
    """The test of a room: does this device reach the server, how quickly, and do events come through."""
    return answers.html(request, _page("room.html.j2", at, lang))


async def _admit_projector(session_id: str, request: Request, at: Here, key: str) -> Response:
    check_guesses(request, at)
    session = await at.lessons.session(session_id)
    if not at.lessons.is_projector(session, key):
        at.guesses.failed(client_of(request))
        raise Refusal(401, "not_yours", "this is not the link of the projector's page")
    answer = RedirectResponse(f"/e/{session_id}", 303)
    lasting = (at.options, cookies.seconds_left(session))
    cookies.keep(answer, cookies.projector_cookie(session_id), key, lasting)
    return answer


def common(at: Here) -> dict[str, object]:
    """What every template may use."""
    return {"base_url": at.options.base_url, "qr": qr_svg}


def _page(template: str, at: Here, language: Language | None, **context: object) -> str:
    return render(template, language or at.options.language, **common(at), **context)
