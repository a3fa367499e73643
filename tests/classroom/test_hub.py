"""Who hears of what, and how often: listening never holds anybody up."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from harness.classroom.hub import Hub
from harness.classroom.phases import Role


class Listener:
    """Somebody who listens, and what was heard."""

    def __init__(self, hub: Hub, role: Role) -> None:
        self.heard: list[int] = []
        self._task = asyncio.create_task(self._listen(hub, role))

    async def _listen(self, hub: Hub, role: Role) -> None:
        async for number in hub.subscribe("s", role):
            self.heard.append(number)

    async def ended(self) -> bool:
        """Whether there is nothing more to hear."""
        await _settle()
        return self._task.done()

    async def stop(self) -> None:
        """Stop listening."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_pupils_hear_of_the_state_only() -> None:
    """Progress wakes teacher and projector; a move wakes everybody; no pupil is woken by another's grade."""

    async def listen() -> None:
        hub = Hub(progress_every_s=0)
        hub.open("s", 3, 10)
        pupil, teacher = Listener(hub, "pupil"), Listener(hub, "teacher")
        await _settle()
        hub.progressed("s")
        await _settle()
        hub.moved("s", 4)
        await _settle()
        assert pupil.heard == [3, 4]
        assert teacher.heard == [13, 14, 15]
        await pupil.stop()
        await teacher.stop()

    asyncio.run(listen())


def test_progress_is_announced_together() -> None:
    """A thousand grades within the interval are announced once, and none is forgotten."""

    async def listen() -> None:
        hub = Hub(progress_every_s=3600)
        hub.open("s", 1, 0)
        teacher = Listener(hub, "teacher")
        for _ in range(1000):
            hub.progressed("s")
        await _settle()
        assert teacher.heard == [1]
        channel = hub._channels["s"]
        hub._announce(channel)
        await _settle()
        assert teacher.heard == [1, 1001]
        hub.close("s")
        assert await teacher.ended()

    asyncio.run(listen())


def test_a_slow_listener_skips_to_the_newest() -> None:
    """Whoever was busy gets the newest number, not a queue of old ones; numbers never go back."""

    async def listen() -> None:
        hub = Hub()
        hub.open("s", 1, 0)
        slow = Listener(hub, "pupil")
        await _settle()
        for state in (2, 3, 7, 5):
            hub.moved("s", state)
        await _settle()
        assert slow.heard == [1, 7]
        assert hub.version("s", "pupil") == 7
        await slow.stop()

    asyncio.run(listen())


def test_the_end_of_a_session_ends_listening() -> None:
    """When a session is deleted its listeners stop, and later news of it reaches nobody."""

    async def listen() -> None:
        hub = Hub()
        hub.open("s", 1, 0)
        listeners = [Listener(hub, "pupil"), Listener(hub, "projector")]
        await _settle()
        hub.close("s")
        assert [await one.ended() for one in listeners] == [True, True]
        hub.moved("s", 2)
        hub.progressed("s")
        assert hub.version("s", "pupil") is None
        assert hub.listened() == ()

    asyncio.run(listen())


def test_another_server_is_heard() -> None:
    """Opening a session that is open with newer numbers wakes those whom they concern."""

    async def listen() -> None:
        hub = Hub()
        hub.open("s", 1, 0)
        pupil, teacher = Listener(hub, "pupil"), Listener(hub, "teacher")
        await _settle()
        hub.open("s", 1, 5)
        await _settle()
        hub.open("s", 2, 5)
        await _settle()
        assert pupil.heard == [1, 2]
        assert teacher.heard == [1, 6, 7]
        await pupil.stop()
        await teacher.stop()

    asyncio.run(listen())
