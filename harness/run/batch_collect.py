"""An ended batch into recordings, exactly as if each of its calls had been asked live."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from harness.errors import JudgeRejectedError, JudgeUnavailableError, TransientJudgeError
from harness.judge.batch import BatchService
from harness.judge.batch_items import Items
from harness.judge.batch_remote import RemoteBatch
from harness.judge.cassette import RecordingJudge
from harness.judge.redact import judge_secrets, redact
from harness.judge.reply import wire_sha256
from harness.judge.translate import no_answer
from harness.run.batch_desk import BatchNews, Desk
from harness.run.calls import Call
from harness.run.execute import Ended, OnOutcome, Progress, outcome_of
from harness.schema import Attempt, Completion, JudgeSpec, Recorder, Request, request_key
from harness.schema.batch import BatchTally
from harness.store.batches import BatchEntry

AT_ONCE = 200
"""Recordings that are written together; the store makes one transaction of them."""
MOST_READS = 3
"""A file of answers that was cut is read again so often; then what it lacks is open again."""


@dataclass
class _ItemJudge:
    """Gives the answers of one batch as a live judge would have given them."""

    spec: JudgeSpec
    service: BatchService
    items: Items
    batch: RemoteBatch
    wires: Mapping[str, str | None]
    now: Callable[[], datetime]

    async def complete(self, request: Request) -> Completion:
        key = request_key(request)
        answer = self.items.answer(key, self.now())
        if answer is None:
            answer = no_answer(f"in no file of the batch {self.batch.batch_id}, which is {self.batch.status}")
        seen = self.service.circumstances(self.batch, self.wires.get(key))
        return self.service.completion(answer, request, seen)

    def runtime(self) -> dict[str, JsonValue]:
        return {}

    async def aclose(self) -> None:
        return None


@dataclass
class Collector:
    """Collects for one judge."""

    desk: Desk
    service: BatchService
    calls: Mapping[str, Call]
    """Every call of the plan by its key."""
    recorder: Recorder
    on_outcome: OnOutcome
    progress: Progress
    ended: dict[str, Ended]
    recorded: frozenset[str]
    stops: list[JudgeUnavailableError] = field(default_factory=list)
    """What answers and batches said about the key, the account or the model."""

    async def collect(self, entry: BatchEntry, batch: RemoteBatch) -> None:
        """Keep every answer of an ended batch, then write down that it is over.

        Raises
        ------
        TransientJudgeError
            The files cannot be read now; the batch stays alive.
        JudgeUnavailableError
            The same, for good: key, account.
        StoreError
            What came cannot be kept.
        """
        items = await self._read(batch)
        now = self.desk.clock.now
        judge = _ItemJudge(self.service.spec, self.service, items, batch, self._wires(entry), now)
        recording = RecordingJudge(judge, self.recorder)
        new = [self.calls[key] for key in entry.note.keys if key in self.calls and not self._known(key)]
        counts: Counter[str] = Counter()
        for start in range(0, len(new), AT_ONCE):
            calls = new[start : start + AT_ONCE]
            counts.update(await asyncio.gather(*(self._keep(call, recording) for call in calls)))
        missing = sum(call.key not in items.lines for call in new)
        self._close(entry, batch, _tally(entry, items, counts, n_missing=missing, n_new=len(new)))

    def _known(self, key: str) -> bool:
        return key in self.recorded or isinstance(self.ended.get(key), Completion)

    async def _read(self, batch: RemoteBatch) -> Items:
        """The answers; a file that was cut is read again."""
        items = Items()
        for attempt in range(1, MOST_READS + 1):
            items = Items()
            for file_id in (batch.output_file_id, batch.error_file_id):
                if file_id is not None:
                    items.add(await self.service.read(file_id))
            if not items.n_unreadable or not await self.desk.pause(self.desk.pace.pause_s(attempt)):
                break
        return items

    def _wires(self, entry: BatchEntry) -> dict[str, str | None]:
        """Key -> hash of the body that was sent."""
        lines = (json.loads(line) for line in self.desk.ledger.request_lines(entry.name))
        return {line["custom_id"]: wire_sha256(line["body"]) for line in lines}

    async def _keep(self, call: Call, judge: RecordingJudge) -> str:
        """Keep how one call ended; the name of the count that it belongs to."""
        spec = self.service.spec
        try:
            ended: Ended = await judge.complete(call.request)
        except TransientJudgeError as error:
            await self.recorder.record_attempt(
                Attempt(
                    key=call.key,
                    judge_id=spec.judge_id,
                    error=type(error).__name__,
                    message=str(error),
                    at=self.desk.clock.stamp(),
                )
            )
            return "n_open"
        except JudgeRejectedError as error:
            ended = outcome_of(call, error, self.desk.clock.stamp())
            await self.on_outcome(ended, call.request)
        except JudgeUnavailableError as error:
            self.stops.append(error)
            return "n_open"
        self.ended[call.key] = ended
        self.progress.ended(spec.judge_id, ended, recorded=False, call=call)
        return "n_answers" if isinstance(ended, Completion) else "n_rejected"

    def _close(self, entry: BatchEntry, batch: RemoteBatch, tally: BatchTally) -> None:
        failed = _why_failed(self.service.spec, batch)
        if failed is not None:
            self.stops.append(failed)
        words = str(failed) if failed else ""
        self.desk.note(entry.name, "collected", status=batch.status, tally=tally, words=words)
        self.desk.ledger.drop_requests(entry.name)
        self.desk.report.tallies.append(tally)
        line = f"{entry.judge_id}: {batch.batch_id} {batch.status}: {tally_words(tally)}"
        self.desk.tell(
            BatchNews("collected", entry.judge_id, entry.name, line, tally.model_dump(exclude_defaults=True))
        )


def _tally(
    entry: BatchEntry, items: Items, counts: Mapping[str, int], *, n_missing: int, n_new: int
) -> BatchTally:
    return BatchTally(
        n_answers=counts.get("n_answers", 0),
        n_rejected=counts.get("n_rejected", 0),
        n_open=counts.get("n_open", 0),
        n_known=len(entry.note.keys) - n_new,
        n_missing=n_missing,
        n_duplicates=items.n_duplicates,
        n_unknown=len(items.lines.keys() - set(entry.note.keys)),
        n_unreadable=items.n_unreadable,
    )


def _why_failed(spec: JudgeSpec, batch: RemoteBatch) -> JudgeUnavailableError | None:
    """The error of a batch that failed as a whole, in the provider's words."""
    if batch.status != "failed":
        return None
    said = "; ".join(str(failure) for failure in batch.failures[:3]) or "the provider does not say why"
    more = f" and {len(batch.failures) - 3} more" if len(batch.failures) > 3 else ""
    words = f"{spec.judge_id} ({spec.model_id}): the batch {batch.batch_id} failed: {said}{more}"
    return JudgeUnavailableError(
        redact(words, judge_secrets(spec)),
        judge_id=spec.judge_id,
        whole_account=any(failure.whole_account for failure in batch.failures),
    )


def tally_words(tally: BatchTally) -> str:
    """A tally in words, with what is nought left out."""
    told: Sequence[tuple[int, str]] = (
        (tally.n_rejected, "rejected for good"),
        (tally.n_open, "open again"),
        (tally.n_missing, "of these in no file"),
        (tally.n_known, "recorded before"),
        (tally.n_duplicates, "lines twice"),
        (tally.n_unknown, "lines about nothing we asked"),
        (tally.n_unreadable, "lines unreadable"),
    )
    return ", ".join([f"{tally.n_answers:,} answers", *(f"{n:,} {words}" for n, words in told if n)])
