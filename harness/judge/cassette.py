"""Replay and recording: the same seam as a live judge, with a store behind it instead of a network."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cached_property, partial
from typing import NamedTuple, Protocol

from pydantic import JsonValue

from harness.errors import CassetteMissError, JudgeError, JudgeRejectedError, TransientJudgeError
from harness.judge.base import Judge
from harness.judge.redact import judge_secrets, redact_completion
from harness.schema import (
    Completion,
    JudgeSpec,
    Lookup,
    Outcome,
    Recorder,
    Recording,
    Request,
    request_key,
)


class KeyedCall(Protocol):
    """A request with its key; a plan makes the request when it is asked for."""

    @property
    def key(self) -> str:
        """The key of the request."""
        ...

    @property
    def request(self) -> Request:
        """What is asked."""
        ...


class _Known(NamedTuple):
    key: str
    request: Request


class ReplayJudge:
    """Answers from what was recorded; it knows no network and never goes live."""

    def __init__(self, spec: JudgeSpec, lookup: Lookup, runtime: Mapping[str, JsonValue]) -> None:
        """`runtime` is the identity that the run's manifest holds: it is part of every key."""
        self.spec = spec
        self._lookup = lookup
        self._runtime = dict(runtime)

    async def complete(self, request: Request) -> Completion:
        """Give the recorded completion, or fail as the recorded call failed.

        Raises
        ------
        CassetteMissError
            This request was never recorded; the message names the nearest one and what differs.
        TransientJudgeError
            All attempts of the recorded call failed.
        JudgeRejectedError
            The provider refused the recorded call.
        """
        recorded = self.recorded(_Known(request_key(request), request))
        if isinstance(recorded, Outcome):
            raise _failure(recorded)
        return recorded.completion

    def recorded(self, call: KeyedCall) -> Recording | Outcome:
        """What was recorded of a call whose key is known already; its request only explains a miss.

        Raises
        ------
        CassetteMissError
            Nothing was.
        """
        found = self._lookup.find(call.key)
        if found is not None:
            return found
        raise CassetteMissError(
            f"{self.spec.judge_id}: {self._lookup.explain_miss(call.request)}; "
            "undo the change to replay, or record this call with `harness run`"
        )

    def runtime(self) -> dict[str, JsonValue]:
        """Identity of what ran the model when it was recorded."""
        return dict(self._runtime)

    async def aclose(self) -> None:
        """Hold nothing, release nothing."""


def _failure(outcome: Outcome) -> JudgeError:
    """The error that the recorded call ended with, word for word: verdicts must come out the same."""
    kind = TransientJudgeError if outcome.reason == "exhausted" else JudgeRejectedError
    return kind(
        outcome.message,
        judge_id=outcome.origin.judge_id,
        case_id=outcome.origin.case_id,
        attempts=outcome.attempts,
    )


class RecordingJudge:
    """Hands a completion on only once it is durable, and never with a key in it.

    Two callers that ask the same request at the same time share one call, because replay will show both of
    them the same completion. A caller that gives up does not stop a call that is already paid for.
    """

    def __init__(self, inner: Judge, recorder: Recorder) -> None:
        self.spec = inner.spec
        self._inner = inner
        self._recorder = recorder
        self._in_flight: dict[str, asyncio.Task[Completion]] = {}

    async def complete(self, request: Request) -> Completion:
        """Ask the inner judge and record what came back; its errors pass through unrecorded."""
        key = request_key(request)
        running = self._in_flight.get(key)
        if running is None:
            running = asyncio.create_task(self._ask_and_record(request))
            self._in_flight[key] = running
            running.add_done_callback(partial(self._settle, key))
        return await asyncio.shield(running)

    @cached_property
    def _secrets(self) -> frozenset[str]:
        """Read when the first answer is there, for clients may set variables as late as that; then kept."""
        return judge_secrets(self.spec)

    def _settle(self, key: str, done: asyncio.Task[Completion]) -> None:
        """Forget the call; look at its error, for a caller that was cancelled no longer will."""
        del self._in_flight[key]
        if not done.cancelled():
            done.exception()

    async def _ask_and_record(self, request: Request) -> Completion:
        answered = await self._inner.complete(request)
        completion = redact_completion(answered, self._secrets)
        await self._recorder.record_completion(request, completion)
        return completion

    def runtime(self) -> dict[str, JsonValue]:
        """Identity of what runs the inner judge."""
        return self._inner.runtime()

    async def aclose(self) -> None:
        """Wait for the calls in flight, so that their answers are kept, then close the inner judge."""
        await asyncio.gather(*self._in_flight.values(), return_exceptions=True)
        await self._inner.aclose()
