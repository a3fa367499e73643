from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_httpserver import HTTPServer

from harness.errors import JudgeError, TransientJudgeError
from harness.judge.base import Judge
from harness.judge.build import Shared, live_judge
from harness.judge.limits import Budget
from harness.schema import Completion, JudgeSpec, Request

if TYPE_CHECKING:
    from tests.judge.conftest import FakeTime, MemoryRecorder

SpecMaker = Callable[..., JudgeSpec]
RequestMaker = Callable[..., Request]
KEY = "sk-proj-0123456789abcdefINVENTED"
PATH = "/v1/chat/completions"
ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "test",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "B"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
}


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """Listen on the loopback address, at any free port."""
    return ("127.0.0.1", 0)


@pytest.fixture
def judge(
    httpserver: HTTPServer,
    make_spec: SpecMaker,
    recorder: MemoryRecorder,
    fake_time: FakeTime,
    monkeypatch: pytest.MonkeyPatch,
) -> Judge:
    """Give the whole nest of judges in front of the loopback server."""
    monkeypatch.setenv("TEST_API_KEY", KEY)
    spec = make_spec(api_base=httpserver.url_for("/v1"), api_key_env="TEST_API_KEY")
    return live_judge(spec, recorder, clock=fake_time.clock(), rng=random.Random(7))


def ask(judge: Judge, request: Request) -> Completion:
    """Ask once, in an event loop of its own."""

    async def once() -> Completion:
        try:
            return await judge.complete(request)
        finally:
            await judge.aclose()

    return asyncio.run(once())


def test_a_server_that_recovers(
    httpserver: HTTPServer, judge: Judge, make_request: RequestMaker, recorder: MemoryRecorder
) -> None:
    """500, then 429 with Retry-After, then an answer: three requests, two rows, one recorded completion."""
    httpserver.expect_ordered_request(PATH).respond_with_json({"error": {"message": "boom"}}, 500)
    limited = {"error": {"message": f"slow down {KEY}"}}
    httpserver.expect_ordered_request(PATH).respond_with_json(limited, 429, {"Retry-After": "20"})
    httpserver.expect_ordered_request(PATH).respond_with_json(ANSWER)
    request = make_request()
    completion = ask(judge, request)
    assert (completion.text, completion.attempts) == ("B", 3)
    assert len(httpserver.log) == 3
    assert recorder.completions == [(request, completion)]
    assert [row.error for row in recorder.attempts] == ["TransientJudgeError"] * 2
    kept = "".join(row.model_dump_json() for row in recorder.attempts) + completion.model_dump_json()
    assert "INVENTED" not in kept


def test_retry_after_is_waited_for(
    httpserver: HTTPServer, judge: Judge, make_request: RequestMaker, fake_time: FakeTime
) -> None:
    """Between the refusal and the next request passes at least what the provider asked for."""
    httpserver.expect_ordered_request(PATH).respond_with_json({}, 429, {"Retry-After": "20"})
    httpserver.expect_ordered_request(PATH).respond_with_json(ANSWER)
    ask(judge, make_request())
    assert 20.0 <= fake_time.passed_s <= 21.0


def test_a_server_that_stays_down(
    httpserver: HTTPServer, judge: Judge, make_request: RequestMaker, recorder: MemoryRecorder
) -> None:
    """As many requests arrive as the preset allows attempts; nothing is recorded as an answer."""
    httpserver.expect_request(PATH).respond_with_json({"error": {"message": "boom"}}, 500)
    with pytest.raises(TransientJudgeError, match="after 5 attempts"):
        ask(judge, make_request())
    assert len(httpserver.log) == len(recorder.attempts) == 5
    assert recorder.completions == []


@pytest.mark.parametrize("status", [400, 401, 404])
def test_what_cannot_pass_is_asked_once(
    httpserver: HTTPServer, judge: Judge, make_request: RequestMaker, recorder: MemoryRecorder, status: int
) -> None:
    """A bad request, a wrong key, an unknown model: one request and no recorded answer."""
    httpserver.expect_request(PATH).respond_with_json({"error": {"message": f"no {KEY}"}}, status)
    with pytest.raises(JudgeError) as caught:
        ask(judge, make_request())
    assert len(httpserver.log) == 1
    assert recorder.completions == []
    assert "INVENTED" not in str(caught.value) + "".join(row.message for row in recorder.attempts)


def test_every_attempt_counts_against_the_budget(
    httpserver: HTTPServer,
    make_spec: SpecMaker,
    make_request: RequestMaker,
    recorder: MemoryRecorder,
    fake_time: FakeTime,
) -> None:
    """The limiter stands inside the retries: a budget of two requests is two requests."""
    httpserver.expect_request(PATH).respond_with_json({"error": {"message": "boom"}}, 500)
    budget = Budget(max_calls=2, clock=fake_time.clock())
    spec = make_spec(api_base=httpserver.url_for("/v1"))
    with pytest.raises(JudgeError, match="limit of 2 requests"):
        ask(live_judge(spec, recorder, clock=fake_time.clock(), shared=Shared(budget=budget)), make_request())
    assert len(httpserver.log) == 2


def test_a_script_that_always_fails_stays_a_script(
    make_spec: SpecMaker, make_request: RequestMaker, recorder: MemoryRecorder, fake_time: FakeTime
) -> None:
    """The fake that never answers fails at once, every time; it is no provider that is down."""
    judge = live_judge(make_spec(model_id="scripted/exhausted"), recorder, clock=fake_time.clock())
    for _ in range(8):
        with pytest.raises(TransientJudgeError):
            ask(judge, make_request(model_id="scripted/exhausted"))
    assert fake_time.sleeps == []


def test_building_imports_no_client(root: Path) -> None:
    """Neither the module nor a built judge loads litellm: its first call does."""
    code = (
        "import sys\n"
        "from harness.judge.build import live_judge\n"
        "from harness.schema import JudgeSpec\n"
        "live_judge(JudgeSpec(judge_id='a', model_id='openai/x'), None)\n"
        "assert 'litellm' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
