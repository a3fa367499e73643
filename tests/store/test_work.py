from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.schema import Attempt, canonical_json, request_key
from harness.store import Cassette, WorkStore, migrations, work, write_cassette
from harness.store.lines import Recorded
from tests.store.conftest import Calls

KEEPS_RECORDING = """
import asyncio, os, sys
from pathlib import Path
from harness.store import WorkStore
from tests.store.conftest import Calls

async def main():
    calls = Calls()
    store = WorkStore(Path(sys.argv[1]), calls.origin)
    async def one(worker):
        number = worker
        while True:
            request = calls.request(number)
            await store.record_completion(request, calls.completion("x" * 1000))
            os.write(1, f"{number}\\n".encode())
            number += 20
    await asyncio.gather(*(one(worker) for worker in range(20)))

asyncio.run(main())
"""


def record(store: WorkStore, calls: Calls, *numbers: int, text: str = '{"A": 4, "B": 1}') -> None:
    """Record these calls at the same time."""

    async def all_of_them() -> None:
        await asyncio.gather(
            *(store.record_completion(calls.request(n), calls.completion(text)) for n in numbers)
        )

    asyncio.run(all_of_them())


def test_recorded_is_found_now_and_after_reopening(tmp_path: Path, calls: Calls) -> None:
    """What was recorded is found at once, and again after the store was closed and opened."""
    path = tmp_path / "run" / ".work.sqlite"
    with WorkStore(path, calls.origin) as store:
        record(store, calls, *range(130))
        assert store.find(calls.recording(77).key) == calls.recording(77)
        assert store.find("0" * 64) is None
    with WorkStore(path) as store:
        assert [r.key for r in store.recordings()] == [calls.recording(n).key for n in range(130)]
        assert store.texts() == calls.texts(*range(130))


def test_first_answer_wins(tmp_path: Path, calls: Calls) -> None:
    """A second completion under the same key changes nothing."""
    with WorkStore(tmp_path / "w", calls.origin) as store:
        record(store, calls, 1, text="first")
        record(store, calls, 1, text="second")
        found = store.find(calls.recording(1).key)
        assert found == calls.recording(1, "first")
        assert len(list(store.recordings())) == 1


def test_an_outcome_gives_way_to_a_completion(tmp_path: Path, calls: Calls) -> None:
    """The latest outcome is found until a completion comes; an earlier completion is never hidden by one."""
    with WorkStore(tmp_path / "w", calls.origin) as store:
        asyncio.run(store.record_outcome(calls.outcome(1, "first")))
        asyncio.run(store.record_outcome(calls.outcome(1, "second"), calls.request(1)))
        assert store.find(calls.outcome(1).key) == calls.outcome(1, "second")
        assert list(store.outcomes()) == [calls.outcome(1, "second")]
        record(store, calls, 1)
        asyncio.run(store.record_outcome(calls.outcome(1, "third")))
        assert store.find(calls.outcome(1).key) == calls.recording(1)
        assert list(store.outcomes()) == []


def test_answers_as_they_are_stored(tmp_path: Path, calls: Calls) -> None:
    """The payload of every completion, and of the latest outcome of each other key."""
    with WorkStore(tmp_path / "w", calls.origin) as store:
        record(store, calls, 1, 2)
        for number, words in ((2, "late"), (3, "first"), (3, "second")):
            asyncio.run(store.record_outcome(calls.outcome(number, words), calls.request(number)))
        expected: list[Recorded] = [calls.recording(1), calls.recording(2), calls.outcome(3, "second")]
        assert store.answers() == {one.key: canonical_json(one) for one in expected}


@pytest.mark.parametrize(
    "change",
    ["SET recording = replace(recording, 'stop', 'stpp')", f"SET key = '{'0' * 64}'"],
    ids=["text", "key"],
)
def test_an_answer_that_cannot_be_trusted_is_named(tmp_path: Path, calls: Calls, change: str) -> None:
    """A row whose text or key was changed is an error, never an answer."""
    with WorkStore(tmp_path / "w", calls.origin) as store:
        record(store, calls, 1)
    with sqlite3.connect(tmp_path / "w") as connection:
        connection.execute(f"UPDATE completions {change}")
    connection.close()
    with WorkStore(tmp_path / "w") as store, pytest.raises(StoreError, match="is damaged"):
        store.answers()


def test_attempts_never_answer(tmp_path: Path, calls: Calls) -> None:
    """A failed attempt is kept in order and answers no look-up."""
    key = request_key(calls.request(1))
    attempt = Attempt(key=key, judge_id="gpt-4o", error="Timeout", message="too slow", at="2026-01-02")
    with WorkStore(tmp_path / "w", calls.origin) as store:
        asyncio.run(store.record_attempt(attempt))
        asyncio.run(store.record_attempt(attempt))
        assert store.attempts() == [attempt, attempt]
        assert store.find(key) is None


