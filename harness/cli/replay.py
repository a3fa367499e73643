"""`harness replay`."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from harness.cli.progress import run_progress
from harness.run.session import Finished, replay_run
from harness.store.folder import RunFolder


@click.command(short_help="Read a recorded run again, with the network unreachable.")
@click.argument("run", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write here instead of into RUN.",
)
@click.option("--skip-corrupt", is_flag=True, help="Leave damaged lines of the cassette out, and name them.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def replay(run: Path, output: Path | None, *, skip_corrupt: bool, quiet: bool) -> None:
    """Read the recordings of RUN again and write the same verdicts, byte for byte.

    Nothing is asked of anyone: a request that was never recorded is an error that names the nearest recording
    and what differs. Cases, rulebooks and templates are read as they are now, so one changed letter of what a
    judge would read is a miss, not a wrong hit.
    """
    source = RunFolder(run)
    target = source if output is None else RunFolder(output)
    finished = replay_into(source, target, skip_corrupt=skip_corrupt, quiet=quiet)
    click.echo(
        f"{finished.folder.path}: {len(finished.verdicts)} verdicts, {finished.n_failed} of them failed, "
        f"recordings {finished.store_sha256[:12]}"
    )


def replay_into(
    source: RunFolder, target: RunFolder, *, skip_corrupt: bool = False, quiet: bool = False
) -> Finished:
    """Replay one run folder into another, or into itself."""
    with run_progress(quiet=quiet) as progress:
        return asyncio.run(replay_run(source, target, progress, skip_corrupt=skip_corrupt))
