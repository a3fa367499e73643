"""The teacher's pages: a new lesson, the cockpit, the judges desk, entry without devices, keep or delete."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from harness.classroom.phases import MIN_SHOWN
from harness.classroom.rendering import render
from harness.classroom.scenes import Drawn
from harness.classroom.sheets import blank_sheets
from harness.classroom.web import answers, cookies
from harness.classroom.web.choices import RETENTIONS_H, lesson_choices, shown_runs
from harness.classroom.web.cockpit import cockpit_context
from harness.classroom.web.described import PAGE
from harness.classroom.web.desks import desk_judges, desk_replies
from harness.classroom.web.guard import Refusal
from harness.classroom.web.here import Here, HereNow, SessionId, TheTeacher, host_here, teacher_here
from harness.classroom.web.pages import Asked, common
from harness.load.content import load_judges, load_rulebooks
from harness.schema import Language
from harness.schema.classroom import ClassSession

router = APIRouter(tags=["teacher's pages"], default_response_class=Response)


@router.get("/new", responses=PAGE)
async def new(request: Request, at: HereNow, lang: Asked = None) -> Response:
    """Settings of a lesson; a browser without the machine's secret is asked for it."""
    language = lang or at.options.language
    try:
        await host_here(request, at)
    except Refusal:
        return _enter(request, at, "/api/host", language)
    context = await lesson_choices(language)
    retention_h = min(RETENTIONS_H, key=lambda hours: abs(hours - at.options.retention_h))
    page = render(
        "teacher/new.html.j2",
        language,
        retentions=RETENTIONS_H,
        retention_h=retention_h,
        here="new",
        **context,
        **common(at),
    )
    return answers.html(request, page)


@router.get("/t/{session_id}", responses=PAGE)
async def cockpit(session_id: SessionId, request: Request, at: HereNow) -> Response:
    """Conduct the lesson; a browser without the teacher's secret is asked for it, and told nothing."""
    return await _page("cockpit", session_id, request, at)


@router.get("/t/{session_id}/desk", responses=PAGE)
async def desk(session_id: SessionId, request: Request, at: HereNow) -> Response:
    """The judges desk."""
    return await _page("desk", session_id, request, at)


@router.get("/t/{session_id}/entry", responses=PAGE)
async def entry(session_id: SessionId, request: Request, at: HereNow) -> Response:
    """Hands, paper sheets, reply codes."""
    return await _page("entry", session_id, request, at)


@router.get("/t/{session_id}/keep", responses=PAGE)
async def keep(session_id: SessionId, request: Request, at: HereNow) -> Response:
    """Take the grades away, or delete everything."""
    return await _page("keep", session_id, request, at)


@router.get("/t/{session_id}/print", responses=PAGE)
async def printed(session_id: SessionId, request: Request, at: HereNow) -> Response:
    """What the class and the judges said, to print."""
    return await _page("print", session_id, request, at)


@router.get("/t/{session_id}/sheets", responses=PAGE)
async def sheets(session: TheTeacher, request: Request, at: HereNow) -> Response:
    """Sheets that a class without devices fills in."""
    content = at.lessons.content(session)
    page = blank_sheets(session.settings, content, session.settings.language, standalone=False)
    return answers.html(request, page)


@router.get("/api/{session_id}/fragment/cockpit", responses=PAGE, tags=["teacher"])
async def cockpit_now(session: TheTeacher, request: Request, at: HereNow) -> Response:
    """The part of the cockpit that changes."""
    context = await _cockpit(session, at)
    return answers.html(request, render("teacher/now.html.j2", session.settings.language, **context))


async def _page(name: str, session_id: str, request: Request, at: Here) -> Response:
    try:
        session = await teacher_here(request, session_id, at)
    except Refusal:
        if cookies.secret_of(request, cookies.teacher_cookie(session_id)):
            await at.lessons.session(session_id)  # whoever conducted a lesson that is gone reads that it is
        return _enter(request, at, f"/api/{session_id}/enter", at.options.language)
    context = await _CONTEXTS[name](session, at)
    page = render(f"teacher/{name}.html.j2", session.settings.language, here=name, **context)
    return answers.html(request, page)


def _enter(request: Request, at: Here, post: str, language: Language) -> Response:
    page = render("teacher/enter.html.j2", language, post=post, here="enter", **common(at))
    return answers.html(request, page, 401)


async def _cockpit(session: ClassSession, at: Here) -> dict[str, Any]:
    view = await at.lessons.teacher_view(session.session_id)
    more = {"version": await at.lessons.version(session.session_id, "teacher")}
    cockpit = cockpit_context(session, at.lessons.content(session), view)
    return {**_frame(session, at), **cockpit, "join_url": at.join_url(session), "more": more}


async def _desk(session: ClassSession, at: Here) -> dict[str, Any]:
    settings, content = session.settings, at.lessons.content(session)
    runs = await asyncio.to_thread(shown_runs, settings.case_set, settings.language)
    more = {
        "titles": {case.case_id: case.title[settings.language] for case in content.cases},
    }
    return {
        **_frame(session, at),
        "runs": [run for run in runs if run["name"] in settings.runs],
        "judges": await desk_judges(at, session),
        "replies": await desk_replies(at, session),
        "presets": [spec for spec in load_judges() if spec.api_key_env is not None],
        "rulebooks": load_rulebooks(),
        "today": f"{datetime.now().astimezone():%Y-%m-%d}",
        "more": more,
    }


async def _entry(session: ClassSession, at: Here) -> dict[str, Any]:
    content = at.lessons.content(session)
    view = await at.lessons.teacher_view(session.session_id)
    more = {
        "answers": {case_id: list(ids) for case_id, ids in content.answers.items()},
        "n_grades": content.case_set.n_grades,
        "hands": view["hands"],
    }
    return {**_frame(session, at), "content": content, "more": more}


async def _keep(session: ClassSession, at: Here) -> dict[str, Any]:
    return _frame(session, at)


async def _print(session: ClassSession, at: Here) -> dict[str, Any]:
    content, shown = at.lessons.content(session), []
    for case in content.cases:
        sight = await at.lessons.sight(session.session_id, "teacher", case.case_id)
        screens: list[Drawn] = ["grades", "agreement"] if sight.grades else []
        screens += ["moved"] if sight.moved else []
        screens += ["judges"] if sight.judges else []
        figures = [
            await at.pictures.figure(session.session_id, "teacher", screen, case.case_id)
            for screen in screens
        ]
        shown.append((case, figures))
    return {**_frame(session, at), "cases": shown, "min_shown": MIN_SHOWN}


_CONTEXTS = {"cockpit": _cockpit, "desk": _desk, "entry": _entry, "keep": _keep, "print": _print}


def _frame(session: ClassSession, at: Here) -> dict[str, Any]:
    """What every page of a lesson's teacher has."""
    return {
        "session": session,
        "simulated": session.settings.simulated,
        "projector_url": at.projector_url(session),
        "expires": _local_time(session),
        **common(at),
    }


def _local_time(session: ClassSession) -> str:
    """When everything is deleted, in this machine's time."""
    ends = datetime.fromisoformat(session.expires_at).astimezone()
    return f"{ends:%d/%m/%Y %H:%M}" if session.settings.language == "fr" else f"{ends:%Y-%m-%d %H:%M}"
