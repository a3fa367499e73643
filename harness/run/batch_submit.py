"""The open calls of one judge into batches: each step is written down before the next one is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.errors import JudgeError, TransientJudgeError
from harness.judge.batch import BatchService, NoBatchesError
from harness.judge.batch_items import request_line
from harness.judge.batch_remote import RemoteBatch
from harness.judge.clock import sleep_unless
from harness.run.batch_desk import BatchNews, Desk
from harness.run.calls import Call
from harness.store.batches import BatchEntry, RequestsFile


@dataclass
class Submitter:
    """Submits for one judge."""

    desk: Desk
    service: BatchService

    @property
    def judge_id(self) -> str:
        """Whose calls they are."""
        return self.service.spec.judge_id

    async def finish(self, begun: Iterable[BatchEntry]) -> None:
        """Finish what an interrupted sitting began: nothing is paid that is there already.

        Raises
        ------
        JudgeError
            The provider refuses, or cannot be reached; what may exist stays alive.
        """
        for entry in begun:
            if entry.note.state == "prepared":
                await self._upload_again(entry)
            elif entry.note.state == "uploaded" and entry.note.file_id:
                await self._create(entry.name, entry.note.file_id, n_calls=len(entry.note.keys), is_new=False)

    async def submit(self, calls: Sequence[Call]) -> None:
        """Submit calls in as many batches as they need; what the sitting's limits refuse stays open.

        Raises
        ------
        JudgeError
            The provider refuses, or cannot be reached; calls that were not submitted stay open.
        StoreError
            What is submitted cannot be written down.
        """
        gathered: RequestsFile | None = None
        try:
            for call in calls:
                if self.desk.halt.is_set():
                    return
                line = await self._line(call)
                if line is None:
                    continue
                self.desk.check_account(self.service.spec)
                if gathered is not None and not self._fits(gathered, line):
                    full, gathered = gathered, None
                    await self._send(full)
                gathered = gathered or self.desk.ledger.new_requests()
                gathered.add(call.key, line)
            if gathered is not None:
                last, gathered = gathered, None
                await self._send(last)
        finally:
            if gathered is not None:
                gathered.drop()

    async def _line(self, call: Call) -> bytes | None:
        request, spec = call.request, self.service.spec
        if not self.desk.allowance.takes(spec, request, self.desk.terms(spec)):
            self.desk.report.n_over_limits += 1
            return None
        return request_line(call.key, await self.service.body(request))

    def _fits(self, gathered: RequestsFile, line: bytes) -> bool:
        max_requests, max_bytes = self.desk.room(self.service.spec)
        return len(gathered.keys) < max_requests and gathered.n_bytes + len(line) <= max_bytes

    async def _send(self, gathered: RequestsFile) -> None:
        """From here on the batch stands in the ledger, and its file stays until it is over."""
        name, n_calls = gathered.name, len(gathered.keys)
        self.desk.note(
            name,
            "prepared",
            sha256=gathered.close(),
            judge_id=self.judge_id,
            keys=tuple(gathered.keys),
            n_bytes=gathered.n_bytes,
        )
        await self._upload(name, n_calls)

    async def _upload_again(self, entry: BatchEntry) -> None:
        if not self.desk.ledger.requests_are_whole(entry):
            words = "its file of requests is gone or changed; it was never uploaded"
            self._lose(entry.name, words)
            line = f"{self.judge_id}: {entry.name}: {words}; its calls are open again"
            self.desk.tell(BatchNews("lost", self.judge_id, entry.name, line))
            return
        self.desk.report.n_uploaded_again += 1
        await self._upload(entry.name, len(entry.note.keys))

    async def _upload(self, name: str, n_calls: int) -> None:
        try:
            file_id = await self.service.upload(self.desk.ledger.requests_path(name))
        except JudgeError as error:
            self._lose(name, str(error))  # without a file there can be no batch
            raise
        self.desk.note(name, "uploaded", file_id=file_id)
        await self._create(name, file_id, n_calls=n_calls, is_new=True)

    async def _create(self, name: str, file_id: str, *, n_calls: int, is_new: bool) -> None:
        """Create the batch, or find the one that an unanswered attempt has created."""
        spec = self.service.spec
        for attempt in range(1, spec.limits.max_attempts + 1):
            if not (is_new and attempt == 1):
                found = await self._find(name, file_id)
                if found is not None:
                    self.desk.report.n_found += 1
                    self._created(name, found, n_calls, "found again with the provider")
                    return
            try:
                self._created(name, await self.service.create(name, file_id), n_calls, "")
            except TransientJudgeError as error:
                pause_s = self.service.pause_s(attempt, error)
                if attempt == spec.limits.max_attempts or not await sleep_unless(
                    self.desk.clock, pause_s, self.desk.halt
                ):
                    raise
            except JudgeError as error:
                self._lose(name, str(error))
                raise
            else:
                return

    async def _find(self, name: str, file_id: str) -> RemoteBatch | None:
        try:
            return await self.service.find(name, file_id)
        except NoBatchesError:
            self.desk.report.n_maybe_twice += 1
            return None

    def _created(self, name: str, batch: RemoteBatch, n_calls: int, words: str) -> None:
        self.desk.note(name, "created", batch_id=batch.batch_id, status=batch.status, words=words)
        self.desk.report.n_batches += not words
        self.desk.report.n_submitted += 0 if words else n_calls
        line = f"{self.judge_id}: {words or 'submitted'}: {n_calls:,} calls as {batch.batch_id}"
        facts = {"batch_id": batch.batch_id, "calls": n_calls}
        self.desk.tell(BatchNews("found" if words else "submitted", self.judge_id, name, line, facts))

    def _lose(self, name: str, words: str) -> None:
        """It holds nothing that the provider would answer: its calls are open again."""
        self.desk.note(name, "lost", words=words)
        self.desk.ledger.drop_requests(name)
