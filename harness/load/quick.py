"""JSON that needs no YAML reader: thousands of case files are read in a hundredth of the time.

Only what both readers understand alike is read here; whatever is odd in the least, and every file with a
problem, is left to the YAML reader, which knows the words and the lines.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from harness.load.text import CONTROL

_ODD = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
"""Characters at which YAML ends a line, or that it refuses."""
_MAX_SAFE = 2**53 - 1
_MAX_DEPTH = 40
_MAX_NODES = 100_000


class NotQuickError(ValueError):
    """The YAML reader must see this."""


class Lines(Mapping[tuple[str | int, ...], int]):
    """The line of each value, found out when somebody asks: a file without problems is never asked."""

    def __init__(self, find: Callable[[], Mapping[tuple[str | int, ...], int]]) -> None:
        self._find = find

    @cached_property
    def _lines(self) -> Mapping[tuple[str | int, ...], int]:
        return self._find()

    def __getitem__(self, place: tuple[str | int, ...]) -> int:
        return self._lines[place]

    def __iter__(self) -> Iterator[tuple[str | int, ...]]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def quick_json(text: str) -> dict[str, object]:
    """The content of a JSON object.

    Raises
    ------
    NotQuickError
        It is no JSON object, or something in it calls for a message or could mean another thing in YAML.
    """
    if not text.lstrip().startswith("{") or _ODD.search(text):
        raise NotQuickError
    try:
        content = json.loads(text, object_pairs_hook=_once, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise NotQuickError from error
    if _count(content, 0) > _MAX_NODES or not isinstance(content, dict):
        raise NotQuickError
    return content


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs) or not all(name.isascii() for name in found):
        raise NotQuickError
    return found


def _refused(_: str) -> object:
    raise NotQuickError


def _count(value: object, depth: int) -> int:
    """How many values there are, once none of them is odd."""
    if isinstance(value, str):
        if CONTROL.search(value) or (value and not value.strip()):
            raise NotQuickError
    elif isinstance(value, dict | list):
        if depth > _MAX_DEPTH:
            raise NotQuickError
        inner = value.values() if isinstance(value, dict) else value
        return 1 + sum(_count(one, depth + 1) for one in inner)
    elif isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= _MAX_SAFE):
        raise NotQuickError
    return 1
