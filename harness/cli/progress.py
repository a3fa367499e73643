"""Progress of a run on stderr: bars in a terminal, a line now and then in a pipe, events for programs."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

import click

from harness.cli.events import EventLog
from harness.cli.tally import Tally
from harness.run.execute import Ended

if TYPE_CHECKING:
    from rich.progress import TaskID

    from harness.run.calls import Call
    from harness.schema import JudgeSpec

SECONDS_BETWEEN_LINES = 10.0
SECONDS_BETWEEN_DRAWINGS = 0.1

Monotonic = Callable[[], float]


class RunProgress(Protocol):
    """A progress that is opened and closed around a run."""

    def __enter__(self) -> RunProgress: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def priced(self, spec: JudgeSpec) -> None:
        """A judge will be asked; what its tokens cost stands in its preset."""

    def started(self, n_calls: dict[str, int]) -> None:
        """The run begins."""

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: Call | None = None) -> None:
        """One call ended."""

    def retried(self, judge_id: str, attempt: int, wait_s: float, message: str) -> None:
        """An attempt failed, and another one will be made."""

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """A provider was given up."""

    def interrupted(self) -> None:
        """Ctrl-C came: what is in flight is finished."""


def run_progress(*, quiet: bool = False, events: EventLog | None = None) -> RunProgress:
    """The progress that fits where stderr goes, and the events where they are wanted."""
    shown: RunProgress
    if quiet:
        shown = LineProgress(float("inf"))
    else:
        shown = BarProgress() if sys.stderr.isatty() else LineProgress(SECONDS_BETWEEN_LINES)
    return shown if events is None else _Both(shown, events)


class LineProgress:
    """One line every few seconds, and one at the end; readable in a log: no control characters."""

    def __init__(self, seconds: float, now: Monotonic = time.monotonic) -> None:
        self._seconds = seconds
        self._now = now
        self._tally = Tally(now)
        self._last = now()

    def __enter__(self) -> LineProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._seconds != float("inf") and self._tally.n_calls:
            _say(self._tally.line())

    def priced(self, spec: JudgeSpec) -> None:
        """Remember what its tokens cost."""
        self._tally.price(spec)

    def started(self, n_calls: dict[str, int]) -> None:
        """Remember how many calls there are."""
        self._tally.start(n_calls)

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: object = None) -> None:  # noqa: ARG002
        """Count, and print when it is time."""
        self._tally.add(judge_id, ended, recorded=recorded)
        self._tick()

    def retried(self, judge_id: str, attempt: int, wait_s: float, message: str) -> None:  # noqa: ARG002
        """Count, and print when it is time: a run that only waits says so too."""
        self._tally.retried(judge_id)
        self._tick()

    def _tick(self) -> None:
        if self._now() - self._last >= self._seconds:
            self._last = self._now()
            _say(self._tally.line())

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """Say who was given up, and why; one reason of all judges is said once."""
        if self._tally.is_news(message):
            _say(f"stopped {', '.join(judge_ids)}: {message}")

    def interrupted(self) -> None:
        """Say what Ctrl-C does."""
        _say("finishing what is in flight; Ctrl-C again stops at once")


class BarProgress:
    """One bar per judge, redrawn in place."""

    def __init__(self, now: Monotonic = time.monotonic) -> None:
        # rich takes 30 ms to import, and a pipe needs none of it
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn())
        note = TextColumn("{task.fields[note]}", markup=False)
        self._bars = Progress(*columns, note, console=Console(stderr=True))
        self._tasks: dict[str, TaskID] = {}
        self._now = now
        self._tally = Tally(now)
        self._last = now()

    def __enter__(self) -> BarProgress:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._draw()
        self._bars.stop()

    def priced(self, spec: JudgeSpec) -> None:
        """Remember what its tokens cost."""
        self._tally.price(spec)

    def started(self, n_calls: dict[str, int]) -> None:
        """Draw the bars."""
        self._tally.start(n_calls)
        for judge_id, total in n_calls.items():
            self._tasks[judge_id] = self._bars.add_task(judge_id, total=total, note="")

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: object = None) -> None:  # noqa: ARG002
        """Count, and move the bars when it is time."""
        self._tally.add(judge_id, ended, recorded=recorded)
        self._tick()

    def retried(self, judge_id: str, attempt: int, wait_s: float, message: str) -> None:  # noqa: ARG002
        """Count, and move the bars when it is time."""
        self._tally.retried(judge_id)
        self._tick()

    def _tick(self) -> None:
        if self._now() - self._last >= SECONDS_BETWEEN_DRAWINGS:
            self._last = self._now()
            self._draw()

    def _draw(self) -> None:
        for judge_id, task in self._tasks.items():
            note = ", ".join(self._tally.notes(judge_id))
            self._bars.update(task, completed=self._tally.done[judge_id], note=note)

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """Say who was given up, and why; one reason of all judges is said once."""
        if self._tally.is_news(message):
            self._bars.console.print(plain(f"stopped {', '.join(judge_ids)}: {message}"), markup=False)

    def interrupted(self) -> None:
        """Say what Ctrl-C does."""
        self._bars.console.print("finishing what is in flight; Ctrl-C again stops at once", markup=False)


class _Both:
    """Shows progress and writes events."""

    def __init__(self, shown: RunProgress, events: EventLog) -> None:
        self._shown = shown
        self._events = events

    def __enter__(self) -> _Both:
        self._shown.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shown.__exit__(kind, error, trace)

    def priced(self, spec: JudgeSpec) -> None:
        for one in (self._shown, self._events):
            one.priced(spec)

    def started(self, n_calls: dict[str, int]) -> None:
        for one in (self._shown, self._events):
            one.started(n_calls)

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: Call | None = None) -> None:
        for one in (self._shown, self._events):
            one.ended(judge_id, ended, recorded=recorded, call=call)

    def retried(self, judge_id: str, attempt: int, wait_s: float, message: str) -> None:
        for one in (self._shown, self._events):
            one.retried(judge_id, attempt, wait_s, message)

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        for one in (self._shown, self._events):
            one.stopped(judge_ids, message)

    def interrupted(self) -> None:
        for one in (self._shown, self._events):
            one.interrupted()


def plain(text: str) -> str:
    """A provider's words on one line, without control characters."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _say(line: str) -> None:
    click.echo(plain(line), err=True)
