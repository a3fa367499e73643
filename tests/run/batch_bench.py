"""What the tests of batches share: sittings against a provider in this process, with a clock of their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.judge.batch import BatchService
from harness.judge.build import Shared, live_judge
from harness.judge.clock import Clock
from harness.judge.provider import Providers
from harness.load.content import load_experiment
from harness.run.batch_desk import Allowance, BatchNews, Desk
from harness.run.batches import BatchSitting
from harness.run.execute import Ended
from harness.run.session import Finished, record_run
from harness.schema import Recording, Stops
from harness.schema.batch import BatchTally
from harness.store.batches import BatchLedger
from harness.store.cassette import Cassette
from harness.store.folder import RunFolder

if TYPE_CHECKING:
    from tests.conftest import Bench
    from tests.faults.batch_provider import BatchProvider

KEY = "sk-proj-0123456789abcdefINVENTED"


@dataclass
class FakeTime:
    """Time that passes only by sleeping."""

    passed_s: float = 0.0
    pauses: list[float] = field(default_factory=list)
    after: Callable[[int], None] | None = None
    """Called with the number of pauses so far."""

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.pauses.append(seconds)
        self.passed_s += seconds
        if self.after is not None:
            self.after(len(self.pauses))
        await asyncio.sleep(0)

    def clock(self) -> Clock:
        """The clock that shows this time."""
        start = datetime(2030, 5, 1, 12, tzinfo=UTC)
        return Clock(
            now=lambda: start + timedelta(seconds=self.passed_s),
            monotonic=lambda: 1000.0 + self.passed_s,
            sleep=self.sleep,
        )


@dataclass
class Silent:
    """A progress that remembers who was stopped."""

    stops: list[str] = field(default_factory=list)
    n_ended: int = 0

    def started(self, n_calls: dict[str, int]) -> None:
        """Nothing to remember."""

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: object = None) -> None:  # noqa: ARG002 - a protocol
        """Count."""
        self.n_ended += 1

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:  # noqa: ARG002 - a protocol
        """Keep the words."""
        self.stops.append(message)


@dataclass
class Seat:
    """One sitting, and what it came to."""

    finished: Finished
    desk: Desk
    news: list[BatchNews]
    time: FakeTime

    @property
    def tally(self) -> dict[str, int]:
        """What was collected."""
        return {name: n for name, n in self.desk.report.totals().items() if n}

    @property
    def words(self) -> str:
        """Everything that was said."""
        return "\n".join(one.words for one in self.news)


@dataclass
class BatchBench:
    """An experiment whose judges ask a provider in this process."""

    bench: Bench
    folder: RunFolder = field(default_factory=lambda: RunFolder(Path("run")))

    def judges(self, provider: BatchProvider, *names: str, more: str = "", last: bool = True) -> None:
        """Write listwise judges that ask the provider, and the experiment that asks them."""
        for name in names:
            where = f"api_base: {provider.url}\nservice: loop\napi_key_env: TEST_API_KEY\n"
            self.bench.write_judge(name, f"openai/{name}", where + more)
        if last:
            self.bench.write_experiment(*names, rulebooks="hhh")

    def sit(self, *, folder: Path | None = None, **options: Any) -> Seat:  # noqa: ANN401 - many kinds
        """One sitting; options are those of the desk and of the sitting."""
        time = options.pop("time", None) or FakeTime()
        news: list[BatchNews] = []
        stops = options.pop("stops", None) or Stops()
        run = RunFolder(folder) if folder else self.folder
        names = {"max_requests", "max_bytes", "max_minutes"} & options.keys()
        fields = {name: options.pop(name) for name in names}
        halt = asyncio.Event()
        if "halt_after" in options:
            most = options.pop("halt_after")
            time.after = lambda n: halt.set() if n >= most else None
        desk = Desk(BatchLedger(run.path), halt, news.append, Allowance(stops), time.clock(), **fields)
        finished = asyncio.run(self._record(run, desk, options))
        return Seat(finished, desk, news, time)

    async def _record(self, run: RunFolder, desk: Desk, options: dict[str, Any]) -> Finished:
        shared = Shared(Providers(), desk.allowance.budget, desk.halt)
        sitting = BatchSitting(
            desk,
            lambda spec, recorder: live_judge(spec, recorder, shared=shared),
            lambda spec: BatchService(spec, desk.clock, halt=desk.halt, wait=lambda *_: 1.0),
            **options,
        )
        experiment = load_experiment("mini")
        return await record_run(
            experiment, run, sitting.live_judge, Silent(), desk.halt, execute_plan=sitting
        )

    def live(self, folder: Path) -> Finished:
        """The same experiment, asked live."""

        async def ask() -> Finished:
            return await record_run(
                load_experiment("mini"), RunFolder(folder), live_judge, Silent(), asyncio.Event()
            )

        return asyncio.run(ask())

    def recordings(self, folder: Path | None = None) -> dict[str, Recording]:
        """What the cassette of a run holds, by key."""
        run = RunFolder(folder) if folder else self.folder
        return {one.key: one for one in Cassette.read(run.cassette_path).recordings()}

    def entries(self) -> list[tuple[str, BatchTally | None]]:
        """State and tally of every batch in the ledger."""
        found = BatchLedger(self.folder.path).entries().values()
        return [(one.note.state, one.note.tally) for one in found]


def bodies(provider: BatchProvider) -> list[str]:
    """The bodies of all submitted requests, in canonical order."""
    return sorted(json.dumps(line["body"], sort_keys=True) for line in provider.submitted())


def live_bodies(provider: BatchProvider) -> list[str]:
    """The same for requests that were asked live."""
    asked = provider.asked("POST /v1/chat/completions")
    return sorted(json.dumps(one["body"], sort_keys=True) for one in asked)
