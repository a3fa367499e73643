"""The tables of a shared run in PostgreSQL, and how an older database becomes a current one.

Keys are stored as 32 bytes, records as text: canonical JSON, in which even a NUL is plain ASCII.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.errors import StoreError
from harness.schema import canonical_json, digest_request
from harness.store import postgres_queries as sql
from harness.store.postgres_link import SCHEMA, Connection
from harness.store.shared import SharedCall, bucket_of

_MIGRATION_LOCK = 0x48_4A_57_53
"""Two workers that start at the same moment must not both create the tables."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE runs (
            run_no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run_id text NOT NULL UNIQUE,
            run text NOT NULL, sealed boolean NOT NULL DEFAULT false)""",
        """CREATE TABLE texts (
            run_no integer NOT NULL REFERENCES runs ON DELETE CASCADE, sha256 bytea NOT NULL,
            text text NOT NULL, PRIMARY KEY (run_no, sha256))""",
        """CREATE TABLE calls (
            run_no integer NOT NULL REFERENCES runs ON DELETE CASCADE, key bytea NOT NULL,
            judge_id text NOT NULL, bucket integer NOT NULL, request text NOT NULL, origin text NOT NULL,
            PRIMARY KEY (run_no, key))""",
        "CREATE INDEX calls_bucket ON calls (run_no, judge_id, bucket)",
        """CREATE TABLE buckets (
            run_no integer NOT NULL REFERENCES runs ON DELETE CASCADE, judge_id text NOT NULL,
            bucket integer NOT NULL, n_calls integer NOT NULL, ended boolean NOT NULL DEFAULT false,
            worker_id text, lease integer NOT NULL DEFAULT 0, lease_until timestamptz,
            PRIMARY KEY (run_no, judge_id, bucket))""",
        "CREATE INDEX buckets_open ON buckets (run_no, judge_id, bucket) WHERE NOT ended",
        """CREATE TABLE begun (
            run_no integer NOT NULL, row_id uuid NOT NULL, key bytea NOT NULL, judge_id text NOT NULL,
            bucket integer NOT NULL, worker_id text NOT NULL, lease integer NOT NULL,
            PRIMARY KEY (run_no, row_id))""",
        "CREATE INDEX begun_bucket ON begun (run_no, judge_id, bucket)",
        """CREATE TABLE completions (
            run_no integer NOT NULL, key bytea NOT NULL, completion text NOT NULL,
            PRIMARY KEY (run_no, key))""",
        """CREATE TABLE outcomes (
            run_no integer NOT NULL, row_id uuid NOT NULL, key bytea NOT NULL, outcome text NOT NULL,
            PRIMARY KEY (run_no, row_id))""",
        "CREATE INDEX outcomes_key ON outcomes (run_no, key)",
        """CREATE TABLE attempts (
            run_no integer NOT NULL, row_id uuid NOT NULL, key bytea NOT NULL, attempt text NOT NULL,
            PRIMARY KEY (run_no, row_id))""",
        """CREATE TABLE stops (
            run_no integer NOT NULL REFERENCES runs ON DELETE CASCADE, judge_id text NOT NULL,
            message text NOT NULL, PRIMARY KEY (run_no, judge_id))""",
        """CREATE VIEW open_calls AS SELECT * FROM calls c WHERE
            NOT EXISTS (SELECT FROM completions e WHERE e.run_no = c.run_no AND e.key = c.key)
            AND NOT EXISTS (SELECT FROM outcomes o WHERE o.run_no = c.run_no AND o.key = c.key)""",
    ),
    (
        """CREATE TABLE accounts (
            run_no integer PRIMARY KEY REFERENCES runs ON DELETE CASCADE, account text NOT NULL)""",
    ),
)
"""Statements from version n to n + 1."""


def migrate(connection: Connection, shown: str) -> None:
    """Create the tables, or bring them to the current version, once for all workers.

    Raises
    ------
    StoreError
        A newer harness wrote them.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATION_LOCK,))
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        connection.execute(f"SET LOCAL search_path TO {SCHEMA}")
        connection.execute("CREATE TABLE IF NOT EXISTS version (version integer NOT NULL)")
        row = connection.execute("SELECT version FROM version").fetchone()
        version = 0 if row is None else int(row[0])
        if version > len(MIGRATIONS):
            raise StoreError(
                f"{shown}: written by a newer harness (tables of version {version}, known here: "
                f"{len(MIGRATIONS)}); upgrade the harness on this machine"
            )
        if version == len(MIGRATIONS):
            return
        for statement in (one for step in MIGRATIONS[version:] for one in step):
            connection.execute(statement.encode())
        connection.execute("DELETE FROM version")
        connection.execute("INSERT INTO version VALUES (%s)", (len(MIGRATIONS),))


@dataclass(frozen=True)
class Staged:
    """Calls and texts as rows, ready to be copied in."""

    calls: dict[bytes, tuple[int, bytes, str, int, str, str]]
    texts: dict[bytes, tuple[int, bytes, str]]


def stage(calls: Sequence[SharedCall], run_no: int, n_buckets: Mapping[str, int]) -> Staged:
    """One row per key: the first judge that asks it, with the last origin."""
    staged = Staged({}, {})
    for call in calls:
        key, origin = bytes.fromhex(call.key), canonical_json(call.origin).decode()
        if key in staged.calls:
            staged.calls[key] = (*staged.calls[key][:5], origin)
            continue
        digest = digest_request(call.request)
        bucket = bucket_of(call.key, n_buckets[call.judge_id])
        # Not canonical: a provider may answer in the order of a schema's fields, so they are sent as planned.
        staged.calls[key] = (run_no, key, call.judge_id, bucket, digest.model_dump_json(), origin)
        for one, message in zip(digest.messages, call.request.messages, strict=True):
            sha256 = bytes.fromhex(one.sha256)
            staged.texts[sha256] = (run_no, sha256, json.dumps(message.content))
    return staged


def copy_in(connection: Connection, staged: Staged) -> None:
    """COPY into tables of this transaction, then one insert that knows what is there already."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(sql.STAGE_CALLS)
        cursor.execute(sql.STAGE_TEXTS)
        with cursor.copy("COPY staged_calls FROM STDIN") as copy:
            for call in staged.calls.values():
                copy.write_row(call)
        with cursor.copy("COPY staged_texts FROM STDIN") as copy:
            for text in staged.texts.values():
                copy.write_row(text)
        cursor.execute(sql.TAKE_TEXTS)
        cursor.execute(sql.TAKE_CALLS)
