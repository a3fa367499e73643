"""The thread that writes for many callers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import StoreError
from harness.store.writer import GroupWriter, Insert

NUMBERS = Insert("numbers (name, number)", 2, "ON CONFLICT DO NOTHING")
WORDS = Insert("words (word)", 1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a database with two tables."""
    with sqlite3.connect(tmp_path / "db") as connection:
        connection.execute("CREATE TABLE numbers (name TEXT PRIMARY KEY, number TEXT)")
        connection.execute("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL)")
    return tmp_path / "db"


@pytest.fixture
def writer(path: Path) -> Iterator[GroupWriter]:
    """Give a writer of that database."""
    made = GroupWriter(lambda: sqlite3.connect(path, isolation_level=None), path)
    yield made
    made.close()


def held(path: Path, sql: str) -> list[tuple[str, ...]]:
    """What the database holds."""
    with sqlite3.connect(path) as connection:
        return connection.execute(sql).fetchall()


def test_a_job_of_many_rows_is_written_whole(writer: GroupWriter, path: Path) -> None:
    """More rows than one statement takes arrive all the same, in their order; of two alike the first."""
    rows = [(NUMBERS, (f"n{number % 2_000}", str(number))) for number in range(2_500)]
    words = [(WORDS, (f"w{number}",)) for number in range(1_000)]
    mixed = [row for pair in zip(rows[:1_000], words, strict=True) for row in pair] + rows[1_000:]
    asyncio.run(writer.write(mixed))
    assert held(path, "SELECT word FROM words ORDER BY id") == [(f"w{number}",) for number in range(1_000)]
    assert held(path, "SELECT number FROM numbers ORDER BY rowid") == [(str(n),) for n in range(2_000)]


def test_a_row_that_cannot_be_written_undoes_its_batch(writer: GroupWriter, path: Path) -> None:
    """The caller is told, nothing of the job is kept, and the writer goes on."""
    with pytest.raises(StoreError, match="NOT NULL"):
        asyncio.run(writer.write([(NUMBERS, ("a", "1")), (WORDS, (None,))]))  # type: ignore[list-item]
    assert not held(path, "SELECT * FROM numbers")
    asyncio.run(writer.write([(NUMBERS, ("a", "2"))]))
    assert held(path, "SELECT * FROM numbers") == [("a", "2")]


def test_whoever_gives_up_stops_nobody_else(writer: GroupWriter, path: Path) -> None:
    """A caller that is cancelled, or whose event loop is gone, hears nothing; what it handed in is kept."""

    async def give_up() -> None:
        task = asyncio.create_task(writer.write([(NUMBERS, ("a", "1"))]))
        await asyncio.sleep(0)
        task.cancel()

    for _ in range(20):
        asyncio.run(give_up())
    asyncio.run(writer.write([(NUMBERS, ("b", "2"))]))
    assert held(path, "SELECT * FROM numbers") == [("a", "1"), ("b", "2")]
