"""`harness replay`."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import click

from harness.cli.progress import run_progress
from harness.run.session import Finished, replay_run
from harness.schema import Experiment
from harness.store.folder import RunFolder

EXIT_OPEN_CALLS = 1
NEEDS_ANOTHER = "{}: verdicts that are whole stay as they are"


@click.command(short_help="Read a recorded run again, with the network unreachable.")
@click.argument("run", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write here instead of into RUN.",
)
@click.option(
    "--skip-corrupt",
    is_flag=True,
    help="Leave damaged lines of the cassette out, and name them; needs --output.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def replay(run: Path, output: Path | None, *, skip_corrupt: bool, as_json: bool, quiet: bool) -> None:
    """Read the recordings of RUN again and write the same verdicts, byte for byte.

    Nothing is asked of anyone: a request that was never recorded is an error that names the nearest recording
    and what differs. Cases, rulebooks and templates are read as they are now, so one changed letter of what a
    judge would read is a miss, not a wrong hit.
    """
    if skip_corrupt and (output is None or output.resolve() == run.resolve()):
        raise click.UsageError(NEEDS_ANOTHER.format("--skip-corrupt needs another --output"))
    source = RunFolder(run)
    target = source if output is None else RunFolder(output)
    finished = replay_into(source, target, skip_corrupt=skip_corrupt, quiet=quiet)
    _name_corrupt(finished)
    click.echo(json.dumps(summary(finished), indent=2) if as_json else _line(finished))
    if finished.n_open:
        sys.exit(EXIT_OPEN_CALLS)


def replay_asked(folder: RunFolder, mended: Path | None, *, quiet: bool, experiment: Experiment) -> Finished:
    """Replay what was asked into its folder, or what is whole of a damaged recording into another one."""
    if mended is not None and mended.resolve() == folder.path.resolve():
        raise click.UsageError(NEEDS_ANOTHER.format("--skip-corrupt needs another folder than the run's"))
    target = folder if mended is None else RunFolder(mended)
    finished = replay_into(
        folder, target, skip_corrupt=mended is not None, quiet=quiet, experiment=experiment
    )
    _name_corrupt(finished)
    return finished


def _name_corrupt(finished: Finished) -> None:
    for place in finished.corrupt:
        click.echo(f"left out: {place}", err=True)


def _line(finished: Finished) -> str:
    counts = f"{len(finished.verdicts)} verdicts, {finished.n_failed} of them failed"
    damaged = f", {finished.n_open} calls missing" if finished.n_open else ""
    left_out = f", {len(finished.corrupt)} damaged places left out" if finished.corrupt else ""
    return f"{finished.folder.path}: {counts}{damaged}, recordings {finished.store_sha256[:12]}{left_out}"


def replay_into(
    source: RunFolder,
    target: RunFolder,
    *,
    skip_corrupt: bool = False,
    quiet: bool = False,
    experiment: Experiment | None = None,
) -> Finished:
    """Replay one run folder into another, or into itself; see `harness.run.session.replay_run`."""
    with run_progress(quiet=quiet) as progress:
        return asyncio.run(
            replay_run(source, target, progress, skip_corrupt=skip_corrupt, experiment=experiment)
        )


def summary(finished: Finished) -> dict[str, object]:
    """What a run has, for programs."""
    return {
        "run": str(finished.folder.path),
        "verdicts": len(finished.verdicts),
        "failed": finished.n_failed,
        "open_calls": finished.n_open,
        "stopped": dict(finished.stops),
        "interrupted": finished.interrupted,
        "corrupt": list(finished.corrupt),
        "store_sha256": finished.store_sha256,
    }
