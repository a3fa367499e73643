"""The answers of a cassette, left in its files: of a large one only keys and places stand in memory."""

from __future__ import annotations

import errno
import os
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path

from harness.errors import StoreError
from harness.store.disk import in_words
from harness.store.lines import LineError, unpack

_OPEN_FILES = 500
"""A million answers lie in fewer; a system that allows a process fewer still gets by, one file at a time."""
MOST_KEPT = 256_000_000
"""Bytes of files that are kept in memory, where reading is ten times as quick and forks share them."""
_BITS = 32


class OnDisk(Mapping[str, bytes]):
    """Key -> payload, read and checked again whenever it is asked for; in the order of the files."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}
        self._paths: list[Path] = []
        self._open: OrderedDict[int, FileIO] = OrderedDict()
        self._kept: dict[int, bytes] = {}
        self._left = MOST_KEPT

    def begin_file(self, path: Path, content: bytes) -> None:
        """The answers that are added from now on stand in this file."""
        self._left -= len(content)
        if self._left >= 0:
            self._kept[len(self._paths)] = content
        else:
            # All or none: half a large cassette would fill the memory and spare half the reading.
            self._kept.clear()
        self._paths.append(path)

    def add(self, key: str, offset: int, length: int) -> None:
        """Note where a line stands, its end not included."""
        number = len(self._paths) - 1
        self._places[bytes.fromhex(key)] = (number << 2 * _BITS) | (offset << _BITS) | length

    def __getitem__(self, key: str) -> bytes:
        place = self._places[_as_bytes(key)]
        number, offset, length = place >> 2 * _BITS, place >> _BITS & _MASK, place & _MASK
        path = self._paths[number]
        if number in self._kept:
            line = self._kept[number][offset : offset + length]
        else:
            with in_words(path):
                # Without moving a place that forked processes would share.
                line = os.pread(self._stream(number).fileno(), length, offset)
        try:
            payload = unpack(line)
        except LineError as error:
            raise _changed(path) from error
        if f'"key":"{key}"'.encode() not in payload:
            raise _changed(path)
        return payload

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and _as_bytes(key) in self._places

    def __iter__(self) -> Iterator[str]:
        return (key.hex() for key in self._places)

    def __len__(self) -> int:
        return len(self._places)

    def _stream(self, number: int) -> FileIO:
        found = self._open.get(number)
        if found is None:
            while len(self._open) >= _OPEN_FILES:
                self._close_one()
            found = self._open[number] = self._opened(self._paths[number])
        else:
            self._open.move_to_end(number)
        return found

    def _opened(self, path: Path) -> FileIO:
        try:
            return FileIO(path)
        except OSError as error:
            if error.errno != errno.EMFILE or not self._open:
                raise
        while self._open:
            self._close_one()
        return FileIO(path)

    def _close_one(self) -> None:
        self._open.popitem(last=False)[1].close()

    def __del__(self) -> None:
        for stream in self._open.values():
            stream.close()


_MASK = (1 << _BITS) - 1


def _as_bytes(key: str) -> bytes:
    try:
        return bytes.fromhex(key)
    except ValueError:
        return key.encode()


def _changed(path: Path) -> StoreError:
    return StoreError(f"{path}: changed while it was read; wait until whoever writes the cassette has ended")
