"""A shared run -> an ordinary run folder, the same bytes as if one machine had asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from pydantic import JsonValue

from harness.errors import JudgeUnavailableError, StoreError
from harness.judge.base import Judge
from harness.run.content import gather_content
from harness.run.execute import Progress
from harness.run.session import Finished, record_run
from harness.schema import Attempt, Completion, JudgeSpec, Recorder, Request, canonical_json
from harness.store.folder import RunFolder
from harness.store.shared import WORKER_LOST, Ended, SharedRun, SharedStore
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

    May be done while workers are still busy, and again later: what is in the folder already stays.

    Raises
    ------
    InputError
        Content is missing or wrong.
    StoreError
        Content or a preset is not what was planned, or the folder holds another run.
    """
    run = store.read_run()
    _check_content(run)
    origins: dict[str, Ended] = {}
    with folder.lock(), WorkStore(folder.work_path) as kept:
        kept.origin_of = lambda key: origins[key].call.origin
        for ended in _pieces(store.endings()):
            origins |= {one.call.key: one for one in ended}
            await asyncio.gather(*(_keep(one, kept) for one in ended))
            origins.clear()
        attempts = store.attempts()
        await _keep_attempts(attempts, kept)
    absent = _Nobody(run, store.stops())
    finished = await record_run(run.experiment, folder, absent, progress, asyncio.Event())
    n_twice = sum(one.error == WORKER_LOST for one in attempts)
    return Collected(finished, len(attempts) - n_twice, n_twice, store.stops())


def _check_content(run: SharedRun) -> None:
    """What a judge read must be what the folder will say that it read."""
    content = gather_content(run.experiment)
    changed = sorted(
        name for name in {*content.files, *run.files} if content.files.get(name) != run.files.get(name)
    )
    changed += [one.spec.judge_id for one in run.judges if content.judges[one.spec.judge_id] != one.spec]
    if changed:
        raise StoreError(
            f"{run.run_id}: changed since the run was planned: {', '.join(changed[:8])}; "
            "undo the change to collect it"
        )


def _pieces(endings: Iterator[Ended]) -> Iterator[list[Ended]]:
    while piece := list(islice(endings, N_AT_ONCE)):
        yield piece


async def _keep(one: Ended, kept: WorkStore) -> None:
    if isinstance(one.ending, Completion):
        await kept.record_completion(one.call.request, one.ending)
    elif kept.find(one.call.key) != one.ending:
        await kept.record_outcome(one.ending, one.call.request)


async def _keep_attempts(attempts: Iterable[Attempt], kept: WorkStore) -> None:
    """Attempts have no key of their own: those that came with an earlier collection are counted off."""
    held = Counter(canonical_json(attempt) for attempt in kept.attempts())
    for attempt in attempts:
        line = canonical_json(attempt)
        if held[line]:
            held[line] -= 1
        else:
            await kept.record_attempt(attempt)


@dataclass(frozen=True)
class _Nobody:
    """Builds judges with the identity that was planned, who answer nothing."""

    run: SharedRun
    stops: Mapping[str, str]

    def __call__(self, spec: JudgeSpec, _: Recorder) -> Judge:
        runtimes = {one.spec.judge_id: one.runtime for one in self.run.judges}
        why = self.stops.get(spec.judge_id, "its calls are still open in the shared store")
        return _Absent(spec, runtimes[spec.judge_id], why)


class _Absent:
    """Stands where a judge would stand; whatever it is asked stays open."""

    def __init__(self, spec: JudgeSpec, runtime: Mapping[str, JsonValue], why: str) -> None:
        self.spec = spec
        self._runtime = dict(runtime)
        self._why = why

    async def complete(self, _: Request) -> Completion:
        raise JudgeUnavailableError(f"{self.spec.judge_id}: {self._why}", judge_id=self.spec.judge_id)

    def runtime(self) -> dict[str, JsonValue]:
        return self._runtime

    async def aclose(self) -> None:
        return None
