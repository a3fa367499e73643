"""What readers share: rows and records with their line, problems gathered, ids that fit, options.

Everything streams: a reader sees one row at a time, and keeps only what it makes of it.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from json import JSONDecoder
from pathlib import Path
from typing import NoReturn, TextIO, TypeVar, cast

from harness.errors import ImportFormatError, Problem
from harness.formats.base import Place
from harness.load.near import listing, suggestion
from harness.load.rows import Columns, Row, read_rows
from harness.load.text import CONTROL
from harness.schema import Language, Localised

MAX_PROBLEMS = 200
EMPTY_ANSWER: Mapping[Language, str] = {"en": "(empty answer)", "fr": "(réponse vide)"}
_CHUNK = 1 << 20
_LONGEST_ENTRY = 1 << 28
_NUMBER_TAIL = len("e-")
_LONGEST_ID = 64
_HASHED = 8
_NOT_ALLOWED = re.compile(r"[^a-z0-9._-]+")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}

T = TypeVar("T")

# --- problems ---------------------------------------------------------------------------------------


@dataclass
class Problems:
    """What is wrong with the files, gathered: the first 200 are kept, the others counted."""

    found: list[Problem] = field(default_factory=list)
    n_found: int = 0

    def note(self, place: Place, column: str, message: str) -> None:
        """Note one problem."""
        self.add(Problem(place.path, place.line, column, message))

    def add(self, problem: Problem) -> None:
        """Note a problem that somebody else has described."""
        self.n_found += 1
        if len(self.found) < MAX_PROBLEMS:
            self.found.append(problem)

    def raise_any(self) -> None:
        """Raise ImportFormatError with every problem, if there is one."""
        if not self.found:
            return
        more = self.n_found - len(self.found)
        rest = [Problem(self.found[-1].path, None, "", f"and {more:,} more problems")] if more else []
        raise ImportFormatError([*self.found, *rest])


def fail(place: Place, column: str, message: str) -> NoReturn:
    """Stop at once: nothing in the file can be read without this."""
    raise ImportFormatError([Problem(place.path, place.line, column, message)])


# --- files ------------------------------------------------------------------------------------------


def one_path(paths: Sequence[Path], what: str) -> Path:
    """The only path that a format takes; `what` names it: "a CSV file"."""
    if len(paths) != 1:
        where = Place(paths[0] if paths else Path())
        fail(where, "", f"this format takes one path ({what}), found {len(paths)}")
    return existing(paths[0])


def existing(path: Path) -> Path:
    """The path, once something is there; raises ImportFormatError."""
    if not path.exists():
        fail(Place(path), "", "no such file or folder")
    return path


def table_rows(
    path: Path, problems: Problems, required: Sequence[str], optional: Sequence[str] | None = None
) -> Iterator[tuple[Place, dict[str, str]]]:
    """Rows of a CSV (commas, semicolons, tabs), JSONL or Parquet table, with their place, one at a time.

    Column names are lower case, values are stripped text, an empty one is "". A missing column or, with
    `optional` given, an unknown one ends the reading; a row that cannot be read is noted and left out.
    """
    names: set[str] = set()
    for piece in read_rows(path):
        if isinstance(piece, Problem):
            problems.add(piece)
        elif isinstance(piece, Columns):
            if not columns_fit(path, piece, problems, (required, optional)):
                return
            names.update(piece.names)
        else:
            missing = [name for name in required if name not in piece.values]
            if missing:
                problems.note(Place(path, piece.line), missing[0], "is missing in this row")
            else:
                yield Place(path, piece.line), _values(piece)


def _values(row: Row) -> dict[str, str]:
    return {name: clean_text(value) for name, value in row.values.items()}


def columns_fit(
    path: Path,
    columns: Columns,
    problems: Problems,
    expected: tuple[Sequence[str], Sequence[str] | None],
) -> bool:
    """Whether the columns are what a table needs (first) and may have (second; None = anything)."""
    required, optional = expected
    place = Place(path, columns.line)
    before = problems.n_found
    for name in dict.fromkeys(columns.names):
        if columns.names.count(name) > 1:
            problems.note(place, name, "this column stands twice; keep one")
        elif optional is not None and name not in (*required, *optional):
            problems.note(place, name, f"unknown column{suggestion(name, (*required, *optional))}")
    # JSON lines name their columns bit by bit: there, each row is asked for what it lacks
    if path.suffix.lower() not in (".jsonl", ".ndjson"):
        for name in required:
            if name not in columns.names:
                problems.note(place, name, f"this column is missing; needed are {listing(required)}")
    return problems.n_found == before


def json_lines(path: Path) -> Iterator[tuple[Place, dict[str, object]]]:
    """The objects of a JSON-lines file with their line, one at a time; raises ImportFormatError."""
    with _opened(path) as stream:
        for line, text in enumerate(_decoded(stream, path), start=1):
            if not text.strip():
                continue
            place = Place(path, line)
            try:
                content = json.loads(text)
            except (ValueError, RecursionError) as error:
                fail(place, "", f"is not valid JSON: {str(error).split(': line')[0]}")
            yield place, as_object(content, place)


def json_entries(path: Path) -> Iterator[tuple[Place, object]]:
    """The entries of a file that holds one JSON list, with their number from 1, one at a time.

    A file of JSON lines (`.jsonl`, `.ndjson`) is read as well. Only one entry is in memory at a time.
    """
    if path.suffix.lower() in (".jsonl", ".ndjson"):
        yield from json_lines(path)
        return
    with _opened(path) as stream:
        for number, entry in enumerate(_ListReader(stream, path).entries(), start=1):
            yield Place(path, number), entry


def json_whole(path: Path) -> object:
    """The content of one JSON file; raises ImportFormatError with the line of a mistake."""
    with _opened(path) as stream:
        text = "".join(_decoded(stream, path))
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        fail(Place(path, error.lineno), "", f"is not valid JSON: {error.msg}")
    except (ValueError, RecursionError) as error:
        fail(Place(path), "", f"is not readable JSON: {error}")


def _opened(path: Path) -> TextIO:
    if not path.is_file():
        fail(Place(path), "", "is a folder; a file is needed" if path.is_dir() else "no such file")
    try:
        return path.open(encoding="utf-8-sig")
    except OSError as error:
        fail(Place(path), "", f"cannot be read: {error.strerror or error}")


def _decoded(pieces: Iterable[str], path: Path) -> Iterator[str]:
    """Pieces of text, with what is no UTF-8 as an ImportFormatError."""
    try:
        yield from pieces
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        fail(Place(path), "", f"is not UTF-8 (byte 0x{byte:02x}); save it as UTF-8")
    except OSError as error:
        fail(Place(path), "", f"cannot be read: {error.strerror or error}")


class _ListReader:
    """Reads a JSON list entry by entry; holds one entry and one chunk of the file."""

    def __init__(self, stream: TextIO, path: Path) -> None:
        self._chunks = _decoded(iter(lambda: stream.read(_CHUNK), ""), path)
        self._decoder = JSONDecoder()
        self._text = ""
        self._at = 0
        self._n_read = 0
        self._path = path

    def entries(self) -> Iterator[object]:
        """Every entry of the list."""
        if self._peek() != "[":
            fail(Place(self._path, 1), "", "must hold one JSON list ([ ... ])")
        self._at += 1
        if self._peek() == "]":
            return
        while True:
            yield self._entry()
            mark = self._peek()
            self._at += 1
            if mark == "]":
                return
            if mark != ",":
                self._refuse("expected ',' or ']' after this entry" if mark else "the list is never closed")
            self._n_read += 1

    def _peek(self) -> str:
        """The next character that is no space; "" at the end of the file."""
        while True:
            while self._at < len(self._text):
                if not self._text[self._at].isspace():
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def _more(self) -> bool:
        chunk = next(self._chunks, "")
        self._text, self._at = self._text[self._at :] + chunk, 0
        return bool(chunk)

    def _entry(self) -> object:
        self._peek()
        wanted = 0
        while True:
            try:
                entry, end = self._decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                # the entry may only be cut: read on, doubling, so that a long one is tried few times
                wanted = max(2 * wanted, len(self._text) - self._at + 1)
                too_much = isinstance(error, RecursionError) or wanted > _LONGEST_ENTRY
                if too_much or not self._read_until(wanted):
                    self._refuse(f"is not valid JSON: {str(error).split(': line')[0]}")
                continue
            used = self._at
            # a number may go on in the next chunk: `1` of `12`, `1` of `1.5`, `1` of `1e-5`
            if len(self._text) - end <= _NUMBER_TAIL and self._more():
                continue
            self._at = end - (used - self._at)
            return entry

    def _read_until(self, length: int) -> bool:
        grew = False
        while len(self._text) - self._at < length:
            if not self._more():
                return grew
            grew = True
        return grew

    def _refuse(self, words: str) -> NoReturn:
        fail(Place(self._path, self._n_read + 1), "", words)


# --- values -----------------------------------------------------------------------------------------


def as_object(content: object, place: Place) -> dict[str, object]:
    """The content as a JSON object; raises ImportFormatError."""
    if not isinstance(content, dict):
        fail(place, "", f"must be a JSON object, found {_kind(content)}")
    return cast("dict[str, object]", content)


def as_list(content: object, place: Place, column: str = "") -> list[object]:
    """The content as a JSON list; raises ImportFormatError."""
    if not isinstance(content, list):
        fail(place, column, f"must be a list, found {_kind(content)}")
    return content


def required(record: Mapping[str, object], column: str, place: Place) -> object:
    """A field that must be there; raises ImportFormatError."""
    if column not in record or record[column] is None:
        fail(place, column, f"is missing; the fields here are {listing(record)}")
    return record[column]


def text_field(record: Mapping[str, object], column: str, place: Place) -> str:
    """A field that must be there and hold a text (or a number, as text); raises ImportFormatError."""
    value = required(record, column, place)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        fail(place, column, f"must be a text, found {_kind(value)}")
    return clean_text(str(value))


def number_field(record: Mapping[str, object], column: str, place: Place) -> float:
    """A field that must be there and hold a finite number; raises ImportFormatError."""
    value = required(record, column, place)
    number = read_number(str(value)) if not isinstance(value, bool | dict | list) else None
    if number is None:
        fail(place, column, f"must be a number, found {_short(value)}")
    return number


def read_number(text: str) -> float | None:
    """A finite number with a decimal point or comma; None where there is none."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _kind(value: object) -> str:
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "nothing" if value is None else kinds.get(type(value), "a number")


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def clean_text(text: str) -> str:
    """A text without what no record may hold: control characters and halves of characters become U+FFFD."""
    return CONTROL.sub("\ufffd", text) if CONTROL.search(text) else text


