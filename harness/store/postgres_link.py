"""One connection to PostgreSQL that comes back after the server was away, and what it says, in words.

This is the only file that imports psycopg.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias, TypeVar

from harness.errors import StoreError
from harness.store.shared import shown_url, without_passwords

try:
    import psycopg
except ImportError as error:
    raise StoreError(
        "a shared store in PostgreSQL needs psycopg, which is not installed here: "
        "pip install 'llm-judge-harness[postgres]'"
    ) from error

SCHEMA = "llm_judge_harness"
RECONNECT_WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""A restart of the server takes seconds; no lease is lost meanwhile, for nobody can claim either."""

T = TypeVar("T")
Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"


class Link:
    """A connection that several threads may use, one after the other."""

    def __init__(self, url: str) -> None:
        """Nothing is connected before the first use."""
        self._url = url
        self._using = threading.Lock()
        self._connection: Connection | None = None

    def do(self, work: Callable[[Connection], T], waits: Sequence[float] = RECONNECT_WAITS_S) -> T:
        """Do it, connecting anew when the server went away; so whatever is done here may be done twice.

        Raises
        ------
        StoreError
            The server stays away, or refuses; the message never holds a password.
        """
        with self._using:
            for wait_s in waits:
                try:
                    return self._once(work)
                except (psycopg.OperationalError, psycopg.InterfaceError):
                    self._drop()
                    time.sleep(wait_s)
            try:
                return self._once(work)
            except psycopg.Error as error:
                self._drop()
                raise self._explained(error) from None

    def _once(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._connection = psycopg.connect(
                self._url, autocommit=True, connect_timeout=10, application_name="llm-judge-harness"
            )
            self._connection.execute(f"SET search_path TO {SCHEMA}")
        return work(self._connection)

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def close(self) -> None:
        """Hang up."""
        with self._using:
            self._drop()

    def _explained(self, error: psycopg.Error) -> StoreError:
        words = " ".join(without_passwords(str(error), self._url).split()) or type(error).__name__
        remedy = "check the address, the user and PGPASSWORD, and that the server runs"
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            remedy = f"the user needs the right to create the schema {SCHEMA} in this database, once"
        elif isinstance(error, psycopg.errors.DiskFull):
            remedy = "the server's disk is full; free some space and run the same command again"
        elif error.sqlstate is not None:
            remedy = "the database refused this"
        return StoreError(f"{shown_url(self._url)}: {words} ({remedy})")
