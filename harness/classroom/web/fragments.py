"""Parts of pages that come when their phase does: a pupil's view of a case, the wall, tables of figures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from harness.classroom.closing import ShownClosing
from harness.classroom.projector import Wall
from harness.classroom.pupil_pages import debrief_fragment
from harness.classroom.rendering import render
from harness.classroom.scenes import Drawn
from harness.classroom.web import answers
from harness.classroom.web.described import FILE, PAGE
from harness.classroom.web.guard import Refusal
from harness.classroom.web.here import HereNow, SessionId, TheProjector, ThePupil
from harness.classroom.web.qr import qr_svg
from harness.schema.classroom import ClassSession

router = APIRouter(tags=["fragments"], default_response_class=Response)
CaseId = Annotated[str, Query(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
TOO_EARLY = Refusal(403, "too_early", "the lesson has not come to this yet")


@router.get("/api/{session_id}/fragment/case", responses=PAGE)
async def case(
    session_id: SessionId, case_id: CaseId, pupil: ThePupil, request: Request, at: HereNow
) -> Response:
    """A pupil's order beside the class's and the judges', as far as the case has come."""
    session = await at.lessons.session(session_id)
    _check_case(session, case_id)
    if session.state.phases[case_id] in ("closed", "open", "locked"):
        raise TOO_EARLY
    return answers.html(request, await at.pictures.pupil_fragment(session_id, pupil.pupil_id, case_id))


@router.get("/api/{session_id}/fragment/debrief", responses=PAGE)
async def debrief(session_id: SessionId, pupil: ThePupil, request: Request, at: HereNow) -> Response:
    """Both employers' rules, once the class may know that there are two."""
    session = await at.lessons.session(session_id)
    if not session.state.debriefed:
        raise TOO_EARLY
    books = at.lessons.content(session).rulebooks
    page = debrief_fragment(books, pupil.rulebook_id, session.settings.language)
    return answers.html(request, page)


@router.get("/api/{session_id}/fragment/end", responses=PAGE)
async def end(session_id: SessionId, _: ThePupil, request: Request, at: HereNow) -> Response:
    """What annotation hides, with the class's own numbers."""
    session = await at.lessons.session(session_id)
    if session.state.stage not in ("closing", "ended"):
        raise TOO_EARLY
    closing = await at.pictures.closing(session_id)
    page = render("fragments/end.html.j2", session.settings.language, closing=closing)
    return answers.html(request, page)


@router.get("/api/{session_id}/fragment/projector", responses=PAGE)
async def wall(
    session: TheProjector,
    request: Request,
    at: HereNow,
    page: Annotated[int, Query(ge=0, le=1000)] = 0,
    state: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """One page of the wall; the first one when the lesson moved since `state`."""
    frame = Wall(view={}, join_url=at.join_url(session), qr=qr_svg, closing=_filled_in)
    drawn = await at.pictures.wall(session.session_id, page, state, frame)
    return answers.html(request, drawn)


@router.get("/api/{session_id}/figure/{screen}.csv", responses=FILE)
async def figure_csv(
    screen: Annotated[Drawn, Path()],
    case_id: CaseId,
    session: TheProjector,
    at: HereNow,
) -> Response:
    """The numbers beneath a picture of the wall; what the wall may not show is not in them."""
    _check_case(session, case_id)
    delimiter = ";" if session.settings.language == "fr" else ","
    table = await at.pictures.csv(session.session_id, "projector", screen, case_id, delimiter)
    name = f"{session.session_id}-{screen}-{case_id}.csv"
    return answers.download(("\ufeff" + table).encode(), "text/csv; charset=utf-8", name)


def _filled_in() -> ShownClosing:
    raise AssertionError("`Pictures.wall` puts the closing section in")


def _check_case(session: ClassSession, case_id: str) -> None:
    if case_id not in session.settings.case_ids:
        raise Refusal(404, "unknown", "this lesson has no such case")
