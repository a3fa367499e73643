from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from harness.errors import JudgeError, JudgeUnavailableError, NotAskedError, TransientJudgeError
from harness.judge.limits import RateLimitedJudge
from harness.judge.provider import Gate, Providers, provider_name
from harness.judge.retry import RetryingJudge
from harness.judge.translate import classify_reply
from harness.schema import Completion, JudgeSpec, Request

if TYPE_CHECKING:
    from tests.judge.conftest import FakeTime

SpecMaker = Callable[..., JudgeSpec]
RequestMaker = Callable[..., Request]
ANSWER = Completion(text="A", finish_reason="stop", latency_s=0.0, completed_at="2030-05-01T12:00:00+00:00")


class Slow:
    """A judge whose calls each last until the test lets them go."""

    def __init__(self, spec: JudgeSpec, log: list[str]) -> None:
        self.spec = spec
        self.log = log
        self.errors: list[JudgeError] = []
        self.go = asyncio.Event()
        self.go.set()

    async def complete(self, _: Request) -> Completion:
        """Note, wait, answer or fail."""
        self.log.append(self.spec.judge_id)
        await asyncio.sleep(0)
        await self.go.wait()
        if self.errors:
            raise self.errors.pop(0)
        return ANSWER

    def runtime(self) -> dict[str, JsonValue]:
        """Give nothing."""
        return {}

    async def aclose(self) -> None:
        """Release nothing."""


async def turns() -> None:
    """Let everything go as far as it can."""
    for _ in range(50):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"model_id": "openai/gpt-4o"}, "openai"),
        ({"model_id": "anthropic/claude"}, "anthropic"),
        ({"model_id": "openai/x", "api_base": "http://gpu:8000/v1"}, "http://gpu:8000/v1"),
        ({"model_id": "openai/x", "api_base": "http://gpu:8000/v1", "service": "lab"}, "lab"),
    ],
)
def test_whose_limits_a_judge_shares(make_spec: SpecMaker, fields: dict[str, str], name: str) -> None:
    """A named server, else its URL, else the prefix of the model's id."""
    assert provider_name(make_spec(**fields)) == name


