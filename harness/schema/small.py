"""Records by the hundred thousand: the same records, in less memory."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple, TypeVar

from harness.schema.base import Record
from harness.schema.run import VerdictTiming

_R = TypeVar("_R", bound=Record)
_NOTHING: Mapping[str, object] = {}
_UNTOLD = -1
_set = object.__setattr__


@cache
def _fields(kind: type[Record]) -> tuple[tuple[str, ...], set[str]]:
    """Names of a record's fields: in order, and as the set that pydantic keeps."""
    names = tuple(kind.model_fields)
    return names, set(names)


def small_copy(record: _R, changed: Mapping[str, object] = _NOTHING) -> _R:
    """The record with some fields changed, its fields laid out as in every other copy of its kind."""
    kind = type(record)
    copied = kind.__new__(kind)
    for name, value in record.__dict__.items():
        # One by one: Python then keeps the names of the fields once for all copies.
        _set(copied, name, changed.get(name, value))
    return _sealed(copied)


def _sealed(record: _R) -> _R:
    kind = type(record)
    _set(record, "__pydantic_fields_set__", _fields(kind)[1])
    _set(record, "__pydantic_extra__", None)
    _set(record, "__pydantic_private__", None)
    return record


def small_record(kind: type[_R], fields: Mapping[str, object]) -> _R:
    """A record of all its fields, which are of their types already: nothing is checked or copied."""
    made = kind.__new__(kind)
    for name in _fields(kind)[0]:
        _set(made, name, fields[name])
    return _sealed(made)


class TimingRow(NamedTuple):
    """The fields of a `VerdictTiming`, without the record."""

    position: int
    latency_s: float | None
    attempts: int
    prompt_tokens: int | None
    completion_tokens: int | None


class TimingTable(Mapping[int, VerdictTiming]):
    """What each of a million verdicts took, by its position; a record is made when it is asked for."""

    def __init__(self, timings: Iterable[VerdictTiming | TimingRow]) -> None:
        self._rows: dict[int, int] | None = None
        self._positions = array("q")
        self._seconds = array("d")
        self._counts = array("q")
        for one in timings:
            self._positions.append(one.position)
            self._seconds.append(math.nan if one.latency_s is None else one.latency_s)
            tokens = (one.prompt_tokens, one.completion_tokens)
            self._counts.extend([one.attempts, *(_UNTOLD if n is None else n for n in tokens)])
        if any(position != row for row, position in enumerate(self._positions)):
            self._rows = {position: row for row, position in enumerate(self._positions)}

    def __getitem__(self, position: int) -> VerdictTiming:
        row = position if self._rows is None else self._rows[position]
        if not 0 <= row < len(self._positions):
            raise KeyError(position)
        attempts, prompt, completion = self._counts[3 * row : 3 * row + 3]
        return VerdictTiming(
            position=position,
            latency_s=None if math.isnan(self._seconds[row]) else self._seconds[row],
            attempts=attempts,
            prompt_tokens=None if prompt == _UNTOLD else prompt,
            completion_tokens=None if completion == _UNTOLD else completion,
        )

    def latencies(self, positions: Iterable[int]) -> list[float]:
        """Seconds of those verdicts of which they are known."""
        found = (self._seconds[row] for row in self._rows_of(positions))
        return [seconds for seconds in found if not math.isnan(seconds)]

    def tokens(self, positions: Iterable[int]) -> list[tuple[int, int]]:
        """Tokens of the prompt and of the completion, of those verdicts of which both are known."""
        counts = self._counts
        found = ((counts[3 * row + 1], counts[3 * row + 2]) for row in self._rows_of(positions))
        return [both for both in found if _UNTOLD not in both]

    def _rows_of(self, positions: Iterable[int]) -> Iterable[int]:
        if self._rows is None:
            n_rows = len(self._positions)
            return [position for position in positions if 0 <= position < n_rows]
        rows = self._rows
        return [rows[position] for position in positions if position in rows]

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self._positions)) if self._rows is None else self._rows)

    def __len__(self) -> int:
        return len(self._positions) if self._rows is None else len(self._rows)
