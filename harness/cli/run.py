"""`harness run`."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import suppress
from pathlib import Path

import click

from harness.cli.asked import AskedOptions, experiment_options
from harness.cli.progress import run_progress
from harness.cli.replay import EXIT_OPEN_CALLS, replay_into, summary
from harness.judge.build import live_judge
from harness.run.capabilities import loud_lines, table_in_force
from harness.run.session import Finished, record_run
from harness.schema import CapabilityTable, Experiment
from harness.store.folder import RunFolder

EXIT_FAILED_VERDICTS = 3


@click.command(short_help="Ask the judges of an experiment, or resume where a run stopped.")
@click.argument("experiment")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    help="Run folder.  [default: results/EXPERIMENT_ID]",
)
@click.option(
    "--replay", "only_replay", is_flag=True, help="Ask nobody: read what is recorded in the run folder."
)
@click.option(
    "--extend", is_flag=True, help="The experiment has new parts: add them to the run in the run folder."
)
@experiment_options
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def run(
    experiment: str,
    output: Path | None,
    *,
    only_replay: bool,
    extend: bool,
    as_json: bool,
    quiet: bool,
    **asked: object,
) -> None:
    """Ask every judge of EXPERIMENT (an id or a YAML file) and keep every answer.

    The run folder holds manifest, recordings, verdicts and times. The same command resumes: what was answered
    is never asked again. Ctrl-C finishes what is in flight; twice stops at once; both resume.

    A run folder belongs to one experiment as it was. New parts can join it with --extend; whatever was there
    must be there still, unchanged.

    With --ablate-rules, parts are added that leave out one rule at a time, to see what each rule does. Give
    the option again to resume or replay such a run; with --extend it joins a run recorded without it.

    --set, --judges, --cases and --seed change the experiment for this run; the manifest holds it as it was
    asked, so a run folder goes on only under the same ones.

    \b
    harness run local-judges
    harness run my-experiment.yaml -o results/monday
    harness run my-experiment.yaml --ablate-rules --extend

    Exit code 0: all read; 3: all asked, and some verdicts failed (kept and shown); 1: calls stay open.
    """  # noqa: D301 - click wants the character itself
    if only_replay and extend:
        raise click.UsageError("--replay asks nobody, so it cannot --extend a run")
    options = AskedOptions(**asked)  # type: ignore[arg-type]
    loaded = options.experiment(experiment)
    folder = RunFolder(output or Path("results", loaded.experiment_id))
    if only_replay:
        finished = replay_into(folder, folder, quiet=quiet, experiment=loaded)
    else:
        finished = asyncio.run(_record(loaded, folder, options.table(), quiet=quiet, extend=extend))
    click.echo(json.dumps(summary(finished), indent=2) if as_json else summary_text(finished))
    if finished.n_open:
        sys.exit(EXIT_OPEN_CALLS)
    if finished.n_failed:
        sys.exit(EXIT_FAILED_VERDICTS)


async def _record(
    experiment: Experiment, folder: RunFolder, given: CapabilityTable | None, *, quiet: bool, extend: bool
) -> Finished:
    judge_ids = dict.fromkeys(judge for part in experiment.parts for judge in part.judges)
    for line in loud_lines(table_in_force(folder, given, judge_ids)):
        click.echo(line, err=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def finish_what_is_in_flight() -> None:
        click.echo("finishing what is in flight; Ctrl-C again stops at once", err=True)
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    # Windows has no such handler: there one Ctrl-C stops at once, and what was answered is kept all the same.
    with suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGINT, finish_what_is_in_flight)
    with run_progress(quiet=quiet) as progress:
        return await record_run(
            experiment, folder, live_judge, progress, stop, extend=extend, capabilities=given
        )


def summary_text(finished: Finished) -> str:
    """What a run has, for people, and what to do next."""
    counts = f"{len(finished.verdicts)} verdicts, {finished.n_failed} of them failed"
    lines = [f"{finished.folder.path}: {counts}, {finished.n_open} calls open"]
    lines += [f"given up: {message}" for message in finished.stops.values()]
    if finished.n_open:
        lines.append("the same command asks the open calls")
    else:
        lines.append(f"next: harness compare {finished.folder.path}")
    return "\n".join(lines)
