"""One place that asks again: only after failures that may pass; the only file that imports tenacity."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from pydantic import JsonValue

from harness.errors import JudgeError, JudgeUnavailableError, NotAskedError, TransientJudgeError
from harness.judge.base import Judge
from harness.judge.clock import SYSTEM_CLOCK, Clock, sleep_unless
from harness.schema import Attempt, Completion, Recorder, Request, request_key
from harness.schema.small import small_copy

if TYPE_CHECKING:
    from tenacity import AsyncRetrying, RetryCallState

FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
LONGEST_RETRY_AFTER_S = 300.0
N_EQUAL_ENDINGS = 5
_VARYING = re.compile(r"\b(?=\w*\d)[\w-]{6,}\b|\d+")

Wait = Callable[[int, TransientJudgeError], float]
"""Seconds to wait after failed attempt number n (from 1)."""

OnRetry = Callable[[str, int, float, str], None]
"""Hears of a wait: judge_id, number of the failed attempt, seconds, the failure in words."""


def jittered_wait(rng: random.Random) -> Wait:
    """What the provider asks for, five minutes at most; else 1, 2, 4 … 60 s, each shortened by up to half."""

    def wait(n_failed: int, error: TransientJudgeError) -> float:
        if error.retry_after_s is not None:
            # A little more than asked, and not all at the same moment.
            return min(error.retry_after_s, LONGEST_RETRY_AFTER_S) + rng.uniform(0.0, FIRST_WAIT_S)
        return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** (n_failed - 1)) * rng.uniform(0.5, 1.0)

    return wait


class RetryingJudge:
    """Asks again after a `TransientJudgeError`, a few times; keeps a row for every failed attempt.

    A provider that is down is no finding about a prompt, and an exception class alone does not tell the two
    apart. So when `N_EQUAL_ENDINGS` calls in a row used up their attempts and ended with the same message
    (numbers and request ids aside), the judge counts as unavailable from then on: the calls that are left
    stay open for resume, instead of each paying for all its attempts. One answer in between starts the count
    afresh.

    Nobody waits for a next attempt that will not be made: when the run is halted or the judge is given up,
    calls between two attempts end at once and stay open.
    """

    def __init__(  # noqa: PLR0913 - what a run shares comes from outside
        self,
        inner: Judge,
        *,
        recorder: Recorder | None = None,
        max_attempts: int | None = None,
        wait: Wait | None = None,
        halt: asyncio.Event | None = None,
        on_retry: OnRetry | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Wrap a judge; `max_attempts` and `wait` default to the preset's limit and `jittered_wait`."""
        self.spec = inner.spec
        self._inner = inner
        self._recorder = recorder
        self._max_attempts = max_attempts or inner.spec.limits.max_attempts
        self._wait = wait or jittered_wait(random.Random())
        self._clock = clock
        self._halt = halt
        self._on_retry = on_retry
        self._breaker = _Breaker(self.spec.judge_id)
        self._waiting: dict[asyncio.Event, None] = {}
        self._given_up: JudgeUnavailableError | None = None

    def runtime(self) -> dict[str, JsonValue]:
        """The inner judge's."""
        return self._inner.runtime()

    async def aclose(self) -> None:
        """Close the inner judge."""
        await self._inner.aclose()

    async def complete(self, request: Request) -> Completion:
        """Ask until an answer comes or the attempts are used up; the completion tells how many it took.

        Raises
        ------
        TransientJudgeError
            Every attempt failed; the message is the last one's, with the number of attempts.
        JudgeRejectedError
            At once, from the inner judge.
        JudgeUnavailableError
            At once, from the inner judge, or because call after call ended the same way.
        """
        try:
            completion = await self._try(request, 1)
        except TransientJudgeError as error:
            completion = await self._again(request, error)
        self._breaker.answered()
        return completion

    async def _again(self, request: Request, first: TransientJudgeError) -> Completion:
        """Go on after a failed first attempt; nearly all calls need none of this."""
        numbers = itertools.count(1)

        async def once() -> Completion:
            number = next(numbers)
            if number == 1:
                raise first
            return await self._try(request, number)

        try:
            completion: Completion = await self._attempts()(once)
        except TransientJudgeError as error:
            ended = self._breaker.ended(error, self._max_attempts)
            if isinstance(ended, JudgeUnavailableError):
                self._give_up(ended)
            raise ended from None
        return completion

    def _attempts(self) -> AsyncRetrying:
        from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

        return AsyncRetrying(
            retry=retry_if_exception_type(TransientJudgeError),
            stop=stop_after_attempt(self._max_attempts),
            wait=self._seconds,
            sleep=self._sleep,
            before_sleep=self._tell,
            reraise=True,
        )

    def _tell(self, state: RetryCallState) -> None:
        if self._on_retry is None or state.outcome is None or state.next_action is None:
            return
        error = str(state.outcome.exception())
        self._on_retry(self.spec.judge_id, state.attempt_number, state.next_action.sleep, error)

    async def _sleep(self, seconds: float) -> None:
        """Wait for the next attempt, unless there will be none."""
        wake = asyncio.Event()
        self._waiting[wake] = None
        try:
            await sleep_unless(self._clock, seconds, wake, self._halt)
        finally:
            del self._waiting[wake]
        if self._given_up is not None:
            raise type(self._given_up)(str(self._given_up), judge_id=self.spec.judge_id)
        if self._halt is not None and self._halt.is_set():
            raise NotAskedError("the run was interrupted", judge_id=self.spec.judge_id)

    def _seconds(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        return self._wait(state.attempt_number, error) if isinstance(error, TransientJudgeError) else 0.0

    def _give_up(self, error: JudgeUnavailableError) -> None:
        self._given_up = error
        for wake in self._waiting:
            wake.set()

    async def _try(self, request: Request, number: int) -> Completion:
        self._breaker.check()
        try:
            completion = await self._inner.complete(request)
        except JudgeUnavailableError as error:  # says nothing about this request: nothing is kept
            self._give_up(error)
            raise
        except JudgeError as error:
            error.attempts = number
            await self._record(request, error)
            raise
        return small_copy(completion, {"attempts": number})

    async def _record(self, request: Request, error: JudgeError) -> None:
        if self._recorder is None:
            return
        await self._recorder.record_attempt(
            Attempt(
                key=request_key(request),
                judge_id=self.spec.judge_id,
                error=type(error).__name__,
                message=str(error),
                at=self._clock.stamp(),
            )
        )


class _Breaker:
    """Counts calls in a row that ended alike."""

    def __init__(self, judge_id: str) -> None:
        self._judge_id = judge_id
        self._message = ""
        self._n_equal = 0

    def answered(self) -> None:
        self._n_equal = 0

    def check(self) -> None:
        """Stop calls that are still to be made, once the count is full."""
        if self._n_equal >= N_EQUAL_ENDINGS:
            raise self._stopped()

    def ended(self, error: TransientJudgeError, n_attempts: int) -> JudgeError:
        """The error for a call that used up its attempts."""
        message = str(error)
        alike = _VARYING.sub("#", message) == _VARYING.sub("#", self._message)
        self._n_equal = self._n_equal + 1 if alike else 1
        self._message = message
        if self._n_equal >= N_EQUAL_ENDINGS:
            return self._stopped()
        return TransientJudgeError(
            f"{message} (after {n_attempts} attempt{'s' if n_attempts > 1 else ''})",
            judge_id=error.judge_id,
            case_id=error.case_id,
            attempts=n_attempts,
            retry_after_s=error.retry_after_s,
        )

    def _stopped(self) -> JudgeUnavailableError:
        message = f"stopped asking: {N_EQUAL_ENDINGS} calls in a row ended with: {self._message}"
        return JudgeUnavailableError(message, judge_id=self._judge_id)
