"""Places where workers meet, and a judge behind HTTP that counts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=["parts", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give a place where workers meet: a folder, then a database."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        assert isinstance(url, str)
        return url
    return str(tmp_path / "meeting")


@pytest.fixture
def provider() -> Iterator[Callable[[int], int]]:
    """Give what starts a counting judge with a latency in ms, and tells its port."""
    with ExitStack() as stack:

        def start(latency_ms: int) -> int:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "tests/scale/provider.py"), str(latency_ms)],
                stdout=subprocess.PIPE,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            assert process.stdout is not None
            return int(process.stdout.readline())

        yield start
