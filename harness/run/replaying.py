"""Recorded calls -> verdicts, one cell after the other: a million of them never stand in memory at once."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Generic, NamedTuple, TypeVar, overload

from harness.errors import CassetteMissError
from harness.judge.cassette import ReplayJudge
from harness.run.calls import PlannedCell, Runtime
from harness.run.content import Content
from harness.run.execute import Ended, Progress
from harness.run.plain_cells import PlainCells, PlainLines
from harness.run.plan import Place, Planner, count_calls
from harness.run.reading import read_cell, timing_of
from harness.run.shares import in_order, n_processors
from harness.schema import (
    Completion,
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


@dataclass(frozen=True)
class Cells:
    """What a replay reads."""

    planner: Planner
    places: Callable[[], Iterable[Place]]
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
    planner = Planner(experiment, content, runtimes)
    if cassette.corrupt:
        return _undamaged(planner, cassette)
    return Cells(planner, planner.places, count_calls(experiment, content, runtimes))


def _undamaged(planner: Planner, cassette: Cassette) -> Cells:
    """The plan without the cells that damaged lines may have held; more misses than damage is a miss."""
    plan = [(place, planner.cell(place)) for place in planner.places()]
    missing = {call.key for _, one in plan for call in one.calls} - cassette.answers.keys()
    whole = plan
    if len(missing) <= len(cassette.corrupt):
        whole = [(at, one) for at, one in plan if all(call.key not in missing for call in one.calls)]
    read = {call.key for _, one in whole for call in one.calls}
    messages = (message for _, one in plan for call in one.calls for message in call.messages)
    places = [place for place, _ in whole]
    return Cells(
        planner,
        lambda: places,
        dict(Counter(one.spec.judge_id for _, one in whole for _ in one.calls)),
        sum(call.key not in read for _, one in plan for call in one.calls),
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
                target.write_verdict_lines(
                    self._verdict_lines(cells, target.verdicts_path.name, cassette.answers)
                )
                target.write_timing_lines(self._timings)
                if elsewhere:
                    target.write_manifest(manifest)
                    kept.write(target.cassette_path)
        except CassetteMissError:
            with suppress(OSError):
                target.path.rmdir()  # nothing was written, and only an empty folder can be removed
            raise
        return kept.digest()

    def _verdict_lines(self, cells: Cells, name: str, answers: Mapping[str, bytes]) -> Iterator[bytes]:
        """The lines of all verdicts; the last step raises if there was a secret, so that no file is made."""
        scan = SecretScan()
        few = sum(cells.n_calls.values()) < MIN_SHARED
        blocks = partial(self._blocks, cells, name, answers)
        for block in in_order(blocks, 1 if few else n_processors()):
            yield block.verdicts
            self._timings.append(block.timings)
            self.n_verdicts += block.n_verdicts
            self.n_failed += block.n_failed
            scan.found += block.secrets
            for judge_id, ended, n_calls in block.endings:
                for _ in range(n_calls):
                    self._progress.ended(judge_id, ended, recorded=True)
        scan.refuse()

    def _blocks(
        self, cells: Cells, name: str, answers: Mapping[str, bytes], first: int, step: int
    ) -> Iterator[_Block]:
        """The blocks of number `first`, `first + step`, and so on."""
        scan = SecretScan()
        plain = PlainCells(cells.planner, answers, scan)
        places = iter(enumerate(cells.places()))
        deque(islice(places, first * CELLS_IN_BLOCK), maxlen=0)
        while mine := list(islice(places, CELLS_IN_BLOCK)):
            block = _Writing(name, scan)
            for position, place in mine:
                lines = plain.read(place, position)
                if lines is None:
                    planned = cells.planner.cell(place)
                    block.add(planned, self._content, self._ended(planned), position)
                else:
                    block.add_plain(place[0].spec.judge_id, lines)
            yield block.written()
            deque(islice(places, (step - 1) * CELLS_IN_BLOCK), maxlen=0)

    def _ended(self, planned: PlannedCell) -> list[Ended]:
        judge = self._judges[planned.spec.judge_id]
        recorded = [judge.recorded(call) for call in planned.calls]
        return [one.completion if isinstance(one, Recording) else one for one in recorded]


class _Writing:
    """A block while its cells are read."""

    def __init__(self, name: str, scan: SecretScan) -> None:
        self._name = name
        self._scan = scan
        self._verdicts, self._timings = bytearray(), bytearray()
        self._n_verdicts = self._n_failed = 0
        self._first: dict[tuple[str, type[Ended]], Ended] = {}
        self._counts: Counter[tuple[str, type[Ended]]] = Counter()
        scan.found = []

    def add(self, planned: PlannedCell, content: Content, ended: list[Ended], position: int) -> None:
        """Write the verdict of a cell, and what it took."""
        for how in ended:
            kind = planned.spec.judge_id, type(how)
            self._first.setdefault(kind, how)
            self._counts[kind] += 1
        verdict = read_cell(planned, content, ended)
        line = canonical_json(verdict) + b"\n"
        plain = partial(verdict.model_dump, mode="json")
        self._scan.look_at_line(f"{self._name}:{position + 1}", plain, line)
        self._n_failed += isinstance(verdict, FailedVerdict)
        self._n_verdicts += 1
        self._verdicts += line
        self._timings += canonical_json(timing_of(position, ended)) + b"\n"

    def add_plain(self, judge_id: str, lines: PlainLines) -> None:
        """Take in what is written already: one call, answered and read, without what looks like a secret."""
        kind = judge_id, Completion
        if kind not in self._first:
            self._first[kind] = Completion.model_validate_json(lines.completion)
        self._counts[kind] += 1
        self._n_verdicts += 1
        self._verdicts += lines.verdict
        self._timings += lines.timing

    def written(self) -> _Block:
        """The whole block."""
        counts = [(judge_id, self._first[judge_id, kind], n) for (judge_id, kind), n in self._counts.items()]
        lines = bytes(self._verdicts), bytes(self._timings)
        return _Block(*lines, self._n_verdicts, self._n_failed, counts, self._scan.found)
