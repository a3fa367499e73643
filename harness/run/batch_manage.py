"""Looking at the batches of a run, and giving them up: needs the run folder and no experiment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from harness.errors import HarnessError, JudgeError
from harness.judge.batch import BatchService, UnknownBatchError
from harness.judge.batch_remote import RemoteBatch
from harness.judge.clock import SYSTEM_CLOCK, Clock
from harness.schema import JudgeSpec
from harness.schema.batch import BatchNote, BatchState
from harness.store.batches import BatchEntry, BatchLedger
from harness.store.folder import RunFolder

Service = Callable[[JudgeSpec], BatchService]
Step = Callable[[BatchService, BatchEntry], Awaitable[str]]


async def look_at_batches(
    folder: RunFolder, entries: Sequence[BatchEntry], service: Service = BatchService
) -> dict[str, RemoteBatch | str]:
    """How the providers describe the batches that are alive now, by our names; or why that is not known."""
    services = _services(folder, service)
    created = [entry for entry in entries if entry.alive and entry.note.batch_id is not None]

    async def look(entry: BatchEntry) -> RemoteBatch | str:
        try:
            return await services[entry.judge_id].look(entry.note.batch_id or "")
        except JudgeError as error:
            return str(error)

    try:
        found = await asyncio.gather(*(look(entry) for entry in created))
    finally:
        await _close(services)
    return {entry.name: one for entry, one in zip(created, found, strict=True)}


async def cancel_batches(
    folder: RunFolder, only: str | None = None, service: Service = BatchService, clock: Clock = SYSTEM_CLOCK
) -> tuple[list[str], list[str]]:
    """Give up the batches that are alive, or one of them; what was done, and what could not be, in words.

    Raises
    ------
    StoreError
        Another process writes this run.
    HarnessError
        No batch that is alive has this id.
    """
    ledger = BatchLedger(folder.path)
    with folder.lock():
        alive = [one for one in ledger.alive() if only in (None, one.name, one.note.batch_id)]
        if only is not None and not alive:
            raise HarnessError(f"{folder.path}: no batch alive is called {only}; see harness batch status")
        services = _services(folder, service)
        told: list[str] = []
        failed: list[str] = []
        try:
            for entry in alive:
                try:
                    told.append(await _cancel(ledger, services[entry.judge_id], entry, clock))
                except JudgeError as error:
                    failed.append(f"{entry.note.batch_id or entry.name}: {error}")
        finally:
            await _close(services)
    return told or ["no batch is alive"] if not failed else told, failed


async def _cancel(ledger: BatchLedger, service: BatchService, entry: BatchEntry, clock: Clock) -> str:
    note = entry.note
    batch_id = note.batch_id
    if batch_id is None and note.file_id is not None:
        found = await service.find(entry.name, note.file_id)
        batch_id = found.batch_id if found else None
    if batch_id is None:
        _note(ledger, entry, "lost", clock, words="given up before it was created")
        return f"{entry.name}: given up before it was created; its calls are open again"
    try:
        batch = await service.cancel(batch_id)
    except UnknownBatchError as error:
        _note(ledger, entry, "lost", clock, words=str(error))
        return f"{batch_id}: {error}; its calls are open again"
    _note(ledger, entry, "created", clock, batch_id=batch_id, status=batch.status)
    return f"{batch_id}: {batch.status}; harness batch collect brings in what was finished"


def _note(ledger: BatchLedger, entry: BatchEntry, state: BatchState, clock: Clock, **facts: str) -> None:
    noted = {"name": entry.name, "state": state, "at": clock.stamp()} | facts
    ledger.note(BatchNote.model_validate(noted))
    if state == "lost":
        ledger.drop_requests(entry.name)


def _services(folder: RunFolder, service: Service) -> dict[str, BatchService]:
    manifest = folder.read_manifest()
    return {judge.spec.judge_id: service(judge.spec) for judge in manifest.judges}


async def _close(services: dict[str, BatchService]) -> None:
    for one in services.values():
        await one.aclose()
