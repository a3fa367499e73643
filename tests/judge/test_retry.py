from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import JsonValue

from harness.errors import JudgeError, JudgeRejectedError, JudgeUnavailableError, TransientJudgeError
from harness.judge.retry import (
    LONGEST_RETRY_AFTER_S,
    N_EQUAL_ENDINGS,
    RetryingJudge,
    jittered_wait,
)
from harness.schema import Completion, JudgeSpec, Request, request_key

if TYPE_CHECKING:
    from tests.judge.conftest import FakeTime, MemoryRecorder

Ending = Completion | JudgeError
SpecMaker = Callable[..., JudgeSpec]
RequestMaker = Callable[..., Request]
ANSWER = Completion(text="A", finish_reason="stop", latency_s=0.0, completed_at="2030-05-01T12:00:00+00:00")


class Planned:
    """A judge that ends its calls as planned; the last ending repeats."""

    def __init__(self, spec: JudgeSpec, *endings: Ending) -> None:
        self.spec = spec
        self.endings = list(endings)
        self.n_calls = 0
        self.closed = False

    async def complete(self, _: Request) -> Completion:
        """End as planned."""
        self.n_calls += 1
        ending = self.endings.pop(0) if len(self.endings) > 1 else self.endings[0]
        if isinstance(ending, Completion):
            return ending
        raise type(ending)(str(ending), **_extra(ending))

    def runtime(self) -> dict[str, JsonValue]:
        """Give something to pass through."""
        return {"weights_sha256": "0"}

    async def aclose(self) -> None:
        """Note that it was closed."""
        self.closed = True


def _extra(error: JudgeError) -> dict[str, Any]:
    return {"retry_after_s": error.retry_after_s} if isinstance(error, TransientJudgeError) else {}


def transient(message: str = "busy", retry_after_s: float | None = None) -> TransientJudgeError:
    """A failure that may pass."""
    return TransientJudgeError(message, retry_after_s=retry_after_s)


@pytest.fixture
def make_judge(
    make_spec: SpecMaker, fake_time: FakeTime, recorder: MemoryRecorder
) -> Callable[..., RetryingJudge]:
    """Give a maker of retrying judges around planned ones."""

    def make(*endings: Ending, max_attempts: int = 4) -> RetryingJudge:
        return RetryingJudge(
            Planned(make_spec(), *endings),
            recorder=recorder,
            max_attempts=max_attempts,
            wait=jittered_wait(random.Random(7)),
            clock=fake_time.clock(),
        )

    return make


def ask(judge: RetryingJudge, request: Request) -> Completion:
    """Ask once, in an event loop of its own."""
    return asyncio.run(judge.complete(request))


def test_asks_again_until_an_answer_comes(
    make_judge: Callable[..., RetryingJudge],
    make_request: RequestMaker,
    recorder: MemoryRecorder,
    fake_time: FakeTime,
) -> None:
    """The completion tells how many attempts it took, and each failed one leaves a row."""
    request = make_request()
    judge = make_judge(transient("busy"), transient("still busy"), ANSWER)
    assert ask(judge, request).attempts == 3
    rows = [(row.key, row.judge_id, row.error, row.message) for row in recorder.attempts]
    assert rows == [
        (request_key(request), "tester", "TransientJudgeError", "busy"),
        (request_key(request), "tester", "TransientJudgeError", "still busy"),
    ]
    assert recorder.attempts[0].at == "2030-05-01T12:00:00+00:00"
    assert len(fake_time.sleeps) == 2


def test_an_answer_at_once_waits_for_nothing(
    make_judge: Callable[..., RetryingJudge],
    make_request: RequestMaker,
    recorder: MemoryRecorder,
    fake_time: FakeTime,
) -> None:
    """A call that succeeds costs one attempt, no waiting and no row."""
    assert ask(make_judge(ANSWER), make_request()).attempts == 1
    assert (fake_time.sleeps, recorder.attempts) == ([], [])


def test_gives_up_with_the_last_error(
    make_judge: Callable[..., RetryingJudge],
    make_request: RequestMaker,
    recorder: MemoryRecorder,
    fake_time: FakeTime,
) -> None:
    """The last message is kept, with the number of attempts; nobody waits after the last one."""
    judge = make_judge(transient("a"), transient("b"), transient("c", 2.0), max_attempts=3)
    with pytest.raises(TransientJudgeError, match=r"^c \(after 3 attempts\)$") as caught:
        ask(judge, make_request())
    assert caught.value.attempts == 3
    assert caught.value.retry_after_s == 2.0
    assert len(recorder.attempts) == 3
    assert len(fake_time.sleeps) == 2


