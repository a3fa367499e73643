"""Lines on their way into files of a limited size: counted and hashed, none of them kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash


class Shard:
    """The lines of one file; a longer single line stands alone."""

    def __init__(self, first: bytes, rest: Iterator[bytes], max_bytes: int) -> None:
        self.following: bytes | None = first
        """The line that comes next: in the end the first one of the next file."""
        self.n_bytes = self.n_lines = 0
        self._rest = rest
        self._max_bytes = max_bytes
        self._digest = hashlib.sha256()

    def lines(self, whole: _Hash) -> Iterator[bytes]:
        """The lines, each of which goes into the digest of all files too."""
        while self.following is not None:
            line = self.following
            if self.n_lines and self.n_bytes + len(line) > self._max_bytes:
                return
            for digest in (self._digest, whole):
                digest.update(line)
            self.n_bytes += len(line)
            self.n_lines += 1
            yield line
            self.following = next(self._rest, None)

    @property
    def sha256(self) -> str:
        """SHA-256 of the lines that were written."""
        return self._digest.hexdigest()


def in_shards(lines: Iterable[bytes], max_bytes: int) -> Iterator[Shard]:
    """The lines in shards under the limit; each must be written before the next one is asked for."""
    rest = iter(lines)
    following = next(rest, None)
    while following is not None:
        shard = Shard(following, rest, max_bytes)
        yield shard
        following = shard.following
