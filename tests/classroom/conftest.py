"""A class of the test's own: its store, a clock that stands still, lessons on two small cases."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness.classroom.admission import new_session
from harness.classroom.lesson import Lessons
from harness.classroom.store import ClassStore, open_store
from harness.schema.classroom import ClassSession, ClassSettings

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def pass_hours(self, hours: float) -> None:
        """Let time pass."""
        self.now += timedelta(hours=hours)


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands still."""
    return Clock()


@pytest.fixture
def case_ids() -> tuple[str, ...]:
    """Give the cases of the small content folder."""
    return ("doctor", "garden")


@pytest.fixture
def settings_of(case_ids: tuple[str, ...]) -> Callable[..., ClassSettings]:
    """Give what makes settings of the small content folder, with whatever a test changes."""

    def make(**changed: Any) -> ClassSettings:  # noqa: ANN401 - whatever settings may hold
        usual = {"language": "en", "case_set": "mini", "case_ids": case_ids, "rulebooks": ("hhh",)}
        return ClassSettings.model_validate({**usual, **changed})

    return make


@pytest.fixture
def session_of(settings_of: Callable[..., ClassSettings]) -> Callable[..., ClassSession]:
    """Give what makes sessions, each with another code."""
    rng = random.Random(5)

    def make(**changed: Any) -> ClassSession:  # noqa: ANN401 - whatever settings may hold
        return new_session(settings_of(**changed), NOW, rng)

    return make


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give a place that keeps classes: a file, then a database."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        assert isinstance(url, str)
        return url
    return str(tmp_path / "class" / "classes.sqlite")


@pytest.fixture
def store(place: str) -> Iterator[ClassStore]:
    """Give an empty store, in a file and in a database."""
    found = open_store(place)
    yield found
    found.close()


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """Give the path of a SQLite store that is not there yet."""
    return tmp_path / "classes.sqlite"


@pytest.fixture
def lessons(bench: Any, classes: Path, clock: Clock) -> Iterator[Lessons]:  # noqa: ANN401 - the fixture of all folders
    """Give lessons over a SQLite store, with two cases of three answers."""
    store = open_store(classes)
    yield Lessons(store, classes.parent, clock=clock, rng=random.Random(7))
    store.close()