def test_judges_of_one_provider_share_its_rate(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """Thirty requests a minute are thirty for all judges of the provider, and another one is free of it."""
    providers = Providers(fake_time.clock())
    specs = [
        make_spec(judge_id="one", limits={"requests_per_min": 60}),
        make_spec(judge_id="two", limits={"requests_per_min": 30}),
        make_spec(judge_id="other", model_id="mistral/x"),
    ]
    log: list[str] = []
    judges = [
        RateLimitedJudge(Slow(spec, log), provider=providers.of(spec), clock=fake_time.clock())
        for spec in specs
    ]

    async def run() -> list[float]:
        times = []
        for judge in (judges[0], judges[1], judges[0], judges[2]):
            await judge.complete(make_request())
            times.append(fake_time.passed_s)
        return times

    # The smallest rate that any of them states holds: one request every two seconds.
    assert asyncio.run(run()) == [0.0, 2.0, 4.0, 4.0]


def test_stated_places_give_way_to_no_default(make_spec: SpecMaker) -> None:
    """The smallest number of places that a preset states holds for all; an unstated one says nothing."""
    providers = Providers()
    assert providers.of(make_spec()).gate.most == 8
    assert providers.of(make_spec(limits={"concurrency": 64})).gate.most == 64
    assert providers.of(make_spec(limits={"requests_per_min": 9})).gate.most == 64
    assert providers.of(make_spec(limits={"concurrency": 4})).gate.most == 4
    assert providers.of(make_spec(limits={"concurrency": 32})).gate.most == 4


def test_places_go_round_between_judges(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """A judge that has forty calls waiting does not keep out one that comes with four."""
    providers = Providers(fake_time.clock())
    log: list[str] = []
    many, few = (make_spec(judge_id=name, limits={"concurrency": 2}) for name in ("many", "few"))
    judges = {
        spec.judge_id: RateLimitedJudge(Slow(spec, log), provider=providers.of(spec), clock=fake_time.clock())
        for spec in (many, few)
    }

    async def run() -> None:
        calls = [judges["many"].complete(make_request()) for _ in range(40)]
        calls += [judges["few"].complete(make_request()) for _ in range(4)]
        await asyncio.gather(*calls)

    asyncio.run(run())
    assert Counter(log) == {"many": 40, "few": 4}
    # Two places were taken before the second judge came; from then on they take turns.
    assert [name for name in log[:10] if name == "few"] == ["few"] * 4


def test_a_slow_provider_holds_up_nobody_else(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """While all calls of one provider hang, the calls of the other are all answered."""
    providers = Providers(fake_time.clock())
    log: list[str] = []
    hanging = Slow(make_spec(judge_id="hanging", limits={"concurrency": 2}), log)
    quick = Slow(make_spec(judge_id="quick", model_id="mistral/x", limits={"concurrency": 2}), log)

    async def run() -> int:
        hanging.go.clear()
        first = RateLimitedJudge(hanging, provider=providers.of(hanging.spec), clock=fake_time.clock())
        second = RateLimitedJudge(quick, provider=providers.of(quick.spec), clock=fake_time.clock())
        held = [asyncio.ensure_future(first.complete(make_request())) for _ in range(6)]
        n_answered = len(await asyncio.gather(*(second.complete(make_request()) for _ in range(30))))
        assert not any(call.done() for call in held)
        hanging.go.set()
        await asyncio.gather(*held)
        return n_answered

    assert asyncio.run(run()) == 30


def test_a_429_halves_the_places_once_per_round() -> None:
    """Calls that were in flight at the first 429 say nothing new; a later one halves again, one is left."""

    async def run() -> list[float]:
        gate, seen = Gate(16), []
        entries = [await gate.enter("j") for _ in range(16)]
        for entry in entries[:3]:
            gate.overloaded(entry)
            seen.append(gate.allowed)
        for _ in range(16):
            gate.leave()
        for _ in range(5):
            gate.overloaded(await gate.enter("j"))
            gate.leave()
            seen.append(gate.allowed)
        return seen

    assert asyncio.run(run()) == [8.0, 8.0, 8.0, 4.0, 2.0, 1.0, 1.0, 1.0]


def test_places_come_back_slowly() -> None:
    """After about as many answers as there are places there is one more, and never more than at first."""
    gate = Gate(8)
    gate.allowed = 4.0
    n_answers = 0
    while gate.allowed < 5:
        gate.answered()
        n_answers += 1
    # .25 + 1/4.25 + 1/4.485… reach one whole place with the fifth answer
    assert n_answers == 5
    for _ in range(1000):
        gate.answered()
    assert gate.allowed == 8.0


@given(st.lists(st.sampled_from(["answer", "429", "drop"]), max_size=60), st.integers(1, 8))
def test_no_place_is_ever_lost(endings: list[str], n_places: int) -> None:
    """Whatever calls end with, all are let in, never more at once than allowed, and all places return."""

    async def run() -> tuple[int, float, int]:
        gate, most_held = Gate(n_places), 0

        async def one(number: int, ending: str) -> None:
            nonlocal most_held
            entry = await gate.enter(f"judge-{number % 3}")
            most_held = max(most_held, gate.n_held)
            await asyncio.sleep(0)
            if ending == "429":
                gate.overloaded(entry)
            elif ending == "answer":
                gate.answered()
            gate.leave()

        await asyncio.gather(*(one(number, ending) for number, ending in enumerate(endings)))
        return most_held, gate.allowed, gate.n_held

    most_held, allowed, n_held = asyncio.run(run())
    assert most_held <= n_places
    assert 1 <= allowed <= n_places
    assert n_held == 0


def test_a_cancelled_wait_takes_no_place() -> None:
    """Calls cancelled while they wait, or at the moment they are let in, leave their place to others."""

    async def run() -> int:
        gate = Gate(1)
        await gate.enter("j")
        waiting = [asyncio.ensure_future(gate.enter("j")) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        gate.leave()  # lets the second in, since the first is gone
        waiting[1].cancel()
        await asyncio.sleep(0)
        await asyncio.wait_for(waiting[2], 5)
        gate.leave()
        return gate.n_held

    assert asyncio.run(run()) == 0


@pytest.mark.parametrize(
    ("status", "overloaded"), [(429, True), (529, True), (500, False), (503, False), (408, False)]
)
def test_which_failures_say_asked_too_much(fake_time: FakeTime, status: int, overloaded: bool) -> None:
    """429 (and Anthropic's 529) do; a server in trouble or a timeout does not."""
    assert classify_reply(status, {}, "{}", fake_time.clock().now()).overloaded is overloaded


@pytest.mark.parametrize(
    ("status", "body", "whole_account"),
    [
        (401, '{"error": {"message": "no"}}', True),
        (402, '{"error": {"message": "pay"}}', True),
        (429, '{"error": {"code": "insufficient_quota", "message": "pay"}}', True),
        (404, '{"error": {"message": "no such model"}}', False),
        (403, '{"error": {"message": "no access to this model"}}', False),
        (500, '{"error": {"message": "invalid_api_key"}}', False),
        (400, '{"error": {"message": "too long"}}', False),
    ],
)
def test_which_failures_close_the_account(
    fake_time: FakeTime, status: int, body: str, whole_account: bool
) -> None:
    """A refused key or an empty account does; an unknown model closes its judge only."""
    assert classify_reply(status, {}, body, fake_time.clock().now()).whole_account is whole_account


def closing(
    make_spec: SpecMaker, fake_time: FakeTime, error: JudgeError, **second: object
) -> tuple[list[str], list[RateLimitedJudge]]:
    """Two judges of one provider, the first of which gets this error."""
    providers = Providers(fake_time.clock())
    log: list[str] = []
    first = Slow(make_spec(judge_id="first", limits={"concurrency": 1}), log)
    first.errors = [error]
    other = Slow(make_spec(judge_id="second", limits={"concurrency": 1}, **second), log)
    judges = [
        RateLimitedJudge(one, provider=providers.of(one.spec), clock=fake_time.clock())
        for one in (first, other)
    ]
    return log, judges


def ends(judges: list[RateLimitedJudge], request: Request) -> list[object]:
    """How three calls of each judge end, all begun at once."""

    async def run() -> list[object]:
        calls = [judge.complete(request) for judge in judges for _ in range(3)]
        return list(await asyncio.gather(*calls, return_exceptions=True))

    return asyncio.run(run())


def test_a_refused_key_stops_every_judge_of_the_account(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """One request tells that the key is wrong: nobody else of that account asks, and all say why."""
    error = JudgeUnavailableError("HTTP 401: wrong key", whole_account=True)
    log, judges = closing(make_spec, fake_time, error)
    ended = ends(judges, make_request())
    assert log == ["first"]
    assert [str(one) for one in ended] == ["HTTP 401: wrong key"] * 6


def test_another_key_or_an_unknown_model_stops_nobody_else(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """A judge with a key of its own goes on, and so does one beside a judge whose model is unknown."""
    error = JudgeUnavailableError("HTTP 401: wrong key", whole_account=True)
    log, judges = closing(make_spec, fake_time, error, api_key_env="OTHER_API_KEY")
    assert ends(judges, make_request())[3:] == [ANSWER] * 3
    assert log.count("first") == 1
    log, judges = closing(make_spec, fake_time, JudgeUnavailableError("HTTP 404: no such model"))
    assert ends(judges, make_request())[3:] == [ANSWER] * 3
    assert log.count("first") == 1


def test_a_halted_run_asks_nothing_that_waits(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """What is in flight is answered; what waits for a place, a rate or a pause is not asked any more."""
    log: list[str] = []
    inner = Slow(make_spec(limits={"concurrency": 2, "requests_per_min": 6000}), log)

    async def run() -> list[object]:
        inner.go.clear()
        halt = asyncio.Event()
        judge = RateLimitedJudge(inner, halt=halt, clock=fake_time.clock())
        calls = [asyncio.ensure_future(judge.complete(make_request())) for _ in range(6)]
        await turns()
        assert len(log) == 2
        halt.set()
        inner.go.set()
        return list(await asyncio.gather(*calls, return_exceptions=True))

    ended = asyncio.run(run())
    assert ended[:2] == [ANSWER] * 2
    assert all(isinstance(one, NotAskedError) for one in ended[2:])
    assert len(log) == 2


def test_a_halt_ends_the_wait_between_two_attempts(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """A call that waits five minutes for its next attempt ends at once, and stays open."""
    log: list[str] = []
    inner = Slow(make_spec(), log)
    inner.errors = [TransientJudgeError("HTTP 503", retry_after_s=300.0)]

    async def never(_: float) -> None:
        await asyncio.Event().wait()

    clock = fake_time.clock()
    patient = type(clock)(now=clock.now, monotonic=clock.monotonic, sleep=never)

    async def run() -> None:
        halt = asyncio.Event()
        told: list[tuple[str, int, float, str]] = []
        judge = RetryingJudge(
            inner, halt=halt, clock=patient, on_retry=lambda *what: told.append(what), wait=lambda *_: 300.0
        )
        call = asyncio.ensure_future(judge.complete(make_request()))
        await turns()
        assert told == [("tester", 1, 300.0, "HTTP 503")]
        halt.set()
        with pytest.raises(NotAskedError, match="interrupted"):
            await asyncio.wait_for(call, 10)

    asyncio.run(run())
    assert log == ["tester"]


def test_a_judge_that_is_given_up_ends_the_waits_of_its_calls(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """When one call learns that the account is empty, one between two attempts ends with the same words."""
    log: list[str] = []
    inner = Slow(make_spec(), log)
    inner.errors = [TransientJudgeError("HTTP 503"), JudgeUnavailableError("HTTP 402: empty")]

    async def never(_: float) -> None:
        await asyncio.Event().wait()

    clock = fake_time.clock()
    patient = type(clock)(now=clock.now, monotonic=clock.monotonic, sleep=never)

    async def run() -> list[object]:
        judge = RetryingJudge(inner, clock=patient)
        calls = [judge.complete(make_request()), judge.complete(make_request())]
        return list(await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 10))

    assert [str(one) for one in asyncio.run(run())] == ["HTTP 402: empty"] * 2
    assert len(log) == 2
