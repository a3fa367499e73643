"""YAML 1.2 or JSON with line numbers: one file to one record, or every problem in it.

A file is composed, never constructed: no tag can make an object, a date stays the text it is, `no` is a word,
and each value keeps the line that it stands on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from harness.errors import InputError, Problem
from harness.load.explain import validate
from harness.load.quick import Lines, NotQuickError, quick_json
from harness.load.text import CONTROL, describe_control, read_text
from harness.schema import Record

R = TypeVar("R", bound=Record)
Place = tuple[str | int, ...]
"""Keys and positions that lead to a value."""

_MAX_NODES = 200_000
_MAX_DEPTH = 60
_MAX_SAFE = 2**53 - 1
_TAG = "tag:yaml.org,2002:"
_TEXT_TAGS = {f"{_TAG}{name}" for name in ("str", "timestamp", "merge", "value")}
_TAGS = _TEXT_TAGS | {f"{_TAG}{name}" for name in ("null", "bool", "int", "float", "map", "seq")}
_INT = re.compile(r"[-+]?[0-9]{1,4000}|0o[0-7]{1,1000}|0x[0-9a-fA-F]{1,1000}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_HINTS = {
    "mapping values are not allowed": "put a text that holds ': ' in quotes, or under '>-'",
    "cannot start any token": "indent with spaces, not tabs; put a text that begins with a sign in quotes",
    "found another document": "one file holds one record: remove the '---' between them",
    "expected <block end>": "items that belong together need the same indentation; check quotes",
    "could not find expected ':'": "each line needs 'field: value'; a long text goes under '>-'",
    "found unexpected end of stream": "a quotation mark or bracket is never closed",
    "undefined alias": "a text that begins with '*' needs quotes",
}


@dataclass(frozen=True)
class Document:
    """The plain content of a file, and the line of each of its values."""

    path: Path
    content: object
    lines: Mapping[Place, int]

    def problem(self, place: Place, message: str) -> Problem:
        """A problem at a place: its line, or that of the nearest place that stands in the file."""
        known = next((place[:end] for end in range(len(place), -1, -1) if place[:end] in self.lines), None)
        line = None if known is None else self.lines[known]
        return Problem(self.path, line, ".".join(map(str, place)), message)


@dataclass(frozen=True)
class Reading(Generic[R]):
    """A file, its record where it has one, and what is wrong; without a record there is a problem."""

    document: Document
    record: R | None
    problems: tuple[Problem, ...]

    def problem(self, place: Place, message: str) -> Problem:
        """A problem at a place of this file."""
        return self.document.problem(place, message)


def read_record(path: Path, record_type: type[R], error_type: type[InputError]) -> R:
    """The record in a YAML or JSON file; raises `error_type` with every problem in the file."""
    reading = read_located(path, record_type)
    if reading.record is None or reading.problems:
        raise error_type(list(reading.problems))
    return reading.record


def read_located(path: Path, record_type: type[R]) -> Reading[R]:
    """The same without raising: record, problems, and the lines for further checks across files."""
    document, problems = read_document(path)
    if problems:
        return Reading(document, None, tuple(problems))
    return validated(document, record_type)


def validated(document: Document, record_type: type[R]) -> Reading[R]:
    """The record that a file's content describes, or every problem in it."""
    if not isinstance(document.content, dict):
        kind = "a list" if isinstance(document.content, list) else "a single value"
        wrong = document.problem((), f"must hold the fields of a {record_type.__name__}, found {kind}")
        return Reading(document, None, (wrong,))
    outcome = validate(record_type, document.content)
    if isinstance(outcome, Record):
        return Reading(document, outcome, ())
    wrongs = [document.problem(place, words) for place, words in outcome]
    return Reading(document, None, tuple(sorted(wrongs, key=lambda problem: problem.line or 0)))


def read_document(path: Path) -> tuple[Document, list[Problem]]:
    """The plain content of a YAML or JSON file with its lines, and what is wrong with it as YAML."""
    text = read_text(path)
    if isinstance(text, list):
        return Document(path, None, {}), text
    return read_value(path, text)


def read_value(path: Path, text: str) -> tuple[Document, list[Problem]]:
    """The same for a text at hand; `path` is the name that its problems get."""
    try:
        return Document(path, quick_json(text), Lines(lambda: _read_yaml(path, text)[0].lines)), []
    except NotQuickError:
        return _read_yaml(path, text)


