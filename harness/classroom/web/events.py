"""The stream of changes: a line whenever a page should look again, a beat so that silence means trouble."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

OPENING = f"retry: 2000\n:{' ' * 2048}\n\nevent: beat\ndata: {{}}\n\n".encode()
"""Reconnect after 2 s; 2 KB that make proxies pass the first bytes on; a first beat at once."""
BEAT = b"event: beat\ndata: {}\n\n"


def version_event(version: int) -> bytes:
    """Spell the event that says which version a page should show."""
    return f"event: version\ndata: {json.dumps({'version': version})}\n\n".encode()


class EventStream(Response):
    """Server-sent events of one listener, until it leaves or there are no more versions."""

    media_type = "text/event-stream"

    def __init__(self, versions: AsyncGenerator[int], heartbeat_s: float) -> None:
        super().__init__(headers={"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._versions = versions
        self._heartbeat_s = heartbeat_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Send the opening, then versions and beats."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send(_part(OPENING))
        left = asyncio.ensure_future(_left(receive))
        try:
            async with aclosing(self._versions) as versions:
                await self._pass_on(versions, send, left)
        finally:
            left.cancel()
        if not left.done() or left.cancelled():
            await send({"type": "http.response.body", "body": b""})

    async def _pass_on(self, versions: AsyncGenerator[int], send: Send, left: asyncio.Future[None]) -> None:
        coming = asyncio.ensure_future(_next(versions))
        try:
            while True:
                await asyncio.wait(
                    (coming, left), timeout=self._heartbeat_s, return_when=asyncio.FIRST_COMPLETED
                )
                if left.done():
                    return
                if not coming.done():
                    await send(_part(BEAT))
                    continue
                version = coming.result()
                if version is None:
                    return
                await send(_part(version_event(version)))
                coming = asyncio.ensure_future(_next(versions))
        finally:
            coming.cancel()
            await asyncio.wait((coming,))


def _part(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _next(versions: AsyncGenerator[int]) -> int | None:
    """The next version; None when there is none any more."""
    try:
        return await anext(versions)
    except StopAsyncIteration:
        return None


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
