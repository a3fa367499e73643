"""Samples of an Inspect eval log: from its JSON, or from the archive that Inspect calls `.eval`."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import ImportFormatError
from harness.formats.base import Place
from harness.formats.dialogue import dialogue_in
from harness.formats.nested import (
    Fields,
    is_blank,
    kind_of,
    list_in,
    name_in,
    object_in,
    optional_name,
    optional_number,
    optional_text,
)
from harness.formats.reading import Problems, as_object, clean_text, fail, json_whole

_LARGEST = 1 << 30
"""Bytes of one file of an archive once unpacked; a larger one is no sample but a trap."""

_LETTERS: Mapping[str, float] = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0}
"""Correct, partial, incorrect, no answer, as Inspect's own `value_to_float` counts them."""
_WORDS: Mapping[str, float] = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


@dataclass(frozen=True)
class Scored:
    """What one scorer said about one output; no number when it could not be had."""

    scorer: str
    number: float | None
    no_answer: bool
    reason: str
    text: str


@dataclass(frozen=True)
class Sample:
    """One output of one system for one input, in one epoch, with what every scorer said."""

    place: Place
    sample_id: str
    epoch: int
    message: str | None
    system: str
    output: str
    was_edited: bool
    failed: bool
    scores: tuple[Scored, ...]


@dataclass(frozen=True)
class Log:
    """One log: which system was evaluated, on which task."""

    path: Path
    task: str
    system: str
    status: str
    samples: tuple[Sample, ...]


def read_log(path: Path, problems: Problems) -> Log:
    """Read one log, whole; a sample that cannot be read is noted. Raises ImportFormatError."""
    if path.suffix.lower() == ".eval":
        header, found = _archive(path)
    else:
        header = as_object(json_whole(path), Place(path, 1))
        found = enumerate(list_in(header, "samples", Place(path)), start=1)
    where = Place(path)
    facts = object_in(header, "eval", where)
    if not facts:
        fail(where, "eval", "is missing: this is no eval log of Inspect (version 2)")
    task, system = name_in(facts, "task", where), name_in(facts, "model", where)
    samples = [
        sample
        for number, content in found
        for sample in _sample(content, Place(path, number), system, problems)
    ]
    return Log(path, task, system, optional_name(header, "status", where) or "unknown", tuple(samples))


def _archive(path: Path) -> tuple[Fields, Iterator[tuple[int, object]]]:
    """Header and samples of a `.eval` archive."""
    where = Place(path)
    if not path.is_file():
        fail(where, "", "is a folder; a file is needed" if path.is_dir() else "no such file")
    try:
        archive = zipfile.ZipFile(path)
        names = [info.filename for info in archive.infolist()]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        fail(where, "", f"is no .eval archive: {error}")
    if "header.json" not in names:
        fail(where, "", "has no header.json: the run did not end; `inspect log recover` may help")
    header = as_object(_member(archive, "header.json", where), where)
    wanted = sorted(name for name in names if name.startswith("samples/") and name.endswith(".json"))
    members = ((number, _member(archive, name, Place(path, number))) for number, name in enumerate(wanted, 1))
    return header, members


def _member(archive: zipfile.ZipFile, name: str, place: Place) -> object:
    try:
        if archive.getinfo(name).file_size > _LARGEST:
            fail(place, name, "is larger than 1 GB once unpacked")
        return json.loads(archive.read(name))
    except NotImplementedError:
        words = "is compressed with Zstandard, which this Python cannot read; write the log as JSON first"
        fail(place, name, f"{words}: inspect log convert {place.path.name} --to json --output-dir DIR")
    except (KeyError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        fail(place, name, f"cannot be unpacked: {error}")
    except (ValueError, RecursionError) as error:
        fail(place, name, f"is not valid JSON: {str(error).split(': line')[0]}")


def _sample(content: object, place: Place, system: str, problems: Problems) -> Iterator[Sample]:
    try:
        fields = as_object(content, place)
        yield Sample(
            place=place,
            sample_id=name_in(fields, "id", place),
            epoch=_epoch(fields, place),
            message=_message(fields, place),
            system=system,
            output=_output(fields, place),
            was_edited=_was_edited(fields, place),
            failed=not is_blank_object(fields.get("error"))
            or not is_blank_object(fields.get("invalidation")),
            scores=tuple(_scores(fields, place)),
        )
    except ImportFormatError as error:
        for problem in error.problems:
            problems.add(problem)


def is_blank_object(value: object) -> bool:
    """Absent, null or empty."""
    return is_blank(value) or value == {}


def _epoch(fields: Fields, place: Place) -> int:
    number = optional_number(fields, "epoch", place)
    if number is None:
        return 1
    if number != int(number) or not 1 <= number <= 10_000:
        fail(place, "epoch", f"is {number:g}; it must be a whole number from 1")
    return int(number)


def _message(fields: Fields, place: Place) -> str | None:
    """What was asked: a text, or the user's messages of a chat."""
    if isinstance(fields.get("input"), list):
        chat = [
            message
            for message in list_in(fields, "input", place)
            if not isinstance(message, dict) or message.get("role") != "tool"
        ]
        return dialogue_in({"input": chat}, "input", place).message()
    return optional_text(fields, "input", place)


def _output(fields: Fields, place: Place) -> str:
    return optional_text(object_in(fields, "output", place), "completion", place) or ""


def _was_edited(fields: Fields, place: Place) -> bool:
    scores = object_in(fields, "scores", place)
    return any(isinstance(found, dict) and found.get("history") for found in scores.values())


# --- scores -----------------------------------------------------------------------------------------


def _scores(fields: Fields, place: Place) -> Iterator[Scored]:
    scores = object_in(fields, "scores", place)
    for name in scores:
        found = object_in(scores, name, place)
        text = optional_text(found, "explanation", place) or ""
        reason = optional_text(found, "reason", place) or ""
        for part, value in _parts(name, found.get("value"), place):
            number = _number(value)
            yield Scored(part, number, value == "N", reason, text or _shown(value, number))


def _parts(name: str, value: object, place: Place) -> Iterator[tuple[str, object]]:
    """A scorer that gives several values is a scorer for each of them."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield f"{name} {key}", part
    elif isinstance(value, list):
        for position, part in enumerate(value, start=1):
            yield f"{name} {position}", part
    elif value is not None and not isinstance(value, str | int | float):
        fail(place, name, f"has a value that is {kind_of(value)}")
    else:
        yield name, value


def _number(value: object) -> float | None:
    """A value as Inspect counts it; None for NaN (its mark for `not scored`) and for other words."""
    if isinstance(value, str):
        known = _LETTERS.get(value, _WORDS.get(value.casefold()))
        if known is not None:
            return known
    if value is None or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None


def _shown(value: object, number: float | None) -> str:
    return clean_text(value) if number is None and isinstance(value, str) else ""
