"""The tables of the classroom, the same in SQLite and PostgreSQL; no column for a name, an address or a time.

The only times are those at which a session began and at which it will be deleted.
"""

from __future__ import annotations

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE class_sessions (
            session_id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, settings TEXT NOT NULL,
            seed TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL,
            version INTEGER NOT NULL, state TEXT NOT NULL, changes INTEGER NOT NULL)""",
        """CREATE TABLE class_states (
            session_id TEXT NOT NULL, version INTEGER NOT NULL, state TEXT NOT NULL,
            PRIMARY KEY (session_id, version))""",
        """CREATE TABLE class_teachers (
            session_id TEXT NOT NULL, token_digest TEXT NOT NULL,
            PRIMARY KEY (session_id, token_digest))""",
        """CREATE TABLE class_pupils (
            session_id TEXT NOT NULL, pupil_id TEXT NOT NULL, number INTEGER NOT NULL,
            animal INTEGER NOT NULL, animal_number INTEGER NOT NULL, rulebook_id TEXT NOT NULL,
            entry TEXT NOT NULL, PRIMARY KEY (session_id, pupil_id), UNIQUE (session_id, number))""",
        """CREATE TABLE class_tokens (
            session_id TEXT NOT NULL, token_digest TEXT NOT NULL, pupil_id TEXT NOT NULL,
            PRIMARY KEY (session_id, token_digest))""",
        """CREATE TABLE class_recoveries (
            recovery_digest TEXT PRIMARY KEY, session_id TEXT NOT NULL, pupil_id TEXT NOT NULL)""",
        """CREATE TABLE class_ballots (
            session_id TEXT NOT NULL, pupil_id TEXT NOT NULL, case_id TEXT NOT NULL,
            vote INTEGER NOT NULL, grades TEXT NOT NULL, n_graded INTEGER NOT NULL,
            seconds DOUBLE PRECISION, marks TEXT NOT NULL,
            PRIMARY KEY (session_id, pupil_id, case_id, vote))""",
        """CREATE TABLE class_hands (
            session_id TEXT NOT NULL, case_id TEXT NOT NULL, vote INTEGER NOT NULL,
            answer_id TEXT NOT NULL, counts TEXT NOT NULL,
            PRIMARY KEY (session_id, case_id, vote, answer_id))""",
    ),
)
"""Statements from version n to n + 1."""

TABLES = (
    "class_sessions",
    "class_states",
    "class_teachers",
    "class_pupils",
    "class_tokens",
    "class_recoveries",
    "class_ballots",
    "class_hands",
)


def too_new(shown: str, version: int) -> str:
    """What to say of tables that a newer harness wrote."""
    return (
        f"{shown}: written by a newer harness (classroom tables of version {version}, known here: "
        f"{len(MIGRATIONS)}); upgrade the harness, or name another file with --db"
    )
