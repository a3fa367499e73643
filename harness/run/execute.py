"""The only loop over calls: every call of a plan ends as a completion, as a failure, or stays open."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from harness.errors import (
    HarnessError,
    JudgeRejectedError,
    JudgeUnavailableError,
    NotAskedError,
    TransientJudgeError,
)
from harness.judge.base import Judge
from harness.prompt import is_local
from harness.run.plan import Call, PlannedCell
from harness.schema import Completion, JudgeSpec, Outcome, Request, digest_request

LOCAL_LANE = "local"
_OBJECTS_PER_COLLECTION = 10_000
_SECONDS_BEFORE_SWITCHING = 0.001


Ended = Completion | Outcome
OnOutcome = Callable[[Outcome, Request], Awaitable[None]]
"""Keeps how a call ended without a completion."""


class Progress(Protocol):
    """Hears how a run goes; prints nothing on its own."""

    def started(self, n_calls: dict[str, int]) -> None:
        """The run begins: number of calls per judge."""
        ...

    def ended(self, judge_id: str, ended: Ended, *, recorded: bool, call: Call | None = None) -> None:
        """One call ended; `recorded` when it came from a recording; `call` where it is at hand."""
        ...

    def stopped(self, judge_ids: tuple[str, ...], message: str) -> None:
        """A provider was given up; its calls stay open."""
        ...


@dataclass
class Execution:
    """What a run has so far: how each call ended, and why some stay open."""

    ended: dict[str, Ended] = field(default_factory=dict)
    stops: dict[str, str] = field(default_factory=dict)
    """Lane -> why it was given up."""
    interrupted: bool = False


@dataclass(frozen=True)
class Judges:
    """Who answers: a judge per judge_id, and what is known without asking."""

    by_id: dict[str, Judge]
    recorded: frozenset[str]
    """Keys that are answered from a recording."""
    on_outcome: OnOutcome
    now: Callable[[], str]
    known: Mapping[str, Completion] = field(default_factory=dict)
    """What was recorded under them, where it is at hand: nobody is asked for it."""
    ended: dict[str, Ended] = field(default_factory=dict)
    """How each call ended so far, for whoever looks on."""


async def execute(
    plan: tuple[PlannedCell, ...], judges: Judges, progress: Progress, stop: asyncio.Event
) -> Execution:
    """Ask every call of the plan once; what is recorded is not asked, and comes first.

    Calls are asked in lanes: one per remote judge, and one for all local models, which are loaded one after
    the other. A lane keeps the plan's order, with as many calls in flight as the judge's limits allow.
    When `stop` is set, what is in flight is finished and nothing new begins.

    Raises
    ------
    CassetteMissError
        A replay asked for what was never recorded.
    StoreError
        What came back cannot be kept.
    """
    execution = Execution(judges.ended)
    lanes = _lanes(plan)
    loop = _Loop(judges, progress, stop, execution, _turns(lanes))
    progress.started(_calls_per_judge(lanes))
    try:
        with _set_for_calls():
            await _run_lanes(_open_lanes(lanes, loop), loop)
    except* HarnessError as errors:
        raise _first(errors) from None
    execution.interrupted = stop.is_set()
    return execution


@contextmanager
def _set_for_calls() -> Iterator[None]:
    """Let the garbage collector leave the plan alone while calls run, and let the store write soon.

    A plan is many small records that stay to the end; looking through them again and again while calls make
    garbage is a tenth of the whole run's work. Counted references free most of that garbage at once. The
    thread that makes answers durable needs Python's lock a few times per batch: calls wait for it, so it does
    not wait the usual five milliseconds each time.
    """
    before, switching = gc.get_threshold(), sys.getswitchinterval()
    sys.setswitchinterval(_SECONDS_BEFORE_SWITCHING)
    gc.freeze()
    gc.set_threshold(_OBJECTS_PER_COLLECTION, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
        sys.setswitchinterval(switching)


def _open_lanes(lanes: dict[str, list[_Block]], loop: _Loop) -> dict[str, list[_Block]]:
    """The lanes without the calls that are known, which end here."""
    if not loop.judges.known:
        return lanes
    return {
        name: [
            _Block(block.spec, [call for call in block.calls if not _known_already(call, loop)])
            for block in blocks
        ]
        for name, blocks in lanes.items()
    }


def _known_already(call: Call, loop: _Loop) -> bool:
    completion = loop.judges.known.get(call.key)
    if completion is None:
        return False
    loop.execution.ended[call.key] = completion
    loop.progress.ended(call.frame.grid.spec.judge_id, completion, recorded=True, call=call)
    return True


async def _run_lanes(lanes: dict[str, list[_Block]], loop: _Loop) -> None:
    async with asyncio.TaskGroup() as group:
        for name, blocks in lanes.items():
            group.create_task(_run_lane(name, blocks, loop))


def _first(errors: BaseExceptionGroup[HarnessError]) -> HarnessError:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


@dataclass(frozen=True)
class _Block:
    """Neighbouring calls of one judge."""

    spec: JudgeSpec
    calls: list[Call]


@dataclass(frozen=True)
class _Loop:
    judges: Judges
    progress: Progress
    stop: asyncio.Event
    execution: Execution
    turns: dict[str, asyncio.Lock]
    """Key -> whose turn it is, for the calls that stand in several lanes."""


def _calls_per_judge(lanes: dict[str, list[_Block]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for block in chain.from_iterable(lanes.values()):
        counts[block.spec.judge_id] = counts.get(block.spec.judge_id, 0) + len(block.calls)
    return counts


def _turns(lanes: dict[str, list[_Block]]) -> dict[str, asyncio.Lock]:
    """Two presets of one model may ask the very same: once is enough, but either may have to do it."""
    counts = Counter(call.key for blocks in lanes.values() for block in blocks for call in block.calls)
    return {key: asyncio.Lock() for key, n_lanes in counts.items() if n_lanes > 1}


def _lanes(plan: tuple[PlannedCell, ...]) -> dict[str, list[_Block]]:
    lanes: dict[str, list[_Block]] = {}
    seen: set[tuple[str, str]] = set()
    for planned in plan:
        name = LOCAL_LANE if is_local(planned.spec.model_id) else planned.spec.judge_id
        blocks = lanes.setdefault(name, [])
        if not blocks or blocks[-1].spec.judge_id != planned.spec.judge_id:
            blocks.append(_Block(planned.spec, []))
        for call in planned.calls:
            if (name, call.key) not in seen:
                seen.add((name, call.key))
                blocks[-1].calls.append(call)
    return lanes


async def _run_lane(name: str, blocks: list[_Block], loop: _Loop) -> None:
    for block in blocks:
        judge = loop.judges.by_id[block.spec.judge_id]
        try:
            await _run_block(block, judge, loop)
        except* JudgeUnavailableError as errors:
            first = _first(errors)
            if not (loop.stop.is_set() and isinstance(first, NotAskedError)):
                loop.execution.stops[name] = str(first)
                judge_ids = tuple(dict.fromkeys(one.spec.judge_id for one in blocks))
                loop.progress.stopped(judge_ids, str(first))
        finally:
            await judge.aclose()
        if name in loop.execution.stops:
            return


async def _run_block(block: _Block, judge: Judge, loop: _Loop) -> None:
    calls = iter(block.calls)
    n_workers = min(block.spec.limits.concurrency, len(block.calls))
    async with asyncio.TaskGroup() as group:
        for _ in range(n_workers):
            group.create_task(_work(calls, judge, loop))


async def _work(calls: Iterator[Call], judge: Judge, loop: _Loop) -> None:
    for call in calls:
        async with loop.turns.get(call.key) or nullcontext():
            if loop.stop.is_set():
                return
            ended = loop.execution.ended.get(call.key) or await _ask_and_keep(call, judge, loop)
        recorded = call.key in loop.judges.recorded
        loop.progress.ended(call.frame.grid.spec.judge_id, ended, recorded=recorded, call=call)


async def _ask_and_keep(call: Call, judge: Judge, loop: _Loop) -> Ended:
    ended = await _ask(call, judge, loop.judges.now)
    if isinstance(ended, Outcome) and call.key not in loop.judges.recorded:
        await loop.judges.on_outcome(ended, call.request)
    loop.execution.ended[call.key] = ended
    return ended


async def _ask(call: Call, judge: Judge, now: Callable[[], str]) -> Ended:
    try:
        return await judge.complete(call.request)
    except (TransientJudgeError, JudgeRejectedError) as error:
        return outcome_of(call, error, now())


def outcome_of(call: Call, error: TransientJudgeError | JudgeRejectedError, ended_at: str) -> Outcome:
    """How a call ended that brought no completion."""
    return Outcome(
        key=call.key,
        request=digest_request(call.request),
        origin=call.origin,
        reason="exhausted" if isinstance(error, TransientJudgeError) else "rejected",
        message=str(error),
        attempts=error.attempts,
        ended_at=ended_at,
    )
