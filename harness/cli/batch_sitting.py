"""One sitting of `harness batch`: options, limits and progress joined to `record_run`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import click

from harness.cli.events import EventLog
from harness.cli.progress import RunProgress, run_progress
from harness.cli.replay import summary
from harness.cli.run import Asking, finishing_on_ctrl_c
from harness.cli.sitting import Sitting
from harness.judge.batch import BatchService
from harness.judge.build import Shared
from harness.judge.provider import Providers
from harness.run.batch_desk import LONGEST_PAUSE_S, Allowance, BatchNews, BatchReport, Desk, Pace, Tell
from harness.run.batches import BatchSitting
from harness.run.capabilities import loud_lines, table_in_force
from harness.run.session import Finished, record_run
from harness.schema import CapabilityTable, Experiment, JudgeSpec, Stops
from harness.store.batches import BatchLedger
from harness.store.folder import RunFolder

BYTES_PER_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class BatchOptions:
    """What a sitting does, and how."""

    submit: bool = True
    wait: bool = True
    collect: bool = True
    others_live: bool = False
    pause_s: float = LONGEST_PAUSE_S
    max_requests: int | None = None
    max_bytes: int | None = None
    shots_from: Path | None = None
    capabilities: CapabilityTable | None = None
    presets: Mapping[str, JudgeSpec] = field(default_factory=dict)

    def with_room(self, max_requests: int | None, megabytes: float | None) -> BatchOptions:
        """With smaller batches than the provider allows."""
        n_bytes = None if megabytes is None else max(1, round(megabytes * BYTES_PER_MEGABYTE))
        return replace(self, max_requests=max_requests, max_bytes=n_bytes)

    def asking(self, *, others_live: bool, shots_from: Path | None) -> BatchOptions:
        """With what is asked of judges without batches, and shown before the case."""
        return replace(self, others_live=others_live, shots_from=shots_from)

    def with_capabilities(self, table: CapabilityTable | None) -> BatchOptions:
        """With what providers refuse."""
        return replace(self, capabilities=table)


@dataclass(frozen=True)
class Sat:
    """What a sitting came to."""

    finished: Finished
    report: BatchReport
    n_alive: int
    """Calls that are with a provider."""
    n_alive_batches: int
    submitted: bool


async def sit(
    experiment: Experiment, folder: RunFolder, options: BatchOptions, sitting: Sitting, *, quiet: bool
) -> Sat:
    """Submit, wait and collect as the options say, and write the run folder."""
    judge_ids = dict.fromkeys(judge for part in experiment.parts for judge in part.judges)
    for line in loud_lines(table_in_force(folder, options.capabilities, judge_ids)):
        click.echo(line, err=True)
    stop = asyncio.Event()
    with (
        sitting.event_log() as log,
        run_progress(quiet=quiet, events=log) as progress,
        finishing_on_ctrl_c(stop, progress),
    ):
        desk = _desk(folder, options, sitting.stops(experiment), (stop, partial(_tell, quiet, log)))
        finished = await _record(experiment, folder, options, desk, progress)
        if log is not None:
            log.write("finished", **summary(finished))
    alive = desk.ledger.alive()
    n_alive = sum(len(entry.note.keys) for entry in alive)
    return Sat(finished, desk.report, n_alive, len(alive), options.submit)


def _desk(
    folder: RunFolder, options: BatchOptions, stops: Stops | None, heard: tuple[asyncio.Event, Tell]
) -> Desk:
    halt, tell = heard
    return Desk(
        ledger=BatchLedger(folder.path),
        halt=halt,
        tell=tell,
        allowance=Allowance(stops),
        pace=Pace(options.pause_s),
        max_minutes=stops.max_minutes if stops else None,
        max_requests=options.max_requests,
        max_bytes=options.max_bytes,
    )


async def _record(
    experiment: Experiment, folder: RunFolder, options: BatchOptions, desk: Desk, progress: RunProgress
) -> Finished:
    shared = Shared(Providers(), desk.allowance.budget, desk.halt, progress.retried)
    batches = BatchSitting(
        desk,
        Asking(shared, progress),
        lambda spec: BatchService(spec, desk.clock, halt=desk.halt),
        submit=options.submit,
        wait=options.wait,
        collect=options.collect,
        others_live=options.others_live,
    )
    return await record_run(
        experiment,
        folder,
        batches.live_judge,
        progress,
        desk.halt,
        capabilities=options.capabilities,
        shots_from=options.shots_from,
        presets=dict(options.presets),
        execute_plan=batches,
    )


def _tell(quiet: bool, log: EventLog | None, news: BatchNews) -> None:
    if not quiet:
        click.echo(news.words, err=True)
    if log is not None:
        log.write(
            "batch", step=news.step, judge_id=news.judge_id, name=news.name, words=news.words, **news.facts
        )
