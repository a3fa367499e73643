"""One experiment from several files: `extends`, and settings of the command line laid over them.

Every value keeps the file and the line that it comes from, so that a problem is told where it can be mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import Problem
from harness.load.near import suggestion
from harness.load.roots import as_path, find_by_id, known_ids
from harness.load.yaml import Document, Place, read_document

EXPERIMENTS = "prompts/experiments"
EXTENDS = "extends"
OWN = ("experiment_id", EXTENDS)
"""Never inherited: the id is the file's name."""
_ENVIRONMENT = re.compile(r"\$\{[^}]*\}?")


@dataclass(frozen=True)
class Layered(Document):
    """Content that several files make together; `path` is the file that was asked for."""

    origins: dict[Place, tuple[Document, Place]] = field(default_factory=dict)
    """Place in the whole -> the file it comes from, and its place there."""

    def problem(self, place: Place, message: str) -> Problem:
        """A problem at a place: in the file that says so, on its line there."""
        for end in range(len(place), 0, -1):
            if place[:end] in self.origins:
                document, origin = self.origins[place[:end]]
                return document.problem((*origin, *place[end:]), message)
        return super().problem(place, message)


def read_layers(path: Path, roots: Sequence[Path]) -> tuple[Document, list[Problem]]:
    """The content of an experiment file with all that it extends, and what is wrong with the files."""
    return _read(path, roots, ())


def merged(base: Document, over: Document, *, leaving: Sequence[str] = OWN) -> Layered:
    """The content of `over` laid over `base`: parts by their part_id, panels by name, other fields whole.

    What the base says of the fields in `leaving` does not hold.
    """
    below = base if isinstance(base, Layered) else _layered(base)
    above = _layered(over)
    content = {name: value for name, value in _fields(below).items() if name not in leaving}
    origins = {place: origin for place, origin in below.origins.items() if place[0] in content}
    for name, value in _fields(above).items():
        if name == "parts" and _has_ids(value) and _has_ids(content.get(name)):
            content[name] = _merge_parts(content[name], value, above, origins)
        elif name == "panels" and isinstance(value, dict) and isinstance(content.get(name), dict):
            content[name] = {**content[name], **value}
            origins |= _below(above, (name,))
        else:
            content[name] = value
            origins = {place: one for place, one in origins.items() if place[0] != name}
            origins |= _below(above, (name,))
    return Layered(above.path, content, above.lines, origins)


def _layered(document: Document) -> Layered:
    """A file's own content as a layer."""
    origins: dict[Place, tuple[Document, Place]] = {}
    for name, value in _fields(document).items():
        origins[name,] = (document, (name,))
        keys = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        for key in keys:
            origins[name, key] = (document, (name, key))
            inner = value[key] if isinstance(value, list) else None
            for inside in inner if isinstance(inner, dict) else ():
                origins[name, key, inside] = (document, (name, key, inside))
    return Layered(document.path, document.content, document.lines, origins)


def environment_problems(document: Document) -> list[Problem]:
    """Every `${...}` in a file: environment variables are for keys, and a key stands in no file."""
    words = (
        "environment variables are for keys only: a judge's preset names the variable in api_key_env; write "
        "the value itself here, or set it for one run with --set"
    )
    return [
        document.problem(place, f"holds {found}; {words}") for place, found in _variables(document.content)
    ]


def _variables(value: object, place: Place = ()) -> Iterator[tuple[Place, str]]:
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _variables(child, (*place, name))
    elif isinstance(value, list):
        for position, child in enumerate(value):
            yield from _variables(child, (*place, position))
    elif isinstance(value, str):
        yield from ((place, found[0]) for found in _ENVIRONMENT.finditer(value))


def _read(path: Path, roots: Sequence[Path], chain: tuple[Path, ...]) -> tuple[Document, list[Problem]]:
    document, problems = read_document(path)
    problems += environment_problems(document)
    name = _fields(document).get(EXTENDS)
    if problems or name is None:
        return document, problems
    base = _base(document, name, roots)
    if isinstance(base, Problem):
        return document, [base]
    files = (*chain, path.resolve())
    if base.resolve() in files:
        names = " -> ".join(one.name for one in (*files[files.index(base.resolve()) :], base))
        return document, [document.problem((EXTENDS,), f"goes in a circle: {names}; one of them must end it")]
    below, problems = _read(base, roots, files)
    return merged(below, document), problems


def _base(document: Document, name: object, roots: Sequence[Path]) -> Path | Problem:
    """The file that is extended: an id of the search path, or a path seen from the file that names it."""
    if not isinstance(name, str):
        return document.problem((EXTENDS,), "must be the id or the file of one other experiment")
    path = as_path(name)
    if path is not None:
        found = document.path.parent / path
        return found if found.is_file() else document.problem((EXTENDS,), f"no such file: {found}")
    known = find_by_id(EXPERIMENTS, name, roots=roots)
    if known is not None:
        return known
    names = known_ids(EXPERIMENTS, roots=roots)
    return document.problem((EXTENDS,), f"unknown experiment '{name}'{suggestion(name, names)}")


def _merge_parts(
    below: list[dict[str, object]],
    above: list[dict[str, object]],
    layer: Layered,
    origins: dict[Place, tuple[Document, Place]],
) -> list[dict[str, object]]:
    """Parts that are there get the fields of their namesakes; new ones stand behind them."""
    parts = [dict(part) for part in below]
    places = {part["part_id"]: position for position, part in enumerate(parts)}
    for position, part in enumerate(above):
        if part["part_id"] not in places:
            places[part["part_id"]] = len(parts)
            parts.append({})
            origins["parts", len(parts) - 1] = layer.origins["parts", position]
        at = places[part["part_id"]]
        parts[at] |= part
        for name in part:
            origins["parts", at, name] = layer.origins["parts", position, name]
    return parts


def _has_ids(parts: object) -> bool:
    """Whether this is a list of parts that can be told apart; else validation says what is wrong with it."""
    if not isinstance(parts, list):
        return False
    names = [part.get("part_id") if isinstance(part, dict) else None for part in parts]
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def _below(layer: Layered, place: Place) -> dict[Place, tuple[Document, Place]]:
    return {where: origin for where, origin in layer.origins.items() if where[: len(place)] == place}


def _fields(document: Document) -> dict[str, Any]:
    return document.content if isinstance(document.content, dict) else {}
