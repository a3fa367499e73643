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

from harness.cli.scale_words import collect_into, looker, tally_text
from harness.load.content import load_experiment
from harness.scale.places import open_shared
from harness.scale.planning import CALLS_PER_LEASE, plan_shared
from harness.scale.share import Share
from harness.scale.worker import LEASE_S, Work, Worked, new_worker_id, work
from harness.store.shared import SharedRun, SharedStore, url_passwords

if TYPE_CHECKING:
    from harness.scale.cluster import Job

STORE_VARIABLE = "HARNESS_STORE"
PASSWORD_VARIABLES = ("PGPASSWORD", "PGPASSFILE", "PGUSER", "PGSSLMODE", "PGSSLROOTCERT")


def _store_given(_: click.Context, __: click.Parameter, place: str | None) -> str:
    """The place of the store; a password may come from the environment, never from the command line."""
    if place is not None and url_passwords(place):
        raise click.BadParameter(
            f"a password on the command line is seen by everybody on this machine: put it into PGPASSWORD or "
            f"~/.pgpass, or the whole URL into {STORE_VARIABLE}"
        )
    found = place or os.environ.get(STORE_VARIABLE, "").strip()
    if not found:
        raise click.BadParameter(
            f"say where the workers meet: --store postgresql://host/database, --store /shared/folder, or "
            f"{STORE_VARIABLE} in the environment"
        )
    return found


store_option = click.option(
    "--store",
    "place",
    callback=_store_given,
    help="postgresql://USER@HOST/DATABASE, or a folder that every worker can write to.  "
    f"[env: {STORE_VARIABLE}]",
)
run_option = click.option(
    "--run", "run_id", help="Name of the run in the store.  [default: the experiment's id]"
)
lease_option = click.option(
    "--lease",
    "lease_s",
    type=click.FloatRange(min=1.0),
    default=LEASE_S,
    show_default=True,
    help="Seconds after which a lost worker's calls go to another.",
)
calls_option = click.option(
    "--calls-per-lease",
    type=click.IntRange(min=1),
    default=CALLS_PER_LEASE,
    show_default=True,
    help="How many calls of a judge are handed out at a time; fixed when the run is planned.",
)
output_option = click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    help="Run folder.  [default: results/RUN]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")


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
@calls_option
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
    calls_per_lease: int,
    output: Path | None,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Plan EXPERIMENT into the store, ask it with workers on a Ray cluster, and collect the run folder.

    The same command resumes. Ctrl-C finishes what is in flight, and collects what is there.
    """
    from harness.scale import cluster

    with _opened(place, run_id or _id_of(experiment)) as store:
        planned = _plan(experiment, run_id, store, calls_per_lease, quiet=quiet)
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
@calls_option
@quiet_option
def plan(experiment: str, place: str, run_id: str | None, calls_per_lease: int, *, quiet: bool) -> None:
    """Plan EXPERIMENT into the store; then start `harness scale worker` on as many machines as you like."""
    with _opened(place, run_id or _id_of(experiment)) as store:
        planned = _plan(experiment, run_id, store, calls_per_lease, quiet=quiet)
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
            tallies = {name: asdict(tally) for name, tally in store.tally().items()}
            click.echo(json.dumps({"judges": tallies, "stops": dict(store.stops())}, indent=2))
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
def again(run_id: str, place: str) -> None:
    """Take back that a judge of RUN was stopped, once its key, account or server is in order."""
    with _opened(place, run_id) as store:
        stopped = ", ".join(store.stops()) or "nobody"
        store.clear_stops()
        click.echo(f"stopped before: {stopped}; workers may ask them again")


def _id_of(experiment: str) -> str:
    return load_experiment(experiment).experiment_id


@contextmanager
def _opened(place: str, run_id: str) -> Iterator[SharedStore]:
    store = open_shared(place, run_id)
    try:
        yield store
    finally:
        store.close()


def _plan(
    experiment: str, run_id: str | None, store: SharedStore, calls_per_lease: int, *, quiet: bool
) -> SharedRun:
    loaded = load_experiment(experiment)

    def heard(n_planned: int, n_calls: int) -> None:
        if not quiet:
            click.echo(f"planned {n_planned:,} of about {n_calls:,} calls", err=True)

    return plan_shared(loaded, run_id or loaded.experiment_id, store, heard, calls_per_lease)


def _environment(planned: SharedRun) -> dict[str, str]:
    """Variables that workers need and their machines may lack; they travel in memory only."""
    names = {one.spec.api_key_env for one in planned.judges} | set(PASSWORD_VARIABLES)
    return {name: os.environ[name] for name in sorted(filter(None, names)) if name in os.environ}


def _share(text: str) -> Share:
    index, _, n_workers = text.partition("/")
    if not (index.isdigit() and n_workers.isdigit() and 1 <= int(index) <= int(n_workers)):
        raise click.BadParameter("write I/N, with I from 1 to N: --share 2/5")
    return Share(int(index) - 1, int(n_workers))
