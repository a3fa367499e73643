"""The lines of a cassette, left in its files: of a million only hashes and places stand in memory.

Places lie in a few arrays, not in a million objects: 56 bytes a line, which forked processes share, because
nobody who looks something up writes to them.
"""

from __future__ import annotations

import errno
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from harness.errors import StoreError
from harness.store.disk import explain
from harness.store.lines import LineError, parse_text, unpack

HASH_BYTES = 32
_BITS = 40
"""Of a place in a file; the file's number stands above them."""
_MASK = (1 << _BITS) - 1
_OPEN_FILES = 500
"""A million answers lie in fewer; a system that allows a process fewer still gets by, one file at a time."""


class Listed(NamedTuple):
    """The lines of one file that can be trusted, in its order."""

    path: Path
    hashes: bytes
    """SHA-256 by SHA-256: the keys of answers, or the hashes of texts."""
    offsets: array[int]
    lengths: array[int]
    """Their ends not included."""


class OnDisk(Mapping[str, bytes]):
    """Hash -> payload, read and checked again whenever it is asked for; in the order of the files."""

    def __init__(self, files: Sequence[Listed], named: bytes) -> None:
        """No hash stands twice; `named` is what stands before its hash in a payload."""
        self._open: dict[int, FileIO] = {}
        self._named = named
        self._paths = [one.path for one in files]
        self._hashes = b"".join(one.hashes for one in files)
        numbered = enumerate(files)
        self._offsets = array("Q", (n << _BITS | at for n, one in numbered for at in one.offsets))
        self._lengths = array("Q", chain.from_iterable(one.lengths for one in files))
        self._heads, self._rows = _sorted_heads(self._hashes)

    def __getitem__(self, key: str) -> bytes:
        row = self._row(key)
        if row is None:
            raise KeyError(key)
        place = self._offsets[row]
        number = place >> _BITS
        path = self._paths[number]
        try:
            # Without moving a place that forked processes would share.
            line = os.pread(self._stream(number).fileno(), self._lengths[row], place & _MASK)
            payload = unpack(line)
        except OSError as error:
            raise explain(error, path) from error
        except LineError as error:
            raise _changed(path) from error
        if self._named + key.encode() + b'"' not in payload:
            raise _changed(path)
        return payload

    def _row(self, key: str) -> int | None:
        try:
            sought = bytes.fromhex(key)
        except ValueError:
            return None
        head = int.from_bytes(sought[:8], "big")
        place = bisect_left(self._heads, head)
        while place < len(self._heads) and self._heads[place] == head:
            row = self._rows[place]
            if self._hashes[HASH_BYTES * row : HASH_BYTES * (row + 1)] == sought:
                return row
            place += 1
        return None

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._row(key) is not None

    def __iter__(self) -> Iterator[str]:
        return (self._hashes[at : at + HASH_BYTES].hex() for at in range(0, len(self._hashes), HASH_BYTES))

    def __len__(self) -> int:
        return len(self._offsets)

    def _stream(self, number: int) -> FileIO:
        found = self._open.get(number)
        if found is None:
            if len(self._open) >= _OPEN_FILES:
                self._close_one()
            found = self._open[number] = self._opened(self._paths[number])
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
        self._open.pop(next(iter(self._open))).close()

    def __del__(self) -> None:
        for stream in self._open.values():
            stream.close()


class TextsOnDisk(Mapping[str, str]):
    """Hash -> message text, from the same kind of files."""

    def __init__(self, files: Sequence[Listed]) -> None:
        self._lines = OnDisk(files, b'{"sha256":"')

    def __getitem__(self, sha256: str) -> str:
        return parse_text(self._lines[sha256]).text

    def __contains__(self, sha256: object) -> bool:
        return sha256 in self._lines

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)


def answers_on_disk(files: Sequence[Listed]) -> OnDisk:
    """The payloads of recorded answers under their keys."""
    return OnDisk(files, b'"key":"')


def _sorted_heads(hashes: bytes) -> tuple[array[int], Sequence[int]]:
    """The first eight bytes of every hash as a number, in order, and the row of each."""
    heads = array(
        "Q", (int.from_bytes(hashes[at : at + 8], "big") for at in range(0, len(hashes), HASH_BYTES))
    )
    rows: Sequence[int] = range(len(heads))
    if any(heads[row] > heads[row + 1] for row in range(len(heads) - 1)):
        rows = array("Q", sorted(rows, key=heads.__getitem__))
        heads = array("Q", (heads[row] for row in rows))
    return heads, rows


def _changed(path: Path) -> StoreError:
    return StoreError(f"{path}: changed while it was read; wait until whoever writes the cassette has ended")
