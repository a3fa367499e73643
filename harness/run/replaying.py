"""Recorded calls -> verdicts, one cell after the other: a million of them never stand in memory at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar, overload

from harness.errors import CassetteMissError
from harness.judge.cassette import ReplayJudge
from harness.run.calls import PlannedCell, Runtime
from harness.run.content import Content
from harness.run.execute import Ended, Progress
from harness.run.plan import count_calls, plan_cells, plan_run
from harness.run.reading import read_cell, timing_of
from harness.schema import (
    Experiment,
    FailedVerdict,
    Manifest,
    Recording,
    Verdict,
    canonical_json,
    text_sha256,
)
from harness.store.cassette import Cassette
from harness.store.folder import RunFolder

_T = TypeVar("_T")


class Stored(Sequence[_T], Generic[_T]):
    """So many records that were written to a file; they are read when somebody asks for them."""

    def __init__(self, n_records: int, read: Callable[[], Sequence[_T]]) -> None:
        self._n_records = n_records
        self._read = read

    def __len__(self) -> int:
        return self._n_records

    @overload
    def __getitem__(self, position: int) -> _T: ...
    @overload
    def __getitem__(self, position: slice) -> Sequence[_T]: ...
    def __getitem__(self, position: int | slice) -> _T | Sequence[_T]:
        return self._read()[position]

    def __iter__(self) -> Iterator[_T]:
        return iter(self._read())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Cells:
    """What a replay reads."""

    cells: Iterable[PlannedCell]
    n_calls: dict[str, int]
    """Per judge."""
    n_open: int = 0
    """Calls that damaged lines may have held."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Every text that the plan would send, under its hash: what a damaged cassette lost is known here."""


def cells_of(
    experiment: Experiment, content: Content, runtimes: dict[str, Runtime], cassette: Cassette
) -> Cells:
    """What a replay of this cassette reads: every cell, or those that its damaged lines cannot have held."""
    if cassette.corrupt:
        return _undamaged(plan_run(experiment, content, runtimes), cassette)
    cells = plan_cells(experiment, content, runtimes)
    return Cells(cells, count_calls(experiment, content, runtimes))


def _undamaged(plan: tuple[PlannedCell, ...], cassette: Cassette) -> Cells:
    """The plan without the cells that damaged lines may have held; more misses than damage is a miss."""
    missing = {call.key for one in plan for call in one.calls} - cassette.answers.keys()
    whole = plan
    if len(missing) <= len(cassette.corrupt):
        whole = tuple(one for one in plan if all(call.key not in missing for call in one.calls))
    read = {call.key for one in whole for call in one.calls}
    messages = (message for one in plan for call in one.calls for message in call.messages)
    return Cells(
        whole,
        dict(Counter(one.spec.judge_id for one in whole for _ in one.calls)),
        sum(call.key not in read for one in plan for call in one.calls),
        {text_sha256(message.content): message.content for message in messages},
    )


class Replay:
    """Reads the cells of a plan from recordings, and counts on the way."""

    def __init__(self, content: Content, judges: dict[str, ReplayJudge], progress: Progress) -> None:
        self._content = content
        self._judges = judges
        self._progress = progress
        self._timings = bytearray()
        self.n_verdicts = 0
        self.n_failed = 0

    def write(
        self, folders: tuple[RunFolder, RunFolder], manifest: Manifest, cells: Cells, cassette: Cassette
    ) -> str:
        """Write what was replayed from one folder into another (or itself); the cassette's digest comes back.

        Raises
        ------
        CassetteMissError
            A call was never recorded; nothing is written then.
        StoreError
            The folder cannot be written to or holds another run, or a verdict holds what looks like a key.
        """
        source, target = folders
        elsewhere = target.path != source.path
        kept = cassette.mended(cells.texts) if cassette.corrupt else cassette
        try:
            with target.lock():
                if elsewhere and target.manifest_path.exists():
                    target.check_manifest(manifest)
                # First, for only they can still miss a recording.
                target.write_verdicts(self._verdicts(cells.cells))
                target.write_timing_lines([self._timings])
                if elsewhere:
                    target.write_manifest(manifest)
                    kept.write(target.cassette_path)
        except CassetteMissError:
            with suppress(OSError):
                target.path.rmdir()  # nothing was written, and only an empty folder can be removed
            raise
        return kept.digest()

    def _verdicts(self, cells: Iterable[PlannedCell]) -> Iterator[Verdict]:
        for planned in cells:
            ended = self._ended(planned)
            self._timings += canonical_json(timing_of(self.n_verdicts, ended)) + b"\n"
            verdict = read_cell(planned, self._content, ended)
            self.n_verdicts += 1
            self.n_failed += isinstance(verdict, FailedVerdict)
            yield verdict

    def _ended(self, planned: PlannedCell) -> list[Ended]:
        found: list[Ended] = []
        judge = self._judges[planned.spec.judge_id]
        for call in planned.calls:
            recorded = judge.recorded(call)
            ended = recorded.completion if isinstance(recorded, Recording) else recorded
            self._progress.ended(planned.spec.judge_id, ended, recorded=True)
            found.append(ended)
        return found
