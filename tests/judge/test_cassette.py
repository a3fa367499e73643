from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal

import pytest
from pydantic import JsonValue

from harness.errors import (
    CassetteMissError,
    JudgeError,
    JudgeRejectedError,
    StoreError,
    TransientJudgeError,
)
from harness.judge.cassette import RecordingJudge, ReplayJudge
from harness.schema import (
    Attempt,
    Completion,
    JudgeSpec,
    Message,
    Origin,
    Outcome,
    Presentation,
    Recording,
    Request,
    digest_request,
    request_key,
)

SPEC = JudgeSpec(judge_id="gpt-4o", model_id="openai/gpt-4o")
ORIGIN = Origin(
    judge_id="gpt-4o",
    case_id="doctor",
    rulebook_id="hhh",
    wording="base",
    language="fr",
    protocol="listwise",
    repeat=0,
    template_id="listwise.fr",
    presentation=Presentation(order=("doctor-a", "doctor-b"), slots=("A", "B")),
)


def ask(text: str = "Grade them.", repeat: int = 0) -> Request:
    """A request with this message."""
    return Request(
        model_id="openai/gpt-4o",
        service="",
        endpoint="chat",
        messages=(Message(role="user", content=text),),
        parameters={},
        repeat=repeat,
    )


def completed(text: str) -> Completion:
    """A completion with this text."""
    return Completion(text=text, finish_reason="stop", latency_s=1, completed_at="2026-01-02")


@dataclass
class Memory:
    """A look-up and a recorder in memory; it notes the order of what happens."""

    recorded: dict[str, Recording | Outcome] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    full: bool = False

    def find(self, key: str) -> Recording | Outcome | None:
        """What is under a key."""
        return self.recorded.get(key)

    def explain_miss(self, request: Request) -> str:
        """Say that it is not there."""
        return f"not recorded: repeat {request.repeat}"

    async def record_completion(self, request: Request, completion: Completion) -> None:
        """Keep the first completion, after a turn of the event loop."""
        await asyncio.sleep(0)
        if self.full:
            raise StoreError("the disk is full")
        key = request_key(request)
        recording = Recording(key=key, request=digest_request(request), origin=ORIGIN, completion=completion)
        self.recorded.setdefault(key, recording)
        self.events.append(f"recorded {completion.text}")

    async def record_attempt(self, attempt: Attempt) -> None:
        """Note it."""
        self.events.append(attempt.error)


@dataclass
class Live:
    """A judge that numbers its answers; `gate` holds them back."""

    spec: JudgeSpec = SPEC
    n_calls: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event | None = None
    failure: JudgeError | None = None
    closed: bool = False
    words: str = "answer"

    async def complete(self, _request: Request) -> Completion:
        """Answer with the number of the call."""
        self.n_calls += 1
        self.asked.set()
        number = self.n_calls
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return completed(f"{self.words} {number}")

    def runtime(self) -> dict[str, JsonValue]:
        """Name what runs it."""
        return {"runtime": "here"}

    async def aclose(self) -> None:
        """Close."""
        self.closed = True


def ended(reason: Literal["exhausted", "rejected"]) -> Outcome:
    """The request's call, ended without a completion."""
    return Outcome(
        key=request_key(ask()),
        request=digest_request(ask()),
        origin=ORIGIN,
        reason=reason,
        message="five time-outs",
        attempts=5,
        ended_at="2026-01-02",
    )


