"""One worker: it takes leases, asks their calls in the one loop over calls, and keeps each answer first."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from harness.errors import JudgeUnavailableError, StoreError
from harness.judge.build import Shared, live_judge
from harness.judge.provider import Providers
from harness.prompt import is_local
from harness.run.calls import Call, Frame, Grid, PlannedCell
from harness.run.execute import LOCAL_LANE, Ended, Execution, Judges, execute
from harness.run.session import LiveJudge
from harness.scale.keeping import Keeper, Worked
from harness.scale.leased import HeldLease, LeasedJudge
from harness.scale.purse import Purse
from harness.scale.share import Share
from harness.schema import Cell, JudgeSpec, Origin, Stops
from harness.schema.key import KeyFrame
from harness.store.circumstances import now
from harness.store.shared import (
    Lease,
    SharedCall,
    SharedRun,
    SharedStore,
    lost_row,
)

LEASE_S = 60.0
RENEWALS_PER_LEASE = 4
N_LEASES_AT_ONCE = 2
"""While the last calls of one bucket are slow, the next one keeps the places busy."""

LONGEST_IDLE_S = 5.0


@dataclass(frozen=True)
class Work:
    """What a worker is given."""

    store: SharedStore
    share: Share
    worker_id: str
    lease_s: float = LEASE_S
    live: LiveJudge | None = None
    """Builds its judges; by default the real ones, which share the limits of their providers."""


def new_worker_id(index: int) -> str:
    """A name that no other worker, and no earlier life of this one, has."""
    return f"{index}-{uuid.uuid4().hex[:8]}"


async def work(given: Work, stop: asyncio.Event) -> Worked:
    """Ask until every call of this worker's judges has ended or its judge was stopped.

    When `stop` is set, what is in flight is finished, and the leases are given back.

    Raises
    ------
    StoreError
        Answers cannot be kept.
    JudgeUnavailableError
        A judge cannot even be built here: a runtime or weights are missing.
    """
    run = await asyncio.to_thread(given.store.read_run)
    worker = _Worker(given, run, stop)
    try:
        async with asyncio.TaskGroup() as group:
            for specs in _lanes(worker.specs.values()):
                for _ in range(1 if is_local(specs[0].model_id) else N_LEASES_AT_ONCE):
                    group.create_task(worker.serve(tuple(spec.judge_id for spec in specs)))
    except* (StoreError, JudgeUnavailableError) as errors:
        raise _first(errors) from None
    finally:
        await worker.aclose()
    return worker.worked


def _first(errors: BaseExceptionGroup[StoreError | JudgeUnavailableError]) -> Exception:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _lanes(specs: Iterable[JudgeSpec]) -> list[list[JudgeSpec]]:
    """Judges that are served one after the other: all local models, and every other judge alone."""
    lanes: dict[str, list[JudgeSpec]] = {}
    for spec in specs:
        lanes.setdefault(LOCAL_LANE if is_local(spec.model_id) else spec.judge_id, []).append(spec)
    return list(lanes.values())


class _Worker:
    """Judges, and the leases that they are asked under."""

    def __init__(self, given: Work, run: SharedRun, stop: asyncio.Event) -> None:
        self.worked = Worked()
        self._given = given
        self._store = given.store
        self._stop = stop
        self.specs = given.share.specs(one.spec for one in run.judges)
        purse = None if given.store.account().stops == Stops() else Purse(given.store)
        self._keeper = Keeper(given.store, self.specs, purse, self.worked)
        live = given.live or partial(live_judge, shared=Shared(Providers(), halt=stop))
        self._judges = {
            name: LeasedJudge(live(spec, self._keeper), self._keeper) for name, spec in self.specs.items()
        }
        self._check_runtimes(run)

    def _check_runtimes(self, run: SharedRun) -> None:
        """A local model of other weights or another runtime would answer under the wrong key."""
        for one in run.judges:
            name = one.spec.judge_id
            here = self._judges[name].runtime() if name in self._judges else one.runtime
            if here != one.runtime:
                raise StoreError(
                    f"{name}: this worker would run it as {here}, but the plan says {one.runtime}"
                )

    async def aclose(self) -> None:
        for judge in self._judges.values():
            await judge.inner.aclose()
        with suppress(StoreError):  # the account is then a little behind; every answer is kept all the same
            await self._keeper.settle()

    async def serve(self, judge_ids: tuple[str, ...]) -> None:
        """Take one lease after the other, until nothing is left for these judges."""
        idle_s = min(LONGEST_IDLE_S, self._given.lease_s / RENEWALS_PER_LEASE)
        while not self._stop.is_set():
            lease = await self._claim(judge_ids)
            if lease is not None:
                await self._ask(lease)
            elif await self._nothing_left(judge_ids):
                return
            else:  # the rest is leased to others, who may yet be lost
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stop.wait(), idle_s)

    async def _claim(self, judge_ids: tuple[str, ...]) -> Lease | None:
        given = self._given
        return await asyncio.to_thread(self._store.claim, judge_ids, given.worker_id, given.lease_s)

    async def _nothing_left(self, judge_ids: tuple[str, ...]) -> bool:
        tallies = await asyncio.to_thread(self._store.tally)
        stopped = await asyncio.to_thread(self._store.stops)
        return all(
            name in stopped or name not in tallies or tallies[name].n_buckets_open == 0 for name in judge_ids
        )

    async def _ask(self, lease: Lease) -> None:
        held = HeldLease(lease, valid_until=time.monotonic() + self._given.lease_s)
        async with self._renewed(held):
            found = await asyncio.to_thread(self._store.open_calls, lease)
            await self._store.write([lost_row(row, lease, now()) for row in found.interrupted])
            self._keeper.hold(found.calls, held)
            plan = tuple(_planned(call, self.specs[lease.judge_id]) for call in found.calls)
            judges = Judges(dict(self._judges), frozenset(), self._keeper.keep_outcome, now)
            execution = await execute(plan, judges, _Unheard(), held.stop)
            await self._let_go(held, execution, {call.key for call in found.calls})

    async def _let_go(self, held: HeldLease, execution: Execution, keys: set[str]) -> None:
        await asyncio.gather(*held.asking, return_exceptions=True)
        lease = held.lease
        self.worked.n_leases += 1
        self.worked.n_lost_leases += held.lost
        self._keeper.let_go(keys)
        # Whoever was told to end says nothing about a judge.
        if execution.stops and held.is_valid() and not self._stop.is_set():
            await self._stop_judge(lease.judge_id, next(iter(execution.stops.values())))
        if not held.lost:
            await asyncio.to_thread(self._store.release, lease, ended=keys <= execution.ended.keys())

    async def _stop_judge(self, judge_id: str, message: str) -> None:
        """A provider that cannot be used is asked by nobody any more, also under our other lease."""
        await asyncio.to_thread(self._store.stop_judge, judge_id, message)
        self._keeper.stop(judge_id)

    @asynccontextmanager
    async def _renewed(self, held: HeldLease) -> AsyncIterator[None]:
        """Renew a lease while it is used; a lease that is lost, or Ctrl-C, stops its bucket."""
        renewing = asyncio.create_task(self._renew(held))
        stopping = asyncio.create_task(_pass_on(self._stop, held.stop))
        try:
            yield
        finally:
            renewing.cancel()
            stopping.cancel()
            await asyncio.gather(renewing, stopping, return_exceptions=True)

    async def _renew(self, held: HeldLease) -> None:
        lease_s = self._given.lease_s
        while True:
            await asyncio.sleep(lease_s / RENEWALS_PER_LEASE)
            asked_at = time.monotonic()
            with suppress(StoreError):  # not renewed this time: the lease says itself when it is over
                if not await asyncio.to_thread(self._store.renew, held.lease, lease_s):
                    held.lost = True
                    held.stop.set()
                    return
                held.valid_until = asked_at + lease_s


class _Unheard:
    """A progress that tells nobody: the keeper counts, and the store hears of what stops."""

    def started(self, n_calls: dict[str, int]) -> None:
        """Say nothing."""

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: object = None) -> None:
        """Say nothing."""

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """Say nothing."""


async def _pass_on(outer: asyncio.Event, inner: asyncio.Event) -> None:
    await outer.wait()
    inner.set()


def _planned(call: SharedCall, spec: JudgeSpec) -> PlannedCell:
    """A call as a cell of its own: the loop over calls asks, and whoever collects reads whole cells."""
    origin: Origin = call.origin
    cell = Cell(
        annotator_id=spec.judge_id,
        annotator_kind="judge",
        case_id=origin.case_id,
        rulebook_id=origin.rulebook_id,
        wording=origin.wording,
        language=origin.language,
        protocol=origin.protocol,
        repeat=origin.repeat,
        simulated=spec.model_id.startswith("scripted/"),
    )
    grid = Grid(spec, dict(call.request.runtime), origin.rulebook_id, origin.wording, origin.language)
    frame = Frame(grid, origin.template_id, origin.repeat, call.request, KeyFrame(call.request))
    asked = Call(call.key, call.request.messages, origin.presentation, origin.case_id, frame)
    return PlannedCell(cell, spec, (asked,))
