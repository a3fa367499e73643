"""A run folder in the hands of someone who works in Python."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from harness.api.compared import Compared
from harness.api.source import Asked, ReferenceKind, load_source
from harness.compare import compare_verdicts
from harness.schema import Language, Manifest, Verdict
from harness.store.folder import RunFolder


class Run:
    """A run on disk: what was asked, and what was said. Nothing is written by looking at it."""

    def __init__(self, path: str | Path, language: Language = "en") -> None:
        self.folder = RunFolder(Path(path))
        self.language: Language = language

    @cached_property
    def manifest(self) -> Manifest:
        """Which revision, versions, files and settings made the run."""
        return self.folder.read_manifest()

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """Every verdict, ranked or failed, in plan order."""
        return tuple(self.folder.read_verdicts())

    def compare(
        self,
        people: str | Path | None = None,
        *,
        reference: ReferenceKind | None = None,
        wages: Iterable[float] = (),
        random_sample: bool | None = None,
        n_shuffles: int | None = None,
    ) -> Compared:
        """Compare every judge with people, with the author's key, or judge with judge.

        Parameters
        ----------
        people
            A table of people's grades (docs/people.md): CSV, JSONL or Parquet.
        reference
            `people`, `key` or `none`; None = the people, when there are any, else the author's key.
        wages
            Dollars per hour at which people are priced too.
        random_sample
            True when the cases that people graded were drawn at random from all that the judges were given.
        n_shuffles
            Shuffles of every permutation test; 0 leaves the tests out. None = 9,999 up to 20,000 verdicts,
            then fewer, but at least 999.

        Raises
        ------
        InputError
            The table of people's grades or the cases are wrong; every problem is named.
        StoreError
            The run folder is incomplete or damaged.
        """
        table = None if people is None else Path(people)
        asked = Asked(table, reference, tuple(wages), random_sample)
        source = load_source(self.folder, asked)
        return Compared(compare_verdicts(source, n_shuffles=n_shuffles), source.manifest, self.language)

    def __repr__(self) -> str:
        return f"<run {self.folder.path}>"


def load_run(path: str | Path, *, language: Language = "en") -> Run:
    """Open a run folder; texts, figures and reports come in this language.

    Raises
    ------
    StoreError
        There is no run in this folder, or its manifest is damaged.
    """
    run = Run(path, language)
    _ = run.manifest
    return run
