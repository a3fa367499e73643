"""A working store piece by piece, in the order of a cassette: few answers are ever held."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from harness.errors import StoreError
from harness.store.folder import RunFolder
from harness.store.lines import LineError, pack, parse_answered, text_payload
from harness.store.secret_scan import SecretScan
from harness.store.shards import write_shards
from harness.store.writer import explain_sqlite

N_ROWS_AT_ONCE = 1_000

_ANSWERS = """SELECT * FROM (
        SELECT key, recording AS payload, sha256 FROM completions WHERE key > :after
        UNION ALL
        SELECT key, outcome, sha256 FROM outcomes o WHERE key > :after
        AND id = (SELECT max(id) FROM outcomes WHERE key = o.key)
        AND NOT EXISTS (SELECT 1 FROM completions WHERE key = o.key))
    ORDER BY key LIMIT :limit"""
_TEXTS = "SELECT sha256, text FROM texts WHERE sha256 > :after ORDER BY sha256 LIMIT :limit"
_ATTEMPTS = """SELECT printf('%020d', id), attempt FROM attempts WHERE id > CAST(:after AS INTEGER)
    ORDER BY id LIMIT :limit"""

_Row = tuple[str, ...]


def export_cassette(folder: RunFolder) -> None:
    """Write the cassette of a run folder from its working store, without ever holding it.

    Raises
    ------
    StoreError
        What looks like a secret stands in a string, or the folder cannot be written to; nothing is written.
    """
    with closing(_opened(folder.work_path)) as connection:
        scan = SecretScan()
        answers = _answer_lines(connection, folder.work_path, scan)
        write_shards(folder.cassette_path, answers, _text_lines(connection, scan))


def attempt_lines(folder: RunFolder) -> Iterator[str]:
    """Every failed attempt as it is written, one after the other."""
    with closing(_opened(folder.work_path)) as connection:
        yield from (row[1] for row in _rows(connection, _ATTEMPTS))


def _opened(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        raise explain_sqlite(error, path) from error
    return connection


def _rows(connection: sqlite3.Connection, query: str) -> Iterator[_Row]:
    """Rows whose first column is what they are sorted by."""
    after = ""
    while rows := connection.execute(query, {"after": after, "limit": N_ROWS_AT_ONCE}).fetchall():
        yield from rows
        after = rows[-1][0]


def _answer_lines(connection: sqlite3.Connection, path: Path, scan: SecretScan) -> Iterator[bytes]:
    for key, text, sha256 in _rows(connection, _ANSWERS):
        payload = text.encode()
        if hashlib.sha256(payload).hexdigest() != sha256:
            raise StoreError(f"{path}: the row of {key[:12]} is damaged: move this file away, collect again")
        scan.look_at_line(f"answer {key[:12]}", partial(_plain, payload), payload)
        yield pack(payload)


def _plain(payload: bytes) -> object:
    try:
        return parse_answered(payload).model_dump(mode="json")
    except LineError as error:
        raise StoreError(f"a row of the working store is damaged: {error}") from error


def _text_lines(connection: sqlite3.Connection, scan: SecretScan) -> Iterator[bytes]:
    for sha256, text in _rows(connection, _TEXTS):
        scan.look(f"message text {sha256[:12]}", text)
        yield pack(text_payload(sha256, text))
    scan.refuse()
