"""How fast and how much a provider is asked: concurrency, requests and tokens a minute, pauses, a budget."""

from __future__ import annotations

import asyncio

from pydantic import JsonValue

from harness.errors import JudgeUnavailableError, TransientJudgeError
from harness.judge.base import Judge
from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.schema import Completion, Limits, Request

CHARACTERS_PER_TOKEN = 3.0
"""Low on purpose: French runs to about 3.5, and an estimate that is too high only waits a little."""

LONGEST_PAUSE_S = 300.0


class Bucket:
    """A rate a minute, spread evenly: what one request uses up is paid off in time before the next starts.

    There is no burst at the start, or the first minute would see nearly twice the rate.
    """

    def __init__(self, per_min: float, clock: Clock) -> None:
        self._per_s = per_min / 60.0
        self._clock = clock
        self._free_at = clock.monotonic()

    def take(self, amount: float) -> float:
        """Reserve an amount; the seconds to wait before using it."""
        now = self._clock.monotonic()
        starts_at = max(now, self._free_at)
        self._free_at = starts_at + amount / self._per_s
        return starts_at - now

    def give_back(self, amount: float) -> None:
        """Correct an estimate: what was reserved too much, or a negative amount for too little."""
        self._free_at -= amount / self._per_s


class Budget:
    """A ceiling on requests and on wall time, which several judges may share; every attempt counts."""

    def __init__(
        self, max_calls: int | None = None, max_seconds: float | None = None, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        """Set the ceilings; absent = none. The time runs from the first request."""
        self.n_calls = 0
        self._max_calls = max_calls
        self._max_seconds = max_seconds
        self._clock = clock
        self._started: float | None = None

    def spend(self, judge_id: str) -> None:
        """Count one request.

        Raises
        ------
        JudgeUnavailableError
            The budget is used up; the request must not be made.
        """
        now = self._clock.monotonic()
        self._started = now if self._started is None else self._started
        if self._max_calls is not None and self.n_calls >= self._max_calls:
            raise _used_up(f"{self._max_calls} requests", judge_id)
        if self._max_seconds is not None and now - self._started >= self._max_seconds:
            raise _used_up(f"{self._max_seconds:g} seconds", judge_id)
        self.n_calls += 1


def _used_up(budget: str, judge_id: str) -> JudgeUnavailableError:
    return JudgeUnavailableError(f"{judge_id}: the budget of {budget} is used up", judge_id=judge_id)


class RateLimitedJudge:
    """Asks no faster than its limits allow; a Retry-After for one call pauses them all.

    It stands inside the retrying judge, so that every attempt is counted and nothing is held while a call
    waits for its next attempt.
    """

    def __init__(
        self,
        inner: Judge,
        limits: Limits | None = None,
        *,
        budget: Budget | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Wrap a judge; `limits` defaults to the preset's."""
        self.spec = inner.spec
        self._inner = inner
        self._budget = budget
        self._clock = clock
        allowed = limits or inner.spec.limits
        self._places = asyncio.Semaphore(allowed.concurrency)
        self._requests = Bucket(allowed.requests_per_min, clock) if allowed.requests_per_min else None
        self._tokens = Bucket(allowed.tokens_per_min, clock) if allowed.tokens_per_min else None
        self._paused_until = clock.monotonic()

    def runtime(self) -> dict[str, JsonValue]:
        """The inner judge's."""
        return self._inner.runtime()

    async def aclose(self) -> None:
        """Close the inner judge."""
        await self._inner.aclose()

    async def complete(self, request: Request) -> Completion:
        """Wait for a place, then ask once.

        Raises
        ------
        JudgeUnavailableError
            The budget is used up, or the inner judge says so; all its other errors pass as they are.
        """
        async with self._places:
            estimate = estimate_tokens(request, self.spec.sampling.max_tokens)
            await self._wait(estimate)
            if self._budget is not None:
                self._budget.spend(self.spec.judge_id)
            try:
                completion = await self._inner.complete(request)
            except TransientJudgeError as error:
                self._pause(error.retry_after_s)
                raise
            self._correct(estimate, completion)
            return completion

    async def _wait(self, estimate: float) -> None:
        asked = ((self._requests, 1.0), (self._tokens, estimate))
        wait_s = max((bucket.take(amount) for bucket, amount in asked if bucket), default=0.0)
        if wait_s > 0:
            await self._clock.sleep(wait_s)
        # Again after waiting: another call may have been told to pause meanwhile.
        while (pause_s := self._paused_until - self._clock.monotonic()) > 0:
            await self._clock.sleep(pause_s)

    def _pause(self, retry_after_s: float | None) -> None:
        if retry_after_s is not None:
            until = self._clock.monotonic() + min(retry_after_s, LONGEST_PAUSE_S)
            self._paused_until = max(self._paused_until, until)

    def _correct(self, estimate: float, completion: Completion) -> None:
        told = (completion.usage.prompt_tokens, completion.usage.completion_tokens)
        if self._tokens is not None and None not in told:
            self._tokens.give_back(estimate - sum(count or 0 for count in told))


def estimate_tokens(request: Request, max_tokens: int) -> float:
    """Tokens that a request may use: its characters, and the longest reply it allows."""
    characters = sum(len(message.content) for message in request.messages)
    asked = request.parameters.get("max_tokens", max_tokens)
    longest = 1 if request.endpoint == "next_token" else asked
    return characters / CHARACTERS_PER_TOKEN + (longest if isinstance(longest, int) else max_tokens)
