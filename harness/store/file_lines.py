"""The lines of a cassette's file, each verified by itself: files can be read in any order, at once too."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from harness.store.disk import read_bytes
from harness.store.lines import LineError, parse_text, unpack
from harness.store.on_disk import HASH_BYTES, Listed
from harness.store.plain_answers import AnswerCheck

TEXTS = "texts-"
"""What the names of files with message texts begin with."""


class FileLines(NamedTuple):
    """What was read in one file."""

    listed: Listed
    numbers: array[int]
    """Per line that is listed, its number in the file from 1; damaged lines have none."""
    problems: tuple[tuple[int, str], ...]
    """Line number and what is wrong there."""
    needed: bytes
    """The hash of each message text that a completion of this file needs, one behind the other."""
    needed_at: array[int]
    """Per such hash, the number of the first line that needs it."""
    ascends: bool
    """Whether each hash is greater than the one before it."""


ReadFile = Callable[[Path], FileLines]
ReadFiles = Callable[[ReadFile, Sequence[Path]], Iterable[FileLines]]
"""Reads several files, and hands on what each holds in their order; `map`, or whatever shares the work."""


class FileReader:
    """Reads files of one cassette; what they share is verified once."""

    def __init__(self) -> None:
        self._check = AnswerCheck()

    def read(self, path: Path) -> FileLines:
        """Verify every line of a file."""
        file = _Gathering(path)
        keep = self._keep_text if path.name.startswith(TEXTS) else self._keep_answer
        content = read_bytes(path, "cassette file")
        offset = 0
        while (end := content.find(b"\n", offset)) >= 0:
            file.number += 1
            try:
                keep(unpack(content[offset:end]), file, (offset, end - offset))
            except LineError as error:
                file.problems.append((file.number, str(error)))
            offset = end + 1
        if offset < len(content):
            file.problems.append((file.number + 1, "torn: the last line has no end"))
        return file.gathered()

    def _keep_answer(self, payload: bytes, file: _Gathering, place: tuple[int, int]) -> None:
        key, messages = self._check.check(payload)
        file.list(key, place)
        for sha256 in messages:
            if sha256 not in file.needed:
                file.needed[sha256] = file.number

    def _keep_text(self, payload: bytes, file: _Gathering, place: tuple[int, int]) -> None:
        file.list(parse_text(payload).sha256.encode(), place)


class _Gathering:
    """The lines of a file so far."""

    def __init__(self, path: Path) -> None:
        self.number = 0
        self.problems: list[tuple[int, str]] = []
        self.needed: dict[bytes, int] = {}
        self._path = path
        self._hashes: list[bytes] = []
        self._offsets, self._lengths, self._numbers = array("Q"), array("Q"), array("Q")
        self._ascends = True

    def list(self, sha256: bytes, place: tuple[int, int]) -> None:
        if self._hashes and sha256 <= self._hashes[-1]:
            self._ascends = False
        self._hashes.append(sha256)
        self._offsets.append(place[0])
        self._lengths.append(place[1])
        self._numbers.append(self.number)

    def gathered(self) -> FileLines:
        return FileLines(
            listed=Listed(self._path, _packed(self._hashes), self._offsets, self._lengths),
            numbers=self._numbers,
            problems=tuple(self.problems),
            needed=_packed(self.needed),
            needed_at=array("Q", self.needed.values()),
            ascends=self._ascends,
        )


def _packed(hashes: Iterable[bytes]) -> bytes:
    """The bytes of hexadecimal hashes, one behind the other."""
    return bytes.fromhex(b"".join(hashes).decode())


def each_hash(hashes: bytes) -> Iterator[bytes]:
    """The hashes that stand one behind the other."""
    return (hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES))


def are_in_order(files: Iterable[FileLines]) -> bool:
    """Whether the hashes of all lines ascend, from file to file too: then none of them stands twice."""
    last = b""
    for file in files:
        hashes = file.listed.hashes
        if hashes:
            if not file.ascends or hashes[:HASH_BYTES] <= last:
                return False
            last = hashes[-HASH_BYTES:]
    return True


def without_repeats(files: Iterable[FileLines]) -> list[FileLines]:
    """The same, every line left out whose hash stood in a line before: of answers, that is a problem."""
    seen: set[bytes] = set()
    return [_without_seen(file, seen) for file in files]


def _without_seen(file: FileLines, seen: set[bytes]) -> FileLines:
    listed, problems = file.listed, list(file.problems)
    rows: dict[int, bytes] = {}
    for row, sha256 in enumerate(each_hash(listed.hashes)):
        if sha256 not in seen:
            rows[row] = sha256
        elif not listed.path.name.startswith(TEXTS):
            problems.append((file.numbers[row], f"the key {sha256.hex()[:12]} stands here twice"))
        seen.add(sha256)
    kept = Listed(
        listed.path,
        b"".join(rows.values()),
        array("Q", (listed.offsets[row] for row in rows)),
        array("Q", (listed.lengths[row] for row in rows)),
    )
    return file._replace(listed=kept, problems=tuple(sorted(problems)))
