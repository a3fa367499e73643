"""How a page learns that something changed: a stream, or a number that is cheap to ask for."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from harness.classroom.phases import Role
from harness.classroom.web.described import NO_NEWS, STREAM
from harness.classroom.web.events import EventStream
from harness.classroom.web.here import Here, HereNow, SessionId, TheListener
from harness.schema.base import Record

router = APIRouter(tags=["watching"])


class Version(Record):
    """What a page should show now."""

    version: int


@router.get("/api/{session_id}/events", response_class=Response, responses=STREAM)
async def events(session_id: SessionId, role: TheListener, at: HereNow) -> EventStream:
    """Send `version` whenever a page of this role should look again, and `beat` every few seconds."""
    # asked for once before the stream begins, so that a lesson that is gone is a 404 and no empty stream
    await at.lessons.version(session_id, role)
    versions = _versions(at, session_id, role)
    return EventStream(versions, at.options.heartbeat_s)


@router.get("/api/{session_id}/version", response_model=Version, responses=NO_NEWS)
async def version(
    session_id: SessionId,
    role: TheListener,
    at: HereNow,
    since: Annotated[int, Query(ge=0, le=2**53, description="what the page shows")] = 0,
) -> Version | Response:
    """The version that a page of this role should show; 204 when it shows that one already."""
    now = await at.lessons.version(session_id, role)
    return Response(status_code=204) if now == since else Version(version=now)


async def _versions(at: Here, session_id: str, role: Role) -> AsyncGenerator[int]:
    async for number in at.lessons.subscribe(session_id, role):
        yield number
