"""Transactions that many callers share: whoever works in one joins it, whoever does not opens one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from harness.classroom.store import statements as sql
from harness.classroom.store.database import Database, Execute
from harness.errors import ClassroomError, StoreError
from harness.schema.classroom import ClassState

T = TypeVar("T")


@dataclass
class Transaction:
    """The transaction that this thread is in, and what it knows already."""

    execute: Execute
    states: dict[str, ClassState] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    """Sessions whose pupils, ballots or hands changed."""


class Transactions:
    """One transaction per thread at a time. A refusal is raised before anything of its work was written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._here = threading.local()

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Do it in the transaction that this thread is in, or else in a new one."""
        present = self._present()
        return work(present) if present is not None else self._database.write(lambda do: self._new(do, work))

    def read(self, work: Callable[[Execute], T]) -> T:
        """Look at what is committed; inside a transaction, at what it wrote too."""
        present = self._present()
        return work(present.execute) if present is not None else self._database.read(work)

    def together(self, works: Sequence[Callable[[], T]]) -> list[T | Exception]:
        """Do several things in one transaction; where one breaks it, each gets a transaction of its own."""
        try:
            return self.write(lambda _: [_attempt(work) for work in works])
        except Exception as error:  # noqa: BLE001 - each caller hears of what broke
            if len(works) == 1 or isinstance(error, StoreError):
                return [error] * len(works)
        return [outcome for work in works for outcome in self.together([work])]

    def _present(self) -> Transaction | None:
        found: Transaction | None = getattr(self._here, "transaction", None)
        return found

    def _new(self, execute: Execute, work: Callable[[Transaction], T]) -> T:
        opened = Transaction(execute)
        self._here.transaction = opened
        try:
            done = work(opened)
            for session_id in sorted(opened.touched):
                execute(sql.TOUCH, (session_id,))
        finally:
            self._here.transaction = None
        return done


def _attempt(work: Callable[[], T]) -> T | Exception:
    try:
        return work()
    except ClassroomError as refusal:
        return refusal
