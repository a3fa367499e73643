"""The application: routes, guard and errors joined around the lessons."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI

from harness import __version__
from harness.classroom.lesson import Lessons
from harness.classroom.web import (
    desk_routes,
    entering,
    fragments,
    joining,
    pages,
    public,
    pupils,
    taking,
    teacher_pages,
    teaching,
    watching,
)
from harness.classroom.web.desks import stop_asking
from harness.classroom.web.failures import add_failures
from harness.classroom.web.guard import Guard
from harness.classroom.web.here import Here
from harness.classroom.web.options import WebOptions
from harness.errors import StoreError

LOG = logging.getLogger(__name__)

ROUTES = (
    public,
    joining,
    watching,
    pupils,
    teaching,
    entering,
    desk_routes,
    taking,
    pages,
    fragments,
    teacher_pages,
)
SWEEP_EVERY_S = 60.0
REFRESH_EVERY_S = 1.0


def create_app(
    lessons: Lessons, options: WebOptions | None = None, clock: Callable[[], float] = time.monotonic
) -> FastAPI:
    """Build the web application of these lessons; it closes them when it ends.

    `clock` gives the seconds by which wrong codes are forgotten.
    """
    at = Here(lessons, options or WebOptions(), clock)
    app = FastAPI(
        title="harness classroom",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=_lifespan,
    )
    app.state.here = at
    for module in ROUTES:
        app.include_router(module.router)
    add_failures(app)
    app.add_middleware(Guard, options=at.options)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    at: Here = app.state.here
    await _sweep(at)
    chores = [asyncio.create_task(_again(partial(_sweep, at), SWEEP_EVERY_S))]
    if at.options.shared:
        chores.append(asyncio.create_task(_again(at.lessons.refresh, REFRESH_EVERY_S)))
    try:
        yield
    finally:
        at.end_streams()
        await stop_asking(at)
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)
        await at.pictures.close()
        await at.lessons.close()


async def _sweep(at: Here) -> None:
    """Delete what has outlived its retention, here and in memory."""
    for session_id in await at.lessons.sweep():
        await at.forget(session_id)


async def _again(chore: Callable[[], Awaitable[object]], every_s: float) -> None:
    """Do something again and again while the server runs; a store that fails once is asked again."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await chore()
        except StoreError as error:
            LOG.warning("%s", error)
