"""Recorded calls -> verdicts, one cell after the other: a million of them never stand in memory at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count, islice
from typing import Generic, NamedTuple, TypeVar, overload

from harness.errors import CassetteMissError
from harness.judge.cassette import ReplayJudge
from harness.run.calls import PlannedCell, Runtime
from harness.run.content import Content
from harness.run.execute import Ended, Progress
from harness.run.plan import count_calls, plan_cells, plan_run
from harness.run.reading import read_cell, timing_of
from harness.run.shares import in_order, n_processors
from harness.schema import (
    Experiment,
    FailedVerdict,
    Manifest,
    Recording,
    canonical_json,
    text_sha256,
)
from harness.store.cassette import Cassette
from harness.store.folder import RunFolder
from harness.store.secret_scan import SecretScan

_T = TypeVar("_T")

CELLS_IN_BLOCK = 500
"""Cells that are read in one go, between two words of progress."""
MIN_SHARED = 4_000
"""Calls from which on the processors share them: below, starting processes takes as long."""


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


Wanted = Callable[[int], bool]
"""Which cells of a plan are read, by their place from 0."""


@dataclass(frozen=True)
class Cells:
    """What a replay reads."""

    cells: Callable[[Wanted], Iterable[PlannedCell]]
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
    cells = partial(plan_cells, experiment, content, runtimes)
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
        lambda wanted: (one for number, one in enumerate(whole) if wanted(number)),
        dict(Counter(one.spec.judge_id for one in whole for _ in one.calls)),
        sum(call.key not in read for one in plan for call in one.calls),
        {text_sha256(message.content): message.content for message in messages},
    )


class _Block(NamedTuple):
    """Neighbouring cells of the plan, read."""

    verdicts: bytes
    timings: bytes
    n_verdicts: int
    n_failed: int
    endings: list[tuple[str, Ended, int]]
    """Judge, one of its calls, and how many of its calls ended like that one, with an answer or without."""
    secrets: list[str]
    """Where what looks like a key stands."""


class Replay:
    """Reads the cells of a plan from recordings, and counts on the way."""

    def __init__(self, content: Content, judges: dict[str, ReplayJudge], progress: Progress) -> None:
        self._content = content
        self._judges = judges
        self._progress = progress
        self._timings: list[bytes] = []
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
                target.write_verdict_lines(self._verdict_lines(cells, target.verdicts_path.name))
                target.write_timing_lines(self._timings)
                if elsewhere:
                    target.write_manifest(manifest)
                    kept.write(target.cassette_path)
        except CassetteMissError:
            with suppress(OSError):
                target.path.rmdir()  # nothing was written, and only an empty folder can be removed
            raise
        return kept.digest()

    def _verdict_lines(self, cells: Cells, name: str) -> Iterator[bytes]:
        """The lines of all verdicts; the last step raises if there was a secret, so that no file is made."""
        scan = SecretScan()
        few = sum(cells.n_calls.values()) < MIN_SHARED
        for block in in_order(partial(self._blocks, cells, name), 1 if few else n_processors()):
            yield block.verdicts
            self._timings.append(block.timings)
            self.n_verdicts += block.n_verdicts
            self.n_failed += block.n_failed
            scan.found += block.secrets
            for judge_id, ended, n_calls in block.endings:
                for _ in range(n_calls):
                    self._progress.ended(judge_id, ended, recorded=True)
        scan.refuse()

    def _blocks(self, cells: Cells, name: str, first: int, step: int) -> Iterator[_Block]:
        """The blocks of number `first`, `first + step`, and so on."""

        def wanted(place: int) -> bool:
            ahead = place // CELLS_IN_BLOCK - first
            return ahead >= 0 and ahead % step == 0

        scan = SecretScan()
        mine = iter(cells.cells(wanted))
        for number in count(first, step):
            planned = list(islice(mine, CELLS_IN_BLOCK))
            if not planned:
                return
            yield self._block(planned, number * CELLS_IN_BLOCK, name, scan)
            scan.found = []

    def _block(self, planned: list[PlannedCell], start: int, name: str, scan: SecretScan) -> _Block:
        verdicts, timings = bytearray(), bytearray()
        endings: dict[tuple[str, type[Ended]], list[Ended]] = {}
        n_failed = 0
        for position, one in enumerate(planned, start):
            ended = self._ended(one)
            for how in ended:
                endings.setdefault((one.spec.judge_id, type(how)), []).append(how)
            timings += canonical_json(timing_of(position, ended)) + b"\n"
            verdict = read_cell(one, self._content, ended)
            n_failed += isinstance(verdict, FailedVerdict)
            line = canonical_json(verdict) + b"\n"
            scan.look_at_line(f"{name}:{position + 1}", partial(verdict.model_dump, mode="json"), line)
            verdicts += line
        counted = [(judge_id, alike[0], len(alike)) for (judge_id, _), alike in endings.items()]
        return _Block(bytes(verdicts), bytes(timings), len(planned), n_failed, counted, scan.found)

    def _ended(self, planned: PlannedCell) -> list[Ended]:
        judge = self._judges[planned.spec.judge_id]
        recorded = [judge.recorded(call) for call in planned.calls]
        return [one.completion if isinstance(one, Recording) else one for one in recorded]
