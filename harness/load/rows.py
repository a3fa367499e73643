"""Rows of a table file, one at a time: CSV, JSON lines, Parquet; every value as the text it stands for."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import Problem

_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Row:
    """One row: its line in the file (its number, in Parquet), and the text in each column."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True)
class Columns:
    """The names of a file's columns, as they come before the first row."""

    line: int
    names: tuple[str, ...]


Piece = Columns | Row | Problem
"""What reading gives, in the order of the file."""


def read_rows(path: Path) -> Iterator[Piece]:
    """Columns, rows and problems of a table file, never all in memory; which format, its suffix says."""
    readers = {".csv": _csv, ".tsv": _csv, ".txt": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl}
    readers |= {".parquet": _parquet, ".pq": _parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        yield Problem(path, None, "", "cannot tell the format: name it .csv, .jsonl or .parquet")
    elif not path.is_file():
        yield Problem(path, None, "", "is a folder; a file is needed" if path.is_dir() else "no such file")
    else:
        yield from _guarded(path, reader(path))


def _guarded(path: Path, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces, with what can go wrong while reading as a problem at the end."""
    line = 0
    try:
        for piece in pieces:
            line = getattr(piece, "line", None) or line
            yield piece
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        words = f"is not UTF-8 (byte 0x{byte:02x}, after this line); save it as 'CSV UTF-8'"
        yield Problem(path, line or 1, "", words)
    except csv.Error as error:
        yield Problem(path, line + 1, "", f"is not valid CSV from here on: {error}")
    except OSError as error:
        yield Problem(path, None, "", f"cannot be read: {error.strerror or error}")


def _csv(path: Path) -> Iterator[Piece]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        first = stream.readline(100_000)
        stream.seek(0)
        delimiter = max(_DELIMITERS, key=first.count)
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        names: tuple[str, ...] | None = None
        end = 0
        for cells in reader:
            line, end = end + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = tuple(cell.strip().lower() for cell in cells)
                yield Columns(line, names)
            elif len(cells) != len(names):
                words = f"has {len(cells)} values where the header has {len(names)} columns"
                yield Problem(path, line, "", words)
            else:
                yield Row(line, dict(zip(names, (cell.strip() for cell in cells), strict=True)))
        if names is None:
            yield Problem(path, 1, "", "is empty; the first line names the columns")


def _jsonl(path: Path) -> Iterator[Piece]:
    names: dict[str, None] = {}
    with path.open(encoding="utf-8-sig") as stream:
        for line, text in enumerate(stream, start=1):
            if not text.strip():
                continue
            content = _json_object(text)
            if isinstance(content, str):
                yield Problem(path, line, "", content)
                continue
            if not content.keys() <= names.keys():
                names |= dict.fromkeys(content)
                yield Columns(line, tuple(names))
            yield _row(path, line, content)
    if not names:
        yield Problem(path, 1, "", "is empty; each line is one JSON object")


def _json_object(text: str) -> dict[str, object] | str:
    try:
        content = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        return f"is not valid JSON: {str(error).split(': line')[0]}"
    return content if isinstance(content, dict) else "must be one JSON object with the columns as its fields"


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("a field stands twice")
    return content


def _parquet(path: Path) -> Iterator[Piece]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        words = "Parquet needs pyarrow: pip install 'llm-judge-harness[parquet]', or save the file as CSV"
        yield Problem(path, None, "", words)
        return
    try:
        with parquet.ParquetFile(path) as table:
            yield Columns(1, tuple(table.schema_arrow.names))
            number = 0
            for batch in table.iter_batches(batch_size=10_000):
                for content in batch.to_pylist():
                    number += 1
                    yield _row(path, number, content)
    except pa.ArrowException as error:
        yield Problem(path, None, "", f"is not a readable Parquet file: {str(error).splitlines()[0]}")


def _row(path: Path, line: int, content: dict[str, object]) -> Row | Problem:
    nested = [name for name, value in content.items() if isinstance(value, dict | list | bytes)]
    if nested:
        return Problem(path, line, nested[0], "must be a single value, found a list, a mapping or bytes")
    return Row(line, {name: _text(value) for name, value in content.items()})


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value).strip()
