from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from pydantic import JsonValue

from harness.errors import NotAskedError
from harness.judge.budget import Budget, cost_usd
from harness.judge.limits import RateLimitedJudge, estimate_usage
from harness.schema import Completion, JudgeSpec, Message, Price, Request, Stops, Usage

if TYPE_CHECKING:
    from tests.judge.conftest import FakeTime

SpecMaker = Callable[..., JudgeSpec]
RequestMaker = Callable[..., Request]
PRICE = Price(
    usd_per_million_prompt_tokens=2.0,
    usd_per_million_completion_tokens=10.0,
    date="2026-11-21",
    source="invented",
)
ANSWER = Completion(text="x" * 30, finish_reason="stop", latency_s=0.0, completed_at="2030-05-01T12:00:00Z")


class Answering:
    """A judge that answers with this usage, several calls at once, and counts them."""

    def __init__(self, spec: JudgeSpec, usage: Usage) -> None:
        self.spec = spec
        self.n_asked = 0
        self._answer = ANSWER.model_copy(update={"usage": usage})

    async def complete(self, _: Request) -> Completion:
        """Count and answer."""
        self.n_asked += 1
        await asyncio.sleep(0)
        return self._answer

    def runtime(self) -> dict[str, JsonValue]:
        """Give nothing."""
        return {}

    async def aclose(self) -> None:
        """Release nothing."""


def ask_at_once(judge: RateLimitedJudge, request: Request, n_calls: int) -> list[object]:
    """How so many calls end that are made at once."""

    async def run() -> list[object]:
        return list(
            await asyncio.gather(*(judge.complete(request) for _ in range(n_calls)), return_exceptions=True)
        )

    return asyncio.run(run())


def test_the_cost_of_a_completion_by_hand(make_spec: SpecMaker) -> None:
    """1,000 prompt tokens at 2 and 500 completion tokens at 10 dollars a million are 0.002 + 0.005."""
    spec = make_spec(price=PRICE.model_dump())
    assert cost_usd(spec, Usage(prompt_tokens=1000, completion_tokens=500)) == pytest.approx(0.007)


def test_an_unknown_price_or_count_is_unknown(make_spec: SpecMaker) -> None:
    """Never zero; only scripts and models in this process cost nothing."""
    known = Usage(prompt_tokens=1, completion_tokens=1)
    assert cost_usd(make_spec(), known) is None
    assert cost_usd(make_spec(price=PRICE.model_dump()), Usage(prompt_tokens=1)) is None
    assert cost_usd(make_spec(model_id="scripted/longest"), Usage()) == 0.0
    assert cost_usd(make_spec(model_id="local/qwen"), Usage()) == 0.0


@pytest.mark.parametrize(
    ("stops", "words", "n_asked"),
    [
        # 100 tokens and 0.0006 dollars a call
        (Stops(max_calls=7), "7 requests (max_calls)", 7),
        (Stops(max_tokens=650), "650 tokens (max_tokens)", 7),
        (Stops(max_usd=0.0040), "0.004 dollars (max_usd)", 7),
    ],
)
def test_ceilings_one_call_at_a_time(
    make_spec: SpecMaker,
    make_request: RequestMaker,
    fake_time: FakeTime,
    stops: Stops,
    words: str,
    n_asked: int,
) -> None:
    """With one call in flight the first call at the ceiling is not made, and says which ceiling."""
    spec = make_spec(price=PRICE.model_dump(), limits={"concurrency": 1})
    inner = Answering(spec, Usage(prompt_tokens=50, completion_tokens=50))
    budget = Budget.of(stops, fake_time.clock())
    judge = RateLimitedJudge(inner, budget=budget, clock=fake_time.clock())
    ended = ask_at_once(judge, make_request(), 20)
    assert inner.n_asked == n_asked
    refused = [one for one in ended if isinstance(one, NotAskedError)]
    assert len(refused) == 20 - n_asked
    assert all(words in str(one) for one in refused)


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_ceilings_are_kept_to_within_the_calls_in_flight(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime, concurrency: int
) -> None:
    """Beyond a ceiling of tokens go at most the calls that were in flight when it was reached."""
    spec = make_spec(limits={"concurrency": concurrency})
    inner = Answering(spec, Usage(prompt_tokens=50, completion_tokens=50))
    budget = Budget(max_tokens=1000, clock=fake_time.clock())
    ask_at_once(RateLimitedJudge(inner, budget=budget, clock=fake_time.clock()), make_request(), 60)
    assert 10 <= inner.n_asked <= 10 + concurrency - 1
    assert budget.n_tokens == 100 * inner.n_asked


def test_a_ceiling_of_calls_is_exact(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """Requests are counted before they are made: never one more, however many are in flight."""
    inner = Answering(make_spec(limits={"concurrency": 16}), Usage())
    budget = Budget(max_calls=21, clock=fake_time.clock())
    ask_at_once(RateLimitedJudge(inner, budget=budget, clock=fake_time.clock()), make_request(), 100)
    assert inner.n_asked == 21


def test_untold_tokens_are_estimated(make_spec: SpecMaker, make_request: RequestMaker) -> None:
    """A provider that does not count still uses a ceiling up: 300 + 30 characters are 100 + 10 tokens."""
    request = make_request(messages=(Message(role="user", content="x" * 300),))
    assert estimate_usage(request, ANSWER) == Usage(prompt_tokens=100, completion_tokens=10)
    inner = Answering(make_spec(limits={"concurrency": 1}), Usage())
    judge = RateLimitedJudge(inner, budget=Budget(max_tokens=330))
    ask_at_once(judge, request, 10)
    assert inner.n_asked == 3


def test_minutes_of_the_experiment_are_seconds_of_the_clock(fake_time: FakeTime) -> None:
    """Half a minute is thirty seconds from the first request."""
    budget = Budget.of(Stops(max_minutes=0.5), fake_time.clock())
    budget.spend("j")
    fake_time.passed_s += 29.9
    budget.spend("j")
    fake_time.passed_s += 0.1
    with pytest.raises(NotAskedError, match="30 seconds"):
        budget.spend("j")
