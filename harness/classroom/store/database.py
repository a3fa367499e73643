"""The little that SQLite and PostgreSQL do differently for the classroom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
Rows = list[tuple[Any, ...]]


class Execute(Protocol):
    """Runs one statement with `?` for its values; the rows come back, none for a statement that has none."""

    def __call__(self, statement: str, values: Sequence[object] = (), /) -> Rows:
        """Run it."""
        ...


class Database(Protocol):
    """Transactions of one writer at a time, reading beside them, and forgetting for good."""

    def write(self, work: Callable[[Execute], T]) -> T:
        """Do the work in one transaction that nobody else writes in; durable before this returns.

        What fails leaves nothing behind. The work may be done twice, where a connection broke.
        """
        ...

    def read(self, work: Callable[[Execute], T]) -> T:
        """Do the work on a connection that sees what is committed."""
        ...

    def forget(self) -> None:
        """Let nothing remain of rows that were deleted."""
        ...

    def close(self) -> None:
        """Let go."""
        ...
