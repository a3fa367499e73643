"""A sitting that asks in batches: submit, wait, collect; the run folder ends as after a live run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.errors import JudgeError, JudgeUnavailableError, StoreError, TransientJudgeError
from harness.judge.base import Judge
from harness.judge.batch import BatchService
from harness.judge.batch_remote import RemoteBatch
from harness.judge.batch_terms import why_no_batches
from harness.run.batch_collect import Collector
from harness.run.batch_desk import BatchNews, Desk
from harness.run.batch_submit import Submitter
from harness.run.calls import Call, PlannedCell
from harness.run.execute import Ended, Execution, Judges, Progress, execute
from harness.run.session import LiveJudge
from harness.schema import JudgeSpec, Recorder
from harness.store.batches import BatchEntry

MOST_FAILED_LOOKS = 20
"""Looks in a row that fail before nobody waits any longer; the batches stay alive."""


@dataclass
class BatchSitting:
    """One sitting; `live_judge` and the sitting itself are handed to `record_run`."""

    desk: Desk
    ask_live: LiveJudge
    """Builds the judges of `others_live`."""
    service: Callable[[JudgeSpec], BatchService]
    submit: bool = True
    wait: bool = True
    collect: bool = True
    others_live: bool = False
    """Judges that batches are not offered for are asked live; else their calls stay open."""
    _recorder: Recorder | None = field(default=None, init=False)

    def live_judge(self, spec: JudgeSpec, recorder: Recorder) -> Judge:
        """The judge of a preset; what it is recorded with is what batches are recorded with."""
        self._recorder = recorder
        return self.ask_live(spec, recorder)

    async def __call__(
        self, plan: tuple[PlannedCell, ...], judges: Judges, progress: Progress, stop: asyncio.Event
    ) -> Execution:
        """Ask what is open of a plan.

        Raises
        ------
        StoreError
            What came back, or what was submitted, cannot be written down.
        """
        execution = Execution()
        lanes = self._lanes(plan, judges, progress, execution)
        others = tuple(one for one in plan if one.spec.judge_id not in lanes)
        self._name_others(others, judges)
        live = others if self.others_live and self.submit else ()
        progress.started(_counts(lanes.values(), live))
        work: list[Coroutine[Any, Any, None]] = [lane.run(self) for lane in lanes.values()]
        if live:
            work.append(_ask_live(live, judges, (progress, stop), execution))
        self.desk.ledger.sweep()
        await _all(work)
        execution.interrupted = stop.is_set()
        return execution

    def _lanes(
        self, plan: tuple[PlannedCell, ...], judges: Judges, progress: Progress, execution: Execution
    ) -> dict[str, _Lane]:
        """A lane per judge that has batches; a call that two of them share stands in the first."""
        calls = {call.key: call for planned in plan for call in planned.calls}
        entries = self.desk.ledger.entries().values()
        taken = {key for entry in entries if entry.alive for key in entry.note.keys} | judges.recorded
        lanes: dict[str, _Lane] = {}
        for planned in plan:
            spec = planned.spec
            if why_no_batches(spec) is not None:
                continue
            lane = lanes.get(spec.judge_id) or self._lane(spec, calls, judges, (progress, execution))
            lanes[spec.judge_id] = lane
            for call in planned.calls:
                if call.key not in taken:
                    taken.add(call.key)
                    lane.open.append(call)
        return lanes

    def _lane(
        self, spec: JudgeSpec, calls: dict[str, Call], judges: Judges, heard: tuple[Progress, Execution]
    ) -> _Lane:
        if self._recorder is None:
            raise StoreError("a sitting of batches is handed to record_run with its live_judge")
        progress, execution = heard
        service = self.service(spec)
        ended: dict[str, Ended] = execution.ended
        collector = Collector(
            self.desk, service, calls, self._recorder, judges.on_outcome, progress, ended, judges.recorded
        )
        return _Lane(spec, service, Submitter(self.desk, service), collector, execution, progress)

    def _name_others(self, others: tuple[PlannedCell, ...], judges: Judges) -> None:
        """Say loudly who is not asked in batches, and what happens to the calls."""
        for planned in others:
            spec = planned.spec
            why = why_no_batches(spec)
            n_open = any(call.key not in judges.recorded for call in planned.calls)
            if why is None or not n_open or not self.submit or spec.judge_id in self.desk.report.left:
                continue
            self.desk.report.left[spec.judge_id] = why
            fate = "asked live" if self.others_live else "left open (--others-live asks it live)"
            line = f"{spec.judge_id} is not asked in batches but {fate}: {why}"
            self.desk.tell(BatchNews("left", spec.judge_id, "", line))


@dataclass
class _Lane:
    """One judge's batches, from its open calls to its recordings."""

    spec: JudgeSpec
    service: BatchService
    submitter: Submitter
    collector: Collector
    execution: Execution
    progress: Progress
    open: list[Call] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)
    """How each batch stood when it was told last."""

    @property
    def desk(self) -> Desk:
        return self.submitter.desk

    def alive(self) -> list[BatchEntry]:
        return [entry for entry in self.desk.ledger.alive() if entry.judge_id == self.spec.judge_id]

    async def run(self, sitting: BatchSitting) -> None:
        try:
            if sitting.submit:
                await self._guarded(self._submit())
            if sitting.collect:
                await self._guarded(self._wait(patient=sitting.wait))
        finally:
            await self.service.aclose()

    async def _guarded(self, step: Coroutine[Any, Any, None]) -> None:
        """What a provider refuses stops this judge; its calls stay open, and others go on."""
        try:
            await step
        except JudgeError as error:
            whole_account = isinstance(error, JudgeUnavailableError) and error.whole_account
            self._stop(str(error), whole_account=whole_account)

    async def _submit(self) -> None:
        await self.submitter.finish(self.alive())
        if self.open:
            self.desk.check_account(self.spec)
            await self.submitter.submit(self.open)

    async def _wait(self, *, patient: bool) -> None:
        n_looks = n_failed = 0
        while any(entry.note.state == "created" for entry in self.alive()):
            failed = await self._look_at_all()
            n_looks, n_failed = n_looks + 1, n_failed + 1 if failed else 0
            if n_failed >= MOST_FAILED_LOOKS:
                raise JudgeUnavailableError(f"stopped waiting after {n_failed} failed looks: {failed}")
            if not patient or not any(entry.note.state == "created" for entry in self.alive()):
                return
            if not await self.desk.pause(self.desk.pace.pause_s(n_looks)):
                return

    async def _look_at_all(self) -> str:
        """Look at each batch once, and collect those that have ended; the last passing failure in words."""
        failed = ""
        for entry in self.alive():
            if entry.note.state != "created" or entry.note.batch_id is None:
                continue
            try:
                await self._look_at(entry, entry.note.batch_id)
            except TransientJudgeError as error:
                failed = str(error)
                self._tell_trouble(entry, failed)
        return failed

    async def _look_at(self, entry: BatchEntry, batch_id: str) -> None:
        batch = await self.service.look(batch_id)
        if batch.status != entry.note.status:
            self.desk.note(entry.name, "created", status=batch.status)
        self._tell_status(entry, batch)
        if batch.ended:
            await self.collector.collect(entry, batch)
            for stop in self.collector.stops:
                self._stop(str(stop), whole_account=stop.whole_account)

    def _tell_status(self, entry: BatchEntry, batch: RemoteBatch) -> None:
        """Say how a batch stands, when that is news."""
        seen = f"{batch.status} {batch.n_done}"
        if self.seen.get(entry.name) == seen:
            return
        self.seen[entry.name] = seen
        done = f"{batch.n_done:,} of " if batch.n_done is not None else ""
        line = f"{self.spec.judge_id}: {batch.batch_id} {batch.status}, {done}{len(entry.note.keys):,} calls"
        facts = {"batch_id": batch.batch_id, "status": batch.status, "done": batch.n_done}
        self.desk.tell(BatchNews("status", self.spec.judge_id, entry.name, line, facts))

    def _tell_trouble(self, entry: BatchEntry, words: str) -> None:
        line = f"{self.spec.judge_id}: {entry.note.batch_id}: {words}; it is looked at again"
        self.desk.tell(BatchNews("trouble", self.spec.judge_id, entry.name, line))

    def _stop(self, message: str, *, whole_account: bool) -> None:
        if whole_account:
            self.desk.close_account(self.spec, message)
        if self.spec.judge_id not in self.execution.stops:
            self.execution.stops[self.spec.judge_id] = message
            self.progress.stopped((self.spec.judge_id,), message)


class _Started:
    """A progress that knows already how many calls there are."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.ended = progress.ended
        self.stopped = progress.stopped

    def started(self, n_calls: dict[str, int]) -> None:
        """The whole sitting has begun before."""


async def _ask_live(
    plan: tuple[PlannedCell, ...],
    judges: Judges,
    sitting: tuple[Progress, asyncio.Event],
    execution: Execution,
) -> None:
    """The judges that batches are not offered for, as in a live run."""
    progress, stop = sitting
    asked = await execute(plan, judges, _Started(progress), stop)
    execution.ended |= asked.ended
    execution.stops |= asked.stops


def _counts(lanes: Iterable[_Lane], live: tuple[PlannedCell, ...]) -> dict[str, int]:
    counts = {lane.spec.judge_id: len(lane.open) + _n_alive(lane) for lane in lanes}
    for planned in live:
        keys = len({call.key for call in planned.calls})
        counts[planned.spec.judge_id] = counts.get(planned.spec.judge_id, 0) + keys
    return counts


def _n_alive(lane: _Lane) -> int:
    return sum(len(entry.note.keys) for entry in lane.alive())


async def _all(work: list[Coroutine[Any, Any, None]]) -> None:
    """All of them together; after an error of one the others are cancelled, and the error is raised."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
