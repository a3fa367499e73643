"""The people's table that sittings fill: read whole, written whole, one verdict more or less at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from harness.annotate.waiting import held
from harness.errors import HarnessError
from harness.formats.out.base import TableKind
from harness.formats.out.long import people_table
from harness.load.people import load_people
from harness.schema import Case, CaseSet, RankedVerdict
from harness.store.disk import in_words, make_folder, write_atomically
from harness.store.lock import FileLock

_KINDS: dict[str, TableKind] = {".csv": "csv", ".jsonl": "jsonl"}


class PeopleTable:
    """A table in the columns of docs/people.md, which other sittings may be filling too.

    Raises
    ------
    HarnessError
        The name says neither .csv nor .jsonl.
    """

    def __init__(self, path: Path, case_set: CaseSet, cases: Sequence[Case]) -> None:
        kind = _KINDS.get(path.suffix.lower())
        if kind is None:
            raise HarnessError(f"{path}: name the table .csv or .jsonl")
        self.path = path
        self._kind = kind
        self._content = (case_set, cases)

    def verdicts(self) -> list[RankedVerdict]:
        """Everything in the table; nothing before the first verdict.

        Raises
        ------
        ImportFormatError
            Somebody wrote something into it that is no grade; every problem is named.
        """
        return list(load_people(self.path, *self._content)) if self.path.exists() else []

    def of(self, session: str, annotator_id: str, rulebook_id: str) -> list[RankedVerdict]:
        """One person's verdicts, in the order in which they were given."""
        wanted = (session, annotator_id, rulebook_id)
        cells = ((one, one.cell) for one in self.verdicts())
        return [one for one, cell in cells if (cell.session, cell.annotator_id, cell.rulebook_id) == wanted]

    def add(self, verdict: RankedVerdict) -> None:
        """Write one verdict more.

        Raises
        ------
        StoreError
            The table cannot be written to.
        """
        self._change(lambda kept: [*kept, verdict])

    def remove(self, verdict: RankedVerdict) -> None:
        """Write one verdict less.

        Raises
        ------
        StoreError
            The table cannot be written to.
        """
        self._change(lambda kept: [one for one in kept if one.cell != verdict.cell])

    def _change(self, change: Callable[[list[RankedVerdict]], list[RankedVerdict]]) -> None:
        from harness.api.exporting import file_bytes

        make_folder(self.path.parent)
        lock = FileLock(self.path.with_name(f".{self.path.name}.lock"), f"the table {self.path}")
        with held(lock):
            changed = change(self.verdicts())
            if changed:
                table = people_table(changed, self.path.stem, self._kind)
                write_atomically(self.path, [file_bytes(table)])
                return
            with in_words(self.path):
                self.path.unlink(missing_ok=True)
