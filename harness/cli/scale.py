"""`harness scale`: one plan, many machines."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.scale_options import (
    PlanningOptions,
    json_option,
    lease_option,
    output_option,
    planning_options,
    quiet_option,
    run_option,
    store_option,
)
from harness.cli.scale_words import collect_into, looker, status_of, tally_text
from harness.cli.sitting import Sitting, limit_options
from harness.run.capabilities import loud_lines
from harness.scale.keeping import Worked
from harness.scale.places import open_shared
from harness.scale.planning import plan_shared
from harness.scale.share import Share
from harness.scale.worker import Work, new_worker_id, work
from harness.schema import Experiment, Stops
from harness.store.shared import SharedRun, SharedStore

if TYPE_CHECKING:
    from harness.scale.cluster import Job

PASSWORD_VARIABLES = ("PGPASSWORD", "PGPASSFILE", "PGUSER", "PGSSLMODE", "PGSSLROOTCERT")


@click.group(short_help="The same plan on many machines, over a shared store.")
def scale() -> None:
    """Run one plan on many machines: docs/scale.md says when that is worth it.

    The calls of an experiment are planned into a shared store. Workers take them from there, under leases,
    and write every answer back before it counts; a lost worker's calls go to another. Collecting makes an
    ordinary run folder, the same bytes as `harness run` would have written.
    """


@scale.command("run", short_help="Plan, ask on Ray, and collect: all in one.")
@click.argument("experiment")
@store_option
@click.option(
    "--ray",
    "address",
    default="auto",
    show_default=True,
    help="Cluster: auto, HOST:6379, ray://HOST:10001, or local for one on this machine.",
)
@click.option(
    "--workers", "n_workers", type=click.IntRange(min=1), default=2, show_default=True, help="Actors."
)
@run_option
@lease_option
@planning_options
@output_option
@json_option
@quiet_option
def run(
    experiment: str,
    place: str,
    address: str,
    n_workers: int,
    run_id: str | None,
    lease_s: float,
    output: Path | None,
    *,
    as_json: bool,
    quiet: bool,
    **planned_with: object,
) -> None:
    """Plan EXPERIMENT into the store, ask it with workers on a Ray cluster, and collect the run folder.

    The same command resumes. Ctrl-C finishes what is in flight, and collects what is there. The --max options
    hold for all workers together.
    """
    from harness.scale import cluster

    asked = PlanningOptions(planned_with)
    loaded = asked.experiment(experiment)
    with _opened(place, run_id or loaded.experiment_id) as store:
        planned = _plan(loaded, run_id, store, asked, quiet=quiet)
        store.clear_stops()
        job = cluster.Job(place, planned.run_id, n_workers, lease_s, _environment(planned))
        # Ray prints what happens to its nodes; standard output is for the result alone.
        with redirect_stdout(sys.stderr):
            cluster.connect(address)
            try:
                _on_ray(job, store, quiet=quiet)
            finally:
                cluster.disconnect()
        collect_into(store, output or Path("results", planned.run_id), as_json=as_json)


def _on_ray(job: Job, store: SharedStore, *, quiet: bool) -> None:
    from harness.scale.cluster import run_workers

    stop = threading.Event()

    def finish(*_: object) -> None:
        click.echo("finishing what is in flight; Ctrl-C again stops at once", err=True)
        stop.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, finish)
    try:
        run_workers(job, store, looker(quiet=quiet), stop)
    finally:
        signal.signal(signal.SIGINT, before)


@scale.command("plan", short_help="Put the calls of an experiment into the store.")
@click.argument("experiment")
@store_option
@run_option
@planning_options
@quiet_option
def plan(experiment: str, place: str, run_id: str | None, *, quiet: bool, **planned_with: object) -> None:
    """Plan EXPERIMENT into the store; then start `harness scale worker` on as many machines as you like.

    The --max options hold for all workers together, from this command (or `harness scale again`) on.
    """
    asked = PlanningOptions(planned_with)
    loaded = asked.experiment(experiment)
    with _opened(place, run_id or loaded.experiment_id) as store:
        planned = _plan(loaded, run_id, store, asked, quiet=quiet)
        click.echo(tally_text(store))
        click.echo(f"next: harness scale worker {planned.run_id} --share 1/N on each of N machines")


@scale.command("worker", short_help="Ask calls of a planned run, on this machine, without Ray.")
@click.argument("run_id", metavar="RUN")
@store_option
@click.option(
    "--share",
    "share",
    default="1/1",
    show_default=True,
    metavar="I/N",
    help="This is worker I of N: it takes that part of every provider's limits.",
)
@lease_option
@json_option
def worker(run_id: str, place: str, share: str, lease_s: float, *, as_json: bool) -> None:
    """Ask until nothing is left of RUN. Needs the keys of the judges, and no cases or prompts.

    Ctrl-C (or SIGTERM) finishes what is in flight; what is not asked goes to other workers.
    """
    part = _share(share)
    with _opened(place, run_id) as store:
        given = Work(store, part, new_worker_id(part.index), lease_s)
        worked = asyncio.run(_worked(given))
        click.echo(json.dumps(asdict(worked)) if as_json else f"{worked.n_ended} calls ended here")


async def _worked(given: Work) -> Worked:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            loop.add_signal_handler(signal_number, stop.set)
    return await work(given, stop)


@scale.command("status", short_help="Say how far a run in the store is.")
@click.argument("run_id", metavar="RUN")
@store_option
@json_option
def status(run_id: str, place: str, *, as_json: bool) -> None:
    """Calls ended and open of RUN, per judge; a judge whose provider cannot be used, and why."""
    with _opened(place, run_id) as store:
        if as_json:
            click.echo(json.dumps(status_of(store), indent=2))
        else:
            click.echo(tally_text(store))


@scale.command("collect", short_help="Make a run folder of what has ended.")
@click.argument("run_id", metavar="RUN")
@store_option
@output_option
@json_option
def collect_command(run_id: str, place: str, output: Path | None, *, as_json: bool) -> None:
    """Write manifest, recordings, verdicts and times of RUN as `harness run` would have written them.

    May be done while workers are busy, and again. Calls still open stay open; `harness run` would ask them.
    """
    with _opened(place, run_id) as store:
        collect_into(store, output or Path("results", run_id), as_json=as_json)


@scale.command("again", short_help="Let stopped judges be asked again.")
@click.argument("run_id", metavar="RUN")
@store_option
@limit_options
def again(
    run_id: str,
    place: str,
    max_usd: float | None,
    max_calls: int | None,
    max_tokens: int | None,
    max_minutes: float | None,
) -> None:
    """Take back that a judge of RUN was stopped, once its key, account or server is in order.

    A limit that was reached begins anew, as the experiment or these options say. Start workers after this.
    """
    sitting = Sitting(max_usd, max_calls, max_tokens, max_minutes)
    with _opened(place, run_id) as store:
        stopped = ", ".join(store.stops()) or "nobody"
        store.allow(sitting.stops(store.read_run().experiment) or Stops())
        store.clear_stops()
        click.echo(f"stopped before: {stopped}; workers may ask them again")


@contextmanager
def _opened(place: str, run_id: str) -> Iterator[SharedStore]:
    store = open_shared(place, run_id)
    try:
        yield store
    finally:
        store.close()


def _plan(
    experiment: Experiment, run_id: str | None, store: SharedStore, asked: PlanningOptions, *, quiet: bool
) -> SharedRun:
    stops = asked.sitting().stops(experiment)

    def heard(n_planned: int, n_calls: int) -> None:
        if not quiet:
            click.echo(f"planned {n_planned:,} of about {n_calls:,} calls", err=True)

    planning = asked.planning()
    for line in loud_lines(planning.capabilities):
        click.echo(line, err=True)
    planned = plan_shared(experiment, run_id or experiment.experiment_id, store, heard, planning)
    store.allow(stops or Stops())
    return planned


def _environment(planned: SharedRun) -> dict[str, str]:
    """Variables that workers need and their machines may lack; they travel in memory only."""
    names = {one.spec.api_key_env for one in planned.judges} | set(PASSWORD_VARIABLES)
    return {name: os.environ[name] for name in sorted(filter(None, names)) if name in os.environ}


def _share(text: str) -> Share:
    index, _, n_workers = text.partition("/")
    if not (index.isdigit() and n_workers.isdigit() and 1 <= int(index) <= int(n_workers)):
        raise click.BadParameter("write I/N, with I from 1 to N: --share 2/5")
    return Share(int(index) - 1, int(n_workers))
