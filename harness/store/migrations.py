"""The tables of the working store, and how an older file becomes a current one."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from harness.errors import StoreError

APPLICATION_ID = 0x48_4A_57_53
"""Marks the file as a harness working store ("HJWS")."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE texts (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL)",
        """CREATE TABLE completions (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE,
            recording TEXT NOT NULL, sha256 TEXT NOT NULL)""",
        """CREATE TABLE outcomes (
            id INTEGER PRIMARY KEY, key TEXT NOT NULL, outcome TEXT NOT NULL, sha256 TEXT NOT NULL)""",
        "CREATE INDEX outcomes_key ON outcomes (key)",
        "CREATE TABLE attempts (id INTEGER PRIMARY KEY, key TEXT NOT NULL, attempt TEXT NOT NULL)",
    ),
)
"""Statements from version n to n + 1. Tables keep their rowid: without it rows take 3.3 times the room."""


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring an open file to the current version; an older one is copied beside itself first, and named.

    Raises
    ------
    StoreError
        The file is not a working store, or a newer harness wrote it.
    """
    version = _pragma(connection, "user_version")
    check_version(connection, path)
    if version == len(MIGRATIONS):
        return
    backup = path.with_name(f"{path.name}.v{version}-backup")
    if version:
        _back_up(connection, backup)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in (s for step in MIGRATIONS[version:] for s in step):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    if version:
        told = "%s: brought from store version %d to %d; the older file is kept as %s"
        logging.getLogger(__name__).warning(told, path, version, len(MIGRATIONS), backup)


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is not a working store, or that a newer harness wrote."""
    n_tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if n_tables and _pragma(connection, "application_id") != APPLICATION_ID:
        raise StoreError(f"{path}: a database, but not a working store of the harness; choose another folder")
    version = _pragma(connection, "user_version")
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{path}: written by a newer harness (store version {version}, known here: {len(MIGRATIONS)}); "
            "upgrade the harness to continue this run"
        )


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def _back_up(connection: sqlite3.Connection, path: Path) -> None:
    """Copy the whole database, log included, under a temporary name and then its own."""
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.unlink(missing_ok=True)
    copy = sqlite3.connect(temporary)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    temporary.replace(path)
