"""One thread that writes for many callers: what gathers while one batch is written is the next batch."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from harness.errors import StoreError

MAX_BATCH = 500
MAX_WAITING = 5_000

T = TypeVar("T")


@dataclass(frozen=True)
class _Job(Generic[T]):
    rows: Sequence[T]
    done: Future[None] = field(default_factory=Future)


class BatchWriter(Generic[T]):
    """Hands batches to `commit`, one after the other; a caller hears of it when its rows are durable."""

    def __init__(self, commit: Callable[[list[T]], None], shown: str) -> None:
        """`commit` keeps a whole batch or raises; it runs in the writer's own thread."""
        self._commit = commit
        self._shown = shown
        self._waiting: queue.Queue[_Job[T] | None] = queue.Queue(MAX_WAITING)
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=f"writer of {shown}", daemon=True)
        self._thread.start()

    async def write(self, rows: Sequence[T]) -> None:
        """Return once the rows are durable; a caller that gives up does not undo them.

        Raises
        ------
        StoreError
            They cannot be kept, or the store is closed.
        """
        if self._closed:
            raise StoreError(f"{self._shown}: the shared store is closed; nothing more can be kept")
        job = _Job(rows)
        try:
            self._waiting.put_nowait(job)
        except queue.Full:
            await asyncio.to_thread(self._waiting.put, job)
        await asyncio.shield(asyncio.wrap_future(job.done))

    def close(self) -> None:
        """Write what is waiting and end the thread; harmless the second time."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def _serve(self) -> None:
        ending = False
        while not ending:
            gathered = self._gather()
            ending = None in gathered
            batch = [job for job in gathered if job is not None]
            try:
                self._commit([row for job in batch for row in job.rows])
            except Exception as error:  # noqa: BLE001 - callers that are told nothing would wait for ever
                words = str(error) if isinstance(error, StoreError) else f"{self._shown}: {error!r}"
                for job in batch:
                    job.done.set_exception(StoreError(words))
            else:
                for job in batch:
                    job.done.set_result(None)

    def _gather(self) -> list[_Job[T] | None]:
        """Wait for one job, then take what else is there; None says that the store closes."""
        gathered = [self._waiting.get()]
        with suppress(queue.Empty):
            while len(gathered) < MAX_BATCH:
                gathered.append(self._waiting.get_nowait())
        return gathered
