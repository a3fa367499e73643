"""The classroom in PostgreSQL, where several servers share it. Rows that are deleted are vacuumed away.

What the database server itself keeps (its write-ahead log, replicas, backups) is its owner's to delete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from harness.classroom.store.database import Execute, Rows
from harness.classroom.store.sql import SqlStore
from harness.classroom.store.tables import MIGRATIONS, TABLES, too_new
from harness.errors import StoreError
from harness.store.postgres_link import SCHEMA, Connection, Link
from harness.store.shared import shown_url

_WRITER_LOCK = 0x48_4A_43_4C
"""One writer at a time, as in SQLite: no two transactions ever wait for each other in a circle."""

T = TypeVar("T")


def open_postgres(url: str) -> SqlStore:
    """Connect, and create or update the tables.

    Raises
    ------
    StoreError
        The server cannot be reached, refuses, or holds tables of a newer harness.
    """
    return SqlStore(PostgresDatabase(url))


class PostgresDatabase:
    """See `Database`."""

    def __init__(self, url: str) -> None:
        """Connect once to write and once to read."""
        self._writer, self._reader = Link(url), Link(url)
        self._writer.do(lambda connection: _migrate(connection, shown_url(url)), waits=())

    def write(self, work: Callable[[Execute], T]) -> T:
        """Do the work in one transaction, again where the connection broke meanwhile."""

        def transact(connection: Connection) -> T:
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITER_LOCK,))
                return work(_executing(connection))

        return self._writer.do(transact)

    def read(self, work: Callable[[Execute], T]) -> T:
        """Do the work on the connection for reading."""
        return self._reader.do(lambda connection: work(_executing(connection)))

    def forget(self) -> None:
        """Free and overwrite the room of deleted rows, and shorten the files."""
        self._writer.do(lambda connection: connection.execute(f"VACUUM (FULL) {', '.join(TABLES)}".encode()))

    def close(self) -> None:
        """Hang up."""
        self._writer.close()
        self._reader.close()


def _executing(connection: Connection) -> Execute:
    def execute(statement: str, values: Sequence[object] = (), /) -> Rows:
        done = connection.execute(statement.replace("?", "%s").encode(), tuple(values))
        return done.fetchall() if done.description is not None else []

    return execute


def _migrate(connection: Connection, shown: str) -> None:
    """Create the tables, or bring them to the current version, once for all servers."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITER_LOCK,))
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        connection.execute(f"SET LOCAL search_path TO {SCHEMA}")
        connection.execute("CREATE TABLE IF NOT EXISTS class_version (version integer NOT NULL)")
        row = connection.execute("SELECT version FROM class_version").fetchone()
        version = 0 if row is None else int(row[0])
        if version > len(MIGRATIONS):
            raise StoreError(too_new(shown, version))
        for statement in (one for step in MIGRATIONS[version:] for one in step):
            connection.execute(statement.encode())
        connection.execute("DELETE FROM class_version")
        connection.execute("INSERT INTO class_version VALUES (%s)", (len(MIGRATIONS),))
