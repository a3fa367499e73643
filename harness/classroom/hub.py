"""Who listens to a session, and what number it has: in this process, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from harness.classroom.phases import Role

PROGRESS_EVERY_S = 1.0
"""How often counts are announced while a class grades; a change of phase is announced at once."""


@dataclass
class _Channel:
    """One session: number of its state, number of its progress, and what its listeners wait for."""

    state: int
    progress: int
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    """For pupils: the state changed."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """For teacher and projector: anything changed."""
    pending: asyncio.TimerHandle | None = None
    n_pending: int = 0

    def number(self, role: Role) -> int:
        return self.state if role == "pupil" else self.state + self.progress

    def event(self, role: Role) -> asyncio.Event:
        return self.moved if role == "pupil" else self.changed

    def wake(self, *, pupils: bool) -> None:
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()
        if pupils:
            moved, self.moved = self.moved, asyncio.Event()
            moved.set()


class Hub:
    """Numbers of sessions for those who listen; a slow listener skips numbers and holds nobody up.

    A pupil hears of the state only; teacher and projector hear of progress too, once a second at most.
    """

    def __init__(self, progress_every_s: float = PROGRESS_EVERY_S) -> None:
        self._progress_every_s = progress_every_s
        self._channels: dict[str, _Channel] = {}

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._channels

    def open(self, session_id: str, state: int, progress: int) -> None:
        """Let people listen to a session that stands at these numbers; a newer one wakes them."""
        channel = self._channels.setdefault(session_id, _Channel(state, progress))
        moved, grown = state > channel.state, progress > channel.progress
        if moved or grown:
            channel.state = max(state, channel.state)
            channel.progress = max(progress, channel.progress)
            channel.wake(pupils=moved)

    def moved(self, session_id: str, state: int) -> None:
        """Announce a new state, at once."""
        channel = self._channels.get(session_id)
        if channel is not None:
            self.open(session_id, state, channel.progress)

    def progressed(self, session_id: str) -> None:
        """Announce that somebody joined or graded, together with whatever else comes within the interval."""
        channel = self._channels.get(session_id)
        if channel is None:
            return
        channel.n_pending += 1
        if channel.pending is None:
            loop = asyncio.get_running_loop()
            channel.pending = loop.call_later(self._progress_every_s, self._announce, channel)

    def _announce(self, channel: _Channel) -> None:
        channel.progress += channel.n_pending
        channel.pending, channel.n_pending = None, 0
        channel.wake(pupils=False)

    def version(self, session_id: str, role: Role) -> int | None:
        """The number that this role was told last; None where nobody opened the session."""
        channel = self._channels.get(session_id)
        return None if channel is None else channel.number(role)

    async def subscribe(self, session_id: str, role: Role) -> AsyncIterator[int]:
        """Give the present number, then each newer one; ends when the session is gone."""
        last = None
        while (channel := self._channels.get(session_id)) is not None:
            # taken before the number is looked at, so that no change slips in between
            event = channel.event(role)
            number = channel.number(role)
            if number != last:
                last = number
                yield number
            else:
                await event.wait()

    def listened(self) -> tuple[str, ...]:
        """Every session that is open here."""
        return tuple(self._channels)

    def close(self, session_id: str) -> None:
        """Nobody has anything more to hear of this session."""
        channel = self._channels.pop(session_id, None)
        if channel is not None:
            if channel.pending is not None:
                channel.pending.cancel()
            channel.wake(pupils=True)
