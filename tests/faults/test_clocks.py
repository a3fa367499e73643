"""Clocks that jump: a machine that slept, a clock that was set, a steady count that is not steady."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.cli.progress import LineProgress
from harness.errors import TransientJudgeError
from harness.judge.build import live_judge
from harness.judge.clock import Clock
from harness.judge.limits import Bucket
from harness.judge.retry import LONGEST_RETRY_AFTER_S, jittered_wait
from harness.judge.translate import parse_retry_after
from harness.load.content import load_experiment
from harness.run.session import record_run, replay_run
from harness.store import RunFolder

if TYPE_CHECKING:
    from tests.conftest import Bench
    from tests.faults.conftest import Served

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY_S = 86_400.0
JUMPS = (0.01, 0.02, -3600.0, 0.01, 7200.0, -DAY_S, 0.0, 3 * DAY_S)

Serve = Callable[..., "Served"]


@dataclass
class Jumping:
    """Both clocks jump at every look; nobody really waits."""

    jumps: Iterator[float] = field(default_factory=lambda: cycle(JUMPS))
    at_s: float = 10 * DAY_S
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """A count of seconds that goes forth and back."""
        self.at_s += next(self.jumps)
        return self.at_s

    def now(self) -> datetime:
        """A date that does the same."""
        return NOON + timedelta(seconds=self.monotonic() % (30 * DAY_S))

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.at_s += seconds
        await asyncio.sleep(0)

    def clock(self) -> Clock:
        """As the live judges take it."""
        return Clock(now=self.now, monotonic=self.monotonic, sleep=self.sleep)


@given(
    jumps=st.lists(st.floats(-1e7, 1e7), min_size=1, max_size=30),
    amounts=st.lists(st.floats(0, 1e4), min_size=1, max_size=30),
    per_min=st.floats(0.1, 1e6),
)
def test_a_limiter_never_waits_a_negative_or_endless_time(
    jumps: list[float], amounts: list[float], per_min: float
) -> None:
    """Whatever a clock does, a wait is at most what was reserved so far and how far the clock fell back."""
    time = Jumping(cycle(jumps))
    bucket = Bucket(per_min, time.clock())
    longest, reserved_s = time.at_s, 0.0
    for amount in amounts:
        wait_s = bucket.take(amount)
        longest = max(longest, time.at_s)
        assert math.isfinite(wait_s)
        assert 0 <= wait_s <= reserved_s + (longest - time.at_s) + 1e-3
        reserved_s += amount * 60 / per_min


@given(offset_s=st.floats(-1e9, 1e9), seed=st.integers(0, 99))
def test_a_date_to_wait_for_is_believed_for_five_minutes_at_most(offset_s: float, seed: int) -> None:
    """A Retry-After date on a clock years away from ours is neither a negative wait nor a wait of years."""
    date = f"{NOON:%a, %d %b %Y %H:%M:%S} GMT"
    told_s = parse_retry_after(date, NOON + timedelta(seconds=offset_s))
    assert told_s is not None
    assert told_s >= 0
    wait = jittered_wait(random.Random(seed))
    assert 0 <= wait(1, TransientJudgeError("x", retry_after_s=told_s)) <= LONGEST_RETRY_AFTER_S + 1


@pytest.mark.parametrize("jump_s", [-DAY_S, -3600.0, 3600.0, 400 * DAY_S])
def test_a_run_on_a_jumping_clock_ends(bench: Bench, serve: Serve, jump_s: float) -> None:
    """Every call ends, no latency and no wait is negative, and a replay is the same bytes."""
    kinds = ("limited", "asked-to-wait", "broken", "drops")
    served = serve("provider", "--rate", "0.3", "--kinds", *kinds)
    bench.write_judge(
        "hosted",
        "openai/test",
        f"api_base: {served.url}\nservice: loopback\ntransport: direct\n"
        "limits: {requests_per_min: 6000, tokens_per_min: 6000000, max_attempts: 6, concurrency: 4}\n",
    )
    bench.write_experiment("hosted", rulebooks="hhh, none")
    time = Jumping(cycle((0.01, 0.0, 0.03, jump_s, -jump_s / 2)))
    folder = RunFolder(Path("run"))

    async def record() -> int:
        with LineProgress(float("inf")) as progress:
            live = partial(live_judge, clock=time.clock(), rng=random.Random(1))
            finished = await record_run(load_experiment("mini"), folder, live, progress, asyncio.Event())
            return finished.n_open

    assert asyncio.run(record()) == 0
    assert len(served.requests()) > 24
    assert all((timing.latency_s or 0) >= 0 for timing in folder.read_timing())
    assert time.slept
    assert min(time.slept) >= 0
    with LineProgress(float("inf")) as progress:
        asyncio.run(replay_run(folder, RunFolder(Path("again")), progress))
    assert RunFolder(Path("again")).verdicts_path.read_bytes() == folder.verdicts_path.read_bytes()
