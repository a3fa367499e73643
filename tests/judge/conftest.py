"""A clock that nobody waits for, a preset, a request and a recorder in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from harness.judge.clock import Clock
from harness.schema import Attempt, Completion, JudgeSpec, Message, Request


@dataclass
class FakeTime:
    """Time that passes only by sleeping."""

    passed_s: float = 0.0
    sleeps: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.sleeps.append(seconds)
        self.passed_s += seconds
        await asyncio.sleep(0)

    def clock(self) -> Clock:
        """The clock that shows this time; it starts at noon on the first of May 2030."""
        start = datetime(2030, 5, 1, 12, tzinfo=UTC)
        return Clock(
            now=lambda: start + timedelta(seconds=self.passed_s),
            monotonic=lambda: 1000.0 + self.passed_s,
            sleep=self.sleep,
        )


@dataclass
class MemoryRecorder:
    """Keeps in lists what a store would keep."""

    completions: list[tuple[Request, Completion]] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    async def record_completion(self, request: Request, completion: Completion) -> None:
        """Keep a completion."""
        self.completions.append((request, completion))

    async def record_attempt(self, attempt: Attempt) -> None:
        """Keep a failed attempt."""
        self.attempts.append(attempt)


@pytest.fixture
def fake_time() -> FakeTime:
    """Give a time that passes only by sleeping."""
    return FakeTime()


@pytest.fixture
def recorder() -> MemoryRecorder:
    """Give a recorder in memory."""
    return MemoryRecorder()


@pytest.fixture
def make_spec() -> Callable[..., JudgeSpec]:
    """Give a maker of presets for `openai/test`."""

    def make(**changes: object) -> JudgeSpec:
        return JudgeSpec.model_validate({"judge_id": "tester", "model_id": "openai/test"} | changes)

    return make


@pytest.fixture
def make_request() -> Callable[..., Request]:
    """Give a maker of small chat requests."""

    def make(**changes: object) -> Request:
        asked: dict[str, object] = {
            "model_id": "openai/test",
            "service": "",
            "endpoint": "chat",
            "messages": (
                Message(role="system", content="Grade."),
                Message(role="user", content="A or B? Émoi 🙂"),
            ),
            "parameters": {"temperature": 0.0, "max_tokens": 50},
            "repeat": 0,
        }
        return Request.model_validate(asked | changes)

    return make
