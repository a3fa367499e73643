"""Runs of scripted judges that count what they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import JsonValue

from harness.errors import JudgeError
from harness.judge.base import Judge
from harness.judge.cassette import RecordingJudge
from harness.judge.scripted import ScriptedJudge
from harness.run.execute import Ended
from harness.run.session import Finished, LiveJudge, record_run, replay_run
from harness.schema import Completion, Experiment, JudgeSpec, Recorder, Request
from harness.store.folder import RunFolder


@dataclass
class Counting:
    """Builds scripted judges that count what they are asked, and fail where a test says so."""

    asked: list[str] = field(default_factory=list)
    """judge_id of every call, in order."""
    failing: dict[str, JudgeError] = field(default_factory=dict)
    """judge_id -> the error of all its calls."""
    after: Callable[[int], None] | None = None
    """Called with the number of calls so far."""

    def __call__(self, spec: JudgeSpec, recorder: Recorder) -> Judge:
        """The judge of a preset, recorded."""
        return RecordingJudge(_Counted(spec, self), recorder)


class _Counted:
    def __init__(self, spec: JudgeSpec, counts: Counting) -> None:
        self.spec = spec
        self._inner = ScriptedJudge(spec)
        self._counts = counts

    async def complete(self, request: Request) -> Completion:
        self._counts.asked.append(self.spec.judge_id)
        await asyncio.sleep(0)
        if self._counts.after is not None:
            self._counts.after(len(self._counts.asked))
        if self.spec.judge_id in self._counts.failing:
            raise self._counts.failing[self.spec.judge_id]
        return await self._inner.complete(request)

    def runtime(self) -> dict[str, JsonValue]:
        return {}

    async def aclose(self) -> None:
        return None


@dataclass
class Heard:
    """A progress that remembers."""

    n_ended: int = 0
    stops: list[str] = field(default_factory=list)

    def started(self, n_calls: dict[str, int]) -> None:
        """Nothing to remember."""

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: object = None) -> None:  # noqa: ARG002 - a protocol
        """Count."""
        self.n_ended += 1

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:  # noqa: ARG002 - a protocol
        """Keep the words."""
        self.stops.append(message)


@dataclass
class Runs:
    """Runs and replays without the command line."""

    heard: Heard = field(default_factory=Heard)

    def record(
        self,
        experiment: Experiment,
        folder: Path,
        live: LiveJudge,
        *,
        stop_after: int | None = None,
        extend: bool = False,
    ) -> Finished:
        """Record a run; with `stop_after`, Ctrl-C comes during that call."""

        async def whole() -> Finished:
            stop = asyncio.Event()
            if stop_after is not None and isinstance(live, Counting):
                live.after = lambda n_asked: stop.set() if n_asked >= stop_after else None
            return await record_run(experiment, RunFolder(folder), live, self.heard, stop, extend=extend)

        return asyncio.run(whole())

    def replay(self, folder: Path, target: Path | None = None) -> Finished:
        """Replay a run folder."""
        return asyncio.run(replay_run(RunFolder(folder), RunFolder(target or folder), self.heard))


@pytest.fixture
def runs() -> Runs:
    """Give what records and replays."""
    return Runs()


@pytest.fixture
def counting() -> Counting:
    """Give what builds judges that count."""
    return Counting()
