"""Runs `harness batch` and kills itself at a chosen moment; started by tests as a process of its own.

Arguments: MOMENT NUMBER, then the command's. MOMENT is the name of a function of litellm (the kill comes when
its answer is there and nothing was written down), a state of the ledger (right after it was written), or
`recorded` (right after that recording).
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from harness.cli import main
from harness.judge.batch import BatchService
from harness.schema import Completion, Request
from harness.schema.batch import BatchNote
from harness.store.batches import BatchLedger
from harness.store.work import WorkStore

MOMENT, NUMBER = sys.argv[1], int(sys.argv[2])
n_seen = 0


def see(moment: str) -> None:
    """Count a moment, and die when it is the one."""
    global n_seen  # noqa: PLW0603 - one process, one count
    n_seen += moment == MOMENT
    if moment == MOMENT and n_seen == NUMBER:
        os.kill(os.getpid(), signal.SIGKILL)


call, note, record = BatchService._called, BatchLedger.note, WorkStore.record_completion


async def called(self: BatchService, function: str, arguments: dict[str, object]) -> Any:  # noqa: ANN401
    """Call, then look whether it is time."""
    answered = await call(self, function, arguments)
    see(function)
    return answered


def noted(self: BatchLedger, step: BatchNote) -> None:
    """Write, then look whether it is time."""
    note(self, step)
    see(step.state)


async def recorded(self: WorkStore, request: Request, completion: Completion) -> None:
    """Record, then look whether it is time."""
    await record(self, request, completion)
    see("recorded")


for owner, name, told in (
    (BatchService, "_called", called),
    (BatchLedger, "note", noted),
    (WorkStore, "record_completion", recorded),
):
    setattr(owner, name, told)
sys.argv = ["harness", *sys.argv[3:]]
main()
