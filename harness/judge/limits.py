"""How fast and how much a provider is asked: its judges share places, rates, pauses and the run's budget."""

from __future__ import annotations

import asyncio

from pydantic import JsonValue

from harness.errors import JudgeUnavailableError, NotAskedError, TransientJudgeError
from harness.judge.base import Judge
from harness.judge.budget import Budget
from harness.judge.clock import SYSTEM_CLOCK, Clock, sleep_unless
from harness.judge.provider import LONGEST_PAUSE_S, Bucket, Provider
from harness.schema import Completion, Limits, Request, Usage

__all__ = ["LONGEST_PAUSE_S", "Bucket", "Budget", "RateLimitedJudge", "estimate_tokens", "estimate_usage"]

CHARACTERS_PER_TOKEN = 3.0
"""Low on purpose: French runs to about 3.5, and an estimate that is too high only waits a little."""


class RateLimitedJudge:
    """Asks no faster than its provider's limits allow; a Retry-After for one call pauses all of them.

    It stands inside the retrying judge, so that every attempt is counted and nothing is held while a call
    waits for its next attempt. What waits when the run is halted, its budget spent or the account closed, is
    not asked any more.
    """

    def __init__(  # noqa: PLR0913 - what a run shares comes from outside
        self,
        inner: Judge,
        limits: Limits | None = None,
        *,
        provider: Provider | None = None,
        budget: Budget | None = None,
        halt: asyncio.Event | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """Wrap a judge; without a provider it has one of its own, with `limits` or the preset's."""
        self.spec = inner.spec
        self._inner = inner
        self._budget = budget
        self._halt = halt
        self._clock = clock
        self._closed: str | None = None
        self._provider = provider or _own_provider(limits or inner.spec.limits, clock)

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
        NotAskedError
            The run is halted, or its budget is used up.
        JudgeUnavailableError
            The inner judge says so, or said so before; all its other errors pass as they are.
        """
        gate = self._provider.gate
        entry = await gate.enter(self.spec.judge_id)
        try:
            return await self._ask(request, entry)
        finally:
            gate.leave()

    async def _ask(self, request: Request, entry: int) -> Completion:
        estimate = estimate_tokens(request, self.spec.sampling.max_tokens)
        self._check_open()  # before a token of the rate is reserved
        await self._wait(estimate)
        self._check_open()
        if self._budget is not None:
            self._budget.spend(self.spec.judge_id)
        try:
            completion = await self._inner.complete(request)
        except TransientJudgeError as error:
            self._slow_down(error, entry)
            raise
        except JudgeUnavailableError as error:
            self._close(error)
            raise
        self._provider.gate.answered()
        self._settle(request, estimate, completion)
        return completion

    def _check_open(self) -> None:
        if self._halt is not None and self._halt.is_set():
            raise NotAskedError("the run was interrupted", judge_id=self.spec.judge_id)
        why = self._closed or self._provider.closed(self.spec.api_key_env)
        if why is not None:
            raise JudgeUnavailableError(why, judge_id=self.spec.judge_id)

    async def _wait(self, estimate: float) -> None:
        wait_s = self._provider.reserve(estimate)
        if wait_s > 0:
            await sleep_unless(self._clock, wait_s, self._halt)
        # Again after waiting: another call may have been told to pause meanwhile.
        while (pause_s := self._provider.paused_until - self._clock.monotonic()) > 0:
            if not await sleep_unless(self._clock, pause_s, self._halt):
                return

    def _slow_down(self, error: TransientJudgeError, entry: int) -> None:
        if error.overloaded:
            self._provider.gate.overloaded(entry)
        if error.retry_after_s is not None:
            self._provider.pause(error.retry_after_s)

    def _close(self, error: JudgeUnavailableError) -> None:
        self._closed = str(error)
        if error.whole_account:
            self._provider.close(self.spec.api_key_env, str(error))

    def _settle(self, request: Request, estimate: float, completion: Completion) -> None:
        """Correct the estimate by what was told, and charge the budget."""
        told = (completion.usage.prompt_tokens, completion.usage.completion_tokens)
        is_told = None not in told
        if self._provider.tokens is not None and is_told:
            self._provider.tokens.give_back(estimate - sum(count or 0 for count in told))
        if self._budget is not None:
            usage = completion.usage if is_told else estimate_usage(request, completion)
            self._budget.charge(self.spec, usage)


def _own_provider(limits: Limits, clock: Clock) -> Provider:
    provider = Provider(clock)
    provider.admit(Limits.model_validate(limits.model_dump()))
    return provider


def estimate_usage(request: Request, completion: Completion) -> Usage:
    """The tokens of a call, where the provider does not tell them: rather too many than too few."""
    told = completion.usage
    asked = sum(len(message.content) for message in request.messages) / CHARACTERS_PER_TOKEN
    said = max(1.0, len(completion.text) / CHARACTERS_PER_TOKEN)
    return Usage(
        prompt_tokens=told.prompt_tokens if told.prompt_tokens is not None else round(asked),
        completion_tokens=told.completion_tokens if told.completion_tokens is not None else round(said),
    )


def estimate_tokens(request: Request, max_tokens: int) -> float:
    """Tokens that a request may use: its characters, and the longest reply it allows."""
    characters = sum(len(message.content) for message in request.messages)
    asked = request.parameters.get("max_tokens", max_tokens)
    longest = 1 if request.endpoint == "next_token" else asked
    return characters / CHARACTERS_PER_TOKEN + (longest if isinstance(longest, int) else max_tokens)
