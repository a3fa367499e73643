"""One run from start to end: live, resumed, or replayed. It joins judges, store and plan."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness import __version__
from harness.judge.base import Judge
from harness.judge.cassette import ReplayJudge
from harness.run.capabilities import table_in_force, with_capabilities
from harness.run.content import Content, gather_content, shown_texts
from harness.run.execute import Execution, Judges, Progress, execute
from harness.run.extend import check_same_experiment, extend_manifest
from harness.run.offline import network_unreachable
from harness.run.plan import PlannedCell, Runtime, plan_run
from harness.run.reading import CellReader, Read
from harness.run.replaying import Replay, Stored, cells_of
from harness.run.shares import spread
from harness.run.shots import with_shots_of
from harness.schema import (
    CapabilityTable,
    Completion,
    Experiment,
    FailedVerdict,
    JudgeSpec,
    Manifest,
    Recorder,
    Recording,
    ResolvedJudge,
    ShotSource,
    Verdict,
    VerdictTiming,
)
from harness.store.cassette import Cassette
from harness.store.circumstances import now, versions_of
from harness.store.folder import RunFolder
from harness.store.lines import trusted_completion
from harness.store.secret_scan import refuse_secrets
from harness.store.shards import is_written
from harness.store.work import WorkStore

LiveJudge = Callable[[JudgeSpec, Recorder], Judge]
"""Builds a judge that records; `harness.judge.build.live_judge`, or a fake in tests."""

ExecutePlan = Callable[[tuple[PlannedCell, ...], Judges, Progress, asyncio.Event], Awaitable[Execution]]
"""Asks what is open of a plan: one call after the other, or in batches."""

_NAMED_VERSIONS = ("litellm", "xllamacpp", "pydantic", "numpy", "scipy")


@dataclass(frozen=True)
class Finished:
    """What a run has: its verdicts in plan order, what they took, and what is still open."""

    folder: RunFolder
    manifest: Manifest
    verdicts: Sequence[Verdict]
    timings: Sequence[VerdictTiming]
    n_failed: int
    """Verdicts that could not be had or read."""
    store_sha256: str
    n_open: int
    stops: Mapping[str, str]
    interrupted: bool
    corrupt: tuple[str, ...] = ()
    """Damaged places of the cassette that a replay was told to leave out."""


async def record_run(  # noqa: PLR0913 - the last ones say what may happen to the folder, and how
    experiment: Experiment,
    folder: RunFolder,
    live_judge: LiveJudge,
    progress: Progress,
    stop: asyncio.Event,
    *,
    extend: bool = False,
    capabilities: CapabilityTable | None = None,
    shots_from: Path | ShotSource | None = None,
    presets: Mapping[str, JudgeSpec] | None = None,
    execute_plan: ExecutePlan = execute,
) -> Finished:
    """Ask what is not recorded yet, keep everything, and write the run folder.

    With `extend` the folder's run may have got new parts, judges or files since. Parameters that the
    `capabilities` of a judge (or those that the folder holds already) say are refused are left out. Judges
    that are shown graded cases first get them from `shots_from`, or from the grades that the folder holds.
    `presets` are judges that need no file; `execute_plan` is how the open calls are asked.

    Raises
    ------
    InputError
        Content is missing or wrong.
    StoreError
        The folder holds another run, is in use, or cannot be written to.
    """
    content = gather_content(experiment, presets)
    table = table_in_force(folder, capabilities, content.judges)
    content = with_capabilities(content, table)
    content = with_shots_of(content, folder, shots_from)
    refuse_secrets(shown_texts(content))  # before anything is paid for: it could never be exported
    with folder.lock(), WorkStore(folder.work_path) as store:
        live = {judge_id: live_judge(spec, store) for judge_id, spec in content.judges.items()}
        runtimes = {judge_id: judge.runtime() for judge_id, judge in live.items()}
        plan = plan_run(experiment, content, runtimes)
        asked = manifest_of(experiment, content, runtimes, folder)
        asked = asked.model_copy(update={"capabilities": table, "shots": content.shots})
        manifest = extend_manifest(folder, asked) if extend else folder.write_manifest(asked)
        calls = {call.key: call for planned in plan for call in planned.calls}
        store.origin_of = lambda key: calls[key].origin
        known, exported = await _known(folder, store, calls)
        judges = Judges(live, frozenset(known), store.record_outcome, now, known)
        reader = CellReader(plan, content)
        async with reader.ahead(judges.ended):
            execution = await execute_plan(plan, judges, progress, stop)
        _read_late(execution, calls, store)
        digest = exported if exported is not None and not store.n_writes else _export(folder, store)
        return _finish(folder, manifest, reader.finish(execution.ended), execution, digest)


def _read_late(execution: Execution, keys: Iterable[str], store: WorkStore) -> None:
    """Read what the loop did not hand on, so that verdicts are always what a replay would write.

    That is an answer that came after its judge was given up, and a failure of an earlier sitting that was
    not asked again in this one.
    """
    for key in keys:
        if key not in execution.ended:
            found = store.find(key)
            if found is not None:
                execution.ended[key] = found.completion if isinstance(found, Recording) else found


async def _known(
    folder: RunFolder, store: WorkStore, keys: Iterable[str]
) -> tuple[dict[str, Completion], str | None]:
    """What was answered before, and the digest of the cassette where it holds just that.

    A run that came by git has a cassette and no working store: nothing that it holds is asked again.
    """
    held, exported = Cassette(store.answers(), store.texts()), None
    if (folder.cassette_path / "manifest.json").exists():
        exported = held.digest()
        if not is_written(folder.cassette_path, exported):
            cassette = Cassette.read(folder.cassette_path)
            await store.take_in(cassette, cassette.texts)
            held, exported = Cassette(store.answers(), {}), None
    found = ((key, trusted_completion(key, held.answers[key])) for key in keys if key in held.answers)
    return {key: completion for key, completion in found if completion is not None}, exported


def _export(folder: RunFolder, store: WorkStore) -> str:
    return Cassette.of(store.answers(), store.texts()).write(folder.cassette_path)


async def replay_run(
    source: RunFolder,
    target: RunFolder,
    progress: Progress,
    *,
    skip_corrupt: bool = False,
    experiment: Experiment | None = None,
) -> Finished:
    """Read a recorded run again with the network unreachable, and write the same verdicts.

    The judges are those of the manifest; with `experiment`, which must be the recorded one, they are the
    presets as they are now. With `skip_corrupt`, calls whose recording is damaged stay open.

    Raises
    ------
    CassetteMissError
        Something would have to be asked; the nearest recorded call and what differs are named.
    StoreError
        The cassette is damaged, or `target` cannot be written to.
    """
    manifest = source.read_manifest()
    source.refuse_imported(manifest, "replay")
    if experiment is not None:
        check_same_experiment(manifest, experiment, source)
    cassette = Cassette.read(source.cassette_path, skip_corrupt=skip_corrupt, read_files=spread)
    runtimes = {one.spec.judge_id: one.runtime for one in manifest.judges}
    recorded = None if experiment is not None else {one.spec.judge_id: one.spec for one in manifest.judges}
    with network_unreachable():
        content = replace(gather_content(manifest.experiment, recorded), shots=manifest.shots)
        content = with_capabilities(content, manifest.capabilities)
        cells = cells_of(manifest.experiment, content, runtimes, cassette)
        judges = {name: ReplayJudge(spec, cassette, runtimes[name]) for name, spec in content.judges.items()}
        replay = Replay(content, judges, progress)
        progress.started(cells.n_calls)
        digest = replay.write((source, target), manifest, cells, cassette)
    return Finished(
        folder=target,
        manifest=manifest,
        verdicts=Stored(replay.n_verdicts, target.read_verdicts),
        timings=Stored(replay.n_verdicts, target.read_timing),
        n_failed=replay.n_failed,
        store_sha256=digest,
        n_open=cells.n_open,
        stops={},
        interrupted=False,
        corrupt=cassette.corrupt,
    )


def _finish(
    folder: RunFolder,
    manifest: Manifest,
    read: Read,
    execution: Execution,
    digest: str,
) -> Finished:
    folder.write_verdicts(read.verdicts)
    folder.write_timing(read.timings)
    return Finished(
        folder=folder,
        manifest=manifest,
        verdicts=read.verdicts,
        timings=read.timings,
        n_failed=sum(isinstance(verdict, FailedVerdict) for verdict in read.verdicts),
        store_sha256=digest,
        n_open=read.n_open,
        stops=execution.stops,
        interrupted=execution.interrupted,
    )


def manifest_of(
    experiment: Experiment, content: Content, runtimes: dict[str, Runtime], folder: RunFolder
) -> Manifest:
    """What a run folder says of itself."""
    return Manifest(
        run_id=folder.path.resolve().name,
        created_at=now(),
        harness_version=__version__,
        experiment=experiment,
        case_set=content.case_set,
        judges=tuple(
            ResolvedJudge(spec=spec, runtime=runtimes[judge_id]) for judge_id, spec in content.judges.items()
        ),
        files=content.files,
        versions=versions_of(_NAMED_VERSIONS),
    )