def test_export_of_a_store_still_written(tmp_path: Path, calls: Calls) -> None:
    """A second process may read and export while the first one writes."""
    with WorkStore(tmp_path / "w", calls.origin) as writing:
        record(writing, calls, 1, 2)
        asyncio.run(writing.record_outcome(calls.outcome(3), calls.request(3)))
        with WorkStore(tmp_path / "w", read_only=True) as store:
            write_cassette(tmp_path / "c", store.recordings(), store.outcomes(), store.texts())
            with pytest.raises(StoreError, match="read only"):
                asyncio.run(store.record_outcome(calls.outcome(4)))
        record(writing, calls, 3)
    assert len(Cassette.read(tmp_path / "c")) == 3


def test_miss_is_explained(tmp_path: Path, calls: Calls) -> None:
    """The working store explains a miss just as a cassette does."""
    with WorkStore(tmp_path / "w", calls.origin) as store:
        record(store, calls, 1, 2)
        assert "repeat differs: recorded 0, asked 1" in store.explain_miss(calls.request(2, repeat=1))


def test_second_process_refused(tmp_path: Path, calls: Calls) -> None:
    """Two processes cannot write the same run; the second is told which process does."""
    path = tmp_path / ".work.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", KEEPS_RECORDING, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(StoreError, match=rf"is being written by process {writer.pid} "):
            WorkStore(path, calls.origin)
        writer.kill()
    with WorkStore(path, calls.origin) as store:
        record(store, calls, 1_000_000)


def _kill_and_count(path: Path, calls: Calls, n_acknowledged: int) -> int:
    """Kill a recording process after some acknowledgements; how many of them are lost."""
    with subprocess.Popen(
        [sys.executable, "-c", KEEPS_RECORDING, str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline() for _ in range(n_acknowledged)]
        writer.kill()
        acknowledged += writer.stdout.readlines()
    whole = [int(line) for line in acknowledged if line.endswith(b"\n")]
    assert len(whole) >= n_acknowledged
    with WorkStore(path, calls.origin) as store:
        stored = {recording.key for recording in store.recordings()}
        texts = store.texts()
    assert all(key in texts for key in calls.texts(*whole))
    return sum(request_key(calls.request(number)) not in stored for number in whole)


def test_kill_loses_nothing_acknowledged(tmp_path: Path, calls: Calls) -> None:
    """A process killed while it records loses no row that it acknowledged, and the run can go on."""
    assert _kill_and_count(tmp_path / "w", calls, 150) == 0


@pytest.mark.slow
def test_many_kills_lose_nothing_acknowledged(tmp_path: Path, calls: Calls) -> None:
    """Killed at twenty random moments, twice over the same file each, no acknowledged row is lost."""
    draw = random.Random(7)
    for round_number in range(20):
        path = tmp_path / f"w{round_number // 2}"
        assert _kill_and_count(path, calls, draw.randrange(1, 800)) == 0


def test_full_disk_is_said_and_survived(small_disk: Path, calls: Calls) -> None:
    """On a full disk the caller is told, what was acknowledged stays, and recording goes on given room."""
    ballast = small_disk / "ballast"
    with WorkStore(small_disk / "w", calls.origin) as store:
        record(store, calls, 1)
        _fill(ballast)
        with pytest.raises(StoreError, match="the disk is full; free some space"):
            record(store, calls, 2, text="x" * 300_000)
        assert store.find(calls.recording(1).key) == calls.recording(1)
        assert store.find(calls.recording(2).key) is None
        ballast.unlink()
        record(store, calls, 2)
    with WorkStore(small_disk / "w") as store:
        assert len(list(store.recordings())) == 2


def test_store_on_a_full_disk(small_disk: Path, calls: Calls) -> None:
    """A store that cannot be created because the disk is full says so and gives the run back."""
    _fill(small_disk / "ballast")
    with pytest.raises(StoreError, match="the disk is full"):
        WorkStore(small_disk / "w", calls.origin)
    (small_disk / "ballast").unlink()
    with WorkStore(small_disk / "w", calls.origin) as store:
        record(store, calls, 1)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"\0" * 4_096)
        except OSError:
            return


def test_read_only_folder(tmp_path: Path, calls: Calls, seal: Callable[[Path], None]) -> None:
    """A run folder that cannot be written to is refused with a remedy."""
    folder = tmp_path / "run"
    folder.mkdir()
    seal(folder)
    with pytest.raises(StoreError, match=r"cannot be written to .*choose another output folder"):
        WorkStore(folder / "w", calls.origin)


