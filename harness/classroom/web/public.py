"""What anybody may fetch: style sheets and scripts, whether the server is well, and the test of a room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from harness.classroom.web import answers
from harness.classroom.web.described import STREAM, refused
from harness.classroom.web.events import EventStream
from harness.classroom.web.here import HereNow
from harness.schema.base import Record

router = APIRouter(tags=["public"])
ROOM_BEATS = 3
ROOM_EVERY_S = 0.5


class Health(Record):
    """Whether lessons can be read."""

    status: str
    n_sessions: int


class Ping(Record):
    """An answer as small as answers get."""

    ok: bool = True


@router.get("/health", responses=refused(503))
async def health(at: HereNow) -> Health:
    """Whether the server answers and its store can be read; for whatever watches over it."""
    return Health(status="ok", n_sessions=len(await at.lessons.sessions()))


@router.get("/static/{name}", response_class=Response, responses=refused(404))
async def static(name: Annotated[str, Path(max_length=100)], request: Request) -> Response:
    """A style sheet, script or picture."""
    return answers.static(request, name)


@router.get("/favicon.ico", response_class=Response, include_in_schema=False)
async def favicon() -> Response:
    """Browsers ask for this of their own; the pages name their icon."""
    return Response(status_code=204, headers={"cache-control": answers.FOREVER})


@router.get("/api/room/ping")
async def ping() -> Ping:
    """Answer at once: pages measure how long that takes."""
    return Ping()


@router.get("/api/room/events", response_class=Response, responses=STREAM)
async def room_events(at: HereNow) -> EventStream:
    """Three versions, half a second apart: they come one by one where no proxy holds them back."""
    return EventStream(_three(), at.options.heartbeat_s)


async def _three() -> AsyncGenerator[int]:
    for number in range(1, ROOM_BEATS + 1):
        yield number
        await asyncio.sleep(ROOM_EVERY_S)
