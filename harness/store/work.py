"""The working store of one run: every answer is durable before the caller hears of it."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any

from harness.errors import StoreError
from harness.schema import (
    Attempt,
    Completion,
    Origin,
    Outcome,
    Recording,
    Request,
    canonical_json,
)
from harness.schema.key import key_frame, shared_sha256
from harness.store import nearest
from harness.store.disk import make_folder, refuse_network_filesystem
from harness.store.lines import LineError, Recorded, check_key, parse_answered, recording_payload
from harness.store.lock import FileLock
from harness.store.migrations import check_version, migrate
from harness.store.writer import GroupWriter, Insert, Statement, explain_sqlite

OriginOf = Callable[[str], Origin]

_TEXT = Insert("texts (sha256, text)", 2, "ON CONFLICT DO NOTHING")
_COMPLETION = Insert("completions (key, recording, sha256)", 3, "ON CONFLICT DO NOTHING")
_OUTCOME = Insert("outcomes (key, outcome, sha256)", 3)
_ATTEMPT = Insert("attempts (key, attempt)", 2)

_ANSWERS = """SELECT key, CAST(recording AS BLOB), sha256 FROM completions
    UNION ALL SELECT key, CAST(outcome AS BLOB), sha256 FROM outcomes
    WHERE id IN (SELECT max(id) FROM outcomes GROUP BY key) AND key NOT IN (SELECT key FROM completions)"""
_FIND_COMPLETION = "SELECT recording, sha256 FROM completions WHERE key = ?"
_FIND_OUTCOME = "SELECT outcome, sha256 FROM outcomes WHERE key = ? ORDER BY id DESC LIMIT 1"
_ALL_COMPLETIONS = "SELECT recording, sha256 FROM completions ORDER BY id"
_OPEN_OUTCOMES = """SELECT outcome, sha256 FROM outcomes
    WHERE id IN (SELECT max(id) FROM outcomes GROUP BY key)
    AND key NOT IN (SELECT key FROM completions) ORDER BY id"""
_ALL_ATTEMPTS = "SELECT attempt FROM attempts ORDER BY id"


class WorkStore:
    """An append-only SQLite file with one writing process; a `Lookup` and a `Recorder`."""

    def __init__(self, path: Path, origin_of: OriginOf | None = None, *, read_only: bool = False) -> None:
        """Open the store, and create it unless it is only read.

        Parameters
        ----------
        path
            The file, `.work.sqlite` in the run folder.
        origin_of
            Tells where the call of a key stands in the plan; may be set later.
        read_only
            Look only, also while another process writes.

        Raises
        ------
        StoreError
            Another process writes this run, the folder is on a network filesystem or cannot be written to,
            the disk is full, or the file is damaged or newer than this harness.
        """
        self.path = path
        self.origin_of = origin_of
        self.n_writes = 0
        """How often something was handed in since the store was opened."""
        self._reading = threading.Lock()
        self._lock = FileLock(path.with_name(f"{path.name}.lock"), f"the run {path.parent}")
        self._writer: GroupWriter | None = None
        if read_only:
            self._reader = self._open_to_read()
        else:
            self._open_to_write()

    def _open_to_read(self) -> sqlite3.Connection:
        if not self.path.is_file():
            raise StoreError(f"{self.path}: there is no working store here; check the path of the run folder")
        try:
            connection = _connect(self.path)
            connection.execute("PRAGMA query_only = ON")
            check_version(connection, self.path)
        except sqlite3.Error as error:
            raise explain_sqlite(error, self.path) from error
        return connection

    def _open_to_write(self) -> None:
        make_folder(self.path.parent)
        refuse_network_filesystem(self.path.parent)
        self._lock.acquire()
        try:
            self._reader = _connect(self.path)
            _set_up(self._reader)
            migrate(self._reader, self.path)
        except BaseException as error:
            self._lock.release()
            if isinstance(error, sqlite3.Error):
                raise explain_sqlite(error, self.path) from error
            raise
        self._writer = GroupWriter(lambda: _set_up(_connect(self.path)), self.path)

    async def record_completion(self, request: Request, completion: Completion) -> None:
        """Keep a completion under the request's key; the first one wins."""
        if self.origin_of is None:
            raise StoreError(f"{self.path}: nobody told the store where calls stand in the plan (origin_of)")
        frame = key_frame(request)
        key = frame.key(request.messages)
        asked = frame.digest_json(request.messages)
        payload = recording_payload(key, asked, self.origin_of(key), completion)
        await self._write([*_texts(request), _row(_COMPLETION, key, payload)])

    async def record_outcome(self, outcome: Outcome, request: Request | None = None) -> None:
        """Keep how a call ended without a completion; a later completion under its key takes its place.

        `request` brings the message texts, when no earlier answer brought them.
        """
        texts = _texts(request) if request is not None else []
        await self._write([*texts, _row(_OUTCOME, outcome.key, canonical_json(outcome))])

    async def record_attempt(self, attempt: Attempt) -> None:
        """Keep a failed attempt; it never answers a look-up."""
        await self._write([(_ATTEMPT, (attempt.key, canonical_json(attempt).decode()))])

    async def take_in(self, recorded: Iterable[Recorded], texts: Mapping[str, str]) -> None:
        """Keep what another store or a cassette holds; what is here already stays."""
        await self._write([(_TEXT, pair) for pair in texts.items()])
        here: Iterator[Recorded] = chain(self.recordings(), self.outcomes())
        held = {one.key for one in here}
        await self._write([_recorded_row(one) for one in recorded if one.key not in held])

    async def _write(self, statements: list[Statement]) -> None:
        if self._writer is None:
            raise StoreError(f"{self.path}: the working store was opened to be read only, or is closed")
        self.n_writes += 1
        await self._writer.write(statements)

    def find(self, key: str) -> Recorded | None:
        """The recording or the latest terminal outcome under a key, or None."""
        rows = self._rows(_FIND_COMPLETION, key) or self._rows(_FIND_OUTCOME, key)
        return self._checked(*rows[0]) if rows else None

    def explain_miss(self, request: Request) -> str:
        """Name the nearest recorded key and the fields in which it differs."""
        recorded: Iterator[Recorded] = chain(self.recordings(), self.outcomes())
        return nearest.explain_miss(request, recorded, self.texts().get)

    def answers(self) -> dict[str, bytes]:
        """The payloads of all completions, and of the latest outcome of each other key, as they are stored.

        Each matches its SHA-256 and holds the request that its key says.
        """
        return {key: self._payload(key, *rest) for key, *rest in self._rows(_ANSWERS)}

    def recordings(self) -> Iterator[Recording]:
        """Every recorded completion, in the order in which they came."""
        stored = (self._checked(*row) for row in self._rows(_ALL_COMPLETIONS))
        return (one for one in stored if isinstance(one, Recording))

    def outcomes(self) -> Iterator[Outcome]:
        """The latest outcome of every key that has no completion."""
        stored = (self._checked(*row) for row in self._rows(_OPEN_OUTCOMES))
        return (one for one in stored if isinstance(one, Outcome))

    def attempts(self) -> list[Attempt]:
        """Every failed attempt, in the order in which they came."""
        return [Attempt.model_validate_json(a) for (a,) in self._rows(_ALL_ATTEMPTS)]

    def texts(self) -> dict[str, str]:
        """Every message text under its hash."""
        return {row[0]: row[1] for row in self._rows("SELECT sha256, text FROM texts")}

    def _rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        try:
            with self._reading:
                return self._reader.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise explain_sqlite(error, self.path) from error

    def _checked(self, payload: str, sha256: str) -> Recorded:
        with self._naming(payload):
            _check_sum(payload.encode(), sha256)
            return parse_answered(payload)

    def _payload(self, key: str, payload: bytes, sha256: str) -> bytes:
        with self._naming(payload):
            _check_sum(payload, sha256)
            check_key(payload, key)
        return payload

    @contextmanager
    def _naming(self, payload: str | bytes) -> Iterator[None]:
        """Say which row it is that cannot be trusted."""
        try:
            yield
        except LineError as error:
            raise StoreError(
                f"{self.path}: the row {payload[:60]!r}... is damaged: {error}; "
                "move this file away and replay or resume from the cassette"
            ) from error

    def close(self) -> None:
        """Commit what is waiting and give the run back; harmless the second time."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._reader.close()
        self._lock.release()

    def __enter__(self) -> WorkStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _connect(path: Path) -> sqlite3.Connection:
    """A connection without implicit transactions; the store's own lock serialises its use across threads."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA cache_size = -500")  # kilobytes; rows are written once and read once
    return connection


def _set_up(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Write-ahead log with an fsync per commit: a batch shares it, and a power cut loses nothing either."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _texts(request: Request) -> list[Statement]:
    return [(_TEXT, (shared_sha256(one.content), one.content)) for one in request.messages]


def _recorded_row(recorded: Recorded) -> Statement:
    table = _COMPLETION if isinstance(recorded, Recording) else _OUTCOME
    return _row(table, recorded.key, canonical_json(recorded))


def _row(table: Insert, key: str, payload: bytes) -> Statement:
    return table, (key, payload.decode(), hashlib.sha256(payload).hexdigest())


def _check_sum(payload: bytes, sha256: str) -> None:
    if hashlib.sha256(payload).hexdigest() != sha256:
        raise LineError("it does not match its own SHA-256")
