"""The published data sets, read once; every test that needs them is skipped where they are not at hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from harness.formats.base import Imported
from harness.formats.registry import read_files

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
REFERENCE = ROOT / "tests" / "reference"

Read = Callable[..., Imported]


@cache
def _read(name: str, folder: str, options: tuple[tuple[str, str], ...]) -> Imported:
    return read_files(name, [SHARED / folder], dict(options))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the published data sets, which no repository may hold."""
    if not SHARED.is_dir():
        pytest.skip("the published data sets are not here: put them in ../shared/data")
    return SHARED


@pytest.fixture(scope="session")
def published() -> Mapping[str, Any]:
    """What the authors published, by data set."""
    content: Mapping[str, Any] = json.loads((REFERENCE / "published.json").read_text("utf-8"))
    return content


@pytest.fixture(scope="session")
def read_set(shared_data: Path) -> Read:
    """Read one of the sets with our reader: (format, folder, option=value, ...)."""

    def read(name: str, folder: str = "", **options: str) -> Imported:
        return _read(name, folder or name, tuple(sorted(options.items())))

    return read