def test_the_preset_says_how_often(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """Without another word the preset's limit of attempts holds."""
    inner = Planned(make_spec(limits={"max_attempts": 2}), transient())
    with pytest.raises(TransientJudgeError):
        ask(RetryingJudge(inner, clock=fake_time.clock()), make_request())
    assert inner.n_calls == 2


def test_never_asks_again_after_a_rejection(
    make_judge: Callable[..., RetryingJudge],
    make_request: RequestMaker,
    recorder: MemoryRecorder,
    fake_time: FakeTime,
) -> None:
    """A rejected prompt is handed on at once, with a row and the number of attempts."""
    with pytest.raises(JudgeRejectedError) as caught:
        ask(make_judge(transient(), JudgeRejectedError("too long"), ANSWER), make_request())
    assert caught.value.attempts == 2
    assert [row.error for row in recorder.attempts] == ["TransientJudgeError", "JudgeRejectedError"]
    assert len(fake_time.sleeps) == 1


def test_an_unavailable_provider_leaves_no_row(
    make_judge: Callable[..., RetryingJudge], make_request: RequestMaker, recorder: MemoryRecorder
) -> None:
    """Key and billing errors stop at once and say nothing about the request."""
    with pytest.raises(JudgeUnavailableError):
        ask(make_judge(JudgeUnavailableError("no key"), ANSWER), make_request())
    assert recorder.attempts == []


def test_waits_as_long_as_the_provider_asks(
    make_judge: Callable[..., RetryingJudge], make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """Retry-After is honoured, never undercut, and capped at five minutes."""
    judge = make_judge(transient(retry_after_s=7.0), transient(retry_after_s=9999.0), ANSWER)
    ask(judge, make_request())
    first, second = fake_time.sleeps
    assert 7.0 <= first <= 8.0
    assert LONGEST_RETRY_AFTER_S <= second <= LONGEST_RETRY_AFTER_S + 1.0


def test_waits_grow_and_differ() -> None:
    """Without Retry-After the waits double up to a minute, drawn from the given generator."""
    wait = jittered_wait(random.Random(7))
    drawn = [wait(n, transient()) for n in range(1, 9)]
    assert all(0.5 * 2 ** (n - 1) <= drawn[n - 1] <= 2 ** (n - 1) for n in range(1, 7))
    assert all(30.0 <= seconds <= 60.0 for seconds in drawn[6:])
    again = jittered_wait(random.Random(7))
    assert [again(n, transient()) for n in range(1, 9)] == drawn
    other = jittered_wait(random.Random(8))
    assert [other(n, transient()) for n in range(1, 9)] != drawn


def endings(judge: RetryingJudge, request: Request, n_calls: int) -> list[str]:
    """Names of the errors that n calls in a row end with; `-` for an answer."""
    names = []
    for _ in range(n_calls):
        try:
            ask(judge, request)
            names.append("-")
        except JudgeError as error:
            names.append(type(error).__name__)
    return names


def test_stops_a_judge_whose_calls_all_end_alike(
    make_spec: SpecMaker, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """After five calls in a row with one message, numbers aside, the judge is not asked again."""
    errors = [transient(f"HTTP 500: boom (request req_{n}a7b8c9)") for n in range(20)]
    inner = Planned(make_spec(), *errors)
    judge = RetryingJudge(inner, max_attempts=2, clock=fake_time.clock())
    names = endings(judge, make_request(), 7)
    assert names == ["TransientJudgeError"] * (N_EQUAL_ENDINGS - 1) + ["JudgeUnavailableError"] * 3
    assert inner.n_calls == 2 * N_EQUAL_ENDINGS


def test_an_answer_in_between_starts_the_count_afresh(
    make_judge: Callable[..., RetryingJudge], make_request: RequestMaker
) -> None:
    """A provider that answers now and then is not stopped."""
    plan: list[Ending] = [*[transient()] * 4, ANSWER] * 3
    judge = make_judge(*plan, max_attempts=1)
    assert endings(judge, make_request(), 15) == (["TransientJudgeError"] * 4 + ["-"]) * 3


def test_different_messages_do_not_add_up(
    make_judge: Callable[..., RetryingJudge], make_request: RequestMaker
) -> None:
    """Only the same ending again and again speaks of the provider."""
    plan = [transient(word) for word in ("timeout", "reset") * 4]
    assert set(endings(make_judge(*plan, max_attempts=1), make_request(), 8)) == {"TransientJudgeError"}


def test_a_call_that_waits_is_stopped_too(
    make_judge: Callable[..., RetryingJudge], make_request: RequestMaker
) -> None:
    """Calls that wait for their next attempt when the judge is stopped do not ask once more."""
    judge = make_judge(transient(), max_attempts=3)
    request = make_request()

    async def all_at_once() -> list[BaseException | Completion]:
        calls = [judge.complete(request) for _ in range(N_EQUAL_ENDINGS + 3)]
        return await asyncio.gather(*calls, return_exceptions=True)

    names = [type(ending).__name__ for ending in asyncio.run(all_at_once())]
    assert names.count("TransientJudgeError") == N_EQUAL_ENDINGS - 1
    assert names.count("JudgeUnavailableError") == 4


def test_passes_on_what_is_not_its_affair(make_spec: SpecMaker) -> None:
    """Spec, runtime identity and closing are the inner judge's."""
    inner = Planned(make_spec(), ANSWER)
    judge = RetryingJudge(inner)
    asyncio.run(judge.aclose())
    assert (judge.spec, judge.runtime(), inner.closed) == (inner.spec, {"weights_sha256": "0"}, True)
