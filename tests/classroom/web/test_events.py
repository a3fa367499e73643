"""The stream of changes, listener by listener: a first byte at once, beats, versions, and an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from starlette.types import Message

from harness.classroom.web.events import BEAT, OPENING, EventStream, version_event


async def _run(
    versions: AsyncGenerator[int], leave: Callable[[list[bytes]], bool], heartbeat_s: float = 60.0
) -> tuple[list[bytes], bool]:
    """Listen until `leave` says so; what was sent, and whether the server ended the answer itself."""
    sent: list[bytes] = []
    gone = asyncio.Event()
    ended = False

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal ended
        if message["type"] == "http.response.body":
            ended = not message.get("more_body", False)
            if message["body"]:
                sent.append(message["body"])
        if leave(sent):
            gone.set()

    stream: Awaitable[None] = EventStream(versions, heartbeat_s)({"type": "http"}, receive, send)
    await asyncio.wait_for(stream, 30)
    return sent, ended


async def _one_then_silence() -> AsyncGenerator[int]:
    yield 3
    await asyncio.Event().wait()


async def _two() -> AsyncGenerator[int]:
    yield 1
    yield 2


def test_the_first_bytes_come_before_anything_happens() -> None:
    """Two kilobytes and a beat are sent at once, so that a page knows that the stream comes through."""
    sent, _ = asyncio.run(_run(_one_then_silence(), lambda sent: len(sent) >= 2))
    assert sent == [OPENING, version_event(3)]
    assert len(OPENING) > 2048
    assert OPENING.endswith(b"event: beat\ndata: {}\n\n")


def test_silence_is_filled_with_beats() -> None:
    """A listener that hears nothing of the lesson hears a beat."""
    sent, _ = asyncio.run(_run(_one_then_silence(), lambda sent: sent.count(BEAT) >= 3, heartbeat_s=0.001))
    assert sent[:2] == [OPENING, version_event(3)]
    assert set(sent[2:]) == {BEAT}


def test_a_listener_that_leaves_is_let_go() -> None:
    """When a browser hangs up, what it listened to is closed and nothing more is sent."""
    closed = []

    async def versions() -> AsyncGenerator[int]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    _, ended = asyncio.run(_run(versions(), lambda sent: len(sent) >= 2))
    assert closed == [True]
    assert not ended


def test_the_stream_ends_with_its_lesson() -> None:
    """When there are no more versions the answer is ended, and the browser comes back by itself."""
    sent, ended = asyncio.run(_run(_two(), lambda _: False))
    assert sent == [OPENING, version_event(1), version_event(2)]
    assert ended