def localised(text: str, language: Language) -> Localised:
    """A text in the language of the import; an empty answer says that it is empty."""
    return {language: clean_text(text) if text.strip() else EMPTY_ANSWER[language]}


# --- ids --------------------------------------------------------------------------------------------


class Ids:
    """Ids that fit our pattern, one for each name in the files; the same name always gets the same id.

    The slug of a name is the name in lower case without accents, with `-` for every run of other characters.
    It stands alone where it says what the name said; where it is empty, cut (64 characters), or already
    another name's, eight hexadecimal digits of the name's SHA-256 follow. So ids stay readable, no two names
    share one, and the first to come keeps the plain one.
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._id_of: dict[str, str] = {}
        self._taken: set[str] = set()

    def of(self, name: str) -> str:
        """The id of a name."""
        known = self._id_of.get(name)
        if known is None:
            known = self._id_of[name] = self._new(name)
            self._taken.add(known)
        return known

    def names(self) -> Mapping[str, str]:
        """Name -> id, for every name asked so far."""
        return dict(self._id_of)

    def _new(self, name: str) -> str:
        plain = slug(name)
        whole = plain if plain.startswith(self._prefix) else f"{self._prefix}{plain}"
        if plain and len(whole) <= _LONGEST_ID and whole not in self._taken:
            return whole
        full = f"{self._prefix}{name}"
        digest = hashlib.sha256(full.encode("utf-8", "surrogatepass")).hexdigest()
        for digits in range(_HASHED, len(digest), _HASHED):
            end = f"-{digest[:digits]}"
            told = f"{whole[: _LONGEST_ID - len(end)].rstrip('-._')}{end}".lstrip("-._")
            if told not in self._taken:
                return told
        raise AssertionError("two names have one SHA-256")


def slug(name: str) -> str:
    """A name in lower-case ASCII letters, digits, dots, hyphens and underscores; may be empty."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return _NOT_ALLOWED.sub("-", folded).strip("-._")


