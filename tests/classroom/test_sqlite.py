"""The file of a class: who may read it, what is not in it, what stays after deletion, and other versions."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from harness.classroom import codes
from harness.classroom.admission import new_pupil
from harness.classroom.moves import advance
from harness.classroom.store import open_store, tables
from harness.classroom.store import sqlite as sqlite_store
from harness.classroom.store.base import Credentials
from harness.errors import StoreError
from harness.schema.classroom import ClassSession, Edit, HandCount, OpenAll, Pupil

Sessions = Callable[..., ClassSession]


def _fill(path: Path, session: ClassSession, n_pupils: int = 20) -> list[str]:
    """Put a whole lesson into a store, and give every word by which one could find it again."""
    store = open_store(path)
    teacher = codes.digest(codes.new_token())
    store.create(session, teacher)
    state = advance(session.settings, session.state, OpenAll())
    store.write_state(session.session_id, state, session.state.version)
    words = [session.session_id, session.code, str(session.seed), teacher]
    for _ in range(n_pupils):
        token, recovery, page = (secrets.token_hex(8) for _ in range(3))
        credentials = Credentials(codes.digest(token), codes.digest(recovery))
        pupil = store.add_pupil(session.session_id, partial(new_pupil, session), credentials)
        for number, case_id in enumerate(session.settings.case_ids, start=1):
            grades: dict[str, int | None] = {f"{case_id}-{letter}": 3 for letter in "abc"}
            edit = Edit(page=page, number=number, case_id=case_id, grades=grades, seconds=number)
            store.apply(session.session_id, pupil.pupil_id, edit)
        words += [pupil.pupil_id, *credentials, page]
    counts = tuple(int(sign, 16) for sign in secrets.token_hex(12))
    store.put_hands(session.session_id, [HandCount(case_id="doctor", answer_id="doctor-a", counts=counts)])
    store.close()
    return [*words, str(list(counts))]


def _bytes_on_disk(path: Path) -> dict[str, bytes]:
    """Every file that SQLite may have made: the database, its log, the log's index, a journal."""
    return {one.name: one.read_bytes() for one in path.parent.iterdir() if one.name.startswith(path.name)}


def test_deletion_leaves_no_byte(classes: Path, session_of: Sessions) -> None:
    """No word of a deleted session is in the file, its log or its index; its neighbour is whole."""
    gone, stays = session_of(title="Gone-9B"), session_of(title="Stays-9C")
    words = [*_fill(classes, gone), "Gone-9B"]
    kept = [*_fill(classes, stays), "Stays-9C"]
    store = open_store(classes)
    store.delete(gone.session_id)
    for name, content in _bytes_on_disk(classes).items():
        assert not [word for word in words if word.encode() in content], name
    store.close()
    rest = b"".join(_bytes_on_disk(classes).values())
    assert not [word for word in kept if word.encode() not in rest]


def test_deletion_works_while_somebody_reads(classes: Path, session_of: Sessions) -> None:
    """Readers that have the file open, and are done reading, keep no byte alive."""
    session = session_of()
    words = _fill(classes, session)
    store = open_store(classes)
    other = open_store(classes)
    assert len(other.pupils(session.session_id)) == 20
    store.delete(session.session_id)
    assert not [word for word in words for one in _bytes_on_disk(classes).values() if word.encode() in one]
    other.close()
    store.close()


def test_nothing_says_who_or_where_or_when(classes: Path, session_of: Sessions) -> None:
    """No column is for a name, an address, a device, or a time of anything but the session itself."""
    _fill(classes, session_of())
    connection = sqlite3.connect(classes)
    columns = {
        (table, column[1])
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for column in connection.execute(f"PRAGMA table_info({table})")
    }
    suspicious = re.compile(
        r"name|addr|(^|_)ip(_|$)|agent|mail|host|cookie|device|_at$|time|date|stamp|last|first", re.IGNORECASE
    )
    assert {pair for pair in columns if suspicious.search(pair[1])} == {
        ("class_sessions", "created_at"),
        ("class_sessions", "expires_at"),
    }
    assert sorted({table for table, _ in columns}) == sorted(tables.TABLES)
    fields = set(Pupil.model_fields)
    assert fields == {"pupil_id", "number", "animal", "animal_number", "rulebook_id", "entry"}
    for (digest,) in connection.execute("SELECT token_digest FROM class_tokens"):
        assert re.fullmatch(r"[0-9a-f]{64}", digest)
    connection.close()


def test_only_the_owner_reads_the_file(classes: Path, session_of: Sessions) -> None:
    """On a shared computer nobody else opens the class's file, its log or the log's index."""
    store = open_store(classes)
    store.create(session_of(), "t")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in classes.parent.glob(f"{classes.name}*")}
    assert modes == dict.fromkeys(modes, 0o600)
    assert len(modes) == 3
    store.close()


def test_every_acknowledged_write_is_on_the_disk(classes: Path) -> None:
    """The store syncs each commit: in SQLite's log mode anything less may lose what was acknowledged."""
    database = sqlite_store.SqliteDatabase(classes)
    modes = database.write(lambda execute: (execute("PRAGMA journal_mode"), execute("PRAGMA synchronous")))
    assert modes == ([("wal",)], [(2,)])
    database.close()


