"""What was made once and is asked for again: the youngest so many, and nothing of a session that is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Key = tuple[Any, ...]
"""Begins with the session's id."""


class Kept(Generic[T]):
    """Keeps at most so many things; whatever came first goes first. For any number of threads."""

    def __init__(self, most: int) -> None:
        """Keep `most` things."""
        self._most = most
        self._things: dict[Key, T] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._things)

    def of(self, key: Key, make: Callable[[], T]) -> T:
        """What is kept under a key; made now where nothing is."""
        found = self._things.get(key)
        if found is None:
            found = make()
            with self._lock:
                while len(self._things) >= self._most:
                    self._things.pop(next(iter(self._things)))
                self._things[key] = found
        return found

    def forget(self, session_id: str) -> None:
        """Keep nothing of a session."""
        with self._lock:
            self._things = {key: one for key, one in self._things.items() if key[0] != session_id}