def _read_yaml(path: Path, text: str) -> tuple[Document, list[Problem]]:
    try:
        # a fresh reader each time: it keeps the state of a directive
        node = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, RecursionError, ValueError) as error:
        return Document(path, None, {}), [_syntax_problem(path, error)]
    if node is None:
        return Document(path, None, {}), [Problem(path, 1, "", "is empty")]
    plainer = _Plainer(path)
    content = plainer.plain(node, ())
    return Document(path, content, plainer.lines), plainer.problems


def _syntax_problem(path: Path, error: Exception) -> Problem:
    if isinstance(error, RecursionError):
        return Problem(path, None, "", "is nested too deeply")
    if not isinstance(error, MarkedYAMLError) or error.problem is None:
        return Problem(path, None, "", f"is not valid YAML: {str(error).splitlines()[0]}")
    mark = error.problem_mark or error.context_mark
    hint = next((words for part, words in _HINTS.items() if part in error.problem), "")
    message = f"is not valid YAML: {error.problem}" + (f" ({hint})" if hint else "")
    return Problem(path, None if mark is None else mark.line + 1, "", message)


@dataclass
class _Plainer:
    """Turns composed nodes into plain content, noting lines and problems on the way."""

    path: Path
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    full: bool = False

    def plain(self, node: Node, place: Place) -> object:
        self.lines.setdefault(place, node.start_mark.line + 1)
        if self._out_of_bounds(node, place):
            return None
        if node.tag not in _TAGS:
            tag = str(node.tag).removeprefix(_TAG)
            self._note(node, place, f"has the tag '{tag}', which is not read; remove it")
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self.plain(child, (*place, position)) for position, child in enumerate(node.value)]
        return self._scalar(node, place) if isinstance(node, ScalarNode) else None

    def _out_of_bounds(self, node: Node, place: Place) -> bool:
        if len(self.lines) <= _MAX_NODES and len(place) <= _MAX_DEPTH:
            return False
        if not self.full:
            self._note(node, (), "is nested too deeply, or holds too many values (aliases count each time)")
        self.full = True
        return True

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, object]:
        content: dict[str, object] = {}
        for key_node, value_node in node.value:
            name = self._name(key_node, place)
            if name is None:
                continue
            here = (*place, name)
            if name in content:
                self._note(key_node, here, f"stands twice (first on line {self.lines[here]}); keep one")
                continue
            self.lines[here] = key_node.start_mark.line + 1
            content[name] = self.plain(value_node, here)
        return content

    def _name(self, node: Node, place: Place) -> str | None:
        if isinstance(node, ScalarNode):
            return str(node.value)
        self._note(node, place, "has a list or mapping as the name of a field; a plain word is needed")
        return None

    def _scalar(self, node: ScalarNode, place: Place) -> object:
        if node.style is not None or node.tag in _TEXT_TAGS:
            return self._text(node, place)
        if _NOT_FINITE.fullmatch(node.value):
            self._note(node, place, f"must be a finite number, found {node.value} (put a text in quotes)")
        number = _plain_scalar(node.value)
        if isinstance(number, int) and abs(number) > _MAX_SAFE:
            self._note(node, place, f"is too large a whole number; at most {_MAX_SAFE}")
        return number

    def _text(self, node: ScalarNode, place: Place) -> str:
        text = _joined(str(node.value))
        control = CONTROL.search(text)
        if control:
            self._note(node, place, f"{describe_control(control[0])}; remove it")
        elif text and not text.strip():
            self._note(node, place, "holds only white space; write a text or leave the field out")
        return text

    def _note(self, node: Node, place: Place, message: str) -> None:
        name = ".".join(map(str, place))
        self.problems.append(Problem(self.path, node.start_mark.line + 1, name, message))


def _joined(text: str) -> str:
    """Text with escaped halves joined (JSON writes an emoji as two); a lone half stays, to be named."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return text


def _plain_scalar(value: str) -> object:
    """A plain word by the YAML 1.2 core schema: null, true, false, number, or the text itself."""
    if value in ("", "~", "null", "Null", "NULL"):
        return None
    if value.lower() in ("true", "false") and value in (value.lower(), value.upper(), value.title()):
        return value.lower() == "true"
    if _INT.fullmatch(value):
        return int(value, 0) if value[:2] in ("0o", "0x") else int(value)
    if _FLOAT.fullmatch(value) and abs(float(value)) != float("inf"):
        return float(value)
    return value


def all_problems(readings: Sequence[Reading[R]]) -> list[Problem]:
    """Problems of several files, in the order of the files."""
    return [problem for reading in readings for problem in reading.problems]
