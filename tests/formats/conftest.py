"""Tables written by a test and read as a format; nothing here knows a format's details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness.formats.assemble import Assembled, assemble
from harness.formats.base import Imported
from harness.formats.registry import read_files
from harness.schema import FailedVerdict, RankedVerdict, Verdict


class Desk:
    """A folder for the files of one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> Path:
        """Write a file; the text loses its first line break."""
        path = self.folder / name
        path.write_text(text.removeprefix("\n"), encoding="utf-8")
        return path

    def read(
        self, kind: str, text: str | Path | Sequence[Path], options: Mapping[str, str] | None = None
    ) -> Imported:
        """Read a table (its text, its path, or several paths) as a format."""
        paths = (
            [self.write("table.csv", text)]
            if isinstance(text, str)
            else [text]
            if isinstance(text, Path)
            else list(text)
        )
        return read_files(kind, paths, options or {})

    def verdicts(
        self, kind: str, text: str | Path | Sequence[Path], options: Mapping[str, str] | None = None
    ) -> Assembled:
        """The same, up to the verdicts."""
        return assemble(self.read(kind, text, options))


def ranked(verdict: Verdict) -> RankedVerdict:
    """A verdict that must be ranked."""
    assert isinstance(verdict, RankedVerdict), verdict
    return verdict


def unread(verdict: Verdict) -> FailedVerdict:
    """A verdict that must have failed."""
    assert isinstance(verdict, FailedVerdict), verdict
    return verdict


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give a folder to write tables in."""
    return Desk(tmp_path)


@pytest.fixture
def as_ranked() -> object:
    """Give what insists on a ranked verdict."""
    return ranked


@pytest.fixture
def as_failed() -> object:
    """Give what insists on a failed verdict."""
    return unread
