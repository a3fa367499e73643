"""Statements of the classroom's store; `?` stands for a value in SQLite and PostgreSQL alike."""

from __future__ import annotations

_SESSION = "SELECT session_id, code, settings, seed, created_at, expires_at, state FROM class_sessions"
_PUPIL = "p.pupil_id, p.number, p.animal, p.animal_number, p.rulebook_id, p.entry"

CODE_IN_USE = "SELECT 1 FROM class_sessions WHERE code = ? OR session_id = ?"
ADD_SESSION = """INSERT INTO class_sessions
    (session_id, code, settings, seed, created_at, expires_at, version, state, changes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)"""
SESSIONS = f"{_SESSION} ORDER BY created_at, session_id"
SESSION = f"{_SESSION} WHERE session_id = ?"
BY_CODE = f"{_SESSION} WHERE code = ?"
STATE = "SELECT state FROM class_sessions WHERE session_id = ?"
SET_STATE = "UPDATE class_sessions SET version = ?, state = ? WHERE session_id = ?"
CHANGES = "SELECT changes FROM class_sessions WHERE session_id = ?"
TOUCH = "UPDATE class_sessions SET changes = changes + 1 WHERE session_id = ?"

ADD_STATE = "INSERT INTO class_states (session_id, version, state) VALUES (?, ?, ?)"
LAST_STATE = "SELECT version, state FROM class_states WHERE session_id = ? ORDER BY version DESC LIMIT 1"
DROP_STATE = "DELETE FROM class_states WHERE session_id = ? AND version = ?"

ADD_TEACHER = """INSERT INTO class_teachers (session_id, token_digest) VALUES (?, ?)
    ON CONFLICT DO NOTHING"""
IS_TEACHER = "SELECT 1 FROM class_teachers WHERE session_id = ? AND token_digest = ?"

LAST_NUMBER = "SELECT max(number) FROM class_pupils WHERE session_id = ?"
ADD_PUPIL = """INSERT INTO class_pupils
    (session_id, pupil_id, number, animal, animal_number, rulebook_id, entry)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
ADD_TOKEN = """INSERT INTO class_tokens (session_id, token_digest, pupil_id) VALUES (?, ?, ?)
    ON CONFLICT DO NOTHING"""  # noqa: S105 - a statement
ADD_RECOVERY = "INSERT INTO class_recoveries (recovery_digest, session_id, pupil_id) VALUES (?, ?, ?)"
_FIND_PUPIL = f"SELECT {_PUPIL} FROM class_pupils p"  # noqa: S608 - our own columns
PUPIL_BY_TOKEN = f"""{_FIND_PUPIL}
    JOIN class_tokens t ON p.session_id = t.session_id AND p.pupil_id = t.pupil_id
    WHERE t.session_id = ? AND t.token_digest = ?"""
BY_RECOVERY = f"""{_FIND_PUPIL.replace("SELECT ", "SELECT p.session_id, ")}
    JOIN class_recoveries r ON p.session_id = r.session_id AND p.pupil_id = r.pupil_id
    WHERE r.recovery_digest = ?"""
PUPILS = f"{_FIND_PUPIL} WHERE p.session_id = ? ORDER BY p.number"

BALLOT = """SELECT grades, seconds, marks FROM class_ballots
    WHERE session_id = ? AND pupil_id = ? AND case_id = ? AND vote = ?"""
PUT_BALLOT = """INSERT INTO class_ballots
    (session_id, pupil_id, case_id, vote, grades, n_graded, seconds, marks)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (session_id, pupil_id, case_id, vote) DO UPDATE SET
    grades = excluded.grades, n_graded = excluded.n_graded,
    seconds = excluded.seconds, marks = excluded.marks"""
BALLOTS = """SELECT b.pupil_id, b.case_id, b.vote, b.grades, b.seconds FROM class_ballots b
    JOIN class_pupils p ON p.session_id = b.session_id AND p.pupil_id = b.pupil_id
    WHERE b.session_id = ? AND b.n_graded > 0{only} ORDER BY p.number, b.case_id, b.vote"""
GRADED = """SELECT b.case_id, b.vote, p.rulebook_id, b.n_graded, count(*) FROM class_ballots b
    JOIN class_pupils p ON p.session_id = b.session_id AND p.pupil_id = b.pupil_id
    WHERE b.session_id = ? AND b.n_graded > 0 GROUP BY b.case_id, b.vote, p.rulebook_id, b.n_graded
    ORDER BY b.case_id, b.vote, p.rulebook_id, b.n_graded"""

PUT_HANDS = """INSERT INTO class_hands (session_id, case_id, vote, answer_id, counts) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (session_id, case_id, vote, answer_id) DO UPDATE SET counts = excluded.counts"""
HANDS = """SELECT case_id, vote, answer_id, counts FROM class_hands
    WHERE session_id = ? ORDER BY case_id, vote, answer_id"""
