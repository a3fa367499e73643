from __future__ import annotations

import errno
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.errors import StoreError
from harness.store import Cassette, shards, write_cassette
from harness.store import on_disk as module

if TYPE_CHECKING:
    from tests.store.conftest import Calls

N_CALLS = 12


@pytest.fixture
def folder(tmp_path: Path, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cassette in more files than are kept open."""
    monkeypatch.setattr(shards, "MAX_SHARD_BYTES", 2_000)
    monkeypatch.setattr(module, "_OPEN_FILES", 2)
    outcomes = [calls.outcome(N_CALLS)]
    recordings = [calls.recording(number) for number in range(N_CALLS)]
    write_cassette(tmp_path / "c", recordings, outcomes, calls.texts(*range(N_CALLS + 1)))
    assert len(list((tmp_path / "c").glob("0*.jsonl"))) > 3
    return tmp_path / "c"


def test_answers_on_disk_are_those_in_memory(folder: Path, calls: Calls) -> None:
    """Every answer is found under its key, in the order of the files, and the digest needs no second look."""
    built = Cassette.build(
        [calls.recording(number) for number in range(N_CALLS)],
        [calls.outcome(N_CALLS)],
        calls.texts(*range(N_CALLS + 1)),
    )
    read = Cassette.read(folder)
    assert [*read.answers] == [*built.answers] == sorted(built.answers)
    assert [*reversed([read.answers[key] for key in built.answers])] == [*built.answers.values()][::-1]
    assert read == built
    assert read.digest() == built.digest() == Cassette(read.answers, read.texts).digest()
    assert read.find("0" * 64) is None
    assert read.find("no key") is None


def test_a_file_that_changes_while_it_is_read_is_refused(folder: Path) -> None:
    """What was verified and is another line now is no answer."""
    read = Cassette.read(folder)
    key = next(iter(read.answers))
    shard = folder / "000.jsonl"
    first, rest = shard.read_bytes().split(b"\n", 1)
    shard.write_bytes(first.replace(b"kind", b"kinD") + b"\n" + rest)
    with pytest.raises(StoreError, match="changed while it was read"):
        read.find(key)
    second = rest.split(b"\n", 1)[0]
    shard.write_bytes(second + b"\n" + rest)
    with pytest.raises(StoreError, match="changed while it was read"):
        read.find(key)
    shard.write_bytes(b"")
    with pytest.raises(StoreError, match="changed while it was read"):
        read.find(key)


def test_texts_are_read_when_they_are_asked_for(folder: Path, calls: Calls) -> None:
    """A text is found under its hash, and no other; one that is another by then is refused."""
    read = Cassette.read(folder)
    expected = calls.texts(*range(N_CALLS + 1))
    assert dict(read.texts) == expected
    assert len(read.texts) == len(expected)
    assert all(sha256 in read.texts for sha256 in expected)
    assert "0" * 64 not in read.texts
    shard = folder / "texts-000.jsonl"
    shard.write_bytes(shard.read_bytes().replace(b'"text":"', b'"text":"X'))
    with pytest.raises(StoreError, match="changed while it was read"):
        read.texts[min(expected)]


def test_a_system_that_allows_few_open_files_is_enough(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one more file may not be opened, those that are open are closed first."""
    monkeypatch.setattr(module, "_OPEN_FILES", 500)
    n_open = 0

    class Counted(FileIO):
        def __init__(self, path: Path) -> None:
            nonlocal n_open
            if n_open == 2:
                raise OSError(errno.EMFILE, "too many open files")
            super().__init__(path)
            n_open += 1

        def close(self) -> None:
            nonlocal n_open
            n_open -= not self.closed
            super().close()

    monkeypatch.setattr(module, "FileIO", Counted)
    read = Cassette.read(folder)
    assert [read.find(key) is not None for key in read.answers] == [True] * (N_CALLS + 1)


def test_lines_out_of_order_have_the_digest_of_their_order(folder: Path, tmp_path: Path) -> None:
    """A cassette whose lines stand otherwise is the same cassette, with the same digest."""
    expected = Cassette.read(folder).digest()
    lines = [line for path in sorted(folder.glob("0*.jsonl")) for line in path.read_bytes().splitlines(True)]
    texts = [
        line for path in sorted(folder.glob("texts-*.jsonl")) for line in path.read_bytes().splitlines(True)
    ]
    shards.write_shards(tmp_path / "other", lines[::-1], texts)
    found = Cassette.read(tmp_path / "other")
    assert found.known_digest is None
    assert found.digest() == expected
