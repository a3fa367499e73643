"""A provider's files and batches, through litellm: every failure in our words, and nothing paid twice."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.errors import JudgeUnavailableError, TransientJudgeError
from harness.judge.batch_items import CHAT_URL
from harness.judge.batch_remote import RemoteBatch, read_batch
from harness.judge.client import LitellmJudge, load_litellm
from harness.judge.clock import SYSTEM_CLOCK, Clock, sleep_unless
from harness.judge.direct import DirectJudge
from harness.judge.reply import Reply
from harness.judge.retry import Wait, jittered_wait
from harness.judge.translate import Failure, classify, no_answer
from harness.schema import Completion, JudgeSpec, Request

NAME_IN_METADATA = "llm_judge_harness_batch"
"""Under this name a batch carries ours, so that one whose creation was never acknowledged is found again."""

SILENCE_S = 600.0
"""A file of 200 MB may take its time."""
LONGEST_TRANSFER_S = 3600.0
_CALLS_PER_RELEASE = 25
"""litellm opens a connection per call here and closes none; a day has more looks than a process files."""
_NOWHERE = "http://127.0.0.1:9/v1"
_PAGES, _PER_PAGE = 20, 100
_ABSENT = frozenset({404, 405, 501})
_NEEDED = frozenset({"acreate_file", "acreate_batch", "alist_batches"})
_ABOUT_ONE = frozenset({"aretrieve_batch", "acancel_batch"})


class NoBatchesError(JudgeUnavailableError):
    """The server does not know files and batches."""


class UnknownBatchError(JudgeUnavailableError):
    """The server does not know this batch, or not any more."""


class _RenderedError(BaseException):
    """Ends a call of litellm's after the body is made, before it is sent; it would catch an Exception."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        super().__init__()
        self.body = body


def _render(call: Mapping[str, Any]) -> None:
    if call.get("log_event_type") == "pre_api_call":
        raise _RenderedError((call.get("additional_args") or {}).get("complete_input_dict") or {})


