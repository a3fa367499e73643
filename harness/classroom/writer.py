"""One thread that writes for everybody: whatever waits while it is busy goes into the next transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from harness.classroom.store.base import ClassStore

MAX_BATCH = 512
"""Pieces of work in one transaction: enough for a class that sends at once, few enough to be quick."""
T = TypeVar("T")


class Writer:
    """Batches what coroutines want written; each goes on only after its transaction was committed."""

    def __init__(self, store: ClassStore) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="class-writer")
        self._waiting: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []
        self._draining: asyncio.Task[None] | None = None

    async def do(self, work: Callable[[], T]) -> T:
        """Do it in the next transaction; raises what the work raises.

        A caller who is cancelled meanwhile does not undo it.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._waiting.append((work, done))
        if self._draining is None:
            self._draining = loop.create_task(self._drain())
        return await done

    async def do_alone(self, work: Callable[[], T]) -> T:
        """Do what cannot stand in a transaction with others, in the same thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Finish what waits, and end the thread."""
        if self._draining is not None:
            await self._draining
        self._thread.shutdown()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            works = [work for work, _ in batch]
            try:
                outcomes = await loop.run_in_executor(self._thread, self._store.together, works)
            except Exception as error:  # noqa: BLE001 - whatever broke the store, each caller has to hear of it
                outcomes = [error] * len(works)
            for (_, done), outcome in zip(batch, outcomes, strict=True):
                _settle(done, outcome)
        self._draining = None


def _settle(done: asyncio.Future[Any], outcome: object) -> None:
    if done.cancelled():
        return
    if isinstance(outcome, Exception):
        done.set_exception(outcome)
    else:
        done.set_result(outcome)
