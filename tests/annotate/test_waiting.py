"""Several people at one table."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.annotate.waiting import PATIENCE_S, held
from harness.errors import StoreError
from harness.store.lock import FileLock

if TYPE_CHECKING:
    from tests.annotate.conftest import Desk


def test_whoever_comes_second_waits(tmp_path: Path) -> None:
    """The lock is taken as soon as the other gives it back; it is given back afterwards."""
    first = FileLock(tmp_path / ".lock", "the table")
    first.acquire()
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            first.release()

    with held(FileLock(tmp_path / ".lock", "the table"), wait), pytest.raises(StoreError):
        first.acquire()
    assert len(waited) == 3
    first.acquire()
    first.release()


def test_nobody_waits_for_ever(tmp_path: Path) -> None:
    """After five seconds the error names what is being written."""
    first = FileLock(tmp_path / ".lock", "the table")
    waited: list[float] = []
    second = held(FileLock(tmp_path / ".lock", "the table"), waited.append)
    with first, pytest.raises(StoreError, match="the table is being written"), second:
        pytest.fail("two held one lock")
    assert sum(waited) == pytest.approx(PATIENCE_S)


def test_five_people_at_once_lose_nothing(desk: Desk) -> None:
    """Every verdict of everybody is in the table."""
    from tests.annotate.conftest import Desk as AnyDesk

    def sit(number: int) -> None:
        AnyDesk(desk.table).sit(["4 2 1 3", "", "1 2 3 4", "1 1 1 1"], f"p{number}")

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(sit, range(5)))
    found = {(one.cell.annotator_id, one.cell.case_id) for one in desk.people.verdicts()}
    assert len(found) == len(desk.people.verdicts()) == 15
