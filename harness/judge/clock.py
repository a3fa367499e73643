"""The time as an argument: what the live judges ask instead of the machine, so that no test has to wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """Three ways of meeting time: the date, a steady count of seconds, and waiting."""

    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def stamp(self) -> str:
        """The present moment as UTC, ISO 8601, to the second."""
        return self.now().astimezone(UTC).isoformat(timespec="seconds")


SYSTEM_CLOCK = Clock()
"""The machine's own clock."""


async def _slept(clock: Clock, seconds: float) -> object:
    await clock.sleep(seconds)
    return None


async def sleep_unless(clock: Clock, seconds: float, *halts: asyncio.Event | None) -> bool:
    """Wait, but no longer than until one of `halts` is set; whether the whole time passed."""
    events = [halt for halt in halts if halt is not None]
    if any(event.is_set() for event in events):
        return False
    waits: list[asyncio.Future[object]] = [asyncio.ensure_future(_slept(clock, seconds))]
    waits += [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return not any(event.is_set() for event in events)
