"""`harness run`."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click

from harness.cli.asked import AskedOptions, experiment_options, shots_option
from harness.cli.progress import RunProgress, run_progress
from harness.cli.replay import EXIT_OPEN_CALLS, replay_asked, summary
from harness.cli.sitting import Sitting, sitting_options
from harness.judge.base import Judge
from harness.judge.budget import Budget
from harness.judge.build import Shared, live_judge
from harness.judge.provider import Providers
from harness.run.capabilities import loud_lines, table_in_force
from harness.run.session import Finished, record_run
from harness.schema import CapabilityTable, Experiment, JudgeSpec, Recorder
from harness.store.batches import BatchLedger, refuse_while_alive
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
    "--skip-corrupt",
    "mended",
    metavar="OTHER",
    type=click.Path(path_type=Path, file_okay=False),
    help="With --replay: leave damaged lines of the cassette out, and write what is whole to this folder.",
)
@click.option(
    "--extend", is_flag=True, help="The experiment has new parts: add them to the run in the run folder."
)
@experiment_options
@shots_option
@sitting_options
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="No progress on stderr.")
def run(
    experiment: str,
    output: Path | None,
    *,
    only_replay: bool,
    mended: Path | None,
    extend: bool,
    as_json: bool,
    quiet: bool,
    max_usd: float | None,
    max_calls: int | None,
    max_tokens: int | None,
    max_minutes: float | None,
    events: Path | None,
    shots_from: Path | None,
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

    The --max options end this sitting, to within the calls in flight; what is left stays open. They override
    the `stops` of the experiment, and may be others at the next sitting.

    \b
    harness run local-judges
    harness run my-experiment.yaml -o results/monday
    harness run my-experiment.yaml --ablate-rules --extend
    harness run my-experiment.yaml --max-usd 5 --max-minutes 480 --events run.jsonl

    Exit code 0: all read; 3: all asked, and some verdicts failed (kept and shown); 1: calls stay open.
    """  # noqa: D301 - click wants the character itself
    if only_replay and extend:
        raise click.UsageError("--replay asks nobody, so it cannot --extend a run")
    if mended is not None and not only_replay:
        raise click.UsageError("--skip-corrupt goes with --replay: whoever asks has to know what is recorded")
    options = AskedOptions(**asked)  # type: ignore[arg-type]
    loaded = options.experiment(experiment)
    folder = RunFolder(output or Path("results", loaded.experiment_id))
    sitting = Sitting(max_usd, max_calls, max_tokens, max_minutes, events)
    if only_replay:
        finished = replay_asked(folder, mended, quiet=quiet, experiment=loaded)
    else:
        run_once = _Run(loaded, folder, options.table(), sitting, shots_from, extend=extend, quiet=quiet)
        finished = asyncio.run(run_once.record())
    if not (sitting.events_on_stdout and not only_replay):
        click.echo(json.dumps(summary(finished), indent=2) if as_json else summary_text(finished))
    if finished.n_open:
        sys.exit(EXIT_OPEN_CALLS)
    if finished.n_failed:
        sys.exit(EXIT_FAILED_VERDICTS)


@dataclass(frozen=True)
class _Run:
    """One sitting: what is asked, into which folder, and who hears of it."""

    experiment: Experiment
    folder: RunFolder
    capabilities: CapabilityTable | None
    sitting: Sitting
    shots_from: Path | None
    extend: bool
    quiet: bool

    async def record(self) -> Finished:
        refuse_while_alive(BatchLedger(self.folder.path))
        judge_ids = dict.fromkeys(judge for part in self.experiment.parts for judge in part.judges)
        for line in loud_lines(table_in_force(self.folder, self.capabilities, judge_ids)):
            click.echo(line, err=True)
        stops = self.sitting.stops(self.experiment)
        stop = asyncio.Event()
        with (
            self.sitting.event_log() as log,
            run_progress(quiet=self.quiet, events=log) as progress,
            finishing_on_ctrl_c(stop, progress),
        ):
            budget = None if stops is None else Budget.of(stops)
            shared = Shared(Providers(), budget, stop, progress.retried)
            finished = await self._record(Asking(shared, progress), progress, stop)
            if log is not None:
                log.write("finished", **summary(finished))
        return finished

    async def _record(self, asking: Asking, progress: RunProgress, stop: asyncio.Event) -> Finished:
        return await record_run(
            self.experiment,
            self.folder,
            asking,
            progress,
            stop,
            extend=self.extend,
            capabilities=self.capabilities,
            shots_from=self.shots_from,
        )


@dataclass(frozen=True)
class Asking:
    """Builds the judges of this sitting, all under the same limits."""

    shared: Shared
    progress: RunProgress

    def __call__(self, spec: JudgeSpec, recorder: Recorder) -> Judge:
        """The judge of a preset."""
        self.progress.priced(spec)
        return live_judge(spec, recorder, shared=self.shared)


@contextmanager
def finishing_on_ctrl_c(stop: asyncio.Event, progress: RunProgress) -> Iterator[None]:
    """The first Ctrl-C sets `stop`; the second one is as always."""
    loop = asyncio.get_running_loop()

    def finish_what_is_in_flight() -> None:
        progress.interrupted()
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    # Windows has no such handler: there one Ctrl-C stops at once, and what was answered is kept all the same.
    with suppress(NotImplementedError):
        loop.add_signal_handler(signal.SIGINT, finish_what_is_in_flight)
    yield


def summary_text(finished: Finished) -> str:
    """What a run has, for people, and what to do next."""
    counts = f"{len(finished.verdicts)} verdicts, {finished.n_failed} of them failed"
    lines = [f"{finished.folder.path}: {counts}, {finished.n_open} calls open"]
    for message in dict.fromkeys(finished.stops.values()):
        lanes = [lane for lane, why in finished.stops.items() if why == message]
        is_named = len(lanes) == 1 and message.startswith(lanes[0])
        lines.append(f"given up: {message}" if is_named else f"given up: {', '.join(lanes)}: {message}")
    if finished.n_open:
        lines.append("the same command asks the open calls")
    else:
        lines.append(f"next: harness compare {finished.folder.path}")
    return "\n".join(lines)