def answer_ids(case_id: str) -> Ids:
    """Ids for the answers of one case: `<case_id>-<name>`; a name that begins like this is left as it is."""
    return Ids(f"{case_id}-")


# --- options ----------------------------------------------------------------------------------------


def option(options: Mapping[str, str], name: str, default: str, choices: Sequence[str] = ()) -> str:
    """The value of an option, or its default; raises ImportFormatError for a value that is no choice."""
    value = options.get(name, default)
    if choices and value not in choices:
        _refuse_option(name, f"must be one of {listing(choices)}, found '{value}'")
    return value


def truth_option(options: Mapping[str, str], name: str, *, default: bool) -> bool:
    """An option that is true or false."""
    text = options.get(name, str(default)).lower()
    if text not in _TRUTHS:
        _refuse_option(name, f"must be true or false, found '{text}'")
    return _TRUTHS[text]


def number_option(options: Mapping[str, str], name: str, default: float) -> float:
    """An option that is a number of 0 or more."""
    number = read_number(options.get(name, str(default)))
    if number is None or number < 0:
        _refuse_option(name, f"must be a number of 0 or more, found '{options[name]}'")
    return number


def language_option(options: Mapping[str, str]) -> Language:
    """The option `language`: the language of the texts, `en` unless told otherwise."""
    return cast("Language", option(options, "language", "en", ("en", "fr")))


LANGUAGE_OPTION = "language of the texts: en or fr (default en)"


def _refuse_option(name: str, words: str) -> NoReturn:
    fail(Place(Path(f"--option {name}")), "", words)


def gather(rows: Iterable[tuple[Place, T]], read: Callable[[Place, T], None], problems: Problems) -> None:
    """Hand every row to `read`; an ImportFormatError in one row is gathered, and reading goes on."""
    for place, row in rows:
        try:
            read(place, row)
        except ImportFormatError as error:
            for problem in error.problems:
                problems.add(problem)
