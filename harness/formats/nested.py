"""Entries whose values are lists and objects, from JSON lists, JSON lines, CSV or Parquet, one at a time."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from harness.errors import ImportFormatError
from harness.formats.base import Place
from harness.formats.reading import Problems, as_object, clean_text, fail, json_entries

Fields = Mapping[str, object]
Found = tuple[Place, Fields]

_FIELD_LIMIT = 50_000_000


def read_entries(path: Path, problems: Problems) -> Iterator[Found]:
    """The entries of one file, each with its place; which format, the file's suffix says.

    An entry that is no object is noted and left out; a file that cannot be read raises ImportFormatError.
    """
    readers: dict[str, Callable[[Path, Problems], Iterator[Found]]] = {
        ".jsonl": _json_lines,
        ".ndjson": _json_lines,
        ".json": _json_list,
        ".csv": _csv_rows,
        ".parquet": _parquet_rows,
        ".pq": _parquet_rows,
    }
    reader = readers.get(path.suffix.lower())
    if not path.is_file():
        fail(Place(path), "", "is a folder; a file is needed" if path.is_dir() else "no such file")
    if reader is None:
        fail(Place(path), "", "cannot tell the format: name it .json, .jsonl, .csv or .parquet")
    yield from reader(path, problems)


def _json_list(path: Path, problems: Problems) -> Iterator[Found]:
    for place, content in json_entries(path):
        yield from _object(content, place, problems)


def _json_lines(path: Path, problems: Problems) -> Iterator[Found]:
    with path.open("rb") as stream:
        for line, text in enumerate(stream, start=1):
            if not text.strip(b" \t\r\n\xef\xbb\xbf"):
                continue
            place = Place(path, line)
            try:
                content = json.loads(text.decode("utf-8-sig"))
            except UnicodeDecodeError:
                problems.note(place, "", "is not UTF-8; save the file as UTF-8")
            except RecursionError:
                problems.note(place, "", "is nested too deep to be read")
            except ValueError as error:
                problems.note(place, "", f"is not valid JSON: {str(error).split(': line')[0]}")
            else:
                yield from _object(content, place, problems)


def _object(content: object, place: Place, problems: Problems) -> Iterator[Found]:
    try:
        yield place, as_object(content, place)
    except ImportFormatError as error:
        problems.add(error.problems[0])


def _csv_rows(path: Path, problems: Problems) -> Iterator[Found]:
    csv.field_size_limit(_FIELD_LIMIT)  # one conversation may be longer than Python's 131,072 characters
    end = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            names = next(reader, [])
            end = reader.line_num
            for cells in reader:
                line, end = end + 1, reader.line_num
                if len(cells) == len(names):
                    yield Place(path, line), dict(zip(names, cells, strict=True))
                elif cells:
                    words = f"has {len(cells)} values where the header has {len(names)} columns"
                    problems.note(Place(path, line), "", words)
    except UnicodeDecodeError:
        fail(Place(path, end + 1), "", "is not UTF-8 from here on; save the file as UTF-8")
    except csv.Error as error:
        fail(Place(path, end + 1), "", f"is not valid CSV from here on: {error}")


def _parquet_rows(path: Path, problems: Problems) -> Iterator[Found]:  # noqa: ARG001 - one shape for all
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        fail(Place(path), "", "Parquet needs pyarrow: pip install 'llm-judge-harness[parquet]'")
    number = 0
    try:
        with parquet.ParquetFile(path) as table:
            for batch in table.iter_batches(batch_size=1_000):
                for fields in batch.to_pylist():
                    number += 1
                    yield Place(path, number), fields
    except (pa.ArrowException, OSError) as error:
        first = (str(error).splitlines() or [""])[0]
        fail(Place(path), "", f"is not a readable Parquet file: {first}")


# --- values -----------------------------------------------------------------------------------------


def is_blank(value: object) -> bool:
    """Nothing there: absent, null, NaN, blank text."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))


def name_in(fields: Fields, column: str, place: Place) -> str:
    """A name that must be there: text, or a whole number as its digits; raises ImportFormatError."""
    value = fields.get(column)
    if is_blank(value):
        fail(place, column, "is missing")
    return name_of(value, column, place)


def name_of(value: object, column: str, place: Place) -> str:
    """A value as a name; raises ImportFormatError for what cannot be one."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # pandas writes whole numbers as 81.0 where a column has gaps
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**30:
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        fail(place, column, f"must be a name or a whole number, found {kind_of(value)}")
    return clean_text(value.strip())


def optional_name(fields: Fields, column: str, place: Place) -> str | None:
    """The same, None where it is absent, null or blank."""
    return None if is_blank(fields.get(column)) else name_in(fields, column, place)


def optional_text(fields: Fields, column: str, place: Place) -> str | None:
    """A text as it stands, None where it is absent or null; raises ImportFormatError for anything else."""
    value = fields.get(column)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if not isinstance(value, str):
        fail(place, column, f"must be a text, found {kind_of(value)}")
    return clean_text(value)


def optional_number(fields: Fields, column: str, place: Place) -> float | None:
    """A finite number, None for null, NaN and blank; text that spells one counts; raises otherwise."""
    value = fields.get(column)
    if is_blank(value):
        return None
    try:
        number = float(value) if isinstance(value, str | int | float) and value is not True else None
    except (ValueError, OverflowError):
        number = None
    if number is None or isinstance(value, bool) or math.isinf(number):
        fail(place, column, f"must be a finite number, found {kind_of(value)}")
    return None if math.isnan(number) else number


def seconds_in(fields: Fields, column: str) -> float | None:
    """A duration; what is none (negative, text, a list) counts as not told."""
    value = fields.get(column)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if 0 <= number < math.inf else None


def object_in(fields: Fields, column: str, place: Place) -> Fields:
    """A field that must be an object; absent or null = empty; raises ImportFormatError."""
    value = fields.get(column)
    if value is None:
        return {}
    if not isinstance(value, dict):
        fail(place, column, f"must be an object, found {kind_of(value)}")
    return value


def list_in(fields: Fields, column: str, place: Place) -> list[object]:
    """A field that must be a list; absent or null = empty; raises ImportFormatError."""
    value = fields.get(column)
    if value is None:
        return []
    if not isinstance(value, list):
        fail(place, column, f"must be a list, found {kind_of(value)}")
    return value


def objects_in(fields: Fields, column: str, place: Place) -> list[Fields]:
    """A field that must be a list of objects; absent or null = empty; raises ImportFormatError."""
    found: list[Fields] = []
    for number, value in enumerate(list_in(fields, column, place), start=1):
        if not isinstance(value, dict):
            fail(place, column, f"entry {number} must be an object, found {kind_of(value)}")
        found.append(value)
    return found


def kind_of(value: object) -> str:
    """The JSON name of a value's kind, for messages."""
    names: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        ((int, float), "a number"),
        (str, "another text"),
        (list, "a list"),
        (dict, "an object"),
    )
    return next((words for kinds, words in names if isinstance(value, kinds)), "nothing")
