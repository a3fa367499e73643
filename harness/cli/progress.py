"""Progress of a run on stderr: bars in a terminal, a line now and then in a pipe."""

from __future__ import annotations

import sys
import time
from collections import Counter
from types import TracebackType
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from harness.run.execute import Ended
from harness.schema import Outcome

_SECONDS_BETWEEN_LINES = 10.0


class RunProgress(Protocol):
    """A progress that is opened and closed around a run."""

    def __enter__(self) -> RunProgress: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def started(self, n_calls: dict[str, int]) -> None:
        """The run begins."""

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool) -> None:
        """One call ended."""

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """A provider was given up."""


def run_progress(*, quiet: bool = False) -> RunProgress:
    """The progress that fits where stderr goes."""
    if quiet:
        return LineProgress(float("inf"))
    return BarProgress() if sys.stderr.isatty() else LineProgress(_SECONDS_BETWEEN_LINES)


class Tally:
    """Calls per judge: all, done, failed, recorded before."""

    def __init__(self) -> None:
        self.n_calls: dict[str, int] = {}
        self.done: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.recorded: Counter[str] = Counter()

    def add(self, judge_id: str, ended: Ended, *, recorded: bool) -> None:
        """Count one call."""
        self.done[judge_id] += 1
        self.failed[judge_id] += isinstance(ended, Outcome)
        self.recorded[judge_id] += recorded

    def line(self) -> str:
        """All judges in one line."""
        parts = []
        for judge_id, n_calls in self.n_calls.items():
            extra = f", {self.failed[judge_id]} failed" if self.failed[judge_id] else ""
            extra += f", {self.recorded[judge_id]} recorded" if self.recorded[judge_id] else ""
            parts.append(f"{judge_id} {self.done[judge_id]}/{n_calls}{extra}")
        return "; ".join(parts)


class LineProgress:
    """One line every few seconds, and one at the end; readable in a log."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._tally = Tally()
        self._last = time.monotonic()

    def __enter__(self) -> LineProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._seconds != float("inf") and self._tally.n_calls:
            click.echo(self._tally.line(), err=True)

    def started(self, n_calls: dict[str, int]) -> None:
        """Remember how many calls there are."""
        self._tally.n_calls = n_calls

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool) -> None:
        """Count, and print when it is time."""
        self._tally.add(judge_id, ended, recorded=recorded)
        if time.monotonic() - self._last >= self._seconds:
            self._last = time.monotonic()
            click.echo(self._tally.line(), err=True)

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """Say who was given up, and why."""
        click.echo(f"stopped {', '.join(judge_ids)}: {message}", err=True)


class BarProgress:
    """One bar per judge, redrawn in place."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bars = Progress(*columns, TextColumn("{task.fields[note]}"), console=Console(stderr=True))
        self._tasks: dict[str, TaskID] = {}
        self._tally = Tally()

    def __enter__(self) -> BarProgress:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def started(self, n_calls: dict[str, int]) -> None:
        """Draw the bars."""
        for judge_id, total in n_calls.items():
            self._tasks[judge_id] = self._bars.add_task(judge_id, total=total, note="")

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool) -> None:
        """Move one bar."""
        self._tally.add(judge_id, ended, recorded=recorded)
        n_failed = self._tally.failed[judge_id]
        note = f"{n_failed} failed" if n_failed else ""
        self._bars.update(self._tasks[judge_id], advance=1, note=note)

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """Say who was given up, and why."""
        self._bars.console.print(f"stopped {', '.join(judge_ids)}: {message}", markup=False)