class TestReplay:
    """Replay gives what was recorded, or fails as it failed, or says what is missing."""

    def test_recorded_completion_comes_back(self) -> None:
        """What was recorded live is what replay gives, for this request and no other."""
        memory = Memory()
        live = asyncio.run(RecordingJudge(Live(), memory).complete(ask()))
        replay = ReplayJudge(SPEC, memory, {})
        assert asyncio.run(replay.complete(ask())) == live
        with pytest.raises(CassetteMissError):
            asyncio.run(replay.complete(ask("grade them.")))

    @pytest.mark.parametrize(
        ("reason", "kind"), [("exhausted", TransientJudgeError), ("rejected", JudgeRejectedError)]
    )
    def test_failures_replay_as_they_were(
        self, reason: Literal["exhausted", "rejected"], kind: type[JudgeError]
    ) -> None:
        """A call that ended without a completion ends with the same error, word for word."""
        outcome = ended(reason)
        replay = ReplayJudge(SPEC, Memory({outcome.key: outcome}), {})
        with pytest.raises(kind) as caught:
            asyncio.run(replay.complete(ask()))
        error = caught.value
        assert (str(error), error.judge_id, error.case_id) == ("five time-outs", "gpt-4o", "doctor")

    def test_miss_is_explained(self) -> None:
        """A miss names the judge, carries the store's explanation and says what to do."""
        with pytest.raises(CassetteMissError, match=r"gpt-4o: not recorded: repeat 3; .*harness run"):
            asyncio.run(ReplayJudge(SPEC, Memory(), {}).complete(ask(repeat=3)))

    def test_runtime_is_the_recorded_one(self) -> None:
        """The runtime of the manifest is what enters the keys, and nobody can change it from outside."""
        replay = ReplayJudge(SPEC, Memory(), {"threads": 2})
        replay.runtime()["threads"] = 3
        assert replay.runtime() == {"threads": 2}


class TestRecording:
    """Nothing is handed on before it is durable."""

    def test_recorded_before_returned(self) -> None:
        """The completion is in the store when the caller gets it; a store that fails gives nothing."""
        memory = Memory()
        asyncio.run(RecordingJudge(Live(), memory).complete(ask()))
        assert memory.events == ["recorded answer 1"]
        with pytest.raises(StoreError, match="the disk is full"):
            asyncio.run(RecordingJudge(Live(), Memory(full=True)).complete(ask()))

    def test_keys_are_known_when_the_first_answer_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A key that a client brings into the environment is masked; a judge made later knows later ones."""
        for key in ("first-of-the-keys", "another-of-the-keys"):
            memory = Memory()
            judge = RecordingJudge(Live(words=f"I was told {key}, answer"), memory)
            monkeypatch.setenv("LATE_API_KEY", key)
            assert asyncio.run(judge.complete(ask())).text == "I was told [key], answer 1"
            assert key not in str(memory.recorded)

    def test_failures_are_not_recorded(self) -> None:
        """An error passes through and leaves nothing in the store; the next call asks again."""
        memory, live = Memory(), Live(failure=TransientJudgeError("later"))
        judge = RecordingJudge(live, memory)
        with pytest.raises(TransientJudgeError, match="later"):
            asyncio.run(judge.complete(ask()))
        live.failure = None
        asyncio.run(judge.complete(ask()))
        assert (live.n_calls, memory.events) == (2, ["recorded answer 2"])

    def test_equal_requests_in_flight_share_one_call(self) -> None:
        """Two callers of one request get the one completion that replay will show; a repeat is asked."""

        async def together(judge: RecordingJudge) -> list[Completion]:
            return await asyncio.gather(*(judge.complete(ask(repeat=repeat)) for repeat in (0, 0, 1)))

        live = Live()
        first, second, other = asyncio.run(together(RecordingJudge(live, Memory())))
        assert first is second
        assert other != first
        assert live.n_calls == 2

    def test_a_caller_that_gives_up_loses_nothing(self) -> None:
        """A cancelled caller does not stop a call that is paid for: closing waits until it is recorded."""
        memory, live = Memory(), Live()

        async def give_up() -> None:
            live.gate = asyncio.Event()
            judge = RecordingJudge(live, memory)
            caller = asyncio.create_task(judge.complete(ask()))
            await live.asked.wait()
            caller.cancel()
            await asyncio.gather(caller, return_exceptions=True)
            live.gate.set()
            await judge.aclose()

        asyncio.run(give_up())
        assert memory.events == ["recorded answer 1"]
        assert live.closed

    def test_spec_and_runtime_are_the_inner_ones(self) -> None:
        """Recording changes neither who judges nor what runs it."""
        judge = RecordingJudge(Live(), Memory())
        assert judge.spec == SPEC
        assert judge.runtime() == {"runtime": "here"}
