"""Runs `harness` and raises a signal at a chosen moment; started by tests as a process of its own.

Arguments: SIGNAL MOMENT NUMBER FOLDER ACKNOWLEDGED, then the command's. MOMENT is `call` (the judge's call of
that number), `twice` (that call, and again once the first signal was heard) or `file` (that touch of a file
under FOLDER). Keys whose recording was acknowledged are appended to the file ACKNOWLEDGED.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from harness.cli import main
from harness.judge.scripted import ScriptedJudge
from harness.schema import Completion, Request, request_key
from harness.store.work import WorkStore

SIGNAL, MOMENT, NUMBER, FOLDER, ACKNOWLEDGED = sys.argv[1:6]
FILE_EVENTS = ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "sqlite3.connect")
n_seen = 0


def see(*moments: str) -> bool:
    """Count a moment, and raise the signal when it is the one."""
    global n_seen  # noqa: PLW0603 - one process, one count
    n_seen += MOMENT in moments
    now = MOMENT in moments and n_seen == int(NUMBER)
    if now:
        os.kill(os.getpid(), signal.Signals[SIGNAL])
    return now


def hear(event: str, arguments: tuple[object, ...]) -> None:
    """Count what happens to files of the run folder."""
    touched = str(arguments[0]) if arguments else ""
    if event in FILE_EVENTS and touched.startswith(FOLDER):
        see("file")


ask = ScriptedJudge.complete
record = WorkStore.record_completion


async def counted(self: ScriptedJudge, request: Request) -> Completion:
    """Ask, as the moment comes."""
    if see("call", "twice") and MOMENT == "twice":
        for _ in range(10):  # the loop hears of a signal in its next turns
            await asyncio.sleep(0)
        os.kill(os.getpid(), signal.Signals[SIGNAL])
    return await ask(self, request)


def append(line: str) -> None:
    """Write a line to the file of acknowledged keys."""
    with Path(ACKNOWLEDGED).open("a", encoding="utf-8") as stream:
        stream.write(line)


async def told(self: WorkStore, request: Request, completion: Completion) -> None:
    """Record, then write down that it was acknowledged."""
    await record(self, request, completion)
    append(f"{request_key(request)}\n")


setattr(ScriptedJudge, "complete", counted)  # noqa: B010 - mypy refuses to assign to a method
setattr(WorkStore, "record_completion", told)  # noqa: B010 - the same
sys.addaudithook(hear)
sys.argv = ["harness", *sys.argv[6:]]
main()
