"""A shared run -> an ordinary run folder, the same bytes as if one machine had asked."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from pydantic import JsonValue

from harness.errors import StoreError
from harness.run.content import Content, gather_content
from harness.run.execute import Progress
from harness.run.plan import PlannedCell, count_calls, plan_cells
from harness.run.reading import read_cell, timing_of
from harness.run.replaying import Stored
from harness.run.session import Finished, manifest_of
from harness.scale.planning import planned_content
from harness.schema import (
    Attempt,
    Completion,
    FailedVerdict,
    Manifest,
    Origin,
    Outcome,
    Recording,
    Verdict,
    canonical_json,
)
from harness.store.cassette import Cassette, cassette_digest
from harness.store.folder import RunFolder
from harness.store.shared import WORKER_LOST, Ended, SharedRun, SharedStore
from harness.store.stream import attempt_lines, export_cassette
from harness.store.work import WorkStore

N_AT_ONCE = 1_000


@dataclass(frozen=True)
class Collected:
    """A run folder, and what the workers' deaths cost."""

    finished: Finished
    n_attempts_failed: int
    """Attempts that the provider answered with an error."""
    n_begun_twice: int
    """Calls that a lost worker had begun: at most so many were made twice."""
    stops: Mapping[str, str]


async def collect(store: SharedStore, folder: RunFolder, progress: Progress) -> Collected:
    """Bring what has ended into a run folder; what has not stays open there, and `harness run` asks it.

    May be done while workers are still busy, and again later: what is in the folder already stays. Answers
    go through in pieces, so that memory does not grow with their number.

    Raises
    ------
    InputError
        Content is missing or wrong.
    StoreError
        Content or a preset is not what was planned, or the folder holds another run.
    """
    run = store.read_run()
    content = _content(run)
    with folder.lock():
        manifest = folder.write_manifest(_manifest(run, content, folder))
        attempts = await _take_in(store, folder)
        export_cassette(folder)
        finished = _write(run, content, manifest, (folder, progress), store.stops())
    n_twice = attempts[WORKER_LOST]
    return Collected(finished, attempts.total() - n_twice, n_twice, store.stops())


def _content(run: SharedRun) -> Content:
    """What a judge read must be what the folder will say that it read."""
    content = planned_content(gather_content(run.experiment), run.capabilities, run.shots)
    changed = sorted(
        name for name in {*content.files, *run.files} if content.files.get(name) != run.files.get(name)
    )
    changed += [one.spec.judge_id for one in run.judges if content.judges[one.spec.judge_id] != one.spec]
    if changed:
        raise StoreError(
            f"{run.run_id}: changed since the run was planned: {', '.join(changed[:8])}; "
            "undo the change to collect it"
        )
    return content


def _runtimes(run: SharedRun) -> dict[str, dict[str, JsonValue]]:
    return {one.spec.judge_id: dict(one.runtime) for one in run.judges}


def _manifest(run: SharedRun, content: Content, folder: RunFolder) -> Manifest:
    beside = {"capabilities": run.capabilities, "shots": content.shots}
    return manifest_of(run.experiment, content, _runtimes(run), folder).model_copy(update=beside)


async def _take_in(store: SharedStore, folder: RunFolder) -> Counter[str]:
    """Everything that ended into the working store of the folder; the attempts by their error."""
    came_by_git = not folder.work_path.exists() and (folder.cassette_path / "manifest.json").exists()
    origins: dict[str, Origin] = {}
    with WorkStore(folder.work_path, origins.__getitem__) as kept:
        if came_by_git:
            cassette = Cassette.read(folder.cassette_path)
            await kept.take_in(cassette, cassette.texts)
        for ended in _pieces(store.endings()):
            origins |= {one.call.key: one.call.origin for one in ended}
            await asyncio.gather(*(_keep(one, kept) for one in ended))
            origins.clear()
        return await _keep_attempts(store.attempts(), kept, folder)


def _pieces(endings: Iterator[Ended]) -> Iterator[list[Ended]]:
    while piece := list(islice(endings, N_AT_ONCE)):
        yield piece


async def _keep(one: Ended, kept: WorkStore) -> None:
    if isinstance(one.ending, Completion):
        await kept.record_completion(one.call.request, one.ending)
    elif kept.find(one.call.key) != one.ending:
        await kept.record_outcome(one.ending, one.call.request)


async def _keep_attempts(attempts: Iterable[Attempt], kept: WorkStore, folder: RunFolder) -> Counter[str]:
    """Attempts have no key of their own: those that came with an earlier collection are counted off."""
    held = Counter(_short(line.encode()) for line in attempt_lines(folder))
    errors: Counter[str] = Counter()
    for attempt in attempts:
        errors[attempt.error] += 1
        line = _short(canonical_json(attempt))
        if held[line]:
            held[line] -= 1
        else:
            await kept.record_attempt(attempt)
    return errors


def _short(line: bytes) -> bytes:
    return hashlib.sha256(line).digest()[:16]


def _write(
    run: SharedRun,
    content: Content,
    manifest: Manifest,
    where: tuple[RunFolder, Progress],
    stops: Mapping[str, str],
) -> Finished:
    """Read the verdicts of the cells that are whole from the recordings, one after the other."""
    folder, progress = where
    planned = (run.experiment, content, _runtimes(run))
    progress.started(count_calls(*planned))
    with WorkStore(folder.work_path, read_only=True) as kept:
        reading = _Reading(content, kept, progress)
        folder.write_verdicts(reading.verdicts(plan_cells(*planned)))
    folder.write_timing_lines([reading.timings])
    return Finished(
        folder=folder,
        manifest=manifest,
        verdicts=Stored(reading.n_verdicts, folder.read_verdicts),
        timings=Stored(reading.n_verdicts, folder.read_timing),
        n_failed=reading.n_failed,
        store_sha256=cassette_digest(folder.cassette_path),
        n_open=reading.n_open,
        stops=stops,
        interrupted=False,
    )


class _Reading:
    """Reads the cells whose calls have all ended, and counts the open calls of the others."""

    def __init__(self, content: Content, kept: WorkStore, progress: Progress) -> None:
        self._content = content
        self._kept = kept
        self._progress = progress
        self.timings = bytearray()
        self.n_verdicts = self.n_failed = self.n_open = 0

    def verdicts(self, cells: Iterable[PlannedCell]) -> Iterator[Verdict]:
        for planned in cells:
            found = [self._ended(planned.spec.judge_id, call.key) for call in planned.calls]
            ended = [one for one in found if one is not None]
            self.n_open += len(found) - len(ended)
            if len(ended) == len(found):
                verdict = read_cell(planned, self._content, ended)
                self.timings += canonical_json(timing_of(self.n_verdicts, ended)) + b"\n"
                self.n_verdicts += 1
                self.n_failed += isinstance(verdict, FailedVerdict)
                yield verdict

    def _ended(self, judge_id: str, key: str) -> Completion | Outcome | None:
        recorded = self._kept.find(key)
        if recorded is None:
            return None
        ended = recorded.completion if isinstance(recorded, Recording) else recorded
        self._progress.ended(judge_id, ended, recorded=True)
        return ended
