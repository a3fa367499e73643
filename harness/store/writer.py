"""One writer thread with group commit: many callers, one transaction, nobody told before it is durable."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from harness.errors import StoreError

MAX_BATCH = 50
MAX_WAITING = 1_000
_MAX_VALUES = 900
"""Below what any SQLite takes in one statement."""


class Insert(NamedTuple):
    """An INSERT whose rows go into one statement, as many as a batch has."""

    into: str
    n_columns: int
    otherwise: str = ""

    def sql(self, n_rows: int) -> str:
        """The statement for so many rows."""
        row = f"({', '.join('?' * self.n_columns)})"
        return f"INSERT INTO {self.into} VALUES {', '.join([row] * n_rows)} {self.otherwise}"  # noqa: S608


Statement = tuple[Insert, tuple[str, ...]]
"""One row for one table."""


@dataclass(frozen=True)
class _Job:
    """Rows that are committed together or not at all, and who waits for them."""

    statements: Sequence[Statement]
    done: asyncio.Future[None]


class GroupWriter:
    """Commits what callers hand in, at most 50 jobs at a time.

    There is no timer: while one commit waits for the disk the next batch gathers, so a lone call is
    durable at once and a thousand concurrent ones share their fsyncs.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], path: Path) -> None:
        self._path = path
        self._connect = connect
        self._waiting: queue.Queue[_Job | None] = queue.Queue(MAX_WAITING)
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=f"writer of {path.name}", daemon=True)
        self._thread.start()

    async def write(self, statements: Sequence[Statement]) -> None:
        """Return once the rows are on the disk; a caller that gives up does not undo them.

        Raises
        ------
        StoreError
            The disk is full, the file cannot be written to, or the store is closed.
        """
        if self._closed:
            raise StoreError(f"{self._path}: the working store is closed; nothing more can be recorded")
        job = _Job(statements, asyncio.get_running_loop().create_future())
        try:
            self._waiting.put_nowait(job)
        except queue.Full:
            await asyncio.to_thread(self._waiting.put, job)
        await job.done

    def close(self) -> None:
        """Commit what is waiting and stop the thread."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def _serve(self) -> None:
        connection: sqlite3.Connection | None = None
        ending = False
        while not ending:
            gathered = self._gather()
            ending = None in gathered
            batch = [job for job in gathered if job is not None]
            try:
                connection = connection or self._connect()
                _commit(connection, batch)
            except Exception as error:  # noqa: BLE001 - callers that are told nothing would wait for ever
                _tell(batch, explain_sqlite(error, self._path))
            else:
                _tell(batch, None)
        if connection is not None:
            connection.close()

    def _gather(self) -> list[_Job | None]:
        """Wait for one job, then take what else is there; None says that the store closes."""
        gathered = [self._waiting.get()]
        with suppress(queue.Empty):
            while len(gathered) < MAX_BATCH:
                gathered.append(self._waiting.get_nowait())
        return gathered


def _commit(connection: sqlite3.Connection, batch: list[_Job]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for table, rows in _rows_by_table(batch).items():
            n_together = _MAX_VALUES // table.n_columns
            for start in range(0, len(rows), n_together):
                some = rows[start : start + n_together]
                connection.execute(table.sql(len(some)), list(chain.from_iterable(some)))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _rows_by_table(batch: list[_Job]) -> dict[Insert, list[tuple[str, ...]]]:
    """The rows of each table, in the order in which they came.

    Each statement takes Python's lock away from the calls that are in flight, and gets it back late.
    """
    rows: dict[Insert, list[tuple[str, ...]]] = {}
    for table, values in chain.from_iterable(job.statements for job in batch):
        rows.setdefault(table, []).append(values)
    return rows


def _tell(batch: list[_Job], error: StoreError | None) -> None:
    """Wake the callers, all those of one event loop at once; a loop that is gone has nobody to tell."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in batch:
        by_loop.setdefault(job.done.get_loop(), []).append(job)
    for loop, jobs in by_loop.items():
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, jobs, error)


def _settle(jobs: list[_Job], error: StoreError | None) -> None:
    for job in jobs:
        if job.done.done():  # its caller gave up
            continue
        if error is None:
            job.done.set_result(None)
        else:
            job.done.set_exception(StoreError(str(error)))


_REMEDIES: dict[int, str] = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space and run the same command again",
    sqlite3.SQLITE_READONLY: "the run folder cannot be written to; choose another, or change its permissions",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened or created; check that the run folder can be written to",
    sqlite3.SQLITE_PERM: "access is refused; change the permissions of the run folder",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; move it away and resume from the cassette",
    sqlite3.SQLITE_NOTADB: "the file is no working store; move it away and resume from the cassette",
    sqlite3.SQLITE_BUSY: "another process is writing this run; wait until it ends, and try again",
    sqlite3.SQLITE_IOERR: "the disk refused to write or read: it may be full, or failing",
}


def explain_sqlite(error: Exception, path: Path) -> StoreError:
    """Say in words what SQLite could not do, and what to do about it."""
    if isinstance(error, StoreError):
        return error
    # The low byte is the kind of error; the rest says where inside SQLite it came up.
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return StoreError(f"{path}: {_REMEDIES.get(kind, 'the working store cannot be used')} ({error})")