def test_older_version_is_migrated_with_a_backup(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older file becomes a current one, its rows stay, and a copy of the old file lies beside it."""
    path = tmp_path / ".work.sqlite"
    with WorkStore(path, calls.origin) as store:
        record(store, calls, 1)
    newer = (*migrations.MIGRATIONS, ("ALTER TABLE completions ADD COLUMN note TEXT",))
    monkeypatch.setattr(migrations, "MIGRATIONS", newer)
    with WorkStore(path, calls.origin) as store:
        record(store, calls, 2)
        assert len(list(store.recordings())) == 2
    monkeypatch.undo()
    with WorkStore(tmp_path / ".work.sqlite.v1-backup", calls.origin) as backup:
        assert [recording.key for recording in backup.recordings()] == [calls.recording(1).key]
    with pytest.raises(StoreError, match=r"newer harness \(store version 2, known here: 1\); upgrade"):
        WorkStore(path, calls.origin)


def test_failed_migration_changes_nothing(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration that fails in the middle leaves the old version usable."""
    path = tmp_path / "w"
    with WorkStore(path, calls.origin) as store:
        record(store, calls, 1)
    broken = (*migrations.MIGRATIONS, ("DROP TABLE texts", "NONSENSE"))
    monkeypatch.setattr(migrations, "MIGRATIONS", broken)
    with pytest.raises(StoreError, match="cannot be used"):
        WorkStore(path, calls.origin)
    monkeypatch.undo()
    with WorkStore(path, calls.origin) as store:
        assert store.texts() == calls.texts(1)


def test_foreign_and_broken_files_refused(tmp_path: Path, calls: Calls) -> None:
    """Another program's database and a file that is none are refused and left as they are."""
    foreign = sqlite3.connect(tmp_path / "foreign")
    foreign.execute("CREATE TABLE photos (id)")
    foreign.close()
    with pytest.raises(StoreError, match="not a working store of the harness"):
        WorkStore(tmp_path / "foreign", calls.origin)
    (tmp_path / "broken").write_bytes(b"not a database at all" * 200)
    with pytest.raises(StoreError, match="no working store; move it away"):
        WorkStore(tmp_path / "broken", calls.origin)
    with pytest.raises(StoreError, match="there is no working store here"):
        WorkStore(tmp_path / "missing", read_only=True)
    assert (tmp_path / "broken").read_bytes() == b"not a database at all" * 200
    assert not (tmp_path / "missing").exists()


def test_damaged_row_is_not_believed(tmp_path: Path, calls: Calls) -> None:
    """A row that no longer matches its SHA-256 is an error, not an answer."""
    with WorkStore(tmp_path / "w", calls.origin) as store:
        record(store, calls, 1)
    damaged = sqlite3.connect(tmp_path / "w")
    damaged.execute("UPDATE completions SET recording = replace(recording, 'gpt-4o', 'gpt-4p')")
    damaged.commit()
    damaged.close()
    with (
        WorkStore(tmp_path / "w") as store,
        pytest.raises(StoreError, match="does not match its own SHA-256"),
    ):
        store.find(calls.recording(1).key)


def test_closed_store_and_unknown_places_refused(tmp_path: Path, calls: Calls) -> None:
    """A closed store records nothing, and neither does one that was not told where calls stand."""
    store = WorkStore(tmp_path / "w")
    with pytest.raises(StoreError, match="origin_of"):
        record(store, calls, 1)
    store.origin_of = calls.origin
    record(store, calls, 1)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        record(store, calls, 2)


def test_a_caller_that_gives_up_loses_nothing(tmp_path: Path, calls: Calls) -> None:
    """A completion whose caller is cancelled while it waits is kept all the same: it was paid for."""

    async def give_up(store: WorkStore) -> None:
        task = asyncio.create_task(store.record_completion(calls.request(1), calls.completion()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    store = WorkStore(tmp_path / "w", calls.origin)
    asyncio.run(give_up(store))
    store.close()
    with WorkStore(tmp_path / "w") as reopened:
        assert reopened.find(calls.recording(1).key) == calls.recording(1)


def test_concurrent_callers_share_commits(
    tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five hundred callers at once need far fewer commits than five hundred."""
    commits: list[str] = []

    def counted(path: Path) -> sqlite3.Connection:
        connection = original(path)
        connection.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
        return connection

    original = work._connect
    monkeypatch.setattr(work, "_connect", counted)
    with WorkStore(tmp_path / "w", calls.origin) as store:
        record(store, calls, *range(500))
        assert len(list(store.recordings())) == 500
    assert len(commits) < 250


def test_rows_keep_their_rowid(tmp_path: Path, calls: Calls) -> None:
    """No table is WITHOUT ROWID, which makes large rows take three times the room."""
    with WorkStore(tmp_path / "w", calls.origin):
        pass
    tables = sqlite3.connect(tmp_path / "w")
    statements = [row[0] for row in tables.execute("SELECT sql FROM sqlite_master WHERE type = 'table'")]
    tables.close()
    assert len(statements) == 4
    assert not any("WITHOUT ROWID" in statement.upper() for statement in statements)
    assert os.listdir(tmp_path) == ["w"]  # noqa: PTH208 - the names, closed and tidy
