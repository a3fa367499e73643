"""The account of a shared run as files: every change is a new file, and only one worker can make the next."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from harness.errors import StoreError
from harness.schema import canonical_json
from harness.store.disk import in_words, make_folder
from harness.store.spending import Account

MOST_TRIES = 10_000
FILES_PER_FOLDER = 1_000


class AccountFiles:
    """`account/FOLDER/NUMBER.json`, each the account after one change; the last one is in force.

    A file is linked into place whole, which fails where another worker was first. So there is no lock that a
    lost worker could keep, and no change is made to an account that is not the latest.
    """

    def __init__(self, run: Path) -> None:
        self._folder = run / "account"
        self._number = -1

    def read(self) -> Account:
        """The account in force; without any, one without ceilings."""
        content = self._latest()
        return Account() if content is None else Account.model_validate_json(content)

    def change(self, change: Callable[[Account], Account]) -> None:
        """Put the account that `change` makes of the one in force into its place, however often that takes.

        Raises
        ------
        StoreError
            The folder cannot be written to, or other workers were always first.
        """
        for _ in range(MOST_TRIES):
            if self._put(change(self.read())):
                return
        raise StoreError(f"{self._folder}: {MOST_TRIES} times another worker changed it first; try again")

    def _latest(self) -> bytes | None:
        """Go on from the last number known: numbers never leave a gap, and nothing is ever removed."""
        if self._number < 0:
            self._number = self._highest()
        content: bytes | None = None
        with suppress(FileNotFoundError):
            if self._number >= 0:
                content = self._path(self._number).read_bytes()
            while True:
                content = self._path(self._number + 1).read_bytes()
                self._number += 1
        return content

    def _highest(self) -> int:
        numbers = (int(path.stem) for path in self._folder.glob("*/[0-9]*.json"))
        return max(numbers, default=-1)

    def _put(self, account: Account) -> bool:
        path = self._path(self._number + 1)
        make_folder(path.parent)
        temporary = path.with_name(f".{uuid.uuid4().hex}.tmp")
        with in_words(path):
            temporary.write_bytes(canonical_json(account))
            try:
                os.link(temporary, path)
            except FileExistsError:
                # Over a network a link may be made although an answer to it was lost, and tried again.
                return temporary.stat().st_nlink == 2
            finally:
                temporary.unlink()
        return True

    def _path(self, number: int) -> Path:
        return self._folder / f"{number // FILES_PER_FOLDER:06d}" / f"{number:09d}.json"
