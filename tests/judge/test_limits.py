from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from pydantic import JsonValue

from harness.errors import JudgeUnavailableError, TransientJudgeError
from harness.judge.limits import LONGEST_PAUSE_S, Bucket, Budget, RateLimitedJudge, estimate_tokens
from harness.schema import Completion, JudgeSpec, Limits, Message, Request, Usage

if TYPE_CHECKING:
    from tests.judge.conftest import FakeTime

SpecMaker = Callable[..., JudgeSpec]
RequestMaker = Callable[..., Request]
ANSWER = Completion(text="A", finish_reason="stop", latency_s=0.0, completed_at="2030-05-01T12:00:00+00:00")


class Noting:
    """A judge that notes when it is asked, and how many calls it holds at once."""

    def __init__(self, spec: JudgeSpec, fake_time: FakeTime, usage: Usage | None = None) -> None:
        self.spec = spec
        self.asked_at: list[float] = []
        self.errors: list[TransientJudgeError] = []
        self.most_at_once = 0
        self._time = fake_time
        self._answer = ANSWER.model_copy(update={"usage": usage or Usage()})
        self._n_held = 0

    async def complete(self, _: Request) -> Completion:
        """Note and answer."""
        self.asked_at.append(round(self._time.passed_s, 6))
        self._n_held += 1
        self.most_at_once = max(self.most_at_once, self._n_held)
        await asyncio.sleep(0)
        self._n_held -= 1
        if self.errors:
            raise self.errors.pop(0)
        return self._answer

    def runtime(self) -> dict[str, JsonValue]:
        """Give nothing."""
        return {}

    async def aclose(self) -> None:
        """Release nothing."""


def ask_in_turn(judge: RateLimitedJudge, request: Request, n_calls: int) -> None:
    """Ask one call after another."""

    async def run() -> None:
        for _ in range(n_calls):
            await judge.complete(request)

    asyncio.run(run())