def test_a_newer_file_is_refused(classes: Path) -> None:
    """A file of a newer harness is not touched, and the message says what to do."""
    open_store(classes).close()
    connection = sqlite3.connect(classes)
    connection.execute(f"PRAGMA user_version = {len(tables.MIGRATIONS) + 1}")
    connection.close()
    before = classes.read_bytes()
    with pytest.raises(StoreError, match="newer harness"):
        open_store(classes)
    assert classes.read_bytes() == before


def test_a_stranger_is_refused(tmp_path: Path) -> None:
    """Another program's database and a file that is none are refused, and stay as they were."""
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.commit()
    connection.close()
    text = tmp_path / "notes.txt"
    text.write_text("Bring the cables. " * 100)
    for path in (other, text):
        before = path.read_bytes()
        with pytest.raises(StoreError, match=path.name):
            open_store(path)
        assert path.read_bytes() == before


def test_an_older_file_is_brought_up(
    classes: Path, session_of: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of an older harness gets the new tables, keeps its sessions, and no copy of it stays behind."""
    session = session_of()
    _fill(classes, session)
    newer = (*tables.MIGRATIONS, ("ALTER TABLE class_pupils ADD COLUMN colour INTEGER DEFAULT 7",))
    monkeypatch.setattr(sqlite_store, "MIGRATIONS", newer)
    store = open_store(classes)
    assert len(store.pupils(session.session_id)) == 20
    store.close()
    connection = sqlite3.connect(classes)
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    assert connection.execute("SELECT DISTINCT colour FROM class_pupils").fetchall() == [(7,)]
    connection.close()
    assert set(_bytes_on_disk(classes)) == {classes.name}


def test_a_migration_that_breaks_changes_nothing(
    classes: Path, session_of: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step that fails half-way leaves the older file as it was: the older harness still reads it."""
    session = session_of()
    _fill(classes, session)
    broken = (*tables.MIGRATIONS, ("CREATE TABLE more (x TEXT)", "NOT SQL"))
    monkeypatch.setattr(sqlite_store, "MIGRATIONS", broken)
    with pytest.raises(StoreError):
        open_store(classes)
    monkeypatch.undo()
    store = open_store(classes)
    assert len(store.pupils(session.session_id)) == 20
    store.close()


def test_a_full_disk_is_told_and_loses_nothing(small_disk: Path, session_of: Sessions) -> None:
    """On a full disk the grade is refused in words; what was acknowledged before is there."""
    path = small_disk / "classes.sqlite"
    session = session_of()
    _fill(path, session, n_pupils=2)
    store = open_store(path)
    pupil = store.pupils(session.session_id)[0]
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free))
    acknowledged = [3]

    def grade_on() -> None:
        for number in range(1, 2000):
            edit = Edit(
                page="page-full", number=number, case_id="doctor", grades={"doctor-a": 1 + number % 4}
            )
            acknowledged.append(store.apply(session.session_id, pupil.pupil_id, edit).grades["doctor-a"])

    with pytest.raises(StoreError, match="full"):
        grade_on()
    ballast.unlink()
    assert store.ballots_of(session.session_id, pupil.pupil_id)[0].grades["doctor-a"] == acknowledged[-1]
    edit = Edit(page="page-after", number=1, case_id="doctor", grades={"doctor-a": 1})
    assert store.apply(session.session_id, pupil.pupil_id, edit).grades["doctor-a"] == 1
    store.close()


def test_a_closed_store_says_so(classes: Path) -> None:
    """Whoever writes into a store that was closed gets an error in words."""
    store = open_store(classes)
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.sessions()


GRADING = """
import asyncio, random, sys
from pathlib import Path
from harness.classroom.lesson import Lessons
from harness.classroom.store import open_store
from harness.schema.classroom import Edit

async def main():
    path, code = Path(sys.argv[1]), sys.argv[2]
    lessons = Lessons(open_store(path), path.parent)
    joined = await asyncio.gather(*(lessons.join(code) for _ in range(40)))

    async def grade(one):
        for number in range(1, 100_000):
            grades = {"doctor-a": 1 + number % 4}
            edit = Edit(page=one.pupil.pupil_id, number=number, case_id="doctor", grades=grades)
            await lessons.save(one.session.session_id, one.token, edit)
            sys.stdout.write(f"{one.pupil.pupil_id} {number}\\n")
            sys.stdout.flush()

    await asyncio.gather(*(grade(one) for one in joined))

asyncio.run(main())
"""


@pytest.mark.usefixtures("bench")
def test_a_killed_server_loses_no_acknowledged_grade(classes: Path, session_of: Sessions) -> None:
    """`kill -9` while forty pupils grade: for each, the last acknowledged grade or a later one is there."""
    session = session_of()
    _fill(classes, session, n_pupils=0)
    server = subprocess.Popen(
        [sys.executable, "-c", GRADING, str(classes), session.code],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    assert server.stdout is not None
    told = [server.stdout.readline() for _ in range(2000)]
    server.send_signal(signal.SIGKILL)
    rest = server.stdout.read()
    server.wait()
    lines = [line for line in "".join([*told, rest]).splitlines(keepends=True) if line.endswith("\n")]
    acknowledged = {pupil_id: int(number) for pupil_id, number in (line.split() for line in lines)}
    assert len(acknowledged) == 40

    store = open_store(classes)
    kept = {one.pupil_id: one.grades["doctor-a"] for one in store.ballots(session.session_id)}
    store.close()
    for pupil_id, number in acknowledged.items():
        # at most one edit more than was acknowledged: a page sends the next only after the last
        assert kept[pupil_id] in (1 + number % 4, 1 + (number + 1) % 4)
