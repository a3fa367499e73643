"""Part files of a shared run: a journal that one worker appends to, and the Parquet file that it becomes."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from harness.errors import StoreError
from harness.schema import Completion, Outcome, Record
from harness.store.disk import in_words, make_folder, sync_folder, write_atomically
from harness.store.lines import LineError, pack, unpack
from harness.store.shared import Lease, Row, RowKind

_COLUMNS = ("kind", "key", "row_id", "judge_id", "bucket", "worker_id", "lease", "payload")


class _Line(Record):
    """A row as a line of a journal, and as a row of a Parquet file."""

    kind: RowKind
    key: str
    row_id: str
    judge_id: str
    bucket: int
    worker_id: str
    lease: int
    payload: str

    def row(self) -> Row:
        """The row itself."""
        lease = Lease(self.judge_id, self.bucket, self.worker_id, self.lease)
        return Row(self.kind, self.key, lease, self.payload.encode(), self.row_id)


def _line(row: Row) -> _Line:
    return _Line(
        kind=row.kind,
        key=row.key,
        row_id=row.row_id,
        judge_id=row.lease.judge_id,
        bucket=row.lease.bucket,
        worker_id=row.lease.worker_id,
        lease=row.lease.number,
        payload=row.payload.decode(),
    )


class Journals:
    """The journals that this worker is writing."""

    def __init__(self) -> None:
        self._open: dict[Path, BinaryIO] = {}

    def append(self, path: Path, rows: Sequence[Row]) -> None:
        """Append rows; they are on the disk when this returns."""
        lines = b"".join(pack(_line(row).model_dump_json().encode()) for row in rows)
        with in_words(path):
            try:
                stream = self._stream(path)
                stream.write(lines)
                stream.flush()
                os.fsync(stream.fileno())
            except OSError:
                self._forget(path)
                raise

    def _stream(self, path: Path) -> BinaryIO:
        if path not in self._open:
            make_folder(path.parent)
            # After a failed write the last line may be torn; an empty one says that it is of no account.
            began = path.exists() and path.stat().st_size > 0
            self._open[path] = path.open("ab")
            if began:
                self._open[path].write(b"\n\n")
            sync_folder(path.parent)
        return self._open[path]

    def _forget(self, path: Path) -> None:
        with suppress(OSError):
            self.close(path)

    def close(self, path: Path) -> None:
        """Let go of one journal."""
        stream = self._open.pop(path, None)
        if stream is not None:
            stream.close()

    def close_all(self) -> None:
        """Let go of all of them."""
        for path in tuple(self._open):
            self.close(path)


def read_bucket(folder: Path) -> list[Row]:
    """All rows of a bucket, by part; a row that stands in a journal and in its Parquet file comes once.

    Raises
    ------
    StoreError
        A part is damaged. The torn end of a journal is no damage: nobody was told that it is kept.
    """
    if not folder.is_dir():
        return []
    rows: dict[tuple[str, str, str], Row] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        for row in _read_part(path):
            rows.setdefault((row.kind, row.row_id, row.key), row)
    return list(rows.values())


def _read_part(path: Path) -> Iterable[Row]:
    if path.suffix == ".parquet":
        return _parquet_rows(path, path.read_bytes())
    try:
        return _journal_rows(path, path.read_bytes())
    except FileNotFoundError:  # since the folder was listed, its Parquet file has taken its place
        sealed = path.with_suffix(".parquet")
        return _parquet_rows(sealed, sealed.read_bytes())


def _journal_rows(path: Path, content: bytes) -> list[Row]:
    lines = content.split(b"\n")
    lines.pop()
    rows: list[Row] = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            rows.append(_Line.model_validate_json(unpack(line)).row())
        except (LineError, ValidationError) as error:
            follows = number < len(lines) and not lines[number]
            if not follows:  # a torn line that its writer went on behind is followed by an empty one
                raise StoreError(f"{path}:{number}: this part is damaged: {error}") from error
    return rows


def _parquet_rows(path: Path, content: bytes) -> list[Row]:
    from pyarrow import ArrowException
    from pyarrow.parquet import read_table

    try:
        table = read_table(io.BytesIO(content), columns=list(_COLUMNS))
        return [_Line.model_validate(one).row() for one in table.to_pylist()]
    except (ArrowException, ValidationError, OSError) as error:
        raise StoreError(f"{path}: this part is damaged: {error}; restore it from a backup") from error


def seal_part(journal: Path) -> None:
    """Turn a finished journal into a Parquet file, which appears whole; without pyarrow it stays as it is."""
    if not journal.exists():
        return
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        return
    rows = _journal_rows(journal, journal.read_bytes())
    lines = [_line(row).model_dump() for row in rows]
    table = pa.table({name: [line[name] for line in lines] for name in _COLUMNS})
    sink = io.BytesIO()
    parquet.write_table(table, sink, compression="zstd")
    write_atomically(journal.with_suffix(".parquet"), [sink.getvalue()])
    with in_words(journal):
        journal.unlink()


def ended_of(rows: Sequence[Row]) -> dict[str, Completion | Outcome]:
    """How each key ended: of several completions the earliest, of several failures the latest.

    The bytes decide between those of one moment, so that the order of files never matters.
    """
    ended: dict[str, Completion | Outcome] = {}
    outcomes = [(Outcome.model_validate_json(row.payload), row) for row in rows if row.kind == "outcome"]
    for outcome, row in sorted(outcomes, key=lambda pair: (pair[0].ended_at, pair[1].payload)):
        ended[row.key] = outcome
    answers = [(Completion.model_validate_json(row.payload), row) for row in rows if row.kind == "completion"]
    # The earliest last: it takes the place of the others.
    for answer, row in sorted(
        answers, key=lambda pair: (pair[0].completed_at, pair[1].payload), reverse=True
    ):
        ended[row.key] = answer
    return ended


def interrupted_of(rows: Sequence[Row], lease: Lease) -> tuple[Row, ...]:
    """Calls begun under earlier leases without an ending."""
    ended = {row.key for row in rows if row.kind in ("completion", "outcome")}
    begun = [row for row in rows if row.kind == "begun" and row.lease.number < lease.number]
    return tuple(row for row in begun if row.key not in ended)
