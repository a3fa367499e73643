"""The classroom in one SQLite file: one writer, readers beside it, and deletion that leaves no byte."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from harness.classroom.store.database import Execute, Rows
from harness.classroom.store.sql import SqlStore
from harness.classroom.store.tables import MIGRATIONS, too_new
from harness.errors import StoreError
from harness.store.disk import in_words, make_folder, refuse_network_filesystem
from harness.store.writer import explain_sqlite

APPLICATION_ID = 0x48_4A_43_4C
"""Marks the file as a classroom of the harness ("HJCL")."""
BUSY_TIMEOUT_S = 30.0

_SET_UP = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA cache_size = -256",  # KiB for each connection: a lesson is small, and the system has it in memory
    "PRAGMA synchronous = FULL",  # in WAL mode, anything less may lose what was acknowledged
    "PRAGMA secure_delete = ON",  # deleted rows are overwritten with zeros
    "PRAGMA temp_store = MEMORY",  # VACUUM copies the file: not through a temporary one
)

T = TypeVar("T")


def open_sqlite(path: Path) -> SqlStore:
    """Open a classroom's file, and make it if it is not there; nobody else on the machine may read it.

    Raises
    ------
    StoreError
        It is no classroom's file, a newer harness wrote it, its disk is full, read-only or a network's.
    """
    return SqlStore(SqliteDatabase(path))


class SqliteDatabase:
    """See `Database`."""

    def __init__(self, path: Path) -> None:
        """Open or make the file, and bring its tables to the current version."""
        self.path = path
        make_folder(path.parent)
        refuse_network_filesystem(path.parent)
        with in_words(path):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        self._writing = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._writer: sqlite3.Connection | None = None
        try:
            with self._in_words():
                _refuse_others(path)
                self._writer = _connect(path)
                _migrate(self._writer)
                _shrink_log(self._writer, path)
        except StoreError:
            self.close()
            raise

    def write(self, work: Callable[[Execute], T]) -> T:
        """Do the work in one transaction; committed to the disk before this returns."""
        with self._writing, self._in_words():
            connection = self._open_writer()
            connection.execute("BEGIN IMMEDIATE")
            try:
                done = work(_executing(connection))
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return done

    def read(self, work: Callable[[Execute], T]) -> T:
        """Do the work on a connection of its own, which waits for no writer."""
        with self._in_words(), self._reader() as connection:
            return work(_executing(connection))

    def forget(self) -> None:
        """Write the file anew without what was deleted, and empty the log.

        Raises
        ------
        StoreError
            Another program holds the file open and reads in it, so that traces stay until it ends.
        """
        with self._writing, self._in_words():
            connection = self._open_writer()
            connection.execute("VACUUM")
            _shrink_log(connection, self.path)

    def close(self) -> None:
        """Close every connection; the last one empties the log."""
        with self._writing:
            for connection in (*self._idle, *([self._writer] if self._writer else [])):
                connection.close()
            self._idle, self._writer = [], None

    def _open_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            raise StoreError(f"{self.path}: this store is closed")
        return self._writer

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        self._open_writer()
        try:
            connection = self._idle.pop()  # atomic, as append is: readers need no lock
        except IndexError:
            connection = _connect(self.path)
        try:
            yield connection
        finally:
            if self._writer is None:
                connection.close()
            else:
                self._idle.append(connection)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explain_sqlite(error, self.path) from error


def _executing(connection: sqlite3.Connection) -> Execute:
    def execute(statement: str, values: Sequence[object] = (), /) -> Rows:
        return connection.execute(statement, tuple(values)).fetchall()

    return execute


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    for statement in _SET_UP:
        connection.execute(statement)
    return connection


def _refuse_others(path: Path) -> None:
    """Refuse another program's file, or a newer harness's, before anything in it changes."""
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT_S)) as connection:
        n_tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if n_tables and _pragma(connection, "application_id") != APPLICATION_ID:
            raise StoreError(f"{path}: a database, but not a classroom's; name another file with --db")
        version = _pragma(connection, "user_version")
        if version > len(MIGRATIONS):
            raise StoreError(too_new(str(path), version))


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to the current version, once for all processes.

    No copy of an older file is kept: it would outlive the sessions in it.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _pragma(connection, "user_version")
        for statement in (one for step in MIGRATIONS[version:] for one in step):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _shrink_log(connection: sqlite3.Connection, path: Path) -> None:
    """Bring everything from the log into the file and cut the log to nothing, waiting for readers."""
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise StoreError(
            f"{path}: another program is reading this file, so its log cannot be emptied; end that program "
            "and try again"
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