def test_holds_no_more_calls_than_allowed(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """Of many calls at once only as many as allowed are with the provider; all are answered."""
    inner = Noting(make_spec(), fake_time)

    async def run() -> int:
        judge = RateLimitedJudge(inner, Limits(concurrency=3), clock=fake_time.clock())
        return len(await asyncio.gather(*(judge.complete(make_request()) for _ in range(10))))

    assert asyncio.run(run()) == 10
    assert inner.most_at_once == 3


def test_spreads_requests_over_the_minute(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """Thirty requests a minute are one every two seconds, from the first minute on."""
    inner = Noting(make_spec(), fake_time)
    judge = RateLimitedJudge(inner, Limits(requests_per_min=30), clock=fake_time.clock())
    ask_in_turn(judge, make_request(), 4)
    assert inner.asked_at == [0.0, 2.0, 4.0, 6.0]


def test_unused_time_is_not_saved_up(fake_time: FakeTime) -> None:
    """After a pause the rate is the same, not doubled."""
    bucket = Bucket(60, fake_time.clock())
    bucket.take(1)
    fake_time.passed_s += 100
    assert [bucket.take(1), bucket.take(1)] == [0.0, 1.0]


def test_spreads_tokens_over_the_minute(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """A request waits until the tokens of the one before are paid off, as estimated from its characters."""
    request = make_request(messages=(Message(role="user", content="x" * 300),), parameters={"max_tokens": 20})
    assert estimate_tokens(request, max_tokens=999) == 120.0
    inner = Noting(make_spec(), fake_time)
    judge = RateLimitedJudge(inner, Limits(tokens_per_min=600), clock=fake_time.clock())
    ask_in_turn(judge, request, 3)
    # 120 tokens at 10 tokens a second
    assert inner.asked_at == [0.0, 12.0, 24.0]


def test_real_usage_corrects_the_estimate(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """Tokens that were estimated but not used are given back; unknown usage keeps the estimate."""
    request = make_request(messages=(Message(role="user", content="x" * 300),), parameters={"max_tokens": 20})
    inner = Noting(make_spec(), fake_time, Usage(prompt_tokens=70, completion_tokens=10))
    judge = RateLimitedJudge(inner, Limits(tokens_per_min=600), clock=fake_time.clock())
    ask_in_turn(judge, request, 3)
    assert inner.asked_at == [0.0, 8.0, 16.0]


def test_a_next_token_request_asks_for_one_token(make_request: RequestMaker) -> None:
    """The reply of a next-token request counts as one token whatever the preset allows."""
    request = make_request(
        endpoint="next_token",
        messages=(Message(role="user", content="x" * 30),),
        parameters={"max_tokens": 400, "candidates": ["A", "B"]},
    )
    assert estimate_tokens(request, max_tokens=400) == 11.0


@pytest.mark.parametrize(("asked_s", "paused_s"), [(40.0, 40.0), (99999.0, LONGEST_PAUSE_S)])
def test_retry_after_pauses_the_whole_judge(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime, asked_s: float, paused_s: float
) -> None:
    """After a Retry-After no call of this judge is made before that time, five minutes at most."""
    inner = Noting(make_spec(), fake_time)
    inner.errors = [TransientJudgeError("429", retry_after_s=asked_s)]
    judge = RateLimitedJudge(inner, clock=fake_time.clock())

    async def run() -> None:
        with pytest.raises(TransientJudgeError):
            await judge.complete(make_request())
        await judge.complete(make_request())

    asyncio.run(run())
    assert inner.asked_at == [0.0, paused_s]


def test_a_failure_without_retry_after_pauses_nobody(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """One dropped connection does not slow down the others."""
    inner = Noting(make_spec(), fake_time)
    inner.errors = [TransientJudgeError("dropped")]
    judge = RateLimitedJudge(inner, clock=fake_time.clock())

    async def run() -> None:
        with pytest.raises(TransientJudgeError):
            await judge.complete(make_request())
        await judge.complete(make_request())

    asyncio.run(run())
    assert inner.asked_at == [0.0, 0.0]


def test_a_failed_call_gives_its_place_back(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """After as many failures as places the next call is still made."""
    inner = Noting(make_spec(), fake_time)
    inner.errors = [TransientJudgeError("dropped") for _ in range(2)]
    judge = RateLimitedJudge(inner, Limits(concurrency=1), clock=fake_time.clock())

    async def run() -> Completion:
        for _ in range(2):
            with pytest.raises(TransientJudgeError):
                await judge.complete(make_request())
        return await judge.complete(make_request())

    assert asyncio.run(run()).text == "A"


def test_a_budget_of_requests_is_shared(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """Two judges on one budget stop together, and no request beyond it is made."""
    budget = Budget(max_calls=3, clock=fake_time.clock())
    inner = Noting(make_spec(), fake_time)
    judges = [RateLimitedJudge(inner, budget=budget, clock=fake_time.clock()) for _ in range(2)]
    ask_in_turn(judges[0], make_request(), 2)
    ask_in_turn(judges[1], make_request(), 1)
    for judge in judges:
        with pytest.raises(JudgeUnavailableError, match="3 requests"):
            ask_in_turn(judge, make_request(), 1)
    assert len(inner.asked_at) == budget.n_calls == 3


def test_a_budget_of_time_runs_from_the_first_request(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """Time before the first request costs nothing; afterwards it ends the run."""
    budget = Budget(max_seconds=60, clock=fake_time.clock())
    inner = Noting(make_spec(), fake_time)
    judge = RateLimitedJudge(inner, budget=budget, clock=fake_time.clock())
    fake_time.passed_s += 1000
    ask_in_turn(judge, make_request(), 1)
    fake_time.passed_s += 59
    ask_in_turn(judge, make_request(), 1)
    fake_time.passed_s += 1
    with pytest.raises(JudgeUnavailableError, match="60 seconds"):
        ask_in_turn(judge, make_request(), 1)
