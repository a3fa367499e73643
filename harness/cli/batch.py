"""`harness batch`: the provider's own batches, for runs that can wait a day."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from harness.cli.asked import AskedOptions, experiment_options
from harness.cli.batch_sitting import BatchOptions, Sat, sit
from harness.cli.batch_words import entry_facts, report_facts, report_text, status_lines
from harness.cli.replay import EXIT_OPEN_CALLS, summary
from harness.cli.run import EXIT_FAILED_VERDICTS
from harness.cli.sitting import Sitting, sitting_options
from harness.run.batch_desk import LONGEST_PAUSE_S
from harness.run.batch_manage import cancel_batches, look_at_batches
from harness.store.batches import BatchLedger
from harness.store.folder import RunFolder

Command = TypeVar("Command", bound=Callable[..., Any])

experiment_argument = click.argument("experiment")
run_argument = click.argument("run_path", metavar="RUN", type=click.Path(path_type=Path, file_okay=False))
json_option = click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
pause_option = click.option(
    "--longest-pause",
    "pause_s",
    type=click.FloatRange(min=0.05),
    default=LONGEST_PAUSE_S,
    show_default=True,
    help="Most seconds between two looks at a batch; the first comes after 15.",
)
_SUBMIT_OPTIONS = (
    click.option(
        "--output",
        "-o",
        type=click.Path(path_type=Path, file_okay=False),
        help="Run folder.  [default: results/EXPERIMENT_ID]",
    ),
    experiment_options,
    click.option(
        "--shots-from",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="People's grades for judges that are shown graded cases first (NAME.shots-4).",
    ),
    click.option("--others-live", is_flag=True, help="Ask judges without batches live, meanwhile."),
    click.option("--requests-per-batch", type=click.IntRange(min=1), help="Fewer than the provider allows."),
    click.option(
        "--megabytes-per-batch", type=click.FloatRange(min=0.001), help="Less than the provider allows."
    ),
    sitting_options,
)


def submit_options(command: Command) -> Command:
    """Give a command what `submit` and `run` have in common."""
    for option in reversed(_SUBMIT_OPTIONS):
        command = option(command)
    return command


@click.group(short_help="The provider's own batches: about half the price, within a day.")
def batch() -> None:
    """Ask in batches of the provider: for a run that can wait a day, often at half the price.

    `run` does everything in one sitting: it submits the open calls, waits, and keeps every answer exactly as
    if it had been asked live. It can be stopped or killed at any moment; the same command goes on. `submit`,
    `status` and `collect` are its steps, for those who would rather go home.

    A batch is alive until its answers are collected; until then what it holds is asked in no other way.

    \b
    harness batch run my-experiment.yaml -o results/monday
    harness batch submit my-experiment.yaml -o results/monday --max-usd 20
    harness batch status results/monday
    harness batch collect results/monday --wait

    docs/batch.md says which providers have batches.
    """  # noqa: D301 - click wants the character itself


@batch.command("run", short_help="Submit, wait, collect; the same command goes on where it stopped.")
@experiment_argument
@submit_options
@pause_option
@json_option
@quiet_option
def run_batches(experiment: str, pause_s: float, **typed: Any) -> None:  # noqa: ANN401 - click's own
    """Submit the open calls of EXPERIMENT, wait for the batches, and keep their answers.

    Ctrl-C stops waiting; the batches stay alive with the provider, and the same command collects them. What
    failed in a way that may pass is open in the end: the same command submits it again, `harness run` asks it
    live.

    Exit code 0: all read; 3: all asked, and some verdicts failed; 1: calls are open, or with the provider.
    """
    _submitted(experiment, typed, BatchOptions(pause_s=pause_s))


@batch.command("submit", short_help="Submit the open calls, and do not wait.")
@experiment_argument
@submit_options
@json_option
@quiet_option
def submit_batches(experiment: str, **typed: Any) -> None:  # noqa: ANN401 - click's own
    """Submit the open calls of EXPERIMENT and end; `harness batch collect` brings the answers in.

    What is recorded, or is in a batch that is alive, is not submitted again. The --max options let only calls
    through that fit even if each used the longest reply that it allows.

    Exit code 0: submitted; 1: something could not be.
    """
    _submitted(experiment, typed, BatchOptions(wait=False, collect=False))


def _submitted(experiment: str, typed: dict[str, Any], options: BatchOptions) -> None:
    output, shots_from = typed.pop("output"), typed.pop("shots_from")
    as_json, quiet = typed.pop("as_json"), typed.pop("quiet")
    megabytes = typed.pop("megabytes_per_batch")
    options = options.with_room(typed.pop("requests_per_batch"), megabytes)
    options = options.asking(others_live=typed.pop("others_live"), shots_from=shots_from)
    limits = ("max_usd", "max_calls", "max_tokens", "max_minutes", "events")
    sitting = Sitting(*(typed.pop(name) for name in limits))
    asked = AskedOptions(**typed)
    loaded = asked.experiment(experiment)
    folder = RunFolder(output or Path("results", loaded.experiment_id))
    options = options.with_capabilities(asked.table())
    sat = asyncio.run(sit(loaded, folder, options, sitting, quiet=quiet))
    _print(sat, as_json=as_json, to_stdout=not sitting.events_on_stdout)
    _leave(sat, submitted_only=not options.collect)


@batch.command("collect", short_help="Keep the answers of batches that have ended.")
@run_argument
@click.option("--wait", is_flag=True, help="Wait for those that have not.")
@pause_option
@json_option
@quiet_option
def collect_batches(run_path: Path, *, wait: bool, pause_s: float, as_json: bool, quiet: bool) -> None:
    """Look at the batches of RUN once, and keep the answers of those that have ended.

    Nothing is submitted, and nobody is asked live. Cases, rulebooks and templates must be as they were.

    Exit code 0: all read; 3: all asked, and some verdicts failed; 1: calls are open, or with the provider.
    """
    folder = RunFolder(run_path)
    manifest = folder.read_manifest()
    folder.refuse_imported(manifest, "collect")
    presets = {judge.spec.judge_id: judge.spec for judge in manifest.judges}
    options = BatchOptions(submit=False, wait=wait, pause_s=pause_s, presets=presets)
    sitting = Sitting(None, None, None, None, None)
    sat = asyncio.run(sit(manifest.experiment, folder, options, sitting, quiet=quiet))
    _print(sat, as_json=as_json, to_stdout=True)
    _leave(sat, submitted_only=False)


@batch.command("status", short_help="Say where the batches of a run are.")
@run_argument
@click.option("--offline", is_flag=True, help="Ask no provider: as it was when somebody last looked.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def batch_status(run_path: Path, *, offline: bool, as_json: bool) -> None:
    """Say for each batch of RUN whose it is, where it is, and what became of it. Changes nothing."""
    folder = RunFolder(run_path)
    entries = list(BatchLedger(folder.path).entries().values())
    looks = {} if offline else asyncio.run(look_at_batches(folder, entries))
    if as_json:
        click.echo(json.dumps([entry_facts(entry, looks.get(entry.name)) for entry in entries], indent=2))
        return
    for line in status_lines(folder.path, entries, looks):
        click.echo(line)


@batch.command("cancel", short_help="Give up batches that are alive.")
@run_argument
@click.option("--batch", "only", metavar="ID", help="Only this one; the provider's id or ours.")
def cancel(run_path: Path, *, only: str | None) -> None:
    """Ask the provider to end the batches of RUN that are alive.

    What is finished is kept by the provider, paid, and brought in by `harness batch collect`. A batch that
    the provider does not know (any more) is given up here: its calls are open again.
    """
    folder = RunFolder(run_path)
    told, failed = asyncio.run(cancel_batches(folder, only))
    for line in (*told, *failed):
        click.echo(line)
    if failed:
        sys.exit(EXIT_OPEN_CALLS)


def _print(sat: Sat, *, as_json: bool, to_stdout: bool) -> None:
    if not to_stdout:
        return
    if as_json:
        facts = summary(sat.finished) | {"batches": report_facts(sat)}
        click.echo(json.dumps(facts, indent=2))
    else:
        click.echo(report_text(sat))


def _leave(sat: Sat, *, submitted_only: bool) -> None:
    """Exit as `harness run` does; a submission has done its work when nothing was left behind."""
    stopped = bool(sat.finished.stops) or sat.finished.interrupted
    untouched = sat.finished.n_open > sat.n_alive
    if stopped or (untouched if submitted_only else sat.finished.n_open):
        sys.exit(EXIT_OPEN_CALLS)
    if sat.finished.n_failed and not submitted_only:
        sys.exit(EXIT_FAILED_VERDICTS)
