"""The ledger of submitted batches in a run folder: every step is on the disk before the next one is taken."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from harness.errors import StoreError
from harness.schema import canonical_json
from harness.schema.batch import BatchNote
from harness.store.disk import in_words, make_folder, sync_folder

FOLDER = ".batches"
OVER = frozenset({"collected", "lost"})


@dataclass(frozen=True)
class BatchEntry:
    """A batch as its notes leave it: the last note, with what earlier ones said and it does not."""

    note: BatchNote
    submitted_at: str

    @property
    def alive(self) -> bool:
        """Whether answers may still come, so that its requests must not be asked in any other way."""
        return self.note.state not in OVER

    @property
    def name(self) -> str:
        """Our name of the batch."""
        return self.note.name

    @property
    def judge_id(self) -> str:
        """Whose requests it holds."""
        return self.note.judge_id or ""


class RequestsFile:
    """The requests of one batch while they are gathered: written as they come, whole once it is closed."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.keys: list[str] = []
        self.n_bytes = 0
        self._path = path
        self._digest = hashlib.sha256()
        with in_words(path):
            self._stream = path.open("xb")

    def add(self, key: str, line: bytes) -> None:
        """Write one request; raises StoreError."""
        with in_words(self._path):
            self._stream.write(line)
        self._digest.update(line)
        self.keys.append(key)
        self.n_bytes += len(line)

    def close(self) -> str:
        """Have it on the disk; its SHA-256. Raises StoreError."""
        with in_words(self._path):
            self._stream.flush()
            os.fsync(self._stream.fileno())
            self._stream.close()
            sync_folder(self._path.parent)
        return self._digest.hexdigest()

    def drop(self) -> None:
        """Forget it: what it held is submitted in no batch."""
        with suppress(OSError):
            self._stream.close()
            self._path.unlink()


class BatchLedger:
    """An append-only file of notes, and beside it the requests of the batches that are alive."""

    def __init__(self, run: Path) -> None:
        """Nothing is created before the first note; `run` is the run folder."""
        self.folder = run / FOLDER
        self.path = self.folder / "ledger.jsonl"
        self._entries: dict[str, BatchEntry] | None = None
        """Read once: a ledger of millions of keys is asked at every look, and one process writes it."""

    def entries(self) -> dict[str, BatchEntry]:
        """Every batch by name, in the order in which they were prepared.

        Raises
        ------
        StoreError
            A line is damaged. A last line without its end was never acknowledged, and is left out.
        """
        if self._entries is None:
            entries: dict[str, BatchEntry] = {}
            for note in self._notes():
                _take(entries, note)
            self._entries = entries
        return dict(self._entries)

    def alive(self) -> list[BatchEntry]:
        """The batches whose answers may still come."""
        return [entry for entry in self.entries().values() if entry.alive]

    def note(self, note: BatchNote) -> None:
        """Append a step; it is on the disk when this returns.

        Raises
        ------
        StoreError
            The disk is full, or the folder cannot be written to.
        """
        make_folder(self.folder)
        with in_words(self.path):
            with self.path.open("a+b") as stream:
                stream.truncate(_end_of_whole_lines(stream))
                stream.write(canonical_json(note) + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
            sync_folder(self.folder)
        if self._entries is not None:
            _take(self._entries, note)

    def new_requests(self) -> RequestsFile:
        """The file of a batch that is being prepared.

        Raises
        ------
        StoreError
            The folder cannot be written to.
        """
        make_folder(self.folder)
        name = f"batch-{uuid.uuid4().hex}"
        return RequestsFile(name, self.requests_path(name))

    def sweep(self) -> None:
        """Remove files of requests that belong to no batch that is alive, as an interruption leaves them."""
        alive = {self.requests_path(entry.name) for entry in self.alive()}
        for path in self.folder.glob("batch-*.jsonl"):
            if path not in alive:
                with suppress(OSError):
                    path.unlink()

    def requests_path(self, name: str) -> Path:
        """The file of a batch's requests."""
        return self.folder / f"{name}.jsonl"

    def request_lines(self, name: str) -> Iterator[bytes]:
        """The requests of a batch, one line each; none where the file is gone."""
        with suppress(FileNotFoundError), self.requests_path(name).open("rb") as stream:
            yield from stream

    def requests_are_whole(self, entry: BatchEntry) -> bool:
        """Whether the file of a batch's requests is still what was prepared."""
        digest = hashlib.sha256()
        for line in self.request_lines(entry.name):
            digest.update(line)
        return digest.hexdigest() == entry.note.sha256

    def drop_requests(self, name: str) -> None:
        """Remove the requests of a batch that is over."""
        with suppress(OSError):
            self.requests_path(name).unlink()

    def _notes(self) -> Iterator[BatchNote]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be read: {error.strerror or error}") from error
        for number, line in enumerate(content.split(b"\n")[:-1], start=1):
            try:
                yield BatchNote.model_validate_json(line)
            except ValidationError as error:
                raise StoreError(
                    f"{self.path}:{number}: damaged; it names batches that a provider has: remove it, "
                    "and look for its batch on the provider's own page"
                ) from error


def refuse_while_alive(ledger: BatchLedger) -> None:
    """Refuse to ask live what is with a provider: it would be paid twice.

    Raises
    ------
    StoreError
        Batches are alive.
    """
    alive = ledger.alive()
    if alive:
        run = ledger.folder.parent
        n_calls = sum(len(entry.note.keys) for entry in alive)
        raise StoreError(
            f"{run}: {n_calls:,} calls are with a provider in {len(alive)} batches: `harness batch collect "
            f"{run} --wait` brings their answers in, `harness batch cancel {run}` gives them up; asking them "
            "live as well would pay twice"
        )


def _take(entries: dict[str, BatchEntry], note: BatchNote) -> None:
    before = entries.get(note.name)
    entries[note.name] = BatchEntry(
        note if before is None else _merged(before.note, note),
        note.at if before is None else before.submitted_at,
    )


def _merged(before: BatchNote, after: BatchNote) -> BatchNote:
    said = {name: value for name, value in after if value not in (None, "", ())}
    return before.model_copy(update=said)


def _end_of_whole_lines(stream: BinaryIO) -> int:
    """Where the last whole line ends; a line behind it was never finished."""
    end = stream.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - 65_536)
        stream.seek(start)
        newline = stream.read(end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0