class BatchService(LitellmJudge):
    """Files and batches of one judge's account; what its answers mean is as in live calls."""

    def __init__(
        self,
        spec: JudgeSpec,
        clock: Clock = SYSTEM_CLOCK,
        *,
        halt: asyncio.Event | None = None,
        wait: Wait | None = None,
    ) -> None:
        """Waiting for a next attempt ends when `halt` is set; `wait` is as for live calls."""
        super().__init__(spec, clock)
        self._halt = halt
        self._wait = wait or jittered_wait(random.Random())
        self._n_calls = 0

    async def aclose(self) -> None:
        """Close the connections."""
        gc.collect()
        await asyncio.sleep(0)  # they close themselves, one turn later
        await super().aclose()

    async def body(self, request: Request) -> dict[str, object]:
        """The body of a live call with this request; nothing is sent.

        Raises
        ------
        JudgeUnavailableError
            No key, or a parameter that this provider does not take.
        """
        if self.spec.transport == "direct":
            return _DirectBodies(self.spec).body(request)
        key = self._key(load_litellm())
        # A key and an address that lead nowhere, in case it were sent after all.
        harmless = {"api_key": "not-sent", "api_base": _NOWHERE, "logger_fn": _render}
        try:
            answered = await self._ask(self._arguments(request, None) | harmless)
        except _RenderedError as rendered:
            more = rendered.body.get("extra_body") or {}
            return {name: value for name, value in rendered.body.items() if name != "extra_body"} | more
        failure = answered if isinstance(answered, Failure) else no_answer("nothing was rendered")
        self._failed(_not_filtered(failure), key, self._circumstances(self._clock.monotonic(), None))
        raise AssertionError("a failure was no failure")

    async def upload(self, path: Path) -> str:
        """Upload the requests of a batch; the file's id.

        Raises
        ------
        NoBatchesError
            The server knows no files.
        TransientJudgeError
            Every attempt failed.
        JudgeUnavailableError
            Key, billing.
        """
        uploaded = await self._patiently("acreate_file", path, purpose="batch")
        return str(uploaded.id)

    async def create(self, name: str, file_id: str) -> RemoteBatch:
        """Create a batch, with one attempt: after a failure it may exist all the same, see `find`."""
        created = await self._once(
            "acreate_batch",
            completion_window="24h",
            endpoint=CHAT_URL,
            input_file_id=file_id,
            metadata={NAME_IN_METADATA: name},
        )
        return read_batch(created)

    async def find(self, name: str, file_id: str) -> RemoteBatch | None:
        """The batch of that name or that file, where the account has one.

        Raises
        ------
        NoBatchesError
            This server cannot list batches, so that nobody knows.
        TransientJudgeError
            Every attempt failed.
        """
        after: str | None = None
        for _ in range(_PAGES):
            page = await self._patiently("alist_batches", limit=_PER_PAGE, after=after)
            for one in page.data:
                named = (getattr(one, "metadata", None) or {}).get(NAME_IN_METADATA)
                if named == name or getattr(one, "input_file_id", None) == file_id:
                    return read_batch(one)
            if not page.data or not getattr(page, "has_more", False):
                return None
            after = str(page.data[-1].id)
        return None

    async def look(self, batch_id: str) -> RemoteBatch:
        """How a batch stands now, with one attempt: whoever waits looks again anyway."""
        # litellm would fetch the whole output to compute a price whenever it sees a finished batch.
        quiet = {"batch_ignore_default_logging": True}
        return read_batch(await self._once("aretrieve_batch", batch_id=batch_id, litellm_metadata=quiet))

    async def read(self, file_id: str) -> bytes:
        """A file of answers or errors, whole."""
        content: bytes = (await self._patiently("afile_content", file_id=file_id)).content
        return content

    async def cancel(self, batch_id: str) -> RemoteBatch:
        """Ask for the end of a batch; what is finished is kept and paid."""
        return read_batch(await self._patiently("acancel_batch", batch_id=batch_id))

    def completion(self, answer: Reply | Failure, request: Request, seen: Completion) -> Completion:
        """What an answer of a batch means, by the rules of live calls; raises their errors."""
        if isinstance(answer, Failure):
            return self._failed(answer, self._named_key(), seen)
        return self._read(answer, request, seen)

    def circumstances(self, batch: RemoteBatch, wire_sha256: str | None) -> Completion:
        """A completion of a batch, without its content."""
        seen = self._circumstances(self._clock.monotonic(), wire_sha256)
        known: dict[str, object] = {"batch_id": batch.batch_id, "latency_s": batch.seconds}
        if batch.ended_at is not None:
            known["completed_at"] = datetime.fromtimestamp(batch.ended_at, UTC).isoformat(timespec="seconds")
        return seen.model_copy(update=known)

    def pause_s(self, n_failed: int, error: TransientJudgeError) -> float:
        """Seconds to wait after failed attempt number `n_failed`."""
        return self._wait(n_failed, error)

    async def _patiently(self, function: str, path: Path | None = None, **arguments: object) -> Any:  # noqa: ANN401
        """As often as the preset allows, where failures may pass; litellm's own object comes back."""
        for attempt in range(1, self.spec.limits.max_attempts + 1):
            try:
                return await self._once(function, path, **arguments)
            except TransientJudgeError as error:
                if attempt == self.spec.limits.max_attempts:
                    raise
                if not await sleep_unless(self._clock, self._wait(attempt, error), self._halt):
                    raise
        raise AssertionError("a preset allows one attempt at least")

    async def _once(self, function: str, path: Path | None = None, **arguments: object) -> Any:  # noqa: ANN401
        """One call of litellm's; failures leave as ours, and no foreign error is chained to them."""
        key = self._key(self._opened())
        where = {"api_base": self.spec.api_base, "api_key": key}
        arguments |= {name: value for name, value in where.items() if value is not None}
        with path.open("rb") if path else nullcontext() as stream:
            if path and stream:
                arguments["file"] = (path.name, stream)
            done = await self._called(function, arguments)
        if isinstance(done, Failure):
            self._raise_absent(function, done)
            self._failed(_not_filtered(done), key, self._circumstances(self._clock.monotonic(), None))
        return done

    async def _called(self, function: str, arguments: dict[str, object]) -> Any:  # noqa: ANN401
        provider = self.spec.model_id.partition("/")[0]
        self._n_calls += 1
        if self._n_calls % _CALLS_PER_RELEASE == 0:
            gc.collect()
        try:
            async with asyncio.timeout(LONGEST_TRANSFER_S):
                # No retries of its own: one batch too many is paid.
                return await getattr(load_litellm(), function)(
                    custom_llm_provider=provider, timeout=SILENCE_S, max_retries=0, **arguments
                )
        except ValidationError:
            return no_answer(f"the reply to {function} is not what the protocol says")
        except Exception as error:
            failure = classify(error, self._clock.now())
            if failure is None:
                raise
            return failure

    def _raise_absent(self, function: str, failure: Failure) -> None:
        if failure.status in _ABSENT and function in _NEEDED:
            words = f"this server offers no batches ({failure}); ask the judge live"
            raise NoBatchesError(f"{self._name()}: {words}", judge_id=self.spec.judge_id)
        if failure.status == 404 and function in _ABOUT_ONE:
            words = f"the provider does not know this batch (HTTP 404: {failure.detail})"
            raise UnknownBatchError(f"{self._name()}: {words}", judge_id=self.spec.judge_id)


class _DirectBodies(DirectJudge):
    def body(self, request: Request) -> dict[str, object]:
        return self._body(request)


def _not_filtered(failure: Failure) -> Failure:
    """Nothing about files and batches is a judge's answer."""
    return replace(failure, kind="rejected") if failure.kind == "filtered" else failure
